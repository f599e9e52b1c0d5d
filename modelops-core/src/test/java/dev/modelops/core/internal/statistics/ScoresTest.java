package dev.modelops.core.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.hipparchus.stat.inference.MannWhitneyUTest;
import org.junit.jupiter.api.Test;

/** Performance with labels and before them. */
class ScoresTest {
    private static final Offset<Double> EXACT = within(1e-12);

    @Test
    void fourScoresByHand() {
        BinaryScores scores = new BinaryScores.Builder(.5)
                .add(.9, true)
                .add(.6, false)
                .add(.4, true)
                .add(.1, false)
                .build();

        assertThat(scores.count()).isEqualTo(4);
        assertThat(scores.area().value()).isEqualTo(.75, EXACT);
        assertThat(scores.brier().mean()).isEqualTo((.01 + .36 + .36 + .01) / 4, EXACT);
        assertThat(scores.logLoss().mean())
                .isEqualTo(-(Math.log(.9) + Math.log(.4) + Math.log(.4) + Math.log(.9)) / 4, EXACT);
        assertThat(scores.accuracy()).isEqualTo(.5, EXACT);
        assertThat(scores.precision()).isEqualTo(.5, EXACT);
        assertThat(scores.recall()).isEqualTo(.5, EXACT);
        assertThat(scores.calibrationError()).isEqualTo((.1 + .6 + .6 + .1) / 4, EXACT);
        assertThat(scores.reliability()).hasSize(4);
        assertThat(scores.reliability().get(3)).isEqualTo(new BinaryScores.Reliability(1, .9, 1));
    }

    /** Hanley and McNeil (1982), table II: computed tomography rated from 1 to 5; their area is .893, its error .032. */
    @Test
    void theRatedImagesOfHanleyAndMcNeil() {
        RankedScores.Area area = RankedScores.area(new double[] {3, 2, 2, 11, 33}, new double[] {33, 6, 6, 11, 2});

        assertThat(area.value()).isEqualTo(.893, within(5e-4));
        assertThat(area.standardError()).isEqualTo(.032, within(2e-3));
    }

    @Test
    void theAreaIsWhatMannAndWhitneyCount() {
        Random random = new Random(4);
        for (int round = 0; round < 30; round++) {
            List<Double> positives = new ArrayList<>();
            List<Double> negatives = new ArrayList<>();
            BinaryScores.Builder scores = new BinaryScores.Builder(.5);
            for (int i = 0; i < 150; i++) {
                // In the middle of a cell, so that ties are the same for both.
                double p = (random.nextInt(BinaryScores.CELLS) + .5) / BinaryScores.CELLS;
                boolean happened = random.nextDouble() < p;
                scores.add(p, happened);
                (happened ? positives : negatives).add(p);
            }
            double[] x = positives.stream().mapToDouble(Double::doubleValue).toArray();
            double[] y = negatives.stream().mapToDouble(Double::doubleValue).toArray();
            double area = scores.build().area().value();

            double pairs = (double) x.length * y.length;
            assertThat(area)
                    .isEqualTo(
                            org.apache.commons.statistics.inference.MannWhitneyUTest.withDefaults()
                                            .statistic(x, y)
                                    / pairs,
                            EXACT);
            double larger = new MannWhitneyUTest().mannWhitneyU(x, y) / pairs;
            assertThat(Math.min(area, 1 - area)).isEqualTo(Math.min(larger, 1 - larger), EXACT);
        }
    }

    @Test
    void theErrorOfTheAreaIsThatOfManySamples() {
        Moments areas = Moments.NONE;
        Moments errors = Moments.NONE;
        Random random = new Random(5);
        for (int sample = 0; sample < 400; sample++) {
            RankedScores.Area area = scores(random, 300).area();
            areas = areas.plus(area.value());
            errors = errors.plus(area.standardError());
        }

        assertThat(errors.mean() / areas.deviation()).isBetween(.9, 1.1);
    }

    @Test
    void rightProbabilitiesPassAndWrongOnesFailTheTestOfCalibration() {
        Random random = new Random(6);
        int refused = 0;
        for (int sample = 0; sample < 1000; sample++) {
            refused += scores(random, 300).calibrationTest().pValue() < .05 ? 1 : 0;
        }
        BinaryScores.Builder wrong = new BinaryScores.Builder(.5);
        for (int i = 0; i < 1000; i++) {
            double p = random.nextDouble();
            wrong.add(p, random.nextDouble() < p * p);
        }

        assertThat(refused).isBetween(25, 80);
        assertThat(wrong.build().calibrationTest().pValue()).isLessThan(1e-6);
        assertThat(wrong.build().calibrationError()).isGreaterThan(.1);
    }

    @Test
    void expectationsFollowTheProbabilities() {
        ExpectedScores expected =
                new ExpectedScores.Builder(.5).add(.9).add(.6).add(.4).add(.1).build();

        ExpectedScores.Confusion confusion = expected.confusion();
        assertThat(confusion.truePositives()).isEqualTo(1.5, EXACT);
        assertThat(confusion.falsePositives()).isEqualTo(.5, EXACT);
        assertThat(confusion.falseNegatives()).isEqualTo(.5, EXACT);
        assertThat(confusion.trueNegatives()).isEqualTo(1.5, EXACT);
        assertThat(expected.accuracy()).isEqualTo(.75, EXACT);
        assertThat(expected.brier().mean()).isEqualTo((.09 + .24 + .24 + .09) / 4, EXACT);
    }

    @Test
    void expectationsMeetWhatHappensWhileProbabilitiesAreRightAndNotOtherwise() {
        Random random = new Random(7);
        ExpectedScores.Builder expecting = new ExpectedScores.Builder(.5);
        BinaryScores.Builder right = new BinaryScores.Builder(.5);
        BinaryScores.Builder wrong = new BinaryScores.Builder(.5);
        for (int i = 0; i < 50_000; i++) {
            double p = random.nextDouble() * random.nextDouble();
            expecting.add(p);
            right.add(p, random.nextDouble() < p);
            wrong.add(p, random.nextDouble() < Math.sqrt(p));
        }
        ExpectedScores expected = expecting.build();

        assertThat(expected.accuracy()).isEqualTo(right.build().accuracy(), within(.01));
        assertThat(expected.area().value()).isEqualTo(right.build().area().value(), within(.01));
        assertThat(expected.brier().mean()).isEqualTo(right.build().brier().mean(), within(.01));
        assertThat(expected.confusion().truePositives()).isEqualTo(right.build().truePositives(), within(200.0));
        assertThat(expected.accuracy() - wrong.build().accuracy()).isGreaterThan(.1);
    }

    @Test
    void threeErrorsByHand() {
        RegressionErrors errors =
                new RegressionErrors.Builder().add(3, 1).add(4, 5).add(6, 6).build();

        assertThat(errors.bias()).isEqualTo(1.0 / 3, EXACT);
        assertThat(errors.meanAbsoluteError()).isEqualTo(1, EXACT);
        assertThat(errors.rootMeanSquaredError()).isEqualTo(Math.sqrt(5.0 / 3), EXACT);
        assertThat(errors.plus(RegressionErrors.NONE)).isEqualTo(errors);
    }

    /** Of 100 applicants of each group, 60 and 30 were favoured; of 50 and 40 deserving ones, 45 and 20. */
    @Test
    void groupsAreComparedByTheirShares() {
        GroupOutcomes privileged = new GroupOutcomes(100, 60, 50, 45);
        GroupOutcomes others = new GroupOutcomes(100, 30, 40, 20);

        assertThat(others.statisticalParityDifference(privileged)).isEqualTo(-.3, EXACT);
        assertThat(others.disparateImpact(privileged)).isEqualTo(.5, EXACT);
        assertThat(others.equalOpportunityDifference(privileged)).isEqualTo(-.4, EXACT);
        assertThat(others.plus(privileged)).isEqualTo(new GroupOutcomes(200, 90, 90, 65));
    }

    @Test
    void whatIsNoProbabilityIsRefused() {
        for (double wrong : new double[] {-.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new BinaryScores.Builder(.5).add(wrong, true))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new ExpectedScores.Builder(.5).add(wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new RegressionErrors.Builder().add(1e80, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new GroupOutcomes(1, 2, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(new BinaryScores.Builder(.5).add(1, false).build().logLoss().mean())
                .isBetween(30.0, 40.0);
        assertThat(BinaryScores.NONE.area().value()).isNaN();
    }

    private static BinaryScores scores(Random random, int count) {
        BinaryScores.Builder scores = new BinaryScores.Builder(.5);
        for (int i = 0; i < count; i++) {
            double p = random.nextDouble();
            scores.add(p, random.nextDouble() < p);
        }
        return scores.build();
    }
}
