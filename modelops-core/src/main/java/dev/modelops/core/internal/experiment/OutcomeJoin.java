package dev.modelops.core.internal.experiment;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings outcomes to their predictions, by the prediction's id. Outcomes come late, twice, never, or before their prediction
 * was heard of. Memory is bounded by count and by age; what is given up is counted, never silently lost. A prediction gets at
 * most one outcome: the first.
 *
 * @param <P> what is kept of a prediction until its outcome comes
 */
public final class OutcomeJoin<P> {
    private static final int DELAYS = 64;
    private static final int MOST_GROUPS = 1000;

    private final int capacity;
    private final Duration late;
    private final Duration expiry;
    private final Map<String, Prediction<P>> pending = new LinkedHashMap<>();
    private final Map<String, Early> early = new LinkedHashMap<>();
    private final Map<String, Closed> closed = new LinkedHashMap<>();
    private final Map<String, long[]> delays = new LinkedHashMap<>();
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private long unmatched;

    private record Prediction<P>(String group, P kept, Instant time) {}

    private record Early(double outcome, Instant time) {}

    /** An id that is done with: with an outcome, or without one if it expired. */
    private record Closed(String group, @Nullable Double outcome, Instant time) {}

    private static final class Tally {
        private long predicted;
        private long matched;
        private long late;
        private long expired;
        private long duplicates;
        private long conflicting;
    }

    /** What became of an outcome. */
    public enum State {
        /** It found its prediction. */
        MATCHED,
        /** It found its prediction, but later than it should. */
        LATE,
        /** The prediction has this outcome already. */
        DUPLICATE,
        /** The prediction has another outcome already, which stands. */
        CONFLICTING,
        /** It came before the prediction, and waits for it. */
        EARLY,
        /** The prediction had been given up. */
        EXPIRED
    }

    /**
     * An outcome and what became of it.
     *
     * @param <P> what was kept of the prediction
     * @param state what became of it
     * @param id the id of the prediction
     * @param outcome the outcome
     * @param kept what was kept of the prediction, if it was matched now
     */
    public record Joined<P>(
            State state,
            String id,
            double outcome,
            @Nullable P kept) {
        /** Tells whether the outcome is to be counted, now and only now. */
        public boolean counts() {
            return state == State.MATCHED || state == State.LATE;
        }
    }

    /**
     * How many outcomes are known of a group of predictions, such as an arm or a version.
     *
     * @param predicted how many predictions there were
     * @param matched how many got an outcome, late ones among them
     * @param late how many got one late
     * @param expired how many were given up without one
     * @param duplicates how many outcomes came again
     * @param conflicting how many came again and differed
     * @param delays how long outcomes took: the number that took at least 2^i and less than 2^(i+1) milliseconds
     */
    public record Coverage(
            long predicted,
            long matched,
            long late,
            long expired,
            long duplicates,
            long conflicting,
            List<Long> delays) {
        /** Copies the list. */
        public Coverage {
            delays = List.copyOf(delays);
        }

        /** Returns the share of predictions whose outcome is known. */
        public double share() {
            return predicted == 0 ? 0 : (double) matched / predicted;
        }
    }

    /**
     * Creates a join.
     *
     * @param capacity how many predictions wait at most; as many early outcomes, and as many ids that are done with, are kept
     * @param late after how long an outcome is late
     * @param expiry after how long an outcome is no longer waited for
     */
    public OutcomeJoin(int capacity, Duration late, Duration expiry) {
        if (capacity < 1 || late.isNegative() || expiry.compareTo(late) < 0) {
            throw new IllegalArgumentException(
                    "expected room for at least one, and that outcomes expire after they are late");
        }
        this.capacity = capacity;
        this.late = late;
        this.expiry = expiry;
    }

    /**
     * Waits for the outcome of a prediction.
     *
     * @param group to which group it belongs, such as an arm; there are at most 1,000
     * @return its outcome, if that came before it
     * @throws IllegalArgumentException if the id was used before, or there are too many groups
     */
    public synchronized @Nullable Joined<P> predicted(String id, String group, P kept, Instant time) {
        if (pending.containsKey(id) || closed.containsKey(id)) {
            throw new IllegalArgumentException("there was a prediction with the id '" + id + "' before");
        }
        if (!tallies.containsKey(group) && tallies.size() == MOST_GROUPS) {
            throw new IllegalArgumentException("predictions are told apart in at most " + MOST_GROUPS + " groups; '"
                    + group + "' would be one more");
        }
        expire(time);
        tally(group).predicted++;
        Early waiting = early.remove(id);
        if (waiting != null) {
            return match(id, new Prediction<>(group, kept, time), waiting.outcome(), time);
        }
        if (pending.size() == capacity) {
            giveUpOldest(time);
        }
        pending.put(id, new Prediction<>(group, kept, time));
        return null;
    }

    /** Takes an outcome. */
    public synchronized Joined<P> outcome(String id, double outcome, Instant time) {
        if (!Double.isFinite(outcome)) {
            throw new IllegalArgumentException("an outcome is a finite number, but that of '" + id + "' is " + outcome);
        }
        expire(time);
        Prediction<P> prediction = pending.remove(id);
        if (prediction != null) {
            return match(id, prediction, outcome, time);
        }
        Closed done = closed.get(id);
        if (done != null) {
            return new Joined<>(repeated(done, outcome), id, outcome, null);
        }
        Early waiting = early.get(id);
        if (waiting != null) {
            return new Joined<>(waiting.outcome() == outcome ? State.DUPLICATE : State.CONFLICTING, id, outcome, null);
        }
        if (early.size() == capacity) {
            removeFirst(early.keySet());
            unmatched++;
        }
        early.put(id, new Early(outcome, time));
        return new Joined<>(State.EARLY, id, outcome, null);
    }

    private State repeated(Closed done, double outcome) {
        Double first = done.outcome();
        if (first == null) {
            return State.EXPIRED;
        } else if (first == outcome) {
            tally(done.group()).duplicates++;
            return State.DUPLICATE;
        }
        tally(done.group()).conflicting++;
        return State.CONFLICTING;
    }

    private Joined<P> match(String id, Prediction<P> prediction, double outcome, Instant time) {
        Duration delay = Duration.between(prediction.time(), time);
        boolean isLate = delay.compareTo(late) > 0;
        Tally tally = tally(prediction.group());
        tally.matched++;
        tally.late += isLate ? 1 : 0;
        long millis = Math.max(1, delay.toMillis());
        delays.computeIfAbsent(prediction.group(), group -> new long[DELAYS])[63 - Long.numberOfLeadingZeros(millis)]++;
        close(id, new Closed(prediction.group(), outcome, time));
        return new Joined<>(isLate ? State.LATE : State.MATCHED, id, outcome, prediction.kept());
    }

    /** Gives up what has waited too long; done by every call too. */
    public synchronized void expire(Instant now) {
        Instant before = now.minus(expiry);
        while (!pending.isEmpty() && first(pending.values()).time().isBefore(before)) {
            giveUpOldest(now);
        }
        while (!early.isEmpty() && first(early.values()).time().isBefore(before)) {
            removeFirst(early.keySet());
            unmatched++;
        }
        while (!closed.isEmpty() && first(closed.values()).time().isBefore(before)) {
            removeFirst(closed.keySet());
        }
    }

    private void giveUpOldest(Instant now) {
        Iterator<Map.Entry<String, Prediction<P>>> oldest = pending.entrySet().iterator();
        Map.Entry<String, Prediction<P>> entry = oldest.next();
        oldest.remove();
        tally(entry.getValue().group()).expired++;
        close(entry.getKey(), new Closed(entry.getValue().group(), null, now));
    }

    private void close(String id, Closed done) {
        if (closed.size() == capacity) {
            removeFirst(closed.keySet());
        }
        closed.put(id, done);
    }

    private Tally tally(String group) {
        return tallies.computeIfAbsent(group, name -> new Tally());
    }

    private static <T> T first(Collection<T> of) {
        return of.iterator().next();
    }

    private static void removeFirst(Collection<String> of) {
        Iterator<String> first = of.iterator();
        first.next();
        first.remove();
    }

    /** Returns how many outcomes were given up because no prediction came. */
    public synchronized long unmatched() {
        return unmatched;
    }

    /** Returns how many predictions wait. */
    public synchronized int waiting() {
        return pending.size();
    }

    /** Returns what is known of a group. */
    public synchronized Coverage coverage(String group) {
        Tally tally = tallies.getOrDefault(group, new Tally());
        List<Long> counts = new ArrayList<>();
        Arrays.stream(delays.getOrDefault(group, new long[DELAYS])).forEach(counts::add);
        return new Coverage(
                tally.predicted, tally.matched, tally.late, tally.expired, tally.duplicates, tally.conflicting, counts);
    }
}
