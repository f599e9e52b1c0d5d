package dev.modelops.serving;

import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A challenger that is being tried beside the champion of an environment. Its cases are the predictions that carry its
 * {@code position}; a stage is judged by its own cases alone, but what it concludes counts on while later stages, for more
 * units, conclude nothing else. Harm, and cases that cannot be compared, count on whatever those compare.
 *
 * @param id which experiment it is
 * @param stage 1 at first, and one more each time it is started again, with more of it open perhaps
 * @param challenger the version that is tried
 * @param champion the version it is compared with; once another one is champion, the experiment is over
 * @param environment where
 * @param mode how it is tried
 * @param since when the stage was started
 * @param position the position of the log from which the stage is under way
 * @param verdict what was concluded last, empty if nothing was yet: of this stage or, until it says more than to go on, of an
 *     earlier one that compared the same at the same level and margin. A verdict is one of its own stage, and holds with
 *     that stage's level: of n stages, one concludes wrongly with at most n times the probability of each
 */
public record Experiment(
        String id,
        int stage,
        ModelRef challenger,
        ModelRef champion,
        Environment environment,
        Mode mode,
        Instant since,
        LogPosition position,
        Optional<Verdict.State> verdict) {
    /** How a challenger is tried. */
    public enum Mode {
        /** It answers beside the champion and nobody sees it; their losses are compared case by case. */
        SHADOW,
        /** It answers for few, beside as many who count as the champion's; started again, for more. */
        CANARY,
        /** It answers for its share throughout, and the champion for all the others, who all count. */
        SPLIT,
        /** It answers for nobody: the experiment is paused. */
        CHAMPION_ONLY
    }

    /** What an answer costs once the outcome is known; less is better. */
    public enum Loss {
        /** The square of the difference of two numbers; of a probability and 0 or 1, the Brier score. */
        SQUARED_ERROR,
        /** The difference of two numbers, whichever is larger. */
        ABSOLUTE_ERROR,
        /** Minus the logarithm of the probability that was given to the outcome, which is 0 or 1; at most 34.6. */
        LOG_LOSS,
        /** 1 if the two texts differ, else 0. */
        MISMATCH
    }

    /** How a difference is judged. */
    public enum Method {
        /** Asymptotic confidence sequence: look whenever you like. */
        CONFIDENCE_SEQUENCE,
        /** Mixture sequential probability ratio test: look whenever you like, with a prior of how large effects are. */
        MIXTURE_RATIO,
        /**
         * Group-sequential: one look in each tenth of a horizon that was planned, the last when it is reached. Between them,
         * and after it, what was concluded stands, unless the cases turn out to be {@link Verdict.State#INVALID}: then only
         * another look concludes anything again.
         */
        GROUP_SEQUENTIAL
    }

    /**
     * What is to be tried, and when what may be concluded. Immutable; the methods with an argument return changed copies. It
     * becomes part of the log, so that every process assigns alike and whoever has the log can judge again.
     */
    public static final class Plan {
        private static final Duration LONGEST = Duration.ofDays(3650);

        /** Never changed once the plan is made. */
        private final Terms terms;

        private Plan(Terms terms) {
            this.terms = terms;
        }

        private static final class Terms {
            private final String id;
            private final ModelRef challenger;
            private final Environment environment;
            private final String output;
            private final Loss loss;
            private Mode mode = Mode.SHADOW;
            private double share;
            private double most;
            private Method method = Method.CONFIDENCE_SEQUENCE;
            private double tuning = 5000;
            private double alpha = 0.05;
            private long minimum = 200;
            private double margin;
            private Map<String, Double> guardrails = Map.of();
            private Duration judgedEvery = Duration.ofMinutes(5);
            private @Nullable CommandId command;

            private Terms(String id, ModelRef challenger, Environment environment, String output, Loss loss) {
                this.id = id;
                this.challenger = challenger;
                this.environment = environment;
                this.output = output;
                this.loss = loss;
            }
        }

        private Plan with(Consumer<Terms> change) {
            Terms changed = new Terms(terms.id, terms.challenger, terms.environment, terms.output, terms.loss);
            changed.mode = terms.mode;
            changed.share = terms.share;
            changed.most = terms.most;
            changed.method = terms.method;
            changed.tuning = terms.tuning;
            changed.alpha = terms.alpha;
            changed.minimum = terms.minimum;
            changed.margin = terms.margin;
            changed.guardrails = terms.guardrails;
            changed.judgedEvery = terms.judgedEvery;
            changed.command = terms.command;
            change.accept(changed);
            return new Plan(changed);
        }

        private Plan with(Mode mode, double share, double most) {
            return with(changed -> {
                changed.mode = mode;
                changed.share = share;
                changed.most = most;
            });
        }

        /**
         * Returns a plan to try a version as a shadow. What is concluded rests on a confidence sequence at 5 %, narrowest at
         * 5,000 cases, from 200 outcomes on.
         *
         * @param id which experiment it is, 1 to 200 characters; it salts the assignment, and starting under the same id
         *     again is the next stage
         * @param challenger the version to try
         * @param environment where
         * @param output the output, of the names that predictions are recorded with, that is compared with the outcome
         * @param loss what it costs
         * @return the plan
         */
        public static Plan of(String id, ModelRef challenger, Environment environment, String output, Loss loss) {
            if (id.isBlank() || id.length() > 200 || output.isBlank() || output.length() > 128) {
                throw new IllegalArgumentException(
                        "an experiment has an id of 1 to 200 characters and an output of 1 to 128, but was given '" + id
                                + "' and '" + output + "'");
            }
            return new Plan(new Terms(
                    id,
                    Objects.requireNonNull(challenger),
                    Objects.requireNonNull(environment),
                    output,
                    Objects.requireNonNull(loss)));
        }

        /**
         * Has the challenger answer for a share of the units, beside another such share that counts as the champion's. A
         * larger share keeps everybody where they were.
         *
         * @param open the share, above 0 and at most 0.5
         * @return the changed copy
         */
        public Plan canary(double open) {
            if (!(open > 0 && open <= 0.5)) {
                throw new IllegalArgumentException("a canary's share is above 0 and at most 0.5, but was " + open);
            }
            return with(Mode.CANARY, open, open);
        }

        /**
         * Has the challenger answer for a share of the units, and the champion for all others, who all count.
         *
         * @param open the share, above 0 and below 1
         * @return the changed copy
         */
        public Plan split(double open) {
            if (!(open > 0 && open < 1)) {
                throw new IllegalArgumentException("a split's share is above 0 and below 1, but was " + open);
            }
            return with(Mode.SPLIT, open, open);
        }

        /**
         * Lets the share of a split follow what outcomes show, as a bandit does: each {@link Experiments#adapt} starts the next
         * stage with the probability that the challenger errs less as its share, no less than the split's share and no more
         * than this. No stage ends so before each arm has the {@linkplain #conclude least outcomes}, and as many values of each
         * guardrail. For answers that are right or wrong ({@link Loss#MISMATCH}) alone, and not for a group-sequential test.
         * Within a stage the share stands, so that its verdict holds as any; but like cases are treated differently by what was
         * known when they came, and means over several stages mix their times.
         *
         * @param largest the largest share, above the split's and below 1
         * @return the changed copy
         */
        public Plan adaptive(double largest) {
            if (terms.mode != Mode.SPLIT || terms.loss != Loss.MISMATCH || !(largest > terms.share && largest < 1)) {
                throw new IllegalArgumentException("a share adapts in a split by " + Loss.MISMATCH
                        + ", up to one above the split's and below 1, but this is a " + terms.mode + " by " + terms.loss
                        + " with the shares " + terms.share + " and " + largest);
            }
            return with(terms.mode, terms.share, largest);
        }

        /**
         * Has the challenger answer for nobody.
         *
         * @return the changed copy
         */
        public Plan championOnly() {
            return with(Mode.CHAMPION_ONLY, 0, 0);
        }

        /**
         * Sets the method.
         *
         * @param by the method
         * @param number what it is tuned by: of a confidence sequence, at how many cases it is narrowest; of a mixture ratio,
         *     the variance of effects that is to be expected; of a group-sequential test, with how many cases it ends
         * @return the changed copy
         */
        public Plan method(Method by, double number) {
            if (!(number > 0 && number < Double.POSITIVE_INFINITY) || by != Method.MIXTURE_RATIO && number < 1) {
                throw new IllegalArgumentException(
                        "a method is tuned by a finite number above 0, at least 1 if it counts cases, but was given "
                                + number);
            }
            Objects.requireNonNull(by);
            return with(changed -> {
                changed.method = by;
                changed.tuning = number;
            });
        }

        /**
         * Sets when something may be concluded.
         *
         * @param level how probable a wrong conclusion about better or worse may be, over all looks together, above 0 and
         *     below 0.5
         * @param least how many outcomes each arm needs, or of a shadow how many pairs there must be, at least 2
         * @param equal within which difference of the mean losses the two count as equal; 0 if never
         * @return the changed copy
         */
        public Plan conclude(double level, long least, double equal) {
            if (!(level > 0 && level < 0.5) || least < 2 || !(equal >= 0 && equal < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("expected a level above 0 and below 0.5, at least 2 outcomes and a"
                        + " margin of 0 or more, found " + level + ", " + least + " and " + equal);
            }
            return with(changed -> {
                changed.alpha = level;
                changed.minimum = least;
                changed.margin = equal;
            });
        }

        /**
         * Adds something that the challenger must not make worse, such as the time taken or failures: a numeric output of
         * which less is better. It needs no outcome, only that both arms record it.
         *
         * @param name the name of the output, 1 to 128 characters
         * @param worse by how much its mean may get worse
         * @return the changed copy
         */
        public Plan guardrail(String name, double worse) {
            if (name.isBlank() || name.length() > 128 || !(worse >= 0 && worse < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "a guardrail has a name of 1 to 128 characters and a margin of 0 or more, found '" + name
                                + "' and " + worse);
            }
            Map<String, Double> more = new TreeMap<>(terms.guardrails);
            more.put(name, worse);
            return with(changed -> changed.guardrails = Map.copyOf(more));
        }

        /**
         * Sets how often it is judged without being asked. A process that has a {@link Deployment} of the model in the
         * environment open then {@linkplain Experiments#judge judges} as whoever opened that, so that harm ends an experiment
         * though nobody looks; 5 minutes unless set. What it finds is recorded if it says more than the verdict before, or that
         * is a day old. It takes at most a tenth of one core's time, so that long stages are judged less often.
         *
         * @param interval the least time since anybody judged it last, at least 1 millisecond; zero if it is judged only when asked
         * @return the changed copy
         */
        public Plan judgedEvery(Duration interval) {
            if (interval.isNegative()
                    || !interval.isZero() && interval.toMillis() == 0
                    || interval.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("an experiment is judged at intervals of 1 millisecond to " + LONGEST
                        + ", or of zero for only when asked, but was given " + interval);
            }
            return with(changed -> changed.judgedEvery = interval);
        }

        /**
         * Gives the act of starting an identity: started again under it, nothing is done again.
         *
         * @param commandId the identity
         * @return the changed copy
         */
        public Plan as(CommandId commandId) {
            Objects.requireNonNull(commandId);
            return with(changed -> changed.command = commandId);
        }

        /**
         * Returns which experiment it is.
         *
         * @return the id
         */
        public String id() {
            return terms.id;
        }

        /**
         * Returns the version to try.
         *
         * @return the version
         */
        public ModelRef challenger() {
            return terms.challenger;
        }

        /**
         * Returns where it is tried.
         *
         * @return the environment
         */
        public Environment environment() {
            return terms.environment;
        }

        /**
         * Returns the output that is compared with the outcome.
         *
         * @return its name
         */
        public String output() {
            return terms.output;
        }

        /**
         * Returns what an answer costs.
         *
         * @return the loss
         */
        public Loss loss() {
            return terms.loss;
        }

        /**
         * Returns how the challenger is tried.
         *
         * @return the mode
         */
        public Mode mode() {
            return terms.mode;
        }

        /**
         * Returns the share of units that the challenger answers for.
         *
         * @return the share, 0 if for none
         */
        public double share() {
            return terms.share;
        }

        /**
         * Returns the share that the challenger may come to answer for.
         *
         * @return the share, {@link #share()} unless that is {@linkplain #adaptive adaptive}
         */
        public double most() {
            return terms.most;
        }

        /**
         * Returns how a difference is judged.
         *
         * @return the method
         */
        public Method method() {
            return terms.method;
        }

        /**
         * Returns what the method is tuned by.
         *
         * @return the number, as {@link #method(Method, double)} was given it
         */
        public double tuning() {
            return terms.tuning;
        }

        /**
         * Returns how probable a wrong conclusion may be.
         *
         * @return the level
         */
        public double alpha() {
            return terms.alpha;
        }

        /**
         * Returns how many outcomes are needed.
         *
         * @return the number for each arm, or of pairs
         */
        public long minimum() {
            return terms.minimum;
        }

        /**
         * Returns within which difference the two count as equal.
         *
         * @return the margin, 0 if never
         */
        public double margin() {
            return terms.margin;
        }

        /**
         * Returns what must not get worse.
         *
         * @return the margins by name
         */
        public Map<String, Double> guardrails() {
            return terms.guardrails;
        }

        /**
         * Returns how often it is judged without being asked.
         *
         * @return the least time since anybody judged it last, zero if only when asked
         */
        public Duration judgedEvery() {
            return terms.judgedEvery;
        }

        /**
         * Returns the identity of the act.
         *
         * @return the identity, if given
         */
        public Optional<CommandId> command() {
            return Optional.ofNullable(terms.command);
        }
    }
}
