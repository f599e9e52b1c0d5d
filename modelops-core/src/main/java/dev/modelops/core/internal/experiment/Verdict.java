package dev.modelops.core.internal.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.experiment.ExperimentSpec.Guardrail;
import dev.modelops.core.internal.experiment.ExperimentSpec.Rule;
import dev.modelops.core.internal.experiment.ExperimentSums.ArmSums;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.internal.statistics.ConfidenceSequence;
import dev.modelops.core.internal.statistics.GroupSequential;
import dev.modelops.core.internal.statistics.MixtureRatio;
import dev.modelops.core.internal.statistics.Significance;
import dev.modelops.serving.Experiment.Method;
import dev.modelops.serving.Experiment.Mode;
import dev.modelops.serving.Verdict.State;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may be concluded of an experiment, with all that it is concluded from. A pure function of the specification and the
 * sums: whoever has the bytes can compute it again.
 *
 * @param state what may be concluded
 * @param reason why, for people
 * @param difference the mean loss of the challenger less that of the champion, null before there are enough outcomes
 * @param sampleRatio whether the arms have the sizes that were planned, null for a shadow
 * @param coverage whether outcomes are known as often in both arms, null before there are cases
 * @param guardrails what was found of each guardrail
 * @param spec the specification
 * @param sums what was counted
 */
public record Verdict(
        State state,
        String reason,
        @Nullable Interval difference,
        @Nullable Check sampleRatio,
        @Nullable Check coverage,
        List<Harm> guardrails,
        ExperimentSpec spec,
        ExperimentSums sums) {
    /** How many bytes a verdict may have. */
    public static final int MOST_BYTES = 1 << 15;

    private static final String FORMAT = "dev.modelops.verdict/1";
    /** Beyond this many digits, two Java runtimes may differ. */
    private static final MathContext SHOWN = new MathContext(12);

    private static final double AGREES = 1e-9;
    private static final int LOOKS = 10;

    /** Copies the list. */
    public Verdict {
        guardrails = List.copyOf(guardrails);
    }

    /**
     * A difference of mean losses.
     *
     * @param count from how many observations
     * @param estimate the difference found
     * @param lower what it is at least
     * @param upper what it is at most
     * @param pValue how probable a difference like it would be, at any of the looks, if there was none
     */
    public record Interval(long count, double estimate, double lower, double upper, double pValue) {}

    /**
     * Whether the cases are comparable.
     *
     * @param found the share that was found: of the challenger's cases, or the difference of the shares of known outcomes
     * @param expected the share that was to be expected
     * @param pValue how probable that would be, at any of the looks, by chance
     * @param fixedPValue how probable that would be at the only look, by the chi-square test
     * @param passed whether the cases are comparable in this respect
     */
    public record Check(double found, double expected, double pValue, double fixedPValue, boolean passed) {}

    /**
     * What was found of a guardrail.
     *
     * @param name which one
     * @param count from how many observations
     * @param estimate the mean of the challenger less that of the champion
     * @param lower what it is at least
     * @param harmful whether that is beyond the margin
     */
    public record Harm(String name, long count, double estimate, double lower, boolean harmful) {}

    /** Concludes what may be concluded. */
    public static Verdict of(ExperimentSpec spec, ExperimentSums sums) {
        Rule rule = spec.rule();
        List<Harm> guardrails = new ArrayList<>();
        for (Guardrail guardrail : rule.guardrails()) {
            guardrails.add(harm(rule, guardrail, sums));
        }
        Check sampleRatio = isSplit(spec) ? sampleRatio(spec, sums) : null;
        Check coverage = isSplit(spec) ? coverage(rule, sums) : pairing(rule, sums);
        Interval difference = difference(spec, sums);
        State state;
        String reason;
        List<String> harmful =
                guardrails.stream().filter(Harm::harmful).map(Harm::name).toList();
        if (!harmful.isEmpty()) {
            state = State.HARM;
            reason = "worse than its margin: " + String.join(", ", harmful);
        } else if (sampleRatio != null && !sampleRatio.passed()) {
            state = State.INVALID;
            reason = "the arms do not have the sizes that were planned";
        } else if (coverage != null && !coverage.passed()) {
            state = State.INVALID;
            reason = isSplit(spec)
                    ? "outcomes are known more often in one arm than in the other"
                    : "too few cases have an answer of the challenger";
        } else if (difference == null) {
            state = State.CONTINUE;
            reason = "not enough outcomes, or no variation among them";
        } else if (difference.lower() > -rule.margin() && difference.upper() < rule.margin()) {
            state = State.EQUIVALENT;
            reason = "the difference is within the margin";
        } else if (difference.upper() < 0) {
            state = State.CHALLENGER_BETTER;
            reason = "the challenger's mean loss is lower";
        } else if (difference.lower() > 0) {
            state = State.CHAMPION_BETTER;
            reason = "the champion's mean loss is lower";
        } else {
            state = State.CONTINUE;
            reason = "the difference may be either way";
        }
        return new Verdict(state, reason, difference, sampleRatio, coverage, guardrails, spec, sums);
    }

    /**
     * Concludes what may be concluded now. A group-sequential test takes another look if it can conclude something by it and
     * none was taken yet in the present tenth of its horizon, so that it looks ten times at most, and always at the end.
     *
     * @param before the looks that were taken before
     */
    public static Verdict of(ExperimentSpec spec, ExperimentSums sums, List<Long> before) {
        ExperimentSums known = sums.withLooks(before);
        Rule rule = spec.rule();
        long count = compared(spec, sums);
        long last = before.isEmpty() ? 0 : before.get(before.size() - 1);
        if (rule.method() == Method.GROUP_SEQUENTIAL && tenth(rule, count) > tenth(rule, last)) {
            List<Long> looks = new ArrayList<>(before);
            looks.add(count);
            Verdict looked = of(spec, sums.withLooks(looks));
            if (looked.difference() != null && looked.state() != State.INVALID) {
                return looked;
            }
        }
        return of(spec, known);
    }

    private static int tenth(Rule rule, long count) {
        return (int) Math.min(LOOKS, StrictMath.floor(count * LOOKS / rule.horizon()));
    }

    private static long compared(ExperimentSpec spec, ExperimentSums sums) {
        return isSplit(spec)
                ? sums.champion().loss().count() + sums.challenger().loss().count()
                : sums.pairs().count();
    }

    private static boolean isSplit(ExperimentSpec spec) {
        return spec.mode() == Mode.CANARY || spec.mode() == Mode.SPLIT;
    }

    private static @Nullable Interval difference(ExperimentSpec spec, ExperimentSums sums) {
        Rule rule = spec.rule();
        long count = compared(spec, sums);
        double estimate;
        double error;
        if (isSplit(spec)) {
            CenteredSums champion = sums.champion().loss();
            CenteredSums challenger = sums.challenger().loss();
            if (Math.min(champion.count(), challenger.count()) < rule.minimum()) {
                return null;
            }
            estimate = challenger.mean() - champion.mean();
            error = StrictMath.hypot(champion.standardError(), challenger.standardError());
        } else {
            estimate = sums.pairs().mean();
            error = sums.pairs().standardError();
        }
        if (count < rule.minimum() || !isUsable(error)) {
            return null;
        }
        return switch (rule.method()) {
            case CONFIDENCE_SEQUENCE -> {
                ConfidenceSequence sequence = new ConfidenceSequence(rule.alpha(), rule.tunedFor());
                yield interval(
                        count, estimate, sequence.halfWidth(count, error), sequence.pValue(count, estimate, error));
            }
            case MIXTURE_RATIO -> {
                MixtureRatio ratio = new MixtureRatio(error * error * count, rule.prior());
                yield interval(count, estimate, ratio.halfWidth(count, rule.alpha()), ratio.pValue(count, estimate));
            }
            case GROUP_SEQUENTIAL -> atLook(rule, sums.looks(), count, estimate, error);
        };
    }

    /** No variation, or variation beyond what doubles can square, says nothing. */
    private static boolean isUsable(double standardError) {
        return standardError > 1e-150 && standardError < 1e150;
    }

    private static Interval interval(long count, double estimate, double halfWidth, double pValue) {
        return new Interval(count, estimate, estimate - halfWidth, estimate + halfWidth, pValue);
    }

    /** Only what was planned as a look, and with the observations that it was planned with, may be judged. */
    private static @Nullable Interval atLook(Rule rule, List<Long> looks, long count, double estimate, double error) {
        if (looks.isEmpty() || looks.get(looks.size() - 1) != count) {
            return null;
        }
        double[] shares =
                looks.stream().mapToDouble(look -> look / rule.horizon()).toArray();
        int last = shares.length - 1;
        if (last > 0 && shares[last - 1] >= 1) {
            return null;
        }
        shares[last] = Math.min(1, shares[last]);
        double[] bounds = GroupSequential.bounds(shares, rule.alpha());
        return interval(
                count,
                estimate,
                bounds[last] * error,
                Significance.differs(estimate, error).pValue());
    }

    private static @Nullable Check sampleRatio(ExperimentSpec spec, ExperimentSums sums) {
        long champion = sums.champion().assigned();
        long challenger = sums.challenger().assigned();
        int open = spec.champion().open() + spec.challenger().open();
        if (champion + challenger < spec.rule().minimum()) {
            return null;
        }
        double expected = open == 0 ? 0 : (double) spec.challenger().open() / open;
        double found = (double) challenger / (champion + challenger);
        if (expected == 0 || expected == 1) {
            boolean asPlanned = found == expected;
            return new Check(found, expected, asPlanned ? 1 : 0, asPlanned ? 1 : 0, asPlanned);
        }
        double error = StrictMath.sqrt(expected * (1 - expected) / (champion + challenger));
        double p = checks(spec.rule()).pValue(champion + challenger, found - expected, error);
        double fixed = Significance.chiSquareGoodnessOfFit(
                        new long[] {champion, challenger},
                        new double[] {spec.champion().open(), spec.challenger().open()})
                .pValue();
        return new Check(found, expected, p, fixed, p >= spec.rule().checkAlpha());
    }

    private static @Nullable Check coverage(Rule rule, ExperimentSums sums) {
        ArmSums champion = sums.champion();
        ArmSums challenger = sums.challenger();
        if (Math.min(champion.assigned(), challenger.assigned()) < rule.minimum()) {
            return null;
        }
        double difference = (double) challenger.loss().count() / challenger.assigned()
                - (double) champion.loss().count() / champion.assigned();
        Significance.Test test = Significance.shareDiffers(
                champion.loss().count(), champion.assigned(), challenger.loss().count(), challenger.assigned());
        double error = test.statistic() == 0 ? 0 : difference / test.statistic();
        double p = checks(rule).pValue(champion.assigned() + challenger.assigned(), difference, error);
        boolean passed = p >= rule.checkAlpha() || Math.abs(difference) <= rule.coverageTolerance();
        return new Check(difference, 0, p, test.pValue(), passed);
    }

    /** Of a shadow's cases with a known outcome, some lack an answer: if they are many, the others are a choice. */
    private static @Nullable Check pairing(Rule rule, ExperimentSums sums) {
        long known = sums.champion().loss().count();
        if (known < rule.minimum()) {
            return null;
        }
        double found = (double) sums.pairs().count() / known;
        boolean passed = found >= rule.leastCoverage();
        return new Check(found, rule.leastCoverage(), passed ? 1 : 0, passed ? 1 : 0, passed);
    }

    private static ConfidenceSequence checks(Rule rule) {
        return new ConfidenceSequence(rule.checkAlpha(), rule.tunedFor());
    }

    private static Harm harm(Rule rule, Guardrail guardrail, ExperimentSums sums) {
        CenteredSums champion = sums.champion().guardrails().getOrDefault(guardrail.name(), CenteredSums.NONE);
        CenteredSums challenger = sums.challenger().guardrails().getOrDefault(guardrail.name(), CenteredSums.NONE);
        long count = champion.count() + challenger.count();
        double error = StrictMath.hypot(champion.standardError(), challenger.standardError());
        double estimate = challenger.mean() - champion.mean();
        if (Math.min(champion.count(), challenger.count()) < rule.minimum() || !isUsable(error)) {
            return new Harm(guardrail.name(), count, 0, 0, false);
        }
        ConfidenceSequence sequence =
                new ConfidenceSequence(rule.alpha() / rule.guardrails().size(), rule.tunedFor());
        double lower = estimate - sequence.oneSidedWidth(count, error);
        return new Harm(guardrail.name(), count, estimate, lower, lower > guardrail.margin());
    }

    /** Returns the bytes of the verdict, in canonical form; numbers that were computed are rounded to 12 digits. */
    public byte[] toBytes() {
        ObjectNode json = Json.object()
                .put("format", FORMAT)
                .put("state", Members.word(state))
                .put("reason", reason);
        if (difference != null) {
            ObjectNode of = json.putObject("difference").put("count", difference.count());
            put(of, "estimate", difference.estimate());
            put(of, "lower", difference.lower());
            put(of, "upper", difference.upper());
            put(of, "pValue", difference.pValue());
        }
        put(json, "sampleRatio", sampleRatio);
        put(json, "coverage", coverage);
        ArrayNode all = json.putArray("guardrails");
        for (Harm harm : guardrails) {
            ObjectNode one = all.addObject()
                    .put("name", harm.name())
                    .put("count", harm.count())
                    .put("harmful", harm.harmful());
            put(one, "estimate", harm.estimate());
            put(one, "lower", harm.lower());
        }
        json.set("spec", spec.toJson());
        json.set("sums", sums.toJson());
        return CanonicalJson.write(json);
    }

    private static void put(ObjectNode to, String name, @Nullable Check check) {
        if (check != null) {
            ObjectNode of = to.putObject(name).put("passed", check.passed());
            put(of, "found", check.found());
            put(of, "expected", check.expected());
            put(of, "pValue", check.pValue());
            put(of, "fixedPValue", check.fixedPValue());
        }
    }

    private static void put(ObjectNode to, String name, double value) {
        to.put(name, new BigDecimal(value).round(SHOWN).doubleValue());
    }

    /**
     * Computes a verdict again from what it says it was concluded from.
     *
     * @return the verdict
     * @throws IllegalArgumentException if the bytes are no verdict in canonical form, too many, or say something else than
     *     follows; numbers may differ by what two Java runtimes compute differently
     */
    public static Verdict verify(byte[] bytes) {
        ObjectNode json = CanonicalJson.parse(bytes, MOST_BYTES);
        Members members = new Members(json, "verdict");
        Verdict again = of(ExperimentSpec.read(members.members("spec")), ExperimentSums.read(members.members("sums")));
        ObjectNode expected = CanonicalJson.parse(again.toBytes(), MOST_BYTES);
        if (!expected.equals(Verdict::compare, json)) {
            throw new IllegalArgumentException("the verdict says " + json.path("state") + ", but from its sums follows "
                    + Members.word(again.state()) + ", or other numbers: " + expected.path("difference"));
        }
        return again;
    }

    private static int compare(JsonNode one, JsonNode other) {
        if (one.equals(other)) {
            return 0;
        }
        if (one.isNumber() && other.isNumber()) {
            double a = one.doubleValue();
            double b = other.doubleValue();
            return Math.abs(a - b) <= AGREES * Math.max(Math.abs(a), Math.abs(b)) ? 0 : 1;
        }
        return 1;
    }
}
