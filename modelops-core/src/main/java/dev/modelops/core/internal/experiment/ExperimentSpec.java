package dev.modelops.core.internal.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiment.Method;
import dev.modelops.serving.Experiment.Mode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A comparison of a challenger with a champion: who gets which, what is compared, and when what may be concluded.
 *
 * @param id which experiment this is; it salts the assignment
 * @param mode how the challenger is tried
 * @param champion the buckets that count as the champion's
 * @param challenger the buckets that are the challenger's
 * @param measure what is compared
 * @param rule when what may be concluded
 * @param adaptation how the challenger's share follows what outcomes show, null if it does not
 * @param judgedEveryMillis the least time between verdicts that nobody asked for, 0 if there are none
 */
public record ExperimentSpec(
        String id,
        Mode mode,
        Arm champion,
        Arm challenger,
        Measure measure,
        Rule rule,
        @Nullable Adaptation adaptation,
        long judgedEveryMillis) {
    /** How many bytes a specification may have. */
    public static final int MOST_BYTES = 1 << 15;

    private static final String FORMAT = "dev.modelops.experiment/1";
    private static final int LONGEST_ID = 200;
    private static final double LARGEST = 1e150;
    private static final int MOST_GUARDRAILS = 20;
    private static final long MOST = 1L << 53;
    private static final long LONGEST_INTERVAL = Duration.ofDays(3650).toMillis();

    /** Checks that everything fits together. */
    public ExperimentSpec {
        if (id.isEmpty() || id.length() > LONGEST_ID || id.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    "the id of an experiment has 1 to " + LONGEST_ID + " characters, none of them NUL");
        }
        if (champion.start() < challenger.start() + challenger.slot()
                && challenger.start() < champion.start() + champion.slot()) {
            throw new IllegalArgumentException("the buckets of champion and challenger overlap");
        }
        if ((mode == Mode.CANARY || mode == Mode.SPLIT) && champion.slot() == 0) {
            throw new IllegalArgumentException("a comparison needs buckets of the champion's too");
        }
        if (judgedEveryMillis < 0 || judgedEveryMillis > LONGEST_INTERVAL) {
            throw new IllegalArgumentException("the time between verdicts is 0 to " + LONGEST_INTERVAL
                    + " milliseconds, but was " + judgedEveryMillis);
        }
        if (adaptation != null && (mode != Mode.SPLIT || measure.loss() != Loss.MISMATCH)) {
            throw new IllegalArgumentException("a share adapts in a split by " + Loss.MISMATCH + " alone");
        }
        if (adaptation != null && rule.method() == Method.GROUP_SEQUENTIAL) {
            throw new IllegalArgumentException("a share adapts whenever that is asked for, and a group-sequential test"
                    + " looks at its own times; take another method");
        }
    }

    /** Creates one whose shares stand, and that is judged only when somebody asks. */
    public ExperimentSpec(String id, Mode mode, Arm champion, Arm challenger, Measure measure, Rule rule) {
        this(id, mode, champion, challenger, measure, rule, null, 0);
    }

    /**
     * The buckets of an arm. Of those that may become its own, the first so many are: opening more never moves anybody who
     * was in already.
     *
     * @param start the first bucket
     * @param slot how many may become its own
     * @param open how many are
     */
    public record Arm(int start, int slot, int open) {
        /** Checks the bounds. */
        public Arm {
            if (start < 0 || open < 0 || open > slot || start > Assignment.BUCKETS - slot) {
                throw new IllegalArgumentException("an arm has a slot within the " + Assignment.BUCKETS
                        + " buckets, and opens at most all of it, but this one starts at " + start + ", with " + open
                        + " of "
                        + slot);
            }
        }

        boolean holds(int bucket) {
            return bucket >= start && bucket < start + open;
        }
    }

    /**
     * What is compared.
     *
     * @param output the name of the output that meets the outcome
     * @param loss what it costs
     */
    public record Measure(String output, Loss loss) {
        private static final double LEAST = 1e-15;

        /** Checks the bounds. */
        public Measure {
            if (output.isEmpty() || output.length() > LONGEST_ID) {
                throw new IllegalArgumentException("an output has a name of 1 to " + LONGEST_ID + " characters");
            }
        }

        /** Returns what an answer costs in view of the outcome, NaN if one of them is not of the kind that is compared. */
        public double of(String answer, String outcome) {
            if (loss == Loss.MISMATCH) {
                return answer.equals(outcome) ? 0 : 1;
            }
            double given = number(answer);
            double actual = number(outcome);
            double cost = switch (loss) {
                case SQUARED_ERROR -> (given - actual) * (given - actual);
                case ABSOLUTE_ERROR -> Math.abs(given - actual);
                case LOG_LOSS -> logLoss(given, actual);
                case MISMATCH -> throw new IllegalStateException();
            };
            return cost <= LARGEST ? cost : Double.NaN;
        }

        private static double logLoss(double probability, double actual) {
            if (!(probability >= 0 && probability <= 1) || actual != 0 && actual != 1) {
                return Double.NaN;
            }
            double given = actual == 1 ? probability : 1 - probability;
            return -StrictMath.log(Math.max(LEAST, given));
        }
    }

    /** Returns the number that a text says, NaN if it says none, or one too large to be squared and added up. */
    static double number(@Nullable String text) {
        try {
            double number = text == null || text.length() > 100 ? Double.NaN : Double.parseDouble(text);
            return Math.abs(number) <= LARGEST ? number : Double.NaN;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /**
     * When what may be concluded.
     *
     * @param method by which method
     * @param alpha how probable a wrong conclusion about better or worse may be, over all looks together
     * @param tunedFor at how many observations a confidence sequence is narrowest
     * @param prior of a mixture ratio, the variance of effects that is to be expected; else 1
     * @param horizon of a group-sequential test, with how many observations it ends; else 1
     * @param minimum how many outcomes each arm needs, or how many pairs there must be
     * @param margin within which difference of the mean losses the two count as equal; 0 if never
     * @param checkAlpha how probable a false alarm of the checks of the sample may be
     * @param coverageTolerance by how much the shares of known outcomes may differ between the arms
     * @param leastCoverage which share of a shadow's cases must have the challenger's answer
     * @param guardrails what must not get worse
     */
    public record Rule(
            Method method,
            double alpha,
            double tunedFor,
            double prior,
            double horizon,
            long minimum,
            double margin,
            double checkAlpha,
            double coverageTolerance,
            double leastCoverage,
            List<Guardrail> guardrails) {
        /** Copies the list, and checks the bounds. */
        public Rule {
            guardrails = List.copyOf(guardrails);
            require(alpha > 0 && alpha < 0.5 && checkAlpha > 0 && checkAlpha < 0.5, "levels are between 0 and 0.5");
            require(
                    isPositive(tunedFor) && tunedFor >= 1 && isPositive(prior) && isPositive(horizon) && horizon >= 1,
                    "what a method is tuned by is finite and above 0, and counts are at least 1");
            require(minimum >= 2, "conclusions need at least 2 outcomes");
            require(margin >= 0 && margin < Double.POSITIVE_INFINITY, "a margin is finite and not negative");
            require(
                    coverageTolerance >= 0 && coverageTolerance <= 1 && leastCoverage >= 0 && leastCoverage <= 1,
                    "coverages are from 0 to 1");
            Set<String> names = new HashSet<>();
            guardrails.forEach(guardrail -> names.add(guardrail.name()));
            require(
                    guardrails.size() <= MOST_GUARDRAILS && names.size() == guardrails.size(),
                    "there are at most " + MOST_GUARDRAILS + " guardrails, with different names");
        }

        /** Returns the usual rule: a confidence sequence at 5 % that is narrowest at 5,000, from 200 outcomes an arm on. */
        public static Rule usual() {
            return new Rule(Method.CONFIDENCE_SEQUENCE, 0.05, 5000, 1, 1, 200, 0, 0.001, 0.05, 0.8, List.of());
        }

        private static boolean isPositive(double value) {
            return value > 0 && value < Double.POSITIVE_INFINITY;
        }

        private static void require(boolean condition, String message) {
            if (!condition) {
                throw new IllegalArgumentException(message);
            }
        }
    }

    /**
     * Something that the challenger must not make worse, such as errors or time taken: less of it is better.
     *
     * @param name what it is
     * @param margin how much worse its mean may get
     */
    public record Guardrail(String name, double margin) {
        /** Checks the bounds. */
        public Guardrail {
            if (name.isEmpty() || name.length() > LONGEST_ID || !(margin >= 0) || Double.isInfinite(margin)) {
                throw new IllegalArgumentException(
                        "a guardrail has a name of 1 to " + LONGEST_ID + " characters and a margin of 0 or more");
            }
        }
    }

    /** To which arm a unit belongs. */
    public enum Side {
        /** The champion answers, and it counts for the experiment. */
        CHAMPION,
        /** The challenger answers. */
        CHALLENGER
    }

    /** Returns the arm of a unit, or null if it takes no part: the champion answers then, outside of the experiment. */
    public @Nullable Side assign(String unit) {
        if (mode != Mode.CANARY && mode != Mode.SPLIT) {
            return null;
        }
        int bucket = Assignment.bucket(id, unit);
        return challenger.holds(bucket) ? Side.CHALLENGER : champion.holds(bucket) ? Side.CHAMPION : null;
    }

    /** Returns the slots of arms with these weights, of each of which the given share is open. */
    public static List<Arm> arms(double[] weights, double coverage) {
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        List<Arm> arms = new ArrayList<>();
        double sum = 0;
        for (double weight : weights) {
            int start = (int) Math.round(sum / total * Assignment.BUCKETS);
            sum += weight;
            int end = (int) Math.round(sum / total * Assignment.BUCKETS);
            arms.add(new Arm(start, end - start, (int) Math.round((end - start) * coverage)));
        }
        return List.copyOf(arms);
    }

    /** Returns the experiment with more or fewer buckets of both arms open: the first of each slot. */
    public ExperimentSpec ramped(int championOpen, int challengerOpen) {
        return new ExperimentSpec(
                id,
                mode,
                new Arm(champion.start(), champion.slot(), championOpen),
                new Arm(challenger.start(), challenger.slot(), challengerOpen),
                measure,
                rule,
                adaptation,
                judgedEveryMillis);
    }

    /**
     * Tells whether a stage has what its own verdict needs, so that adapting often keeps no harm from being found: the least
     * number of outcomes in each arm, and of values of each guardrail.
     */
    public boolean isEnough(ExperimentSums sums) {
        return Stream.of(sums.champion(), sums.challenger())
                .allMatch(arm -> arm.loss().count() >= rule.minimum()
                        && rule.guardrails().stream()
                                .allMatch(guardrail -> arm.guardrails()
                                                .getOrDefault(guardrail.name(), CenteredSums.NONE)
                                                .count()
                                        >= rule.minimum()));
    }

    /**
     * Returns the next stage of an adaptive experiment, with the share that the challenger has earned.
     *
     * @param sums what the present stage was judged by
     * @param verdict the index of that verdict
     * @throws IllegalArgumentException if the share does not adapt
     */
    public ExperimentSpec adapted(ExperimentSums sums, long verdict) {
        if (adaptation == null) {
            throw new IllegalArgumentException("expected an experiment whose share adapts, but that of '" + id
                    + "' stands; start its next stage with another share, or with an adaptive plan");
        }
        Adaptation next = adaptation.after(sums, verdict);
        int open = next.open();
        int rest = Assignment.BUCKETS - open;
        return new ExperimentSpec(
                id, mode, new Arm(0, rest, rest), new Arm(rest, open, open), measure, rule, next, judgedEveryMillis);
    }

    /** Returns the experiment as an object. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object().put("format", FORMAT).put("id", id).put("mode", Members.word(mode));
        json.set("champion", toJson(champion));
        json.set("challenger", toJson(challenger));
        json.putObject("measure").put("output", measure.output()).put("loss", Members.word(measure.loss()));
        ObjectNode of = json.putObject("rule")
                .put("method", Members.word(rule.method()))
                .put("alpha", rule.alpha())
                .put("tunedFor", rule.tunedFor())
                .put("prior", rule.prior())
                .put("horizon", rule.horizon())
                .put("minimum", rule.minimum())
                .put("margin", rule.margin())
                .put("checkAlpha", rule.checkAlpha())
                .put("coverageTolerance", rule.coverageTolerance())
                .put("leastCoverage", rule.leastCoverage());
        ArrayNode guardrails = of.putArray("guardrails");
        for (Guardrail guardrail : rule.guardrails()) {
            guardrails.addObject().put("name", guardrail.name()).put("margin", guardrail.margin());
        }
        if (adaptation != null) {
            json.set("adaptation", adaptation.toJson());
        }
        if (judgedEveryMillis > 0) {
            json.put("judgedEveryMillis", judgedEveryMillis);
        }
        return json;
    }

    private static ObjectNode toJson(Arm arm) {
        return Json.object().put("start", arm.start()).put("slot", arm.slot()).put("open", arm.open());
    }

    /** Returns the bytes of the experiment, in canonical form. */
    public byte[] toBytes() {
        return CanonicalJson.write(toJson());
    }

    /**
     * Reads an experiment.
     *
     * @throws IllegalArgumentException if the bytes are no experiment in canonical form, or too many
     */
    public static ExperimentSpec parse(byte[] bytes) {
        return read(new Members(CanonicalJson.parse(bytes, MOST_BYTES), "experiment"));
    }

    /** Reads an experiment that an entry holds as a text. */
    public static ExperimentSpec parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    static ExperimentSpec read(Members members) {
        if (!members.text("format").equals(FORMAT)) {
            throw members.wrong("format", FORMAT);
        }
        ExperimentSpec spec = new ExperimentSpec(
                members.text("id"),
                members.word("mode", Mode.class),
                arm(members.members("champion")),
                arm(members.members("challenger")),
                measure(members.members("measure")),
                rule(members.members("rule")),
                members.has("adaptation") ? Adaptation.read(members.members("adaptation")) : null,
                members.has("judgedEveryMillis") ? members.integer("judgedEveryMillis", 1, LONGEST_INTERVAL) : 0);
        members.end();
        return spec;
    }

    private static Arm arm(Members members) {
        Arm arm = new Arm(
                (int) members.integer("start", 0, Assignment.BUCKETS),
                (int) members.integer("slot", 0, Assignment.BUCKETS),
                (int) members.integer("open", 0, Assignment.BUCKETS));
        members.end();
        return arm;
    }

    private static Measure measure(Members members) {
        Measure measure = new Measure(members.text("output"), members.word("loss", Loss.class));
        members.end();
        return measure;
    }

    private static Rule rule(Members members) {
        List<Guardrail> guardrails = new ArrayList<>();
        for (Members one : members.each("guardrails", MOST_GUARDRAILS)) {
            guardrails.add(new Guardrail(one.text("name"), one.real("margin")));
            one.end();
        }
        Rule rule = new Rule(
                members.word("method", Method.class),
                members.real("alpha"),
                members.real("tunedFor"),
                members.real("prior"),
                members.real("horizon"),
                members.integer("minimum", 2, MOST),
                members.real("margin"),
                members.real("checkAlpha"),
                members.real("coverageTolerance"),
                members.real("leastCoverage"),
                guardrails);
        members.end();
        return rule;
    }
}
