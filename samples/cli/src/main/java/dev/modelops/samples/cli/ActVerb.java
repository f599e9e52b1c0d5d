package dev.modelops.samples.cli;

import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.Principal;
import dev.modelops.audit.LogKey;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What every verb has that acts on a log: with which keys, who acts, and why. */
abstract class ActVerb extends StoreVerb {
    @Option(
            names = "--writer",
            required = true,
            paramLabel = "FILE",
            description = "A writer key of the log, PKCS #8 in PEM.")
    @SuppressWarnings("NullAway.Init")
    private Path writer;

    @Option(
            names = "--log-signer",
            paramLabel = "FILE",
            description = "The key that signs its checkpoints, PKCS #8 in PEM. Without it the entry is under a"
                    + " checkpoint once a process that holds that key has the log open.")
    private @Nullable Path logSigner;

    @Option(
            names = "--memory",
            paramLabel = "DIR",
            description = "The folder where checkpoints of the log are remembered, as its hosts keep one.")
    private @Nullable Path memory;

    @Option(
            names = "--as",
            required = true,
            paramLabel = "ISSUER|ID",
            description = "Who acts: policy decides on the roles of this person or service. Recorded as asserted:"
                    + " nothing here proves who it is, so keep the writer key from those who should not act for"
                    + " others.")
    @SuppressWarnings("NullAway.Init")
    private Principal who;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept beside the log, where it can be erased.")
    private @Nullable String reason;

    @Option(
            names = "--command-id",
            paramLabel = "TEXT",
            description = "An identity for this act, so that the same command given again does nothing more.")
    private @Nullable CommandId command;

    /** Returns an action with the reason and the identity that were given. */
    final Action given(Supplier<Action> made) {
        try {
            Action action = made.get();
            action = reason == null ? action : action.because(reason);
            return command == null ? action : action.as(command);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command().commandLine(), String.valueOf(e.getMessage()));
        }
    }

    /** Acts, and returns what was recorded. */
    final Recorded act(Supplier<Action> made) {
        Action action = given(made);
        return act(registry -> registry.perform(action));
    }

    /** Opens the log for whoever acts, and closes it. */
    final <R> R act(Function<ModelRegistry, R> work) {
        StoreAddress store = address();
        LogKey key = logKey().of(store, this);
        try (OpenStorage opened = store.open();
                ModelOps ops = start(opening(opened, key))) {
            return work.apply(ops.as(who).registry());
        }
    }

    private Opening opening(OpenStorage opened, LogKey key) {
        Opening opening = ModelOps.open(opened.storage(), key).writer(SmallFiles.signer(writer));
        if (logSigner != null) {
            opening = opening.logSigner(SmallFiles.signer(logSigner));
        }
        return memory == null ? opening : opening.memory(SmallFiles.memory(memory));
    }

    /** Keys that are not those of the log are no mistake in the library. */
    private static ModelOps start(Opening opening) {
        try {
            return opening.start();
        } catch (IllegalArgumentException e) {
            throw new CliFailure(String.valueOf(e.getMessage()));
        }
    }
}
