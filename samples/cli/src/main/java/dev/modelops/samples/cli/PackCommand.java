package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.VersionPack;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelVersion;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs about single versions on their way from one log to another. */
@Command(
        name = "pack",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Carries single versions between logs that never meet, with proof of what was said of them.",
        subcommands = {PackCommand.Export.class, PackCommand.Verify.class, PackCommand.Import.class})
final class PackCommand {
    private PackCommand() {}

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description =
                    "Writes a version into one file: its files, signature and evidence, and what the log says of it.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops pack export credit-risk@3 --store /srv/models --to credit-risk-3.pack",
                "",
                "The pack holds every entry about the version up to the newest checkpoint, each",
                "with a receipt. It gets its name when it is whole, and never replaces a file.",
                "",
                "JSON: {\"file\", \"source\": the key of the log, \"version\", \"artifact\", \"position\",",
                "\"root\", \"entries\": as 'modelops log show --json' writes them}."
            })
    static final class Export extends StoreVerb {
        @Parameters(paramLabel = "NAME@N", description = "The version.")
        @SuppressWarnings("NullAway.Init")
        private ModelRef version;

        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The pack to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            StoreAddress source = address();
            LogKey key = logKey().of(source, this);
            try (OpenStorage opened = source.open()) {
                print(
                        VersionPack.export(opened.storage(), key, version, file, Progress.NONE),
                        pack -> out().println("Packed " + pack.version() + " with "
                                + count(pack.entries().size(), "entry", "entries") + " about it into " + file
                                + ", as of position " + pack.checkpoint().position() + "."),
                        pack -> object(pack, file));
            }
            return 0;
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies a pack to its last byte, offline, and shows what it holds.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops pack verify credit-risk-3.pack --log-key development.vkey",
                "",
                "This proves that the log of that key holds these entries about the version, and",
                "that its files are those registered there. It does not prove that these are all",
                "the entries, nor whether you trust who signed the model: an import asks that.",
                "",
                "JSON: {\"file\", \"source\": the key of the log, \"version\", \"artifact\", \"position\",",
                "\"root\", \"entries\": as 'modelops log show --json' writes them}.",
                "",
                "Exit code: 0 if the pack is sound, otherwise 1."
            })
    static final class Verify extends Verb {
        @Parameters(paramLabel = "FILE", description = "The pack.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Option(
                names = "--log-key",
                required = true,
                paramLabel = "FILE|TEXT",
                description =
                        "The key of the log that the pack must come from, had from elsewhere than the pack: the text"
                                + " itself, or a file that holds it.")
        @SuppressWarnings("NullAway.Init")
        private LogKey source;

        @Override
        public Integer call() {
            print(VersionPack.verify(file, source, Progress.NONE), this::show, pack -> object(pack, file));
            return 0;
        }

        private void show(VersionPack pack) {
            out().println("The pack is sound: " + pack.version() + " of "
                    + pack.source().origin() + ", with " + count(pack.entries().size(), "entry", "entries")
                    + " about it.");
            Table table = new Table();
            table.row("version", pack.version().toString());
            table.row("log", pack.source().origin());
            table.row("artifact", pack.artifact().toString());
            table.row("as of", "position " + pack.checkpoint().position());
            table.row("root", pack.checkpoint().root().toString());
            table.row("log key", pack.source().text());
            table.print(out());
            out().println();
            Entries.print(out(), new Entries.Listing(pack.entries(), false, Map.of()));
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Takes the version in a pack into a log, if the policy set of that log permits it.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops pack import credit-risk-3.pack --source-key development.vkey \\",
                "      --store /srv/models --log-key production.vkey --writer writer.pem \\",
                "      --as 'https://id.example.org|ivan' --reason CR-118",
                "",
                "The pack is verified, its model must be signed by a publisher whom this log",
                "trusts, and the policy set must permit --as to import from that log; the",
                "built-in set permits nobody. Approvals of the other log count for nothing here,",
                "but can be read in the evidence 'source-entries' of the version.",
                "",
                "Who holds the writer key is believed to be whoever --as says. The entry records",
                "that identity as asserted: it was claimed here, and not proven.",
                "",
                "JSON: {\"version\": the version here, \"position\", \"artifact\", \"publisher\",",
                "\"source\": {\"version\": the version there, \"origin\", \"logKey\", \"author\", \"position\",",
                "\"root\", \"pack\", \"entries\": the digest of what that log says}}."
            })
    static final class Import extends ActVerb {
        @Parameters(paramLabel = "FILE", description = "The pack.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Option(
                names = "--source-key",
                required = true,
                paramLabel = "FILE|TEXT",
                description = "The key of the log that the pack must come from, had from elsewhere than the pack.")
        @SuppressWarnings("NullAway.Init")
        private LogKey source;

        @Option(
                names = "--model",
                paramLabel = "NAME",
                description = "The model's name here; by default as it is there.")
        private @Nullable ModelName model;

        @Override
        public Integer call() {
            ModelRef there = VersionPack.verify(file, source, Progress.NONE).version();
            Action action =
                    given(() -> Action.importVersion(model == null ? there.name() : model, source.text(), there));
            print(
                    act(registry -> registry.importVersion(file, action, Progress.NONE)),
                    version -> out().println("Imported " + there + " of " + source.origin() + " as " + version.ref()
                            + ", at position " + version.position()
                            + ". It is approved and promoted here like any other version."),
                    Import::object);
            return 0;
        }

        private static ObjectNode object(ModelVersion version) {
            ObjectNode object = Json.object()
                    .put("version", version.ref().toString())
                    .put("position", version.position().size())
                    .put("artifact", version.artifact().toString())
                    .put("publisher", version.publisher().map(Object::toString).orElse(null));
            object.set("source", Models.source(version));
            return object;
        }
    }

    private static ObjectNode object(VersionPack pack, Path file) {
        ObjectNode object = Json.object()
                .put("file", file.toString())
                .put("source", pack.source().text())
                .put("version", pack.version().toString())
                .put("artifact", pack.artifact().toString())
                .put("position", pack.checkpoint().position().size())
                .put("root", pack.checkpoint().root().toString());
        object.set(
                "entries", Json.array(pack.entries().stream().map(Entries::json).toList()));
        return object;
    }
}
