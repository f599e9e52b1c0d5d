package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.Retention;
import java.time.Instant;
import java.time.Period;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The verbs about how long texts are kept. */
@Command(
        name = "retention",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Tells which texts have been kept long enough.",
        subcommands = RetentionCommand.Due.class)
final class RetentionCommand {
    private static final List<Retention.Rule> PRESETS = List.of(
            Retention.EU_AI_ACT_LOGS,
            Retention.EU_AI_ACT_DOCUMENTATION,
            Retention.HIPAA_DOCUMENTATION,
            Retention.ECOA_APPLICATIONS);

    private RetentionCommand() {}

    static Retention.Rule preset(String name) {
        return PRESETS.stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected one of "
                        + PRESETS.stream().map(Retention.Rule::name).collect(Collectors.joining(", ")) + ", but was '"
                        + name + "'"));
    }

    static Period period(String text) {
        try {
            Period period = Period.parse(text);
            if (!period.isNegative()) {
                return period;
            }
        } catch (DateTimeParseException e) {
            // Said below, with what was found.
        }
        throw new IllegalArgumentException(
                "expected days, months or years such as P90D, P25M or P10Y, but was '" + text + "'");
    }

    @Command(
            name = "due",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Lists the texts whose time is over: covered by a rule, kept long enough by every rule that"
                    + " covers them, under no legal hold, and not erased.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops retention due --store /srv/models --rule hipaa-documentation",
                "  modelops retention due --store /srv/models --rule eu-ai-act-logs --keep P2Y \\",
                "      --type version.commented --at 2027-01-01",
                "",
                "Rules of that name, counted from the time of the entry:",
                "  eu-ai-act-logs           6 months    Regulation (EU) 2024/1689, 19(1), 26(6)",
                "  eu-ai-act-documentation  10 years    Regulation (EU) 2024/1689, 18(1)",
                "  hipaa-documentation      6 years     45 CFR 164.316(b)(2)(i)",
                "  ecoa-applications        25 months   12 CFR 1002.12(b)(1)",
                "",
                "They are facts about laws, not advice. Nothing is erased by this: 'modelops text",
                "erase' does that, one text at a time.",
                "",
                "JSON: {\"at\", \"due\": [{\"index\", \"type\", \"subject\" (or null), \"at\", \"keptUntil\",",
                "\"rule\", \"citation\"}]}."
            })
    static final class Due extends StoreVerb {
        @Option(
                names = "--rule",
                paramLabel = "NAME",
                description = "A rule that applies; may be given more than once.")
        private List<Retention.Rule> rules = new ArrayList<>();

        @Option(
                names = "--keep",
                paramLabel = "PERIOD",
                description = "A rule of your own: how long, such as P90D, P25M or P10Y.")
        private @Nullable Period keep;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "What the rule of your own covers, such as version.commented, once or more; everything by"
                        + " default.")
        private List<String> types = new ArrayList<>();

        @Option(names = "--at", paramLabel = "TIME", description = "The time to judge by; now by default.")
        private @Nullable Instant at;

        private record Found(Instant at, List<Retention.Due> due) {}

        @Override
        public Integer call() {
            requireUsage(!rules.isEmpty() || keep != null, "no rule applies; name --rule, or --keep");
            requireUsage(types.isEmpty() || keep != null, "--type goes with --keep");
            Instant time = at == null ? Instant.now() : at;
            List<Retention.Rule> all = new ArrayList<>(rules);
            if (keep != null) {
                all.add(Retention.Rule.ofAll("keep-" + keep, keep, "given by --keep")
                        .on(types.stream().map(LogCommand::fullType).toArray(String[]::new)));
            }
            try (Store opened = open()) {
                print(new Found(time, Retention.due(opened.audit(), all, time)), this::show, Due::object);
            }
            return 0;
        }

        private void show(Found found) {
            if (found.due().isEmpty()) {
                out().println("No text is due at " + found.at() + ".");
                return;
            }
            Table table = new Table("index", "time", "type", "about", "kept until", "rule");
            for (Retention.Due due : found.due()) {
                table.row(
                        Long.toString(due.position().index()),
                        due.at().toString(),
                        due.type(),
                        due.subject().orElse("the log"),
                        due.keptUntil().toString(),
                        due.rule().name());
            }
            table.print(out());
            err().println("modelops: nothing was erased; 'modelops text erase --index N' erases one");
        }

        private static ObjectNode object(Found found) {
            ObjectNode object = Json.object().put("at", found.at().toString());
            object.set(
                    "due",
                    Json.array(found.due().stream()
                            .map(due -> Json.object()
                                    .put("index", due.position().index())
                                    .put("type", due.type())
                                    .put("subject", due.subject().orElse(null))
                                    .put("at", due.at().toString())
                                    .put("keptUntil", due.keptUntil().toString())
                                    .put("rule", due.rule().name())
                                    .put("citation", due.rule().citation()))
                            .toList()));
            return object;
        }
    }
}
