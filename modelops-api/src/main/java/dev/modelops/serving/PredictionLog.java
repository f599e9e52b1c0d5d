package dev.modelops.serving;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.Page;
import dev.modelops.VersionNumber;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.registry.Approval;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.Recorded;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the models of a log were asked, and what they answered. Predictions do not go into the log one by one: they are
 * gathered into segments, each a compressed blob, and one entry names the segment, how many records it has, of what time,
 * and the root of a Merkle tree over them. So each record can be proved by itself, in every process that shares the store.
 * What came of predictions goes into segments too. Safe for use by many threads.
 */
public interface PredictionLog {
    /**
     * Opens a recorder for what a model answers in an environment. Segments are recorded in the name of the caller, who must
     * be allowed to {@code record}.
     *
     * @param model the model's name
     * @param environment where it serves
     * @param rules which predictions are kept, and what of them
     * @return the recorder; close it when done, before the log is closed
     * @throws dev.modelops.policy.AccessDeniedException if the caller may not record
     * @throws dev.modelops.NotFoundException if the log has no such model or environment
     * @throws dev.modelops.ReadOnlyException if the log was opened without a writer key
     */
    Recorder record(String model, Environment environment, Rules rules);

    /**
     * Returns predictions, in the order in which their segments were recorded. What is not yet in a segment is not found.
     * Segments are looked for from the query's first instant on, and read one after the other, each checked against what its
     * entry says. Asks for {@code audit}.
     *
     * @param query what they must meet
     * @return a page of them
     * @throws dev.modelops.NotFoundException if a segment is missing that was not expired
     * @throws dev.modelops.IntegrityException if a segment is other than was recorded
     * @throws dev.modelops.policy.AccessDeniedException if the caller may not audit
     */
    Page<PredictionRecord> find(Query query);

    /**
     * Returns which version gave an answer, who had approved it, and under which policy.
     *
     * @param query what the prediction must meet; {@link Query#id} or {@link Query#request}, say
     * @return the answer about the first that meets it; empty if none does
     * @throws dev.modelops.ModelOpsException as {@link #find} does
     */
    Optional<Trace> trace(Query query);

    /**
     * Returns a proof that a prediction was recorded, which can be checked without the store: the record, its path to the
     * root of the segment, the entry that names that root, and the receipt of the entry.
     *
     * @param id the prediction's identity
     * @return the proof, JSON; {@code dev.modelops.core.RecordProof} checks it with the key of the log alone
     * @throws dev.modelops.NotFoundException if there is no such prediction, or its entry is under no checkpoint yet
     * @throws dev.modelops.ModelOpsException as {@link #find} does
     */
    String prove(String id);

    /**
     * Takes predictions of one model in one environment. {@link #record} never waits for the store: it hands the prediction
     * to a thread of the library. What is not yet in a segment when the process dies is lost: at most {@link Rules#most}
     * records or {@link Rules#longest} of time, whichever is less, while the store answers.
     */
    interface Recorder extends AutoCloseable {
        /**
         * Keeps a prediction, if the rules say so.
         *
         * @param prediction what the model was asked and answered
         * @return false if it should have been kept but the library cannot keep up, or the store has been away for long; it
         *     is then lost, and the next segment's entry says how many were
         * @throws IllegalArgumentException if it is of another model
         * @throws dev.modelops.ClosedException if the recorder was closed
         */
        boolean record(Prediction prediction);

        /**
         * Keeps what came of a prediction, whichever process made it, whenever that becomes known, and whether or not the
         * prediction itself was kept. It goes into a segment of outcomes. Of several outcomes of one prediction, the first in
         * the log counts, so that telling it again does no harm.
         *
         * @param id the identity of the prediction, as {@link Served#predictionId} gave it
         * @param actual what came of it: 1 to 1,000 characters, a number where the prediction is one, 1 or 0 where it is a
         *     probability
         * @return false if it was lost, as {@link #record} says
         * @throws IllegalArgumentException if the identity or the text has another form
         * @throws dev.modelops.ClosedException if the recorder was closed
         */
        boolean outcome(String id, String actual);

        /**
         * Keeps what came of a prediction, as a number.
         *
         * @param id the identity of the prediction
         * @param actual what came of it, finite
         * @return false if it was lost, as {@link #record} says
         * @throws IllegalArgumentException if the identity has another form, or the number is none
         * @throws dev.modelops.ClosedException if the recorder was closed
         */
        boolean outcome(String id, double actual);

        /**
         * Records what was taken until now, as a segment of predictions and one of outcomes, and waits for it.
         *
         * @return the record of the newest segment; empty if nothing was ever kept
         * @throws dev.modelops.storage.StorageException if the store does not take it in the patience the log was opened
         *     with; it is tried again in the background
         * @throws dev.modelops.policy.AccessDeniedException if whoever opened the recorder may no longer record
         */
        Optional<Recorded> flush();

        /** Records what was taken, as {@link #flush} does, and ends. What cannot be stored is lost, and the host's log says so. */
        @Override
        void close();
    }

    /** Which predictions are kept, and what of them. Immutable; methods return changed copies. */
    final class Rules {
        private final int oneIn;
        private final Predicate<Prediction> always;
        private final Set<String> redacted;
        private final int most;
        private final Duration longest;

        private Rules(int oneIn, Predicate<Prediction> always, Set<String> redacted, int most, Duration longest) {
            this.oneIn = oneIn;
            this.always = always;
            this.redacted = redacted;
            this.most = most;
            this.longest = longest;
        }

        /**
         * Returns the rules that keep all of every prediction, in segments of at most 10,000 records or 10 seconds.
         *
         * @return the rules
         */
        public static Rules all() {
            return new Rules(1, prediction -> false, Set.of(), 10_000, Duration.ofSeconds(10));
        }

        /**
         * Keeps one in so many predictions, by the count in their process, so that whether one was kept can be told from its
         * identity. A shadow's answer is kept if that of the champion beside it is.
         *
         * @param count at least 1
         * @return the changed copy
         */
        public Rules sample(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("one in at least 1 is kept, but " + count + " was given");
            }
            return new Rules(count, always, redacted, most, longest);
        }

        /**
         * Keeps some predictions whatever the sampling, such as those that were refused.
         *
         * @param which tells of a prediction whether it is kept; called on the thread that records, must not throw
         * @return the changed copy
         */
        public Rules always(Predicate<Prediction> which) {
            return new Rules(oneIn, always.or(which), redacted, most, longest);
        }

        /**
         * Leaves values out, of input and output. Nothing of them is stored.
         *
         * @param names the names of the values
         * @return the changed copy
         */
        public Rules redact(String... names) {
            Set<String> longer = new TreeSet<>(redacted);
            longer.addAll(List.of(names));
            return new Rules(oneIn, always, Set.copyOf(longer), most, longest);
        }

        /**
         * Sets how large a segment may become: so much is lost if the process dies.
         *
         * @param records the most records, 1 to 100,000
         * @param time the longest time that a record waits, at least 10 milliseconds
         * @return the changed copy
         */
        public Rules segments(int records, Duration time) {
            if (records < 1 || records > 100_000 || time.toMillis() < 10) {
                throw new IllegalArgumentException(
                        "a segment must have 1 to 100,000 records and wait for 10 ms or more," + " but " + records
                                + " and " + time + " were given");
            }
            return new Rules(oneIn, always, redacted, records, time);
        }

        /**
         * Tells whether a prediction is to be kept.
         *
         * @param prediction the prediction
         * @return true if it is
         */
        public boolean keeps(Prediction prediction) {
            long count = prediction.pair() < 0 ? prediction.sequence() : prediction.pair();
            return oneIn == 1 || count % oneIn == 0 || always.test(prediction);
        }

        /**
         * Returns of how many predictions one is kept.
         *
         * @return the count, 1 for all
         */
        public int oneIn() {
            return oneIn;
        }

        /**
         * Returns the names of the values that are left out.
         *
         * @return the names
         */
        public Set<String> redacted() {
            return redacted;
        }

        /**
         * Returns the most records of a segment.
         *
         * @return the count
         */
        public int most() {
            return most;
        }

        /**
         * Returns the longest time that a record waits to be in a segment.
         *
         * @return the time
         */
        public Duration longest() {
            return longest;
        }
    }

    /** Conditions on predictions of a model, all of which must hold. Immutable; methods return changed copies. */
    final class Query {
        private final ModelName model;
        private final @Nullable VersionNumber version;
        private final @Nullable String id;
        private final @Nullable String request;
        private final @Nullable Instant from;
        private final @Nullable Instant until;
        private final int limit;
        private final @Nullable String cursor;

        private Query(
                ModelName model,
                @Nullable VersionNumber version,
                @Nullable String id,
                @Nullable String request,
                @Nullable Instant from,
                @Nullable Instant until,
                int limit,
                @Nullable String cursor) {
            this.model = model;
            this.version = version;
            this.id = id;
            this.request = request;
            this.from = from;
            this.until = until;
            this.limit = limit;
            this.cursor = cursor;
        }

        /**
         * Returns the query that every prediction of a model meets, 100 to a page.
         *
         * @param model the model
         * @return the query
         */
        public static Query of(ModelName model) {
            return new Query(model, null, null, null, null, null, 100, null);
        }

        /**
         * Demands a version.
         *
         * @param number the version
         * @return the changed copy
         */
        public Query version(VersionNumber number) {
            return new Query(model, number, id, request, from, until, limit, cursor);
        }

        /**
         * Demands an identity.
         *
         * @param value the identity, as {@link Served#predictionId} gave it
         * @return the changed copy
         * @throws IllegalArgumentException if it has another form
         */
        public Query id(String value) {
            if (!value.matches("[0-9a-f]{16}-[0-9a-f]{16}")) {
                throw new IllegalArgumentException(
                        "the identity of a prediction has 16 hexadecimal digits, a hyphen, and" + " 16 more, but was '"
                                + value + "'");
            }
            return new Query(model, version, value, request, from, until, limit, cursor);
        }

        /**
         * Demands the host's number of the request. Without a time, all segments of the model are read.
         *
         * @param value the number
         * @return the changed copy
         */
        public Query request(String value) {
            return new Query(model, version, id, value, from, until, limit, cursor);
        }

        /**
         * Demands a time.
         *
         * @param first the first instant, or null
         * @param end the instant after the last, or null
         * @return the changed copy
         */
        public Query between(@Nullable Instant first, @Nullable Instant end) {
            return new Query(model, version, id, request, first, end, limit, cursor);
        }

        /**
         * Sets the size of a page.
         *
         * @param size 1 to 10,000
         * @return the changed copy
         */
        public Query limit(int size) {
            if (size < 1 || size > 10_000) {
                throw new IllegalArgumentException("page size must be 1 to 10,000, but was " + size);
            }
            return new Query(model, version, id, request, from, until, size, cursor);
        }

        /**
         * Continues a listing.
         *
         * @param next the cursor of the page before
         * @return the changed copy
         */
        public Query after(String next) {
            return new Query(model, version, id, request, from, until, limit, next);
        }

        /**
         * Returns the model.
         *
         * @return the model
         */
        public ModelName model() {
            return model;
        }

        /**
         * Returns the version.
         *
         * @return the version, if demanded
         */
        public Optional<VersionNumber> version() {
            return Optional.ofNullable(version);
        }

        /**
         * Returns the identity.
         *
         * @return the identity, if demanded
         */
        public Optional<String> id() {
            return Optional.ofNullable(id);
        }

        /**
         * Returns the host's number of the request.
         *
         * @return the number, if demanded
         */
        public Optional<String> request() {
            return Optional.ofNullable(request);
        }

        /**
         * Returns the first instant.
         *
         * @return the time, if demanded
         */
        public Optional<Instant> from() {
            return Optional.ofNullable(from);
        }

        /**
         * Returns the instant after the last.
         *
         * @return the time, if demanded
         */
        public Optional<Instant> until() {
            return Optional.ofNullable(until);
        }

        /**
         * Returns the size of a page.
         *
         * @return the most results to return at once
         */
        public int limit() {
            return limit;
        }

        /**
         * Returns where to continue.
         *
         * @return the cursor, if one was set
         */
        public Optional<String> cursor() {
            return Optional.ofNullable(cursor);
        }
    }

    /**
     * What an answer rested on.
     *
     * @param prediction the answer
     * @param version the version that gave it, as it stood then
     * @param approvals the approvals and rejections of that version for the environment that stood then
     * @param admission the act by which the version had become champion; empty if it was none, as in an experiment
     * @param policy the policy set that was in force
     * @param segment the index of the entry that names the segment with the record
     */
    record Trace(
            PredictionRecord prediction,
            ModelVersion version,
            List<Approval> approvals,
            Optional<Recorded> admission,
            PolicyRevision policy,
            long segment) {
        /**
         * Creates a trace.
         *
         * @param prediction the answer
         * @param version the version that gave it
         * @param approvals the judgements that stood
         * @param admission the act by which it had become champion
         * @param policy the policy set in force
         * @param segment the index of the segment's entry
         */
        public Trace {
            approvals = List.copyOf(approvals);
        }
    }
}
