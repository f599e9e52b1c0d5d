package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ModelName;
import dev.modelops.Page;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs about legal holds. */
@Command(
        name = "hold",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Places legal holds, which keep texts from being erased, lifts them, and lists them.",
        subcommands = {HoldCommand.Place.class, HoldCommand.Lift.class, HoldCommand.Listing.class})
final class HoldCommand {
    private static final String PLACED = "dev.modelops.hold.placed.v1";
    private static final String LIFTED = "dev.modelops.hold.lifted.v1";
    private static final int PAGE = 1000;

    private HoldCommand() {}

    @Command(
            name = "place",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Places a legal hold on the texts of a model, or of the whole log.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops hold place case-7 --model credit-risk --store /srv/models \\",
                "      --log-key models.vkey --writer writer.pem \\",
                "      --as 'https://id.example.org|leo'",
                "  modelops hold place case-8 --store /srv/models --log-key models.vkey \\",
                "      --writer writer.pem --as 'https://id.example.org|leo'",
                "",
                "Until it is lifted, no text it covers can be erased, whatever policy says.",
                "Policy decides who may place one, by the built-in set the role legal-officer.",
                "",
                "JSON: {\"name\", \"model\" (null for the log), \"position\"}."
            })
    static final class Place extends ActVerb {
        @Parameters(
                paramLabel = "NAME",
                description = "Its name, such as the number of a case; kept in the log in clear for ever.")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Option(
                names = "--model",
                paramLabel = "NAME",
                description = "The model whose texts are held; without it, all of the log.")
        private @Nullable ModelName model;

        @Override
        public Integer call() {
            print(
                    act(() -> model == null ? Action.hold(name) : Action.hold(name, model)),
                    done -> out().println("Placed the legal hold " + Printable.of(name) + " on " + on(done.subject())
                            + ", at position " + done.position() + "."),
                    done -> object(name, done));
            return 0;
        }
    }

    @Command(
            name = "lift",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Lifts a legal hold.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops hold lift case-7 --store /srv/models --log-key models.vkey \\",
                "      --writer writer.pem --as 'https://id.example.org|leo' \\",
                "      --reason 'case closed'",
                "",
                "JSON: {\"name\", \"model\" (null for the log), \"position\"}."
            })
    static final class Lift extends ActVerb {
        @Parameters(paramLabel = "NAME", description = "Its name; 'modelops hold list' shows those in force.")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        public Integer call() {
            print(
                    act(() -> Action.liftHold(name)),
                    done -> out().println("Lifted the legal hold " + Printable.of(name) + " on " + on(done.subject())
                            + ", at position " + done.position() + "."),
                    done -> object(name, done));
            return 0;
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Lists the legal holds in force, oldest first.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops hold list --store /srv/models --log-key models.vkey",
                "",
                "JSON: {\"holds\": [{\"name\", \"model\" (null for the log), \"by\", \"at\", \"position\"}]}."
            })
    static final class Listing extends StoreVerb {
        @Override
        public Integer call() {
            try (Store opened = open()) {
                print(inForce(opened.audit()), this::show, Listing::object);
            }
            return 0;
        }

        private void show(Map<String, AuditEntry> holds) {
            if (holds.isEmpty()) {
                out().println("No legal hold is in force.");
                return;
            }
            Table table = new Table("hold", "on", "placed by", "at", "position");
            holds.forEach((name, entry) -> table.row(
                    name,
                    on(entry.subject().orElse("")),
                    entry.actor().toString(),
                    entry.at().toString(),
                    entry.position().toString()));
            table.print(out());
        }

        private static ObjectNode object(Map<String, AuditEntry> holds) {
            ObjectNode object = Json.object();
            object.set(
                    "holds",
                    Json.array(holds.entrySet().stream()
                            .map(hold -> Json.object()
                                    .put("name", hold.getKey())
                                    .put("model", hold.getValue().subject().orElse(null))
                                    .put("by", hold.getValue().actor().toString())
                                    .put("at", hold.getValue().at().toString())
                                    .put("position", hold.getValue().position().size()))
                            .toList()));
            return object;
        }
    }

    /** Returns the entries that placed the holds in force, by name. */
    private static Map<String, AuditEntry> inForce(AuditLog log) {
        List<AuditEntry> entries = new ArrayList<>(ofType(log, PLACED));
        entries.addAll(ofType(log, LIFTED));
        entries.sort(Comparator.comparing(entry -> entry.position().size()));
        Map<String, AuditEntry> holds = new LinkedHashMap<>();
        for (AuditEntry entry : entries) {
            String name = Json.parse(entry.body())
                    .map(event -> event.path("data").path("hold"))
                    .map(JsonNode::asText)
                    .orElse("");
            if (entry.type().equals(PLACED)) {
                holds.put(name, entry);
            } else {
                holds.remove(name);
            }
        }
        return holds;
    }

    private static List<AuditEntry> ofType(AuditLog log, String type) {
        List<AuditEntry> entries = new ArrayList<>();
        AuditQuery query = AuditQuery.all().type(type).limit(PAGE);
        Optional<AuditQuery> next = Optional.of(query);
        while (next.isPresent()) {
            Page<AuditEntry> page = log.query(next.get());
            entries.addAll(page.items());
            next = page.next().map(query::after);
        }
        return entries;
    }

    private static String on(String subject) {
        return subject.isEmpty() ? "the whole log" : Printable.of(subject);
    }

    private static ObjectNode object(String name, Recorded done) {
        return Json.object()
                .put("name", name)
                .put("model", done.subject().isEmpty() ? null : done.subject())
                .put("position", done.position().size());
    }
}
