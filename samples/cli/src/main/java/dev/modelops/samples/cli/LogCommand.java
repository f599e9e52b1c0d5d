package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.IntegrityException;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.Checkpoint;
import dev.modelops.core.WitnessPolicy;
import dev.modelops.core.signing.TimestampAuthority;
import dev.modelops.core.signing.Timestamps;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The verbs about the log. */
@Command(
        name = "log",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Shows the log, verifies it, takes proofs out of it, and recovers it.",
        subcommands = {
            LogCommand.Show.class,
            LogCommand.Verify.class,
            LogCommand.Prove.class,
            LogCommand.Export.class,
            RecoverCommand.class
        })
final class LogCommand {
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Lists entries, oldest first, or shows one of them in full.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops log show --store /srv/models",
                "  modelops log show --store /srv/models --model credit-risk \\",
                "      --type champion.promoted",
                "  modelops log show --store /srv/models --from 2026-01-01 \\",
                "      --actor 'https://id.example.org|ada'",
                "  modelops log show --store /srv/models --index 12",
                "",
                "JSON: {\"entries\": [...], \"more\": true if --limit cut the list}. Each entry has",
                "index, id, time, type, subject (or null), actor, assurance, summary, decision",
                "(or null: outcome, rules, policy, asOf and, for refusals, cause and unmet), and",
                "event: the entry as stored."
            })
    static final class Show extends StoreVerb {
        @Option(names = "--index", paramLabel = "N", description = "Show only this entry, in full. The first is 0.")
        private @Nullable Long index;

        @Option(names = "--model", paramLabel = "NAME", description = "Only entries about this model or its versions.")
        private @Nullable ModelName model;

        @Option(names = "--actor", paramLabel = "ISSUER|ID", description = "Only entries by this person or service.")
        private @Nullable Principal actor;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "Only entries of this type, such as champion.promoted or"
                        + " dev.modelops.champion.promoted.v1.")
        private @Nullable String type;

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "Only entries at this time or later, such as 2026-03-31T12:00:00Z, or 2026-03-31 for"
                        + " the beginning of that day in UTC.")
        private @Nullable Instant from;

        @Option(names = "--until", paramLabel = "TIME", description = "Only entries before this time.")
        private @Nullable Instant until;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "At most this many entries; ${DEFAULT-VALUE} by default.")
        private int limit;

        @Override
        public Integer call() {
            requireUsage(limit >= 1, "--limit must be at least 1, but was " + limit);
            if (index != null) {
                requireIndex(this, index);
                requireUsage(
                        model == null && actor == null && type == null && from == null && until == null,
                        "--index shows one entry and goes with no condition");
                try (Store opened = open()) {
                    Entries.Listing one = Entries.Listing.of(
                            opened.audit(), List.of(opened.audit().get(index)), false);
                    if (json()) {
                        Json.print(out(), Entries.json(one));
                    } else {
                        Entries.printInFull(out(), one);
                    }
                }
                return 0;
            }
            AuditQuery query = query();
            try (Store opened = open()) {
                Entries.Listing listing = Entries.read(opened.audit(), query, entry -> true, limit);
                if (json()) {
                    Json.print(out(), Entries.json(listing));
                } else {
                    Entries.print(out(), listing);
                    if (listing.more()) {
                        err().println("modelops: these are the first " + limit
                                + " entries; raise --limit or narrow the conditions to see the others");
                    }
                }
            }
            return 0;
        }

        private AuditQuery query() {
            AuditQuery query = AuditQuery.all().between(from, until);
            if (model != null) {
                query = query.model(model);
            }
            if (actor != null) {
                query = query.actor(actor);
            }
            if (type != null) {
                query = query.type(fullType(type));
            }
            return query;
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies the whole log: every hash, seal, checkpoint, decision, signature and blob.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops log verify --store /srv/models --log-key models.vkey",
                "  modelops log verify --store /srv/models --log-key models.vkey --json",
                "  modelops log verify --store /srv/models --log-key models.vkey \\",
                "      --witness-policy witnesses.policy --witness-grace 1d",
                "",
                "A key that is kept in the store proves only that the store agrees with itself:",
                "whoever replaced the store replaced the key with it. Keep the key elsewhere and",
                "name it with --log-key.",
                "",
                "A checkpoint that was remembered elsewhere, with --memory, shows what the store",
                "alone cannot: that it is older than, or another than, the log that was seen.",
                "",
                "A witness policy (C2SP tlog-policy) has lines 'witness NAME KEY', 'group NAME",
                "all|any|N MEMBERS' and one 'quorum NAME'. Entries that are older than the grace",
                "time must be under a checkpoint in the store that meets it.",
                "",
                "JSON: {\"sound\", \"entries\", \"root\", \"logKey\", \"pinned\", \"findings\": [{\"kind\",",
                "\"index\" (or null), \"message\"}]}. Where the store cannot be opened at all, the",
                "one finding is of kind UNREADABLE, and entries, root and logKey are null.",
                "",
                "Exit code: 0 if the log is sound, otherwise 1."
            })
    static final class Verify extends StoreVerb {
        private static final Duration USUAL_GRACE = Duration.ofHours(1);
        private static final String KEY_FROM_STORE =
                "modelops: verifying with the key kept inside the store, which proves"
                        + " only that the store agrees with itself; pin a key of your own with --log-key";

        @Option(
                names = "--witness-policy",
                paramLabel = "FILE",
                description = "Which witnesses must have cosigned, and how many of them.")
        private @Nullable Path policy;

        @Option(
                names = "--witness-grace",
                paramLabel = "TIME",
                description = "How young entries may be that are not witnessed yet, such as 10m or 1d; 1h by default.")
        private @Nullable Duration grace;

        @Option(
                names = "--memory",
                paramLabel = "DIR|FILE",
                description = "The folder where checkpoints of the log are remembered, or a file with one of them, kept"
                        + " elsewhere than the store: the log must lead through it.")
        private @Nullable Path memory;

        @Override
        public Integer call() {
            requireUsage(grace == null || policy != null, "--witness-grace goes with --witness-policy");
            WitnessPolicy witnesses = policy == null ? null : witnesses(policy);
            ObjectNode result = Json.object();
            try (Store opened = remembering()) {
                if (!logKey().isNamed()) {
                    err().println(KEY_FROM_STORE);
                }
                AuditReport report = witnesses == null
                        ? opened.audit().verify(Progress.NONE)
                        : opened.verify(witnesses, Instant.now().minus(grace == null ? USUAL_GRACE : grace));
                if (json()) {
                    Json.print(out(), json(report, opened));
                } else {
                    print(out(), report, opened);
                }
                return report.isSound() ? 0 : ModelOpsCli.FAILED;
            } catch (IntegrityException e) {
                if (!json()) {
                    throw e;
                }
                result.put("sound", false).putNull("entries").putNull("root").putNull("logKey");
                result.put("pinned", logKey().isNamed());
                result.putArray("findings")
                        .addObject()
                        .put("kind", "UNREADABLE")
                        .putNull("index")
                        .put("message", e.getMessage());
                Json.print(out(), result);
                return ModelOpsCli.FAILED;
            }
        }

        private Store remembering() {
            return memory == null ? open() : Store.open(address(), logKey().orNull(), SmallFiles.memory(memory));
        }

        private static WitnessPolicy witnesses(Path file) {
            try {
                return WitnessPolicy.parse(SmallFiles.text("witness policy", file));
            } catch (IllegalArgumentException e) {
                throw new CliFailure("the witness policy " + file + " cannot be used: " + e.getMessage());
            }
        }

        private static void print(PrintWriter out, AuditReport report, Store opened) {
            String size = count(report.position().size(), "entry", "entries");
            out.println(
                    report.isSound()
                            ? "The log is sound: " + size + " verified."
                            : "The log is NOT sound: " + count(report.findings().size(), "finding", "findings") + " in "
                                    + size + ".");
            report.findings().forEach(finding -> print(out, finding));
            if (!report.unchecked().isEmpty()) {
                out.println("Not checked: "
                        + count(report.unchecked().size(), "conclusion", "conclusions")
                        + ", for the reasons given:");
                report.unchecked().forEach(left -> print(out, left));
            }
            Table table = new Table();
            table.row("log", opened.logKey().origin());
            table.row("size", report.position().toString());
            table.row("root", report.root().toString());
            table.row("log key", opened.logKey().text());
            table.print(out);
        }

        private static void print(PrintWriter out, AuditReport.Finding finding) {
            String where =
                    finding.index().isPresent() ? "entry " + finding.index().getAsLong() : "the log";
            out.println("  " + where + ": " + finding.kind() + ": " + Printable.of(finding.message()));
        }

        private static ObjectNode json(AuditReport.Finding finding) {
            ObjectNode object = Json.object()
                    .put("kind", finding.kind().name())
                    .putNull("index")
                    .put("message", finding.message());
            finding.index().ifPresent(index -> object.put("index", index));
            return object;
        }

        private ObjectNode json(AuditReport report, Store opened) {
            ObjectNode result = Json.object()
                    .put("sound", report.isSound())
                    .put("entries", report.position().size())
                    .put("root", report.root().toString())
                    .put("logKey", opened.logKey().text())
                    .put("pinned", logKey().isNamed());
            result.set(
                    "findings",
                    Json.array(report.findings().stream().map(Verify::json).toList()));
            result.set(
                    "unchecked",
                    Json.array(report.unchecked().stream().map(Verify::json).toList()));
            return result;
        }
    }

    @Command(
            name = "prove",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Writes a receipt for an entry: a file that proves offline that the log holds it.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops log prove --store /srv/models --index 12 --out promotion.tlog-proof",
                "",
                "The file is a C2SP tlog-proof; any tool that reads those checks it with the",
                "entry's bytes and the log key. A file of that name is replaced.",
                "",
                "JSON: {\"index\", \"file\"}."
            })
    static final class Prove extends StoreVerb {
        @Option(
                names = "--index",
                required = true,
                paramLabel = "N",
                description = "The entry to prove. The first is 0.")
        private long index;

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "The file to write.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            requireIndex(this, index);
            try (Store opened = open()) {
                write(file, opened.audit().receipt(index));
            }
            if (json()) {
                Json.print(out(), Json.object().put("index", index).put("file", file.toString()));
            } else {
                out().println("Wrote a receipt for entry " + index + " to " + file + ".");
            }
            return 0;
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Writes the log as files that other tools verify: tiles, checkpoint and verifier key.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops log export --store /srv/models --out /srv/www/log",
                "",
                "The folder then holds a C2SP tlog-tiles tree, its 'checkpoint', and 'vkey': the",
                "verifier key. Exporting again adds what is new. With --timestamp-url there is",
                "'checkpoint.tsr' too: a time-stamping authority says since when the checkpoint",
                "is there. 'verify timestamp' verifies it, and so does 'openssl ts -verify'.",
                "",
                "JSON: {\"entries\", \"root\", \"folder\", \"logKey\"}."
            })
    static final class Export extends StoreVerb {
        @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder to write to.")
        @SuppressWarnings("NullAway.Init")
        private Path folder;

        @Mixin
        private final Stamping stamping = new Stamping();

        @Override
        public Integer call() {
            List<TimestampAuthority> authorities = stamping.authorities(this);
            requireUsage(authorities.size() <= 1, "an export has one timestamp; name one --timestamp-url");
            try (Store opened = open()) {
                Checkpoint checkpoint = opened.audit().export(folder, Progress.NONE);
                write(folder.resolve("vkey"), opened.logKey().text() + "\n");
                authorities.forEach(authority -> Timestamps.stamp(folder.resolve("checkpoint"), authority));
                if (json()) {
                    Json.print(
                            out(),
                            Json.object()
                                    .put("entries", checkpoint.position().size())
                                    .put("root", checkpoint.root().toString())
                                    .put("folder", folder.toString())
                                    .put("logKey", opened.logKey().text()));
                } else {
                    out().println("Exported "
                            + count(checkpoint.position().size(), "entry", "entries") + " to " + folder + ", root "
                            + checkpoint.root() + ".");
                }
            }
            return 0;
        }
    }

    /** Completes a type that the user shortened. */
    static String fullType(String type) {
        String named = type.startsWith("dev.modelops.") ? type : "dev.modelops." + type;
        return named.matches(".*\\.v[0-9]+") ? named : named + ".v1";
    }

    static void requireIndex(Verb verb, long index) {
        verb.requireUsage(
                index >= 0 && index < Long.MAX_VALUE, "--index must be at least 0, the first entry, but was " + index);
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new CliFailure(
                    "could not write " + file + ": " + SmallFiles.reason(e) + "; name a place that can be written to");
        }
    }
}
