package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.BlobSweep;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.TransferReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The verbs about whole stores. */
@Command(
        name = "store",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Copies whole stores, archives them, and sweeps what nothing names out of them.",
        subcommands = {
            StoreCommand.Copy.class,
            StoreCommand.Export.class,
            StoreCommand.Import.class,
            StoreCommand.Sweep.class
        })
final class StoreCommand {
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
                "\"checkpoints\", \"blobs\", \"skippedBlobs\", \"bytes\", \"texts\"}."
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
                paramLabel = "PLACE",
                description = "Its blobs, if they are not beside its log: a folder or a bucket.")
        private @Nullable BlobAddress fromBlobs;

        @Option(
                names = "--to",
                required = true,
                paramLabel = "STORE",
                description = "The store to copy to: a folder or a database; made if it is not there.")
        @SuppressWarnings("NullAway.Init")
        private StoreAddress to;

        @Mixin
        private final Place place = new Place();

        @Mixin
        private final PinnedKey logKey = new PinnedKey();

        @Override
        public Integer call() {
            requireUsage(
                    !from.text().equals(to.text()) || !Objects.equals(fromLog, place.log()),
                    "the command line names the same store twice: " + from);
            requireUsage(
                    !from.isDatabase() || fromBlobs != null,
                    "a log in a database has its blobs elsewhere; name --from-blobs");
            requireUsage(!from.isDatabase() || logKey.isNamed(), "a database keeps no log key; name --log-key");
            requireLog("--from-log", fromLog, from);
            StoreAddress source = from.with(fromLog, fromBlobs);
            transfer(this, source, place.of(to, source.blobPlace(), this), logKey);
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
                "checkpoints, blobs and texts; every verb takes it as a --store. It gets its",
                "name when it is whole, and never replaces a file. The log may be in use",
                "meanwhile.",
                "",
                "JSON: {\"from\", \"to\", \"position\", \"root\", \"entries\", \"skippedEntries\",",
                "\"checkpoints\", \"blobs\", \"skippedBlobs\", \"bytes\", \"texts\"}."
            })
    static final class Export extends StoreVerb {
        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The archive to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            StoreAddress source = address();
            LogKey key = logKey().of(source, this);
            try (OpenStorage opened = source.open()) {
                TransferReport report = StoreTransfer.export(opened.storage(), file, key, new Percent(err()));
                print(
                        report,
                        done -> out().println("Exported " + counted(done) + " to " + file + ", up to position "
                                + done.position() + "."),
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
                "\"checkpoints\", \"blobs\", \"skippedBlobs\", \"bytes\", \"texts\"}."
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

        @Mixin
        private final Place place = new Place();

        @Mixin
        private final PinnedKey logKey = new PinnedKey();

        @Override
        public Integer call() {
            StoreAddress target = place.of(to, null, this);
            transfer(this, new StoreAddress(file.toString(), null, null), target, logKey);
            return 0;
        }
    }

    @Command(
            name = "sweep",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Finds blobs that no entry of the log names, and removes them if asked to.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops store sweep --store /srv/models --memory /var/lib/memory",
                "  modelops store sweep --store jdbc:postgresql://db/models --log-key models.vkey \\",
                "      --blobs s3://models/prod --memory /var/lib/memory --grace 7d --delete",
                "",
                "What uploads left behind that were refused, or cut off by a crash. Nothing is",
                "removed without --delete. The blobs must be this log's alone. The log is held",
                "against a checkpoint that was remembered elsewhere: in a log that was put back",
                "from a backup, blobs of the lost entries would look like orphans.",
                "",
                "JSON: {\"removed\": true or false, \"named\", \"young\", \"orphans\": how many,",
                "\"bytes\", \"digests\": the first 1000 of them}."
            })
    static final class Sweep extends StoreVerb {
        private static final Duration LEAST_GRACE = Duration.ofHours(1);

        @Option(
                names = "--memory",
                required = true,
                paramLabel = "DIR|FILE",
                description = "The folder where checkpoints of the log are remembered, or a file with one of them, kept"
                        + " elsewhere than the store.")
        @SuppressWarnings("NullAway.Init")
        private Path memory;

        @Option(
                names = "--grace",
                paramLabel = "TIME",
                defaultValue = "1d",
                description = "Spare what was put within this time, such as 36h or 7d, 1h at least; ${DEFAULT-VALUE} by"
                        + " default.")
        @SuppressWarnings("NullAway.Init")
        private Duration grace;

        @Option(names = "--delete", description = "Remove what was found. Without it nothing is removed.")
        private boolean delete;

        @Override
        public Integer call() {
            requireUsage(grace.compareTo(LEAST_GRACE) >= 0, "--grace must be 1h at least: uploads may be under way");
            StoreAddress store = address();
            LogKey key = logKey().of(store, this);
            try (OpenStorage opened = store.open()) {
                StoreInspection log = StoreInspection.open(opened.storage(), key, SmallFiles.memory(memory));
                print(
                        delete ? BlobSweep.run(log, grace, Progress.NONE) : BlobSweep.dryRun(log, grace, Progress.NONE),
                        this::show,
                        Sweep::object);
            }
            return 0;
        }

        private void show(BlobSweep sweep) {
            out().println(count(sweep.kept(), "blob is", "blobs are") + " named by entries, "
                    + count(sweep.young(), "other is", "others are") + " too young to tell.");
            out().println((sweep.isDryRun() ? "Would remove " : "Removed ")
                    + count(sweep.orphanCount(), "blob", "blobs") + " of " + bytes(sweep.orphanBytes())
                    + " that no entry names" + (sweep.orphanCount() == 0 ? "." : ":"));
            sweep.orphans().forEach(digest -> out().println("  " + digest));
            if (sweep.orphanCount() > sweep.orphans().size()) {
                out().println("  and " + (sweep.orphanCount() - sweep.orphans().size()) + " more");
            }
            if (sweep.isDryRun() && sweep.orphanCount() > 0) {
                out().println("Nothing was removed; add --delete to do it.");
            }
        }

        private static ObjectNode object(BlobSweep sweep) {
            ObjectNode object = Json.object()
                    .put("removed", !sweep.isDryRun())
                    .put("named", sweep.kept())
                    .put("young", sweep.young())
                    .put("orphans", sweep.orphanCount())
                    .put("bytes", sweep.orphanBytes());
            object.set("digests", Json.array(sweep.orphans()));
            return object;
        }
    }

    private static void transfer(Verb verb, StoreAddress from, StoreAddress to, PinnedKey pinned) {
        LogKey key = pinned.of(from, verb);
        try (OpenStorage source = from.open();
                OpenStorage target = to.create()) {
            TransferReport report =
                    StoreTransfer.copy(source.storage(), target.storage(), key, new Percent(verb.err()));
            verb.print(
                    report, done -> print(verb.out(), done, to), done -> object(done, from.toString(), to.toString()));
        }
    }

    private static void print(PrintWriter out, TransferReport report, StoreAddress to) {
        out.println("Copied " + counted(report) + " to " + to + ", which now holds the log up to position "
                + report.position() + "; "
                + Verb.count(report.skippedEntries(), "entry", "entries") + " and "
                + Verb.count(report.skippedBlobs(), "blob", "blobs") + " were there and are the same.");
    }

    private static String counted(TransferReport report) {
        return Verb.count(report.entries(), "entry", "entries") + ", " + Verb.count(report.blobs(), "blob", "blobs")
                + " of " + bytes(report.bytes()) + " and " + Verb.count(report.texts(), "text", "texts");
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
                .put("bytes", report.bytes())
                .put("texts", report.texts());
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
