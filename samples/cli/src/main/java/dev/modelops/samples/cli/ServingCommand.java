package dev.modelops.samples.cli;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs that stop what is served, and let it go on. */
@Command(
        name = "serving",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Puts versions into quarantine, suspends models, and resumes them, in every process that serves.",
        subcommands = {ServingCommand.Quarantine.class, ServingCommand.Suspend.class, ServingCommand.Resume.class})
final class ServingCommand {
    private ServingCommand() {}

    /** What all have. */
    abstract static class ServingVerb extends ActVerb {
        @Option(
                names = "--environment",
                required = true,
                paramLabel = "NAME",
                description = "The environment of the log, such as production.")
        @SuppressWarnings("NullAway.Init")
        private Environment environment;

        final Environment environment() {
            return environment;
        }

        final Integer done(Supplier<Action> action, String sentence) {
            Recorded done = act(action);
            print(
                    done,
                    recorded -> out().println(String.format(sentence, Printable.of(recorded.subject()), environment)
                            + ", at position " + recorded.position() + "."),
                    recorded -> Json.object()
                            .put("subject", recorded.subject())
                            .put("environment", environment.value())
                            .put("position", recorded.position().size()));
            return 0;
        }
    }

    @Command(
            name = "quarantine",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Puts a version into quarantine: nobody serves or promotes it in the environment until it is"
                    + " approved there anew.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops serving quarantine credit-risk@3 --environment production \\",
                "      --store /srv/models --log-key models.vkey --writer writer.pem \\",
                "      --as 'https://id.example.org|rita' --reason 'wrong scores'",
                "",
                "JSON: {\"subject\", \"environment\", \"position\"}."
            })
    static final class Quarantine extends ServingVerb {
        @Parameters(paramLabel = "NAME@N", description = "The version.")
        @SuppressWarnings("NullAway.Init")
        private ModelRef version;

        @Override
        public Integer call() {
            return done(() -> Action.quarantine(version, environment()), "Put %s into quarantine in %s");
        }
    }

    @Command(
            name = "suspend",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Suspends a model: no version of it is served in the environment until it is resumed.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops serving suspend credit-risk --environment production \\",
                "      --store /srv/models --log-key models.vkey --writer writer.pem \\",
                "      --as 'https://id.example.org|rita' --reason 'an incident'",
                "",
                "JSON: {\"subject\", \"environment\", \"position\"}."
            })
    static final class Suspend extends ServingVerb {
        @Parameters(paramLabel = "NAME", description = "The model.")
        @SuppressWarnings("NullAway.Init")
        private ModelName model;

        @Override
        public Integer call() {
            return done(() -> Action.suspend(model, environment()), "Suspended %s in %s");
        }
    }

    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Ends the suspension of a model.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops serving resume credit-risk --environment production \\",
                "      --store /srv/models --log-key models.vkey --writer writer.pem \\",
                "      --as 'https://id.example.org|rita'",
                "",
                "JSON: {\"subject\", \"environment\", \"position\"}."
            })
    static final class Resume extends ServingVerb {
        @Parameters(paramLabel = "NAME", description = "The model.")
        @SuppressWarnings("NullAway.Init")
        private ModelName model;

        @Override
        public Integer call() {
            return done(() -> Action.resume(model, environment()), "Resumed %s in %s");
        }
    }
}
