package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.CommandId;
import dev.modelops.Identity;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An act waiting to be decided under the lock.
 *
 * @param <R> what its caller gets
 */
interface Command<R> {
    /** Returns the identity of the act. */
    CommandId id();

    /** Returns the text that the entry of the act would commit to and that is to be stored before it, if any. */
    default Texts.@Nullable Written text() {
        return null;
    }

    /** Decides the act on the state it would change; a {@link dev.modelops.ModelOpsException} leaves no trace in the log. */
    Verdict<R> decide(Moment moment);

    /** Returns what the caller gets when the act turns out to be done already, by the entry of an earlier attempt. */
    R recognise(Entry done, Moment moment);

    /** The state to decide on and the log time the entry would have. */
    record Moment(Tip tip, Instant now) {}

    /** What is to become of an act. */
    sealed interface Verdict<R> {}

    /** The act is done by appending an entry. */
    record Append<R>(EntryType type, @Nullable String subject, ObjectNode data, Function<Done, R> result)
            implements Verdict<R> {}

    /** There is nothing to do. */
    record Settled<R>(R result) implements Verdict<R> {}

    /** The act is refused, which is recorded. */
    record Refuse<R>(
            AccessDeniedException refusal, Identity identity, Action action, CommandId command, Outside outside)
            implements Verdict<R> {}

    /** An entry, and the state after it. */
    record Done(Entry entry, Tip after) {}
}
