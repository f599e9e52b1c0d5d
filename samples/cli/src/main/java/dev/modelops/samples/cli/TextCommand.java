package dev.modelops.samples.cli;

import dev.modelops.LogPosition;
import dev.modelops.policy.Action;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The verbs about texts that people wrote. */
@Command(
        name = "text",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Erases what people wrote: comments, and the reasons of acts.",
        subcommands = TextCommand.Erase.class)
final class TextCommand {
    private TextCommand() {}

    @Command(
            name = "erase",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Erases the text of one entry for good. The entry and every proof stay.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops text erase --index 12 --ground DSR-2026-17 --store /srv/models \\",
                "      --log-key models.vkey --writer writer.pem \\",
                "      --as 'https://id.example.org|pia'",
                "",
                "'modelops log show' tells which entry a text belongs to, 'modelops retention",
                "due' which texts nobody has to keep any longer. Policy decides, by the built-in",
                "set for the role privacy-officer; a legal hold is stronger than policy.",
                "",
                "The text goes from this store. Copies, archives and backups that were made",
                "before still hold it: copy to a copy again, and let archives and backups run",
                "out.",
                "",
                "JSON: {\"index\", \"ground\", \"subject\" (or null), \"position\": of the erasure}."
            })
    static final class Erase extends ActVerb {
        @Option(
                names = "--index",
                required = true,
                paramLabel = "N",
                description = "The entry whose text goes. The first is 0.")
        private long index;

        @Option(
                names = "--ground",
                required = true,
                paramLabel = "TEXT",
                description = "On what ground, in a word or a reference; kept in the log in clear for ever.")
        @SuppressWarnings("NullAway.Init")
        private String ground;

        @Override
        public Integer call() {
            LogCommand.requireIndex(this, index);
            print(
                    act(() -> Action.erase(LogPosition.after(index), ground)),
                    done -> out().println("Erased the text of entry " + index + Printable.of(about(done.subject()))
                            + ", at position " + done.position() + ". It is gone from this store; copies, archives and"
                            + " backups made before still hold it."),
                    done -> Json.object()
                            .put("index", index)
                            .put("ground", ground)
                            .put("subject", done.subject().isEmpty() ? null : done.subject())
                            .put("position", done.position().size()));
            return 0;
        }

        private static String about(String subject) {
            return subject.isEmpty() ? "" : " about " + subject;
        }
    }
}
