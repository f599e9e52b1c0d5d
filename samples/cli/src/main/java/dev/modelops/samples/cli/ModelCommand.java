package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ModelName;
import dev.modelops.NotFoundException;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.registry.Model;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs about models. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Shows models, their versions and their history, now or at any past state of the log.",
        subcommands = {ModelCommand.ListModels.class, ModelCommand.Show.class, ModelCommand.History.class})
final class ModelCommand {
    /** The state to look at. */
    static final class State {
        @Option(
                names = "--as-of",
                paramLabel = "N|TIME",
                description = "The state after N entries, or at a time such as 2026-03-31T12:00:00Z or 2026-03-31; by"
                        + " default the newest.")
        AsOf asOf = new AsOf.Now();
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Lists the models with their champions and aliases.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops model list --store /srv/models",
                "  modelops model list --store /srv/models --as-of 2026-03-31 --json",
                "",
                "JSON: {\"position\", \"models\": [{\"name\", \"latest\", \"champions\": {environment:",
                "number}, \"aliases\": {alias: number}}]}."
            })
    static final class ListModels extends StoreVerb {
        @Mixin
        private final State state = new State();

        @Override
        public Integer call() {
            try (Store opened = open()) {
                RegistryView registry = opened.registry(state.asOf);
                List<Model> models = registry.models();
                if (json()) {
                    ObjectNode result =
                            Json.object().put("position", registry.position().size());
                    result.set(
                            "models",
                            Json.array(models.stream().map(Models::json).toList()));
                    Json.print(out(), result);
                } else {
                    Models.print(out(), models);
                }
            }
            return 0;
        }
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Shows a model with its versions, or one version in full.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops model show credit-risk --store /srv/models",
                "  modelops model show credit-risk@3 --store /srv/models --json",
                "  modelops model show credit-risk@latest-tested --store /srv/models --as-of 120",
                "",
                "JSON: {\"position\", \"model\": as in list, \"versions\": [{\"version\", \"number\",",
                "\"status\", \"championOf\", \"kind\", \"description\", \"author\", \"registeredAt\",",
                "\"position\", \"artifact\", \"files\", \"bytes\", \"bundle\", \"publisher\", \"parent\",",
                "\"codeCommit\", \"answers\", \"source\", \"dataSets\", \"metrics\", \"parameters\",",
                "\"tags\", \"approvals\", \"evidence\", \"comments\"}]}; publisher, parent, codeCommit,",
                "answers, the position of a request to train anew, and source, which says where",
                "a version was imported from, may be null."
            })
    static final class Show extends StoreVerb {
        @Mixin
        private final State state = new State();

        @Parameters(paramLabel = "NAME[@N]", description = "The model, or one version of it by number or alias.")
        @SuppressWarnings("NullAway.Init")
        private ModelTarget target;

        @Override
        public Integer call() {
            try (Store opened = open()) {
                RegistryView registry = opened.registry(state.asOf);
                Model model = require(registry, target.name());
                List<ModelVersion> versions = target.isVersion()
                        ? List.of(target.version(registry))
                        : Models.versions(registry, target.name());
                if (json()) {
                    ObjectNode result =
                            Json.object().put("position", registry.position().size());
                    result.set("model", Models.json(model));
                    result.set(
                            "versions",
                            Json.array(versions.stream()
                                    .map(version -> Models.json(registry, model, version))
                                    .toList()));
                    Json.print(out(), result);
                } else if (target.isVersion()) {
                    Models.print(out(), registry, model, versions.get(0));
                } else {
                    Models.print(out(), registry, model, versions);
                }
            }
            return 0;
        }
    }

    @Command(
            name = "history",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Lists every entry about a model or one version of it, oldest first.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops model history credit-risk --store /srv/models",
                "  modelops model history credit-risk@3 --store /srv/models --as-of 2026-03-31",
                "",
                "JSON: as 'modelops log show --json' writes it."
            })
    static final class History extends StoreVerb {
        @Mixin
        private final State state = new State();

        @Parameters(paramLabel = "NAME[@N]", description = "The model, or one version of it by number or alias.")
        @SuppressWarnings("NullAway.Init")
        private ModelTarget target;

        @Override
        public Integer call() {
            try (Store opened = open()) {
                RegistryView registry = opened.registry(state.asOf);
                require(registry, target.name());
                Predicate<AuditEntry> condition = entry -> entry.position().compareTo(registry.position()) <= 0;
                if (target.isVersion()) {
                    Optional<String> subject =
                            Optional.of(target.version(registry).ref().toString());
                    condition = condition.and(entry -> entry.subject().equals(subject));
                }
                Entries.Listing listing = Entries.read(
                        opened.audit(), AuditQuery.all().model(target.name()), condition, Integer.MAX_VALUE);
                if (json()) {
                    Json.print(out(), Entries.json(listing));
                } else {
                    Entries.print(out(), listing);
                }
            }
            return 0;
        }
    }

    private static Model require(RegistryView registry, ModelName name) {
        return registry.model(name)
                .orElseThrow(() -> new NotFoundException("there is no model " + name + " at position "
                        + registry.position() + "; list the models to see what there is"));
    }
}
