package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.Progress;
import dev.modelops.audit.WhatIfReport;
import dev.modelops.audit.WhatIfReport.Flip;
import dev.modelops.audit.WhatIfReport.Kind;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.core.policy.PolicyReview.Comparison;
import dev.modelops.core.policy.PolicyReview.Different;
import dev.modelops.core.policy.PolicyReview.Finding;
import dev.modelops.core.policy.PolicyReview.Same;
import dev.modelops.core.policy.PolicyReview.Severity;
import dev.modelops.core.policy.PolicyReview.Unknown;
import dev.modelops.policy.Decision;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.InvalidPolicyException.Problem;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.policy.PolicyTestReport.Trial;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs about policies. */
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Reviews policies: checks and tests them, compares them, and tries them on what a log recorded.",
        subcommands = {
            PolicyCommand.Check.class,
            PolicyCommand.Test.class,
            PolicyCommand.Diff.class,
            PolicyCommand.WhatIf.class,
            PolicyCommand.Show.class,
            PolicyCommand.Format.class
        })
final class PolicyCommand {
    static final int UNKNOWN = 3;

    /** What every verb that holds policies against a schema has. */
    abstract static class SchemaVerb extends FileVerb {
        private static final String NONE = "none";

        @Option(
                names = "--schema",
                paramLabel = "FILE|none",
                description =
                        "A Cedar schema that requests conform to: text, or JSON if the file is named .json. Without"
                                + " it, that of what policies of a log may speak of; 'none' for any request at all.")
        private @Nullable String schema;

        /** Holds policies against the schema; empty if that holds something else, which is then explained. */
        final Optional<PolicyReview> held(PolicyReview review) {
            if (schema == null) {
                return Optional.of(review.governed());
            }
            return schema.equals(NONE) ? Optional.of(review) : read(Path.of(schema), review::withSchema);
        }
    }

    /** What every verb about files of policies has. */
    abstract static class FileVerb extends Verb {
        /** Reads a file; empty if it holds something else, which is then explained. */
        final <T> Optional<T> read(Path file, Function<Path, T> reader) {
            return PolicyCommand.read(this, file, reader);
        }
    }

    private static <T> Optional<T> read(Verb verb, Path file, Function<Path, T> reader) {
        requireFile(verb, file);
        try {
            return Optional.of(reader.apply(file));
        } catch (InvalidPolicyException e) {
            for (Problem problem : e.problems()) {
                verb.err()
                        .println("modelops: " + at(file, problem.line(), problem.column())
                                + Printable.of(problem.sentence()));
            }
            return Optional.empty();
        }
    }

    private static void requireFile(Verb verb, Path file) {
        verb.requireUsage(
                Files.isRegularFile(file),
                "expected a file at " + file + ", found "
                        + (Files.isDirectory(file)
                                ? "a folder; name a file in it"
                                : Files.exists(file) ? "something else" : "nothing"));
    }

    private static String at(Path file, OptionalInt line, OptionalInt column) {
        return file + ":" + (line.isEmpty() ? "" : line.getAsInt() + ":" + column.orElse(1) + ":") + " ";
    }

    private static void putPlace(ObjectNode object, OptionalInt line, OptionalInt column) {
        object.putNull("line").putNull("column");
        line.ifPresent(number -> object.put("line", number));
        column.ifPresent(number -> object.put("column", number));
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Reads policies, validates them strictly against a schema, and looks for rules that cannot"
                    + " be meant as they stand.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops policy check policies.cedar",
                "  modelops policy check policies.json --schema app.cedarschema --json",
                "",
                "JSON: {\"file\", \"findings\": [{\"rule\" (or null), \"kind\", \"severity\",",
                "\"message\", \"line\" (or null), \"column\" (or null)}]}.",
                "",
                "Exit code: 0 if there is nothing, or nothing but notes; 1 if there are errors",
                "or warnings, or the file holds no policies; 2 for wrong usage."
            })
    static final class Check extends SchemaVerb {
        @Parameters(paramLabel = "FILE", description = "Policies: Cedar text (.cedar) or JSON (.json).")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            requireFile(this, file);
            List<Finding> findings = new ArrayList<>();
            try {
                PolicyReview review = PolicyReview.read(file);
                Optional<PolicyReview> held = held(review);
                if (held.isEmpty()) {
                    return ModelOpsCli.WRONG_USAGE;
                }
                if (review.toCedar().isBlank()) {
                    return report(
                            "EMPTY",
                            Severity.WARNING,
                            List.of(Problem.of("there are no policies in the file, and such a set refuses everything;"
                                    + " write some, or name another file")));
                }
                findings.addAll(held.get().findings());
            } catch (InvalidPolicyException e) {
                return report("UNREADABLE", Severity.ERROR, e.problems());
            }
            print(findings, this::text, this::object);
            return findings.stream().anyMatch(finding -> finding.severity() != Severity.NOTE) ? ModelOpsCli.FAILED : 0;
        }

        /** Reports what is about no rule. */
        private int report(String kind, Severity severity, List<Problem> problems) {
            ObjectNode result = Json.object().put("file", file.toString());
            List<ObjectNode> objects = new ArrayList<>();
            for (Problem problem : problems) {
                ObjectNode object = Json.object()
                        .putNull("rule")
                        .put("kind", kind)
                        .put("severity", severity.name())
                        .put("message", problem.sentence());
                putPlace(object, problem.line(), problem.column());
                objects.add(object);
                if (!json()) {
                    out().println(at(file, problem.line(), problem.column()) + severity + " " + kind + ": "
                            + Printable.of(problem.sentence()));
                }
            }
            result.set("findings", Json.array(objects));
            if (json()) {
                Json.print(out(), result);
            }
            return ModelOpsCli.FAILED;
        }

        private void text(List<Finding> findings) {
            for (Finding finding : findings) {
                out().println(at(file, finding.line(), finding.column())
                        + Printable.of(finding.severity() + " " + finding.kind() + " in rule '" + finding.rule() + "': "
                                + finding.message()));
            }
            out().println(findings.isEmpty() ? "No findings." : count(findings.size(), "finding.", "findings."));
        }

        private ObjectNode object(List<Finding> findings) {
            ObjectNode result = Json.object().put("file", file.toString());
            result.set(
                    "findings",
                    Json.array(findings.stream()
                            .map(finding -> {
                                ObjectNode object = Json.object()
                                        .put("rule", finding.rule())
                                        .put("kind", finding.kind().name())
                                        .put("severity", finding.severity().name())
                                        .put("message", finding.message());
                                putPlace(object, finding.line(), finding.column());
                                return object;
                            })
                            .toList()));
            return result;
        }
    }

    @Command(
            name = "test",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Decides the requests of policy test files and compares with the decisions they expect.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops policy test credit.test.json",
                "  modelops policy test tests/*.json --coverage 90",
                "",
                "A test file names its policies and lists requests:",
                "  {\"policies\": \"credit.cedar\", \"requests\": [{\"description\": \"...\",",
                "   \"principal\": \"https://id.example.org|ada\", \"roles\": [\"release-manager\"],",
                "   \"action\": \"promote\", \"resource\": \"credit-risk@3\", \"environment\":",
                "   \"production\", \"facts\": {\"approvals.independent\": 0}, \"decision\":",
                "   \"deny\", \"unmet\": [\"gate-approval\"]}]}",
                "",
                "JSON: {\"files\": [{\"file\", \"coverage\" (0 to 1), \"gaps\", \"requests\": [{\"name\",",
                "\"decision\", \"failure\" (or null)}]}]}.",
                "",
                "Exit code: 0 if all is as expected, 1 if not or if too little is covered, 2 for",
                "wrong usage or a file that cannot be read as a test."
            })
    static final class Test extends FileVerb {
        @Parameters(paramLabel = "FILE", arity = "1..*", description = "Policy test files.")
        @SuppressWarnings("NullAway.Init")
        private List<Path> files;

        @Option(
                names = "--coverage",
                paramLabel = "PERCENT",
                description = "The smallest coverage of each file's policies that will do, 0 to 100.")
        private double least;

        @Override
        public Integer call() {
            requireUsage(least >= 0 && least <= 100, "--coverage must be from 0 to 100, but was " + least);
            List<ObjectNode> objects = new ArrayList<>();
            boolean passed = true;
            for (Path file : files) {
                Optional<PolicyTestReport> report = read(file, PolicyReview::test);
                if (report.isEmpty()) {
                    return ModelOpsCli.WRONG_USAGE;
                }
                boolean covered = report.get().coverage().ratio() * 100 >= least;
                passed &= covered && report.get().passed();
                if (json()) {
                    objects.add(object(file, report.get()));
                } else {
                    text(file, report.get(), covered);
                }
            }
            if (json()) {
                ObjectNode result = Json.object();
                result.set("files", Json.array(objects));
                Json.print(out(), result);
            }
            return passed ? 0 : ModelOpsCli.FAILED;
        }

        private void text(Path file, PolicyTestReport report, boolean covered) {
            long failed = 0;
            for (Trial trial : report.trials()) {
                out().println((trial.failure().isEmpty() ? "ok    " : "FAIL  ") + Printable.of(trial.name()));
                if (trial.failure().isPresent()) {
                    failed++;
                    indented(out(), trial.failure().get());
                }
            }
            if (!covered) {
                report.coverage().gaps().forEach(gap -> out().println("GAP   " + Printable.of(gap)));
            }
            out().println(String.format(
                    Locale.ROOT,
                    "%s: %d of %d as expected, coverage %.1f %%%s",
                    file,
                    report.trials().size() - failed,
                    report.trials().size(),
                    100 * report.coverage().ratio(),
                    covered ? "" : String.format(Locale.ROOT, ", but at least %.1f %% is asked for", least)));
        }

        private static ObjectNode object(Path file, PolicyTestReport report) {
            ObjectNode object = Json.object()
                    .put("file", file.toString())
                    .put("coverage", report.coverage().ratio());
            object.set("gaps", Json.array(report.coverage().gaps()));
            object.set(
                    "requests",
                    Json.array(report.trials().stream()
                            .map(trial -> {
                                ObjectNode one = Json.object().put("name", trial.name());
                                one.set("decision", Entries.json(trial.decision()));
                                return one.put("failure", trial.failure().orElse(null));
                            })
                            .toList()));
            return object;
        }
    }

    @Command(
            name = "diff",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Tells whether two policy sets decide every request alike, or shows a request that they"
                    + " decide differently.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops policy diff old.cedar new.cedar",
                "  modelops policy diff old.json new.cedar --schema app.cedarschema --json",
                "",
                "All requests that conform to the schema count. A forbid that cannot be",
                "evaluated refuses. What the sets decide by more than comparisons of one",
                "attribute with constants may remain unknown, and so does what does not fit",
                "the schema.",
                "",
                "JSON: {\"result\": \"same\", \"different\" or \"unknown\", \"before\", \"after\",",
                "\"rulesBefore\", \"rulesAfter\", \"request\" (all null unless different),",
                "\"reasons\"}.",
                "",
                "Exit code: 0 same, 1 different, 2 wrong usage or no policies in a file, 3",
                "unknown."
            })
    static final class Diff extends SchemaVerb {
        @Parameters(index = "0", paramLabel = "BEFORE", description = "Policies (.cedar or .json).")
        @SuppressWarnings("NullAway.Init")
        private Path before;

        @Parameters(index = "1", paramLabel = "AFTER", description = "The policies to compare with.")
        @SuppressWarnings("NullAway.Init")
        private Path after;

        @Override
        public Integer call() {
            Optional<PolicyReview> one = read(before, PolicyReview::read);
            Optional<PolicyReview> other = read(after, PolicyReview::read);
            one = one.flatMap(this::held);
            if (one.isEmpty() || other.isEmpty()) {
                return ModelOpsCli.WRONG_USAGE;
            }
            Comparison result = one.get().compare(other.get());
            print(result, this::text, Diff::object);
            return result instanceof Same ? 0 : result instanceof Different ? ModelOpsCli.FAILED : UNKNOWN;
        }

        private void text(Comparison result) {
            if (result instanceof Same) {
                out().println("The policy sets decide every request alike.");
            } else if (result instanceof Different different) {
                out().println("The policy sets decide this request differently:");
                indented(out(), different.witness());
                out().println(before + ": " + verdict(different.before(), different.rulesBefore()));
                out().println(after + ": " + verdict(different.after(), different.rulesAfter()));
            } else if (result instanceof Unknown unknown) {
                out().println("Whether the policy sets decide alike is unknown:");
                unknown.reasons().forEach(reason -> indented(out(), reason));
            }
        }

        private static String verdict(PolicyReview.Outcome outcome, List<String> rules) {
            String word = switch (outcome) {
                case ALLOWED -> "allowed";
                case DENIED -> "DENIED";
                case DENIED_UNLESS_OVERRIDDEN -> "DENIED unless overridden";
            };
            return word
                    + (rules.isEmpty() ? ", for no rule permits it" : " by " + Printable.of(String.join(", ", rules)));
        }

        private static ObjectNode object(Comparison result) {
            ObjectNode object = Json.object();
            object.put(
                            "result",
                            result instanceof Same ? "same" : result instanceof Different ? "different" : "unknown")
                    .putNull("before")
                    .putNull("after")
                    .putNull("rulesBefore")
                    .putNull("rulesAfter")
                    .putNull("request");
            if (result instanceof Different different) {
                object.put("before", different.before().name())
                        .put("after", different.after().name());
                object.set("rulesBefore", Json.array(different.rulesBefore()));
                object.set("rulesAfter", Json.array(different.rulesAfter()));
                object.set(
                        "request",
                        Json.parse(different.request())
                                .map(JsonNode.class::cast)
                                .orElse(null));
            }
            object.set("reasons", Json.array(result instanceof Unknown unknown ? unknown.reasons() : List.of()));
            return object;
        }
    }

    @Command(
            name = "whatif",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Decides again by other policies what a log recorded, and shows what would have come out"
                    + " otherwise. Changes nothing.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops policy whatif new.cedar --store /srv/models",
                "  modelops policy whatif new.cedar --store /srv/models --limit 1000 --json",
                "",
                "JSON: {\"policies\", \"position\", \"decisions\", \"allowToDeny\", \"denyToAllow\",",
                "\"otherReasons\", \"undecidable\", \"flips\": [{\"index\", \"kind\", \"recorded\",",
                "\"replayed\" (or null), \"reason\" (or null)}]}; flips holds at most --limit.",
                "",
                "Exit code: 0 if every decision comes out alike, if by other rules; 1 if one",
                "does not, or the store cannot be read; 2 wrong usage or no policies in the",
                "file; 3 if none is known to change and some cannot be told."
            })
    static final class WhatIf extends StoreVerb {
        @Parameters(paramLabel = "FILE", description = "The other policies (.cedar or .json).")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "100",
                description = "Show at most this many changes; ${DEFAULT-VALUE} by default. All are counted.")
        private int limit;

        @Override
        public Integer call() {
            requireUsage(limit >= 0, "--limit must be at least 0, but was " + limit);
            Optional<PolicyReview> review = read(this, file, PolicyReview::read);
            if (review.isEmpty()) {
                return ModelOpsCli.WRONG_USAGE;
            }
            warn(review.get());
            List<Flip> flips = new ArrayList<>();
            WhatIfReport report;
            try (Store opened = open()) {
                report = opened.audit()
                        .whatIf(
                                review.get().policySet(),
                                flip -> {
                                    if (flips.size() < limit) {
                                        flips.add(flip);
                                    }
                                },
                                Progress.NONE);
            } catch (InvalidPolicyException e) {
                err().println("modelops: " + file + ": " + Printable.lines(String.valueOf(e.getMessage())));
                return ModelOpsCli.WRONG_USAGE;
            }
            print(report, counted -> text(counted, flips), counted -> object(counted, flips));
            return report.allowToDeny() + report.denyToAllow() > 0
                    ? ModelOpsCli.FAILED
                    : report.undecidable() > 0 ? UNKNOWN : 0;
        }

        /** What a log would not take decides nothing as it was meant. */
        private void warn(PolicyReview review) {
            for (Finding finding : review.governed().findings()) {
                if (finding.severity() == Severity.ERROR) {
                    err().println("modelops: warning: no log takes these policies: "
                            + at(file, finding.line(), finding.column())
                            + Printable.of("rule '" + finding.rule() + "': " + finding.message()));
                }
            }
        }

        private void text(WhatIfReport report, List<Flip> flips) {
            for (Flip flip : flips) {
                out().println("entry " + flip.index() + ": " + change(flip.kind()));
                indented(out(), "recorded: " + decision(flip.recorded()));
                indented(
                        out(),
                        flip.replayed()
                                .map(then -> "replayed: " + decision(then))
                                .orElse("unknown: " + flip.reason().orElse("")));
            }
            long changed = report.allowToDeny() + report.denyToAllow() + report.otherReasons() + report.undecidable();
            if (changed > flips.size()) {
                out().println("and " + count(changed - flips.size(), "more, raise", "more, raise")
                        + " --limit to see them");
            }
            out().println(count(report.decisions(), "recorded decision", "recorded decisions") + " up to position "
                    + report.position() + ": " + report.allowToDeny() + " would be refused, " + report.denyToAllow()
                    + " would be allowed, " + report.otherReasons() + " would come out alike by other rules, "
                    + report.undecidable() + " cannot be told.");
        }

        private static String change(Kind kind) {
            return switch (kind) {
                case ALLOW_TO_DENY -> "was allowed and would be REFUSED";
                case DENY_TO_ALLOW -> "was refused and would be ALLOWED";
                case OTHER_REASONS -> "would come out alike, by other rules";
                case UNDECIDABLE -> "cannot be told";
            };
        }

        private static String decision(Decision decision) {
            return decision.forUser();
        }

        private static ObjectNode object(WhatIfReport report, List<Flip> flips) {
            ObjectNode object = Json.object()
                    .put("policies", report.policies().toString())
                    .put("position", report.position().size())
                    .put("decisions", report.decisions())
                    .put("allowToDeny", report.allowToDeny())
                    .put("denyToAllow", report.denyToAllow())
                    .put("otherReasons", report.otherReasons())
                    .put("undecidable", report.undecidable());
            object.set(
                    "flips",
                    Json.array(flips.stream()
                            .map(flip -> {
                                ObjectNode one = Json.object()
                                        .put("index", flip.index())
                                        .put("kind", flip.kind().name());
                                one.set("recorded", Entries.json(flip.recorded()));
                                one.set(
                                        "replayed",
                                        flip.replayed().map(Entries::json).orElse(null));
                                return one.put("reason", flip.reason().orElse(null));
                            })
                            .toList()));
            return object;
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Shows the policy set of a log that is in force, or was, or another that was proposed, as"
                    + " Cedar text that the other verbs read.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops policy show --store /srv/models > now.cedar",
                "  modelops policy show --store /srv/models --as-of 2026-03-31 --json",
                "  modelops policy show --store /srv/models --digest sha256:... > next.cedar",
                "",
                "JSON: {\"digest\", \"revision\", \"at\", \"position\", \"proposer\", \"installer\", \"reason\"",
                "(null where there is none; all of them for a set that was never in force),",
                "\"policies\": the set in the Cedar JSON policy format}.",
                "",
                "Exit code: 0 if shown, 1 if the log has no such set or cannot be read, 2 for",
                "wrong usage."
            })
    static final class Show extends StoreVerb {
        @Option(
                names = "--as-of",
                paramLabel = "N|TIME",
                description =
                        "The set in force after N entries, or at a time such as 2026-03-31T12:00:00Z or 2026-03-31;"
                                + " by default now.")
        private @Nullable AsOf asOf;

        @Option(names = "--digest", paramLabel = "DIGEST", description = "The set of this digest.")
        private @Nullable Digest digest;

        @Override
        public Integer call() {
            requireUsage(asOf == null || digest == null, "--digest names a set and goes with no --as-of");
            try (Store opened = open()) {
                Optional<PolicyRevision> revision = revision(opened);
                PolicySet set = opened.policies()
                        .read(digest == null ? revision.orElseThrow().digest() : digest);
                String text = PolicyReview.of(set).toCedar();
                print(set, shown -> text(shown, revision, text), shown -> object(shown, revision));
            }
            return 0;
        }

        private Optional<PolicyRevision> revision(Store opened) {
            List<PolicyRevision> installed = opened.policies().installed();
            Optional<PolicyRevision> last = Optional.empty();
            if (digest == null) {
                LogPosition position =
                        opened.registry(asOf == null ? new AsOf.Now() : asOf).position();
                for (PolicyRevision one : installed) {
                    last = one.position().size() <= position.size() ? Optional.of(one) : last;
                }
                if (last.isEmpty()) {
                    throw new CliFailure("no policy set was in force at position " + position.size()
                            + "; the first came with entry 0, so name a later one");
                }
                return last;
            }
            for (PolicyRevision one : installed) {
                last = one.digest().equals(digest) ? Optional.of(one) : last;
            }
            return last;
        }

        private void text(PolicySet set, Optional<PolicyRevision> revision, String text) {
            String about = revision.map(known -> "revision " + known.number() + ", in force from " + known.at()
                            + " at position " + known.position().size()
                            + known.proposer()
                                    .map(who -> ", proposed by " + who)
                                    .orElse("")
                            + known.installer()
                                    .map(who -> ", installed by " + who)
                                    .orElse("")
                            + known.reason().map(why -> ": " + why).orElse(""))
                    .orElse("never in force");
            out().println("// " + set.digest());
            out().println("// " + Printable.of(about));
            out().println();
            out().println(text.stripTrailing());
        }

        private static ObjectNode object(PolicySet set, Optional<PolicyRevision> revision) {
            ObjectNode object = Json.object().put("digest", set.digest().toString());
            object.put("revision", revision.map(PolicyRevision::number).orElse(null));
            object.put("at", revision.map(known -> known.at().toString()).orElse(null));
            object.put(
                    "position", revision.map(known -> known.position().size()).orElse(null));
            object.put(
                    "proposer",
                    revision.flatMap(PolicyRevision::proposer)
                            .map(Object::toString)
                            .orElse(null));
            object.put(
                    "installer",
                    revision.flatMap(PolicyRevision::installer)
                            .map(Object::toString)
                            .orElse(null));
            object.put(
                    "reason",
                    revision.flatMap(PolicyRevision::reason)
                            .map(Object::toString)
                            .orElse(null));
            object.set(
                    "policies",
                    Json.parse(set.document()).map(JsonNode.class::cast).orElse(null));
            return object;
        }
    }

    @Command(
            name = "format",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Writes policies as Cedar text, always in the same way, or as the JSON that logs keep."
                    + " Comments are not kept.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops policy format policies.json > policies.cedar",
                "  modelops policy format policies.cedar --json > policies.json",
                "",
                "JSON: the policies in the Cedar JSON policy format.",
                "",
                "Exit code: 0 if written, 2 for wrong usage or no policies in the file."
            })
    static final class Format extends FileVerb {
        @Parameters(paramLabel = "FILE", description = "Policies: Cedar text (.cedar) or JSON (.json).")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            Optional<PolicyReview> review = read(file, PolicyReview::read);
            if (review.isEmpty()) {
                return ModelOpsCli.WRONG_USAGE;
            }
            String text =
                    json() ? review.get().policySet().document() : review.get().toCedar();
            out().println(text.stripTrailing());
            return 0;
        }
    }

    private static void indented(PrintWriter out, String text) {
        Printable.lines(text).lines().forEach(line -> out.println("  " + line));
    }
}
