package dev.modelops.serving;

import dev.modelops.Environment;
import dev.modelops.ModelRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A handle that watches over what it serves. A new champion is verified, loaded, {@linkplain ModelLoader probed on its golden
 * inputs} and warmed up before a call sees it; the version before it stays loaded, so that going back is the swap of a
 * pointer. If the new one breaks the {@linkplain Health rules of health} soon after, the deployment <em>falls back</em>: it
 * serves the version before at once, by itself and whether or not the store answers; then it has that recorded, by the act
 * {@code fallBack}, which quarantines the version that misbehaved for all deployments in the environment. If policy refuses
 * the act, the fallback is reversed. While the store is away, the act waits: in the host's {@linkplain
 * dev.modelops.Opening#cache cache folder}, if it has one, so that a restart does not lose it, else in memory.
 *
 * <p>Safe for use by many threads.
 *
 * @param <T> what the loader makes
 */
public interface Deployment<T> extends ModelHandle<T> {
    /**
     * Calls the model with an input, where a challenger may be on {@linkplain Experiments trial}. The champion answers, and if
     * the challenger is tried as a shadow it is asked afterwards, beside the caller. In a canary or a split, the experiment and
     * the unit decide whether the challenger answers: always the same for the same unit. The challenger is verified, loaded,
     * probed and permitted as a champion is; if it is not there, is not permitted, throws or has thrown too often lately, the
     * champion answers, outside of the experiment. One that answers for callers can keep them waiting; a shadow cannot.
     *
     * @param unit what must always be treated alike: the id of a person, a case or a session
     * @param input the input
     * @param trial what to do with it
     * @param <A> the input
     * @param <R> the result
     * @return the result with the version that gave it, and the experiment it counts for
     * @throws dev.modelops.ModelOpsException as {@link #apply(Object, java.util.function.BiFunction)} does
     */
    <A, R> Served<R> apply(String unit, A input, Trial<T, A, R> trial);

    /**
     * Returns what the deployment does now. What it says of several things was true at about the same time.
     *
     * @return the status
     */
    Status status();

    /**
     * Refuses all calls of this deployment, or has the host's fallback answer them, until {@link #resume()}. The kill switch
     * of one process, at once and without the store; to stop a model everywhere, perform {@link
     * dev.modelops.policy.Action#suspend}.
     *
     * @param reason what callers are told, and the host's log
     */
    void suspend(String reason);

    /** Ends what {@link #suspend} began. */
    void resume();

    /**
     * Falls back by hand, as if the rules of health had been broken.
     *
     * @param cause what was seen, 1 to 128 characters, kept in the log in clear for ever
     * @return whether the version before serves now; false if none was kept, it may not be served, or the guard against going
     *     back and forth holds
     */
    boolean fallBack(String cause);

    /** What a deployment does. */
    enum State {
        /** Nothing was promoted. */
        EMPTY,
        /** The first version is being loaded, or could not be; calls are refused. */
        LOADING,
        /** The champion serves. */
        SERVING,
        /** The version before serves, because this deployment fell back to it. */
        FALLEN_BACK,
        /** A former champion serves, because the champion is in quarantine by the log, or could not be loaded. */
        STANDING_IN,
        /** Calls are refused, or answered by the host's fallback: by policy, suspension, age of the state, or lost trust. */
        REFUSING,
        /** Calls are refused, or answered by the host's fallback, because this deployment was suspended. */
        SUSPENDED,
        /** It was closed. */
        CLOSED
    }

    /** The steps by which a version comes to serve. */
    enum Step {
        /** Checking signature and content. */
        VERIFY,
        /** Making the model. */
        LOAD,
        /** Asking the golden inputs. */
        PROBE,
        /** Warming up. */
        WARM_UP,
        /** Serving under the rules of health. */
        SERVE
    }

    /**
     * Why a version does not serve.
     *
     * @param version the version
     * @param step the step that failed
     * @param reason what was seen
     * @param at when
     */
    record Failure(ModelRef version, Step step, String reason, Instant at) {}

    /**
     * What a deployment does now.
     *
     * @param state what it does
     * @param champion the version that should serve by the log, empty if nothing was promoted
     * @param serving the version that answers calls, empty if none does
     * @param standby the version kept loaded to go back to
     * @param failure why the newest version that failed does not serve; empty once a later one serves
     * @param fallback the version that was fallen back from, while that waits to be recorded
     * @param isWatched whether the rules of health are being applied
     * @param isHeld whether the champion broke the rules, and goes on serving because there is no version to go back to that
     *     may serve, or because there were too many fallbacks: somebody should look
     * @param leaks how many replaced models are still in use so long after that they count as leaked; they are closed once no
     *     call uses them, never before
     * @param challenger the version that is tried beside the champion, empty if none is
     */
    record Status(
            State state,
            Optional<ModelRef> champion,
            Optional<ModelRef> serving,
            Optional<ModelRef> standby,
            Optional<Failure> failure,
            Optional<ModelRef> fallback,
            boolean isWatched,
            boolean isHeld,
            int leaks,
            Optional<Challenger> challenger) {}

    /**
     * A version that is tried beside the champion.
     *
     * @param version the version
     * @param isReady whether it was loaded and may serve, and so takes part
     * @param failure why it does not, as far as that is known
     * @param answered how many times it answered as a shadow in time
     * @param failed how many times it threw something, as a shadow or for a caller
     * @param late how many times it took too long as a shadow
     * @param dropped how many cases it was not asked as a shadow, since too many waited, it kept failing, or the input could
     *     not be copied
     */
    record Challenger(
            ModelRef version,
            boolean isReady,
            Optional<String> failure,
            long answered,
            long failed,
            long late,
            long dropped) {}

    /**
     * How much a challenger may take.
     *
     * @param threads how many threads it has as a shadow, of its own
     * @param waiting how many cases may wait for it; what comes beyond is dropped
     * @param deadline how long it may take for a case as a shadow; it is interrupted then
     * @param share which share of each of its threads' time it may use, above 0 and at most 1
     * @param failures after how many failures in a row it is not asked for a while
     * @param pause for how long
     */
    record Shadow(int threads, int waiting, Duration deadline, double share, int failures, Duration pause) {
        private static final Shadow STANDARD =
                new Shadow(1, 1000, Duration.ofSeconds(1), 0.5, 10, Duration.ofSeconds(30));

        /**
         * Checks the bounds.
         *
         * @param threads how many threads it has as a shadow, of its own
         * @param waiting how many cases may wait for it; what comes beyond is dropped
         * @param deadline how long it may take for a case as a shadow; it is interrupted then
         * @param share which share of each of its threads' time it may use, above 0 and at most 1
         * @param failures after how many failures in a row it is not asked for a while
         * @param pause for how long
         */
        public Shadow {
            if (threads < 1
                    || threads > 64
                    || waiting < 1
                    || deadline.isNegative()
                    || deadline.isZero()
                    || !(share > 0 && share <= 1)
                    || failures < 1
                    || pause.isNegative()) {
                throw new IllegalArgumentException(
                        "expected 1 to 64 threads, room for at least one case, a deadline, a share"
                                + " above 0 and up to 1, at least one failure and a pause that is not negative");
            }
        }

        /**
         * Returns the usual bounds: one thread, of which it may use half, 1,000 cases waiting, a second for each, and half a
         * minute's pause after 10 failures in a row.
         *
         * @return the bounds
         */
        public static Shadow standard() {
            return STANDARD;
        }
    }

    /**
     * When a version that came to serve is taken back by itself. Applied to its first calls only, and only where there is a
     * version to go back to. Immutable.
     */
    final class Health {
        private static final Health STANDARD = new Health(
                10_000,
                Duration.ofMinutes(30),
                20,
                0.05,
                0.0,
                Double.POSITIVE_INFINITY,
                e -> true,
                null,
                3,
                Duration.ofHours(1));

        private final long calls;
        private final Duration time;
        private final int least;
        private final double failures;
        private final double invalid;
        private final double slowdown;
        private final Predicate<? super Throwable> counts;
        private final @Nullable Predicate<Object> isValid;
        private final int mostFallbacks;
        private final Duration window;

        private Health(
                long calls,
                Duration time,
                int least,
                double failures,
                double invalid,
                double slowdown,
                Predicate<? super Throwable> counts,
                @Nullable Predicate<Object> isValid,
                int mostFallbacks,
                Duration window) {
            this.calls = calls;
            this.time = time;
            this.least = least;
            this.failures = failures;
            this.invalid = invalid;
            this.slowdown = slowdown;
            this.counts = counts;
            this.isValid = isValid;
            this.mostFallbacks = mostFallbacks;
            this.window = window;
        }

        /**
         * Returns the usual rules: for the first 10,000 calls or 30 minutes, whichever ends first, from the 20th call on, at
         * most 5 % of calls end in an exception; every output is valid; latency is not looked at; at most 3 fallbacks in an
         * hour. A version that fails its probes is fallen back from too.
         *
         * @return the rules
         */
        public static Health standard() {
            return STANDARD;
        }

        /**
         * Returns these rules for another trial period, which ends with whichever comes first.
         *
         * @param most how many calls, at least 1
         * @param longest how long, by the clock of the log
         * @return the changed copy
         */
        public Health over(long most, Duration longest) {
            if (most < 1 || longest.isNegative() || longest.isZero()) {
                throw new IllegalArgumentException(
                        "a trial must have at least one call and some time, but had " + most + " calls and " + longest);
            }
            return new Health(
                    most, longest, least, failures, invalid, slowdown, counts, isValid, mostFallbacks, window);
        }

        /**
         * Returns these rules with another number of calls before any share counts.
         *
         * @param count how many calls, at least 1
         * @return the changed copy
         */
        public Health fromCall(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("expected at least 1 call, found " + count);
            }
            return new Health(calls, time, count, failures, invalid, slowdown, counts, isValid, mostFallbacks, window);
        }

        /**
         * Returns these rules with another share of calls that may end in an exception.
         *
         * @param share from 0 to 1
         * @param which the exceptions that count against the model; those that only say that the caller asked wrongly should
         *     not, or whoever calls can have a version taken back
         * @return the changed copy
         */
        public Health failures(double share, Predicate<? super Throwable> which) {
            return new Health(
                    calls,
                    time,
                    least,
                    share(share),
                    invalid,
                    slowdown,
                    Objects.requireNonNull(which),
                    isValid,
                    mostFallbacks,
                    window);
        }

        /**
         * Returns these rules with a check of results and the share of them that may be invalid.
         *
         * @param share from 0 to 1
         * @param valid tells whether a result is one that the model may give; called on the thread that calls, so quick
         * @return the changed copy
         */
        public Health invalid(double share, Predicate<Object> valid) {
            return new Health(
                    calls,
                    time,
                    least,
                    failures,
                    share(share),
                    slowdown,
                    counts,
                    Objects.requireNonNull(valid),
                    mostFallbacks,
                    window);
        }

        /**
         * Returns these rules with a bound on latency: the 95th percentile of one call in 16 is at most so many times that of
         * the version before, where both have 64 such calls. From then on calls are sampled as long as the deployment lives.
         *
         * @param times how many times, more than 1
         * @return the changed copy
         */
        public Health slowdown(double times) {
            if (!(times > 1)) {
                throw new IllegalArgumentException("expected more than 1 time, found " + times);
            }
            return new Health(calls, time, least, failures, invalid, times, counts, isValid, mostFallbacks, window);
        }

        /**
         * Returns these rules with another guard against going back and forth: after so many fallbacks in a time, the
         * deployment stays with what it serves, and alarms.
         *
         * @param most how many fallbacks, at least 1
         * @param within in how long, by the clock of the log
         * @return the changed copy
         */
        public Health fallbacks(int most, Duration within) {
            if (most < 1 || within.isNegative()) {
                throw new IllegalArgumentException(
                        "expected at least 1 fallback in some time, found " + most + " in " + within);
            }
            return new Health(calls, time, least, failures, invalid, slowdown, counts, isValid, most, within);
        }

        private static double share(double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("a share must be from 0 to 1, but was " + share);
            }
            return share;
        }

        /**
         * Returns how many calls the trial has.
         *
         * @return the number of calls
         */
        public long calls() {
            return calls;
        }

        /**
         * Returns how long the trial lasts at most.
         *
         * @return the time
         */
        public Duration time() {
            return time;
        }

        /**
         * Returns how many calls there must be before any share counts.
         *
         * @return the number of calls
         */
        public int least() {
            return least;
        }

        /**
         * Returns which share of calls may end in an exception.
         *
         * @return the share
         */
        public double failures() {
            return failures;
        }

        /**
         * Returns which share of results may be invalid.
         *
         * @return the share
         */
        public double invalid() {
            return invalid;
        }

        /**
         * Returns how many times the latency of the version before is borne.
         *
         * @return the factor, infinite if latency is not looked at
         */
        public double slowdown() {
            return slowdown;
        }

        /**
         * Tells whether an exception counts against the model.
         *
         * @param thrown what a call threw
         * @return whether it counts
         */
        public boolean counts(Throwable thrown) {
            return counts.test(thrown);
        }

        /**
         * Tells whether a result is one that the model may give. Where results are checked at all, null is not.
         *
         * @param result the result
         * @return whether it is valid
         */
        public boolean isValid(@Nullable Object result) {
            return isValid == null || result != null && isValid.test(result);
        }

        /**
         * Returns how many fallbacks there may be in the window.
         *
         * @return the number
         */
        public int mostFallbacks() {
            return mostFallbacks;
        }

        /**
         * Returns the time in which fallbacks are counted.
         *
         * @return the time
         */
        public Duration window() {
            return window;
        }
    }

    /**
     * What is deployed, and how it is watched. Immutable.
     *
     * @param <T> what the loader makes
     */
    final class Spec<T> {
        private final String model;
        private final Environment environment;
        private final ModelLoader<T> loader;
        private final boolean keepsPrevious;
        private final boolean demandsProbes;
        private final @Nullable Health health;
        private final @Nullable T fallback;
        private final Shadow shadow;

        private Spec(
                String model,
                Environment environment,
                ModelLoader<T> loader,
                boolean keepsPrevious,
                boolean demandsProbes,
                @Nullable Health health,
                @Nullable T fallback,
                Shadow shadow) {
            this.model = model;
            this.environment = environment;
            this.loader = loader;
            this.keepsPrevious = keepsPrevious;
            this.demandsProbes = demandsProbes;
            this.health = health;
            this.fallback = fallback;
            this.shadow = shadow;
        }

        /**
         * Returns a deployment that keeps the version before loaded, asks golden inputs where a version has them, and applies
         * no rules of health.
         *
         * @param model the model's name
         * @param environment where it serves
         * @param loader makes a usable model of verified files
         * @param <T> what the loader makes
         * @return the deployment
         */
        public static <T> Spec<T> of(String model, Environment environment, ModelLoader<T> loader) {
            return new Spec<>(model, environment, loader, true, false, null, null, Shadow.standard());
        }

        /**
         * Returns this without the version before being kept, for models of which only one fits into memory: going back loads
         * it anew, and nothing falls back by itself.
         *
         * @return the changed copy
         */
        public Spec<T> withoutPrevious() {
            return new Spec<>(model, environment, loader, false, demandsProbes, health, fallback, shadow);
        }

        /**
         * Returns this with the demand that every version has golden inputs.
         *
         * @return the changed copy
         */
        public Spec<T> demandingProbes() {
            return new Spec<>(model, environment, loader, keepsPrevious, true, health, fallback, shadow);
        }

        /**
         * Returns this with rules of health.
         *
         * @param rules the rules
         * @return the changed copy
         */
        public Spec<T> health(Health rules) {
            return new Spec<>(
                    model,
                    environment,
                    loader,
                    keepsPrevious,
                    demandsProbes,
                    Objects.requireNonNull(rules),
                    fallback,
                    shadow);
        }

        /**
         * Returns this with something that answers where calls would be refused though there is a champion, such as a rule
         * that everybody agrees is safe. It is no governed version; results say so by {@link Served.By#FALLBACK}. It is never
         * closed by the library, and does not answer once the deployment is closed.
         *
         * @param instead what answers
         * @return the changed copy
         */
        public Spec<T> fallback(T instead) {
            return new Spec<>(
                    model,
                    environment,
                    loader,
                    keepsPrevious,
                    demandsProbes,
                    health,
                    Objects.requireNonNull(instead),
                    shadow);
        }

        /**
         * Returns this with other bounds for a challenger that is on trial.
         *
         * @param bounds how much it may take
         * @return the changed copy
         */
        public Spec<T> shadow(Shadow bounds) {
            return new Spec<>(
                    model,
                    environment,
                    loader,
                    keepsPrevious,
                    demandsProbes,
                    health,
                    fallback,
                    Objects.requireNonNull(bounds));
        }

        /**
         * Returns the model's name.
         *
         * @return the name
         */
        public String model() {
            return model;
        }

        /**
         * Returns where it serves.
         *
         * @return the environment
         */
        public Environment environment() {
            return environment;
        }

        /**
         * Returns what makes a usable model.
         *
         * @return the loader
         */
        public ModelLoader<T> loader() {
            return loader;
        }

        /**
         * Tells whether the version before is kept loaded.
         *
         * @return whether it is
         */
        public boolean keepsPrevious() {
            return keepsPrevious;
        }

        /**
         * Tells whether every version must have golden inputs.
         *
         * @return whether it must
         */
        public boolean demandsProbes() {
            return demandsProbes;
        }

        /**
         * Returns the rules of health.
         *
         * @return the rules, if there are any
         */
        public Optional<Health> health() {
            return Optional.ofNullable(health);
        }

        /**
         * Returns what answers where calls would be refused.
         *
         * @return the fallback, if there is one
         */
        public Optional<T> fallback() {
            return Optional.ofNullable(fallback);
        }

        /**
         * Returns how much a challenger may take.
         *
         * @return the bounds
         */
        public Shadow shadow() {
            return shadow;
        }
    }
}
