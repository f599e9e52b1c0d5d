package dev.modelops.samples.cli;

import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.audit.LogKey;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What every verb has that acts on a log: with which keys, who acts, and why. */
abstract class ActVerb extends StoreVerb {
    @Mixin
    private final Acting acting = new Acting();

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
                ModelOps ops = acting.start(opened, key)) {
            return work.apply(ops.as(acting.who()).registry());
        }
    }
}
