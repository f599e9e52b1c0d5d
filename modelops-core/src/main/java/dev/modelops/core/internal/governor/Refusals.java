package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Assurance;
import dev.modelops.CommandId;
import dev.modelops.Identity;
import dev.modelops.Principal;
import dev.modelops.core.internal.log.DecisionJson;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps looping callers from filling the log: the first refusal of a kind is recorded in full, repeats within the window
 * are only counted, and the count is recorded when the window ends. Used by the committer alone.
 */
final class Refusals {
    private static final Duration WINDOW = Duration.ofHours(1);
    private static final int MOST_KINDS = 10_000;
    private static final int MOST_KINDS_OF_ONE = 100;
    private static final int MOST_DUE = 256;
    private static final int MOST_DUE_AT_END = 1000;
    private static final String ANYTHING = "anything";
    private static final Principal OTHERS = Principal.of("modelops", "others");

    private final Map<Kind, Count> counts = new LinkedHashMap<>();

    record Kind(Principal principal, String action, List<String> rules) {}

    private static final class Count {
        private Instant since;
        private long repeats;

        /** How many of the repeats the batch in the making records. */
        private long due;

        Count(Instant since) {
            this.since = since;
        }
    }

    /** Counts one refusal and tells whether it is to be recorded in full. */
    boolean isFirst(Identity identity, Action action, Decision.Deny decision, Instant now) {
        Kind kind = new Kind(identity.principal(), action.toString(), decision.rules());
        Count known = counts.get(kind);
        if (known != null && known.repeats == 0 && hasEnded(known, now)) {
            counts.remove(kind);
            known = null;
        }
        if (known == null && counts.size() < MOST_KINDS && kindsOf(identity.principal()) < MOST_KINDS_OF_ONE) {
            counts.put(kind, new Count(now));
            return true;
        }
        if (known == null) {
            Principal counted = counts.size() < MOST_KINDS ? identity.principal() : OTHERS;
            known = counts.computeIfAbsent(new Kind(counted, ANYTHING, List.of()), unused -> new Count(now));
        }
        known.repeats++;
        return false;
    }

    /** Counts refusals of which nothing else is known. */
    void count(long refused, Instant now) {
        if (refused > 0) {
            counts.computeIfAbsent(new Kind(OTHERS, ANYTHING, List.of()), unused -> new Count(now)).repeats += refused;
        }
    }

    private long kindsOf(Principal principal) {
        return counts.keySet().stream()
                .filter(kind -> kind.principal().equals(principal))
                .count();
    }

    /** Tells whether any repeat is not recorded yet. */
    boolean haveRepeats() {
        return counts.values().stream().anyMatch(count -> count.repeats > 0);
    }

    /** Tells whether a window has ended whose repeats are not recorded yet. */
    boolean haveEnded(Instant now) {
        return counts.values().stream().anyMatch(count -> count.repeats > 0 && hasEnded(count, now));
    }

    /** Forgets a refusal that was to be recorded but was not. */
    void forget(Identity identity, Action action, Decision.Deny decision) {
        counts.remove(new Kind(identity.principal(), action.toString(), decision.rules()));
    }

    /** Returns the payloads of counts to record: of the windows that ended, or of all. */
    List<ObjectNode> due(Instant now, boolean all) {
        List<ObjectNode> due = new ArrayList<>();
        counts.forEach((kind, count) -> {
            boolean isDue = due.size() < (all ? MOST_DUE_AT_END : MOST_DUE) && (all || hasEnded(count, now));
            count.due = isDue ? count.repeats : 0;
            if (count.due > 0) {
                ObjectNode data = Entry.payload(
                        new Identity(kind.principal(), Assurance.ASSERTED, Set.of()),
                        Set.of(),
                        CommandId.of("count"),
                        null,
                        null);
                data.put("action", kind.action());
                DecisionJson.writeRules(kind.rules(), data);
                data.put("since", count.since.toString());
                data.put("count", count.due);
                due.add(data);
            }
        });
        return due;
    }

    /** Begins new windows in place of those that ended, once their counts are recorded. */
    void recorded(Instant now, boolean all) {
        counts.values().removeIf(count -> {
            boolean isOver = hasEnded(count, now) || all && count.due > 0;
            count.repeats -= count.due;
            count.due = 0;
            if (isOver && count.repeats > 0) {
                // Refused in the very batch that recorded the count.
                count.since = now;
            }
            return isOver && count.repeats == 0;
        });
    }

    private static boolean hasEnded(Count count, Instant now) {
        return !count.since.plus(WINDOW).isAfter(now);
    }
}
