package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.TransferReport;
import dev.modelops.storage.Storage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The verbs about whole stores. */
@Command(
        name = "store",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Copies whole stores, and archives them.",
        subcommands = {StoreCommand.Copy.class, StoreCommand.Export.class, StoreCommand.Import.class})
final class StoreCommand {
    private static final String KEY_FROM_STORE =
            "modelops: verifying with the key kept with the log, which proves only that it agrees with itself; pin a key of"
                    + " your own with --log-key";

    @Command(
            name = "copy",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Copies a log with all it names into another store, verifying it on the way.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops store copy --from /srv/models --to jdbc:postgresql://db/models \\",
                "      --log-key models.vkey",
                "  modelops store copy --from /srv/models --to /backup/models",
                "",
                "The target must be empty or hold the beginning of this log: a copy that was cut",
                "off goes on from there. Every byte of the log stays the same, and with it every",
                "receipt, checkpoint and pinned key. Without --blobs, a copy to a database leaves",
                "the blobs where they are and only checks them.",
                "",
                "To move a log: stop everything that writes to the original, copy, and open only",
                "the copy from then on. Private keys are not copied.",
                "",
                "JSON: {\"from\", \"to\", \"position\", \"root\", \"entries\", \"skippedEntries\",",
                "\"checkpoints\", \"blobs\", \"skippedBlobs\", \"bytes\"}."
            })
    static final class Copy extends Verb {
        @Option(
                names = "--from",
                required = true,
                paramLabel = "STORE",
                description = "The store to copy: a folder, an archive, or a database.")
        @SuppressWarnings("NullAway.Init")
        private StoreAddress from;

        @Option(
                names = "--from-log",
                paramLabel = "NAME",
                description = "Which log of a database to copy; main by default.")
        private @Nullable String fromLog;

        @Option(
                names = "--from-blobs",
                paramLabel = "DIR",
                description = "The folder of its blobs, if it is not beside its log.")
        private @Nullable Path fromBlobs;

        @Option(
                names = "--to",
                required = true,
                paramLabel = "STORE",
                description = "The store to copy to: a folder or a database; made if it is not there.")
        @SuppressWarnings("NullAway.Init")
        private StoreAddress to;

        @Option(
                names = "--log",
                paramLabel = "NAME",
                description = "Which log of a database to copy to; main by default.")
        private @Nullable String log;

        @Option(
                names = "--blobs",
                paramLabel = "DIR",
                description = "The folder to copy the blobs to, if it is not beside the log.")
        private @Nullable Path blobs;

        @Option(
                names = "--log-key",
                paramLabel = "FILE|TEXT",
                description = "The pinned key of the log: the text itself, or a file that holds it. Without it the key"
                        + " kept with the store is used.")
        private @Nullable LogKey logKey;

        @Override
        public Integer call() {
            requireUsage(
                    !from.text().equals(to.text()) || !Objects.equals(fromLog, log),
                    "the command line names the same store twice: " + from);
            requireUsage(
                    !from.isDatabase() || fromBlobs != null,
                    "a log in a database has its blobs elsewhere; name --from-blobs");
            requireUsage(!from.isDatabase() || logKey != null, "a database keeps no log key; name --log-key");
            requireLog("--from-log", fromLog, from);
            requireLog("--log", log, to);
            StoreAddress source = from.with(fromLog, fromBlobs);
            Path target = blobs == null && to.isDatabase() ? source.blobFolder() : blobs;
            requireUsage(
                    !to.isDatabase() || target != null, "a log in a database has its blobs elsewhere; name --blobs");
            transfer(this, source, to.with(log, target), logKey);
            if (!json()) {
                out().println("What is written to " + from
                        + " from now on is not in the copy: stop everything that writes"
                        + " there, copy once more, and open only the copy from then on. Private keys were not copied.");
            }
            return 0;
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Writes a log with all it names into one file, an archive.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops store export --store /srv/models --to models-2026-03.zip",
                "",
                "The archive is a zip file without compression that holds entries, seals,",
                "checkpoints and blobs; every verb takes it as a --store. It gets its name when",
                "it is whole, and never replaces a file. The log may be in use meanwhile.",
                "",
                "JSON: {\"from\", \"to\", \"position\", \"root\", \"entries\", \"skippedEntries\",",
                "\"checkpoints\", \"blobs\", \"skippedBlobs\", \"bytes\"}."
            })
    static final class Export extends StoreVerb {
        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The archive to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            StoreAddress source = address();
            LogKey key = key(this, source, pinned());
            try (Storage opened = source.open()) {
                TransferReport report = StoreTransfer.export(opened, file, key, new Percent(err()));
                print(
                        report,
                        done -> out().println("Exported " + count(done.entries(), "entry", "entries") + " and "
                                + count(done.blobs(), "blob", "blobs") + " of " + bytes(done.bytes()) + " to " + file
                                + ", up to position " + done.position() + "."),
                        done -> object(done, source.toString(), file.toString()));
            }
            return 0;
        }
    }

    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Copies a log out of an archive into a store, verifying it on the way.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops store import --from models-2026-03.zip --to /srv/models \\",
                "      --log-key models.vkey",
                "",
                "The store must be empty or hold the beginning of this log: an import that was",
                "cut off goes on from there. Importing an old archive goes back in time: who",
                "remembers a later checkpoint will refuse the log.",
                "",
                "JSON: {\"from\", \"to\", \"position\", \"root\", \"entries\", \"skippedEntries\",",
                "\"checkpoints\", \"blobs\", \"skippedBlobs\", \"bytes\"}."
            })
    static final class Import extends Verb {
        @Option(names = "--from", required = true, paramLabel = "FILE", description = "The archive.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Option(
                names = "--to",
                required = true,
                paramLabel = "STORE",
                description = "The store to copy to: a folder or a database; made if it is not there.")
        @SuppressWarnings("NullAway.Init")
        private StoreAddress to;

        @Option(
                names = "--log",
                paramLabel = "NAME",
                description = "Which log of a database to copy to; main by default.")
        private @Nullable String log;

        @Option(
                names = "--blobs",
                paramLabel = "DIR",
                description = "The folder to copy the blobs to, if it is not beside the log.")
        private @Nullable Path blobs;

        @Option(
                names = "--log-key",
                paramLabel = "FILE|TEXT",
                description = "The pinned key of the log: the text itself, or a file that holds it. Without it the key"
                        + " in the archive is used.")
        private @Nullable LogKey logKey;

        @Override
        public Integer call() {
            requireUsage(
                    !to.isDatabase() || blobs != null, "a log in a database has its blobs elsewhere; name --blobs");
            requireLog("--log", log, to);
            transfer(this, new StoreAddress(file.toString(), null, null), to.with(log, blobs), logKey);
            return 0;
        }
    }

    private static void transfer(Verb verb, StoreAddress from, StoreAddress to, @Nullable LogKey pinned) {
        LogKey key = key(verb, from, pinned);
        try (Storage source = from.open();
                Storage target = to.create()) {
            TransferReport report = StoreTransfer.copy(source, target, key, new Percent(verb.err()));
            verb.print(
                    report, done -> print(verb.out(), done, to), done -> object(done, from.toString(), to.toString()));
        }
    }

    private static LogKey key(Verb verb, StoreAddress from, @Nullable LogKey pinned) {
        if (pinned != null) {
            return pinned;
        }
        LogKey key = from.keyBeside();
        verb.err().println(KEY_FROM_STORE);
        return key;
    }

    private static void print(PrintWriter out, TransferReport report, StoreAddress to) {
        out.println("Copied " + Verb.count(report.entries(), "entry", "entries") + " and "
                + Verb.count(report.blobs(), "blob", "blobs") + " of " + bytes(report.bytes()) + " to " + to
                + ", which now holds the log up to position " + report.position() + "; "
                + Verb.count(report.skippedEntries(), "entry", "entries") + " and "
                + Verb.count(report.skippedBlobs(), "blob", "blobs") + " were there and are the same.");
    }

    private static String bytes(long count) {
        return count < 10_000_000 ? Verb.count(count, "byte", "bytes") : Verb.count(count / 1_000_000, "MB", "MB");
    }

    private static ObjectNode object(TransferReport report, String from, String to) {
        return Json.object()
                .put("from", from)
                .put("to", to)
                .put("position", report.position().size())
                .put("root", report.root().toString())
                .put("entries", report.entries())
                .put("skippedEntries", report.skippedEntries())
                .put("checkpoints", report.checkpoints())
                .put("blobs", report.blobs())
                .put("skippedBlobs", report.skippedBlobs())
                .put("bytes", report.bytes());
    }

    /** Tells of progress in tenths. */
    private static final class Percent implements Progress {
        private final PrintWriter err;
        private final AtomicLong told = new AtomicLong();

        Percent(PrintWriter err) {
            this.err = Objects.requireNonNull(err);
        }

        @Override
        public void report(long done, long total) {
            long tenth = total <= 0 ? 0 : 10 * done / total;
            if (tenth > told.getAndAccumulate(tenth, Math::max)) {
                err.println(String.format(Locale.ROOT, "modelops: %d %% done", 10 * tenth));
                err.flush();
            }
        }
    }
}
