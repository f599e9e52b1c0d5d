package dev.modelops.core.internal.experiment;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.experiment.ExperimentSpec.Arm;
import dev.modelops.core.internal.experiment.ExperimentSpec.Guardrail;
import dev.modelops.core.internal.experiment.ExperimentSpec.Measure;
import dev.modelops.core.internal.experiment.ExperimentSpec.Rule;
import dev.modelops.core.internal.experiment.ExperimentSums.ArmSums;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.internal.statistics.ConfidenceSequence;
import dev.modelops.serving.Experiment.Loss;
import dev.modelops.serving.Experiment.Method;
import dev.modelops.serving.Experiment.Mode;
import dev.modelops.serving.Verdict.State;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What may be concluded of an experiment, and whether anybody can conclude it again. */
class VerdictTest {
    private static final Rule USUAL = Rule.usual();
    private static final Measure MEASURE = new Measure("score", Loss.LOG_LOSS);

    @Test
    void lossesOfGrowthBooksSamplesGiveItsInterval() {
        ExperimentSums sums = new ExperimentSums(
                new ArmSums(3000, CenteredSums.of(3000, 1396.87, 52377.9767), new TreeMap<>()),
                new ArmSums(3461, CenteredSums.of(3461, 2422.7, 134698.29), new TreeMap<>()),
                CenteredSums.NONE,
                List.of());
        ExperimentSpec spec = new ExperimentSpec(
                "growthbook", Mode.SPLIT, new Arm(0, 4643, 4643), new Arm(4643, 5357, 5357), MEASURE, USUAL);

        Verdict verdict = Verdict.of(spec, sums);

        assertThat(verdict.state()).isEqualTo(State.CONTINUE);
        assertThat(requireNonNull(verdict.difference()).estimate()).isEqualTo(.2343766667, within(5e-9));
        assertThat(requireNonNull(verdict.difference()).upper()
                        - requireNonNull(verdict.difference()).estimate())
                .isEqualTo(new ConfidenceSequence(.05, 5000).halfWidth(6461, .1298308125), within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({
        "SHADOW, 0, -.05, CHALLENGER_BETTER",
        "SHADOW, 0, .05, CHAMPION_BETTER",
        "SHADOW, 0, 0, CONTINUE",
        "SHADOW, .03, 0, EQUIVALENT",
        "SPLIT, 0, -.2, CHALLENGER_BETTER",
        "SPLIT, 0, .2, CHAMPION_BETTER",
        "SPLIT, 0, 0, CONTINUE",
        "SPLIT, .15, 0, EQUIVALENT"
    })
    void theDifferenceDecides(Mode mode, double margin, double effect, State state) {
        Rule rule = rule(USUAL.method(), margin, List.of());

        assertThat(Verdict.of(spec(mode, rule), sums(mode, 4000, effect, 1)).state())
                .isEqualTo(state);
    }

    @ParameterizedTest
    @EnumSource(Method.class)
    void everyMethodFindsALargeDifferenceAndNotNone(Method method) {
        ExperimentSpec spec = spec(Mode.SHADOW, rule(method, 0, List.of()));
        List<Long> looks = List.of(1000L, 2000L, 4000L);

        assertThat(Verdict.of(spec, sums(Mode.SHADOW, 4000, -.05, 1).withLooks(looks))
                        .state())
                .isEqualTo(State.CHALLENGER_BETTER);
        assertThat(Verdict.of(spec, sums(Mode.SHADOW, 4000, 0, 2).withLooks(looks))
                        .state())
                .isEqualTo(State.CONTINUE);
    }

    @Test
    void aGroupSequentialTestIsLookedAtOnlyWhenALookIsSaid() {
        ExperimentSpec spec = spec(Mode.SHADOW, rule(Method.GROUP_SEQUENTIAL, 0, List.of()));
        ExperimentSums sums = sums(Mode.SHADOW, 4000, -.05, 1);

        assertThat(Verdict.of(spec, sums).state()).isEqualTo(State.CONTINUE);
        assertThat(Verdict.of(spec, sums.withLooks(List.of(1000L))).state()).isEqualTo(State.CONTINUE);
        // The horizon of 4,000 was reached before: there is nothing left to spend.
        assertThat(Verdict.of(spec, sums.withLooks(List.of(4000L - 1, 4000L))).state())
                .isEqualTo(State.CHALLENGER_BETTER);
        ExperimentSums beyond = sums(Mode.SHADOW, 5000, -.05, 1);
        assertThat(Verdict.of(spec, beyond.withLooks(List.of(4000L, 5000L))).state())
                .isEqualTo(State.CONTINUE);
        assertThatThrownBy(() -> sums.withLooks(List.of(5L, 5L))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fewOutcomesSayNothing() {
        ExperimentSpec shadow = spec(Mode.SHADOW, USUAL);

        assertThat(Verdict.of(shadow, ExperimentSums.NONE).state()).isEqualTo(State.CONTINUE);
        assertThat(Verdict.of(shadow, sums(Mode.SHADOW, 199, -.5, 1)).state()).isEqualTo(State.CONTINUE);
        assertThat(Verdict.of(shadow, sums(Mode.SHADOW, 200, -.5, 1)).state()).isEqualTo(State.CHALLENGER_BETTER);
    }

    @Test
    void lossesThatDoNotVaryOrAreBeyondMeasureSayNothing() {
        for (double squares : new double[] {0, 1e-310, 1e308}) {
            ExperimentSums sums =
                    new ExperimentSums(ArmSums.NONE, ArmSums.NONE, CenteredSums.of(1000, 0, squares), List.of());
            for (Method method : Method.values()) {
                Verdict verdict =
                        Verdict.of(spec(Mode.SHADOW, rule(method, 0, List.of())), sums.withLooks(List.of(1000L)));
                assertThat(verdict.state()).isEqualTo(State.CONTINUE);
                assertThat(Verdict.verify(verdict.toBytes())).isEqualTo(verdict);
            }
        }
    }

    @Test
    void armsOfOtherSizesThanPlannedInvalidateEverything() {
        ExperimentSums sums = sums(Mode.SPLIT, 4000, -.2, 1);
        ArmSums more = new ArmSums(5200, sums.challenger().loss(), new TreeMap<>());
        ArmSums fewer = new ArmSums(5000, sums.champion().loss(), new TreeMap<>());
        ArmSums many = new ArmSums(4500, sums.challenger().loss(), new TreeMap<>());
        ExperimentSpec spec = spec(Mode.SPLIT, USUAL);

        Verdict near = Verdict.of(spec, new ExperimentSums(fewer, more, CenteredSums.NONE, List.of()));
        Verdict far = Verdict.of(spec, new ExperimentSums(fewer, many, CenteredSums.NONE, List.of()));

        assertThat(requireNonNull(near.sampleRatio()).fixedPValue()).isEqualTo(.0476703807, within(5e-11));
        assertThat(requireNonNull(near.sampleRatio()).passed()).isTrue();
        assertThat(near.state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThat(far.state()).isEqualTo(State.INVALID);
        assertThat(far.reason()).contains("sizes");
    }

    @Test
    void outcomesKnownMoreOftenInOneArmInvalidateEverything() {
        ExperimentSums sums = sums(Mode.SPLIT, 4000, -.2, 1);
        CenteredSums half = CenteredSums.of(2000, sums.challenger().loss().sum().value() / 2, 1000);
        Verdict verdict = Verdict.of(
                spec(Mode.SPLIT, USUAL),
                new ExperimentSums(
                        new ArmSums(4000, sums.champion().loss(), new TreeMap<>()),
                        new ArmSums(4000, half, new TreeMap<>()),
                        CenteredSums.NONE,
                        List.of()));

        assertThat(verdict.state()).isEqualTo(State.INVALID);
        assertThat(verdict.reason()).contains("outcomes");
        assertThat(requireNonNull(verdict.coverage()).found()).isEqualTo(-.5);
    }

    @Test
    void aShadowThatAnswersTooFewCasesIsInvalid() {
        ExperimentSums sums = sums(Mode.SHADOW, 4000, -.05, 1);
        ArmSums champion = new ArmSums(6000, CenteredSums.of(6000, 0, 1), new TreeMap<>());

        Verdict verdict = Verdict.of(
                spec(Mode.SHADOW, USUAL), new ExperimentSums(champion, ArmSums.NONE, sums.pairs(), List.of()));

        assertThat(verdict.state()).isEqualTo(State.INVALID);
        assertThat(verdict.reason()).contains("answer");
    }

    @Test
    void harmComesBeforeEverythingElse() {
        Rule rule = rule(USUAL.method(), 0, List.of(new Guardrail("errors", .01), new Guardrail("latency", 5)));
        ExperimentSums good = sums(Mode.SPLIT, 4000, -.2, 1);
        ExperimentSums harmful = new ExperimentSums(
                guarded(good.champion(), .01, 20), guarded(good.challenger(), .2, 20), CenteredSums.NONE, List.of());
        ExperimentSums harmless = new ExperimentSums(
                guarded(good.champion(), .01, 20), guarded(good.challenger(), .012, 23), CenteredSums.NONE, List.of());

        Verdict verdict = Verdict.of(spec(Mode.SPLIT, rule), harmful);
        Rule errorsOnly = rule(USUAL.method(), 0, List.of(new Guardrail("errors", .01)));
        assertThat(verdict.guardrails().get(0).lower())
                .isLessThan(Verdict.of(spec(Mode.SPLIT, errorsOnly), harmful)
                        .guardrails()
                        .get(0)
                        .lower());
        assertThat(verdict.state()).isEqualTo(State.HARM);
        assertThat(verdict.reason()).contains("errors").doesNotContain("latency");
        assertThat(Verdict.of(spec(Mode.SPLIT, rule), harmless).state()).isEqualTo(State.CHALLENGER_BETTER);
        assertThat(Verdict.of(spec(Mode.SPLIT, rule), good).state()).isEqualTo(State.CHALLENGER_BETTER);
    }

    private static ArmSums guarded(ArmSums arm, double errorShare, double latency) {
        SortedMap<String, CenteredSums> guardrails = new TreeMap<>();
        long count = arm.assigned();
        guardrails.put("errors", CenteredSums.of(count, count * errorShare, count * errorShare));
        guardrails.put("latency", CenteredSums.of(count, count * latency, count * (latency * latency + 4)));
        return new ArmSums(count, arm.loss(), guardrails);
    }

    @Test
    void sumsOfManyProcessesGiveTheSameVerdictInAnyOrder() {
        List<ExperimentSums> parts = new ArrayList<>();
        for (int seed = 0; seed < 10; seed++) {
            parts.add(sums(Mode.SPLIT, 300, -.1, seed));
        }
        ExperimentSpec spec = spec(Mode.SPLIT, USUAL);
        byte[] inOrder = Verdict.of(spec, parts.stream().reduce(ExperimentSums.NONE, ExperimentSums::plus))
                .toBytes();
        Collections.shuffle(parts, new Random(3));

        assertThat(Verdict.of(spec, parts.stream().reduce(ExperimentSums.NONE, ExperimentSums::plus))
                        .toBytes())
                .isEqualTo(inOrder);
    }

    @Test
    void aVerdictIsComputedAgainFromItsBytes() {
        for (Mode mode : new Mode[] {Mode.SHADOW, Mode.SPLIT}) {
            for (Method method : Method.values()) {
                Rule rule = rule(method, .01, List.of(new Guardrail("errors", .01)));
                Verdict verdict =
                        Verdict.of(spec(mode, rule), sums(mode, 4000, -.2, 1).withLooks(List.of(4000L)));

                Verdict again = Verdict.verify(verdict.toBytes());
                assertThat(again).isEqualTo(verdict);
                assertThat(again.toBytes()).isEqualTo(verdict.toBytes());
            }
        }
    }

    /** One change each to a verdict that is right. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"state\":\"challenger-better\" | \"state\":\"champion-better\"",
                "\"state\":\"challenger-better\" | \"state\":\"continue\"",
                "\"assigned\":4000,\"guardrails\":[],\"loss\" | \"assigned\":4001,\"guardrails\":[],\"loss\"",
                "\"alpha\":0.05 | \"alpha\":0.04",
                "\"minimum\":200 | \"minimum\":5000",
                "\"passed\":true | \"passed\":false",
                "\"pValue\": | \"pValues\":",
                "\"reason\":\"the | \"reason\":\"The",
                "\"format\":\"dev.modelops.verdict/1\" | \"format\":\"dev.modelops.verdict/2\"",
                "\"id\":\"e\" | \"id\":\"f\",\"x\":1",
                "\"mode\":\"split\" | \"mode\":\"shadow\""
            })
    void aVerdictThatDoesNotFollowIsRefused(String found, String instead) {
        String right = new String(
                Verdict.of(spec(Mode.SPLIT, USUAL), sums(Mode.SPLIT, 4000, -.2, 1))
                        .toBytes(),
                StandardCharsets.UTF_8);
        assertThat(right).contains(found);

        assertThatThrownBy(() -> Verdict.verify(
                        right.replaceFirst(Pattern.quote(found), instead).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLastDigitsMayDifferAndNoMore() {
        Verdict verdict = Verdict.of(spec(Mode.SPLIT, USUAL), sums(Mode.SPLIT, 4000, -.2, 1));
        String right = new String(verdict.toBytes(), StandardCharsets.UTF_8);
        String lower = right.replaceFirst("(?s).*\"lower\":([-0-9.e]+).*", "$1");
        double value = Double.parseDouble(lower);

        assertThat(Verdict.verify(replaced(right, lower, value * (1 + 1e-11))).state())
                .isEqualTo(verdict.state());
        assertThatThrownBy(() -> Verdict.verify(replaced(right, lower, value * (1 + 1e-6))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] replaced(String text, String found, double instead) {
        return text.replace("\"lower\":" + found, "\"lower\":" + CanonicalJson.number(instead))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void anExperimentReadsBackAsItself() {
        ExperimentSpec spec = spec(Mode.CANARY, rule(Method.MIXTURE_RATIO, .02, List.of(new Guardrail("errors", .01))));
        String right = new String(spec.toBytes(), StandardCharsets.UTF_8);

        assertThat(ExperimentSpec.parse(spec.toBytes())).isEqualTo(spec);
        for (String[] change : new String[][] {
            {"\"alpha\":0.05", "\"alpha\":0.5"},
            {"\"open\":5000", "\"open\":5001"},
            {"\"mode\":\"canary\"", "\"mode\":\"bandit\""},
            {"\"prior\":0.01", "\"prior\":0"},
            {"\"margin\":0.02", "\"margin\":-1"}
        }) {
            assertThat(right).contains(change[0]);
            assertThatThrownBy(() -> ExperimentSpec.parse(
                            right.replace(change[0], change[1]).getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Looks after every 50 pairs, at a challenger that is no better. */
    @Test
    void lookingAfterEveryFewCasesSeldomFindsADifferenceThatIsNotThere() {
        int wrong = 0;
        int found = 0;
        int runs = 200;
        ExperimentSpec spec = spec(Mode.SHADOW, USUAL);
        for (int run = 0; run < runs; run++) {
            wrong += stops(spec, 0, run) ? 1 : 0;
            found += stops(spec, -.15, run) ? 1 : 0;
        }

        assertThat((double) wrong / runs).isLessThan(.05);
        assertThat((double) found / runs).isGreaterThan(.9);
    }

    private static boolean stops(ExperimentSpec spec, double effect, int seed) {
        Random random = new Random(seed);
        ExperimentSums sums = ExperimentSums.NONE;
        for (int look = 0; look < 60; look++) {
            CenteredSums pairs = CenteredSums.of(
                    random.doubles(50).map(x -> effect + random.nextGaussian()).toArray());
            sums = sums.plus(new ExperimentSums(ArmSums.NONE, ArmSums.NONE, pairs, List.of()));
            State state = Verdict.of(spec, sums).state();
            if (state == State.CHALLENGER_BETTER || state == State.CHAMPION_BETTER) {
                return true;
            }
        }
        return false;
    }

    private static Rule rule(Method method, double margin, List<Guardrail> guardrails) {
        return new Rule(
                method,
                USUAL.alpha(),
                1000,
                .01,
                4000,
                USUAL.minimum(),
                margin,
                USUAL.checkAlpha(),
                USUAL.coverageTolerance(),
                USUAL.leastCoverage(),
                guardrails);
    }

    private static ExperimentSpec spec(Mode mode, Rule rule) {
        return new ExperimentSpec("e", mode, new Arm(0, 5000, 5000), new Arm(5000, 5000, 5000), MEASURE, rule);
    }

    /** So many cases an arm, or pairs, whose losses are even but for the effect on the challenger's. */
    private static ExperimentSums sums(Mode mode, int count, double effect, int seed) {
        Random random = new Random(seed);
        if (mode == Mode.SHADOW) {
            double[] differences =
                    random.doubles(count).map(x -> effect + (x - .5) * .7).toArray();
            return new ExperimentSums(ArmSums.NONE, ArmSums.NONE, centered(differences, effect), List.of());
        }
        double[] champion = random.doubles(count).map(x -> x * 2).toArray();
        double[] challenger = random.doubles(count).map(x -> x * 2 + effect).toArray();
        return new ExperimentSums(
                new ArmSums(count, centered(champion, 1), new TreeMap<>()),
                new ArmSums(count, centered(challenger, 1 + effect), new TreeMap<>()),
                CenteredSums.NONE,
                List.of());
    }

    /** Shifts the sample so that its mean is the given one: the tests are about verdicts, not about luck. */
    private static CenteredSums centered(double[] values, double mean) {
        double shift = mean - CenteredSums.of(values).mean();
        double[] moved = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            moved[i] = values[i] + shift;
        }
        return CenteredSums.of(moved);
    }
}
