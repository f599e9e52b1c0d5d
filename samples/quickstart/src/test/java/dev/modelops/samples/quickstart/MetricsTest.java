package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
    @Test
    void perfectOrderHasAreaOne() {
        assertThat(auc(new double[] {0.1, 0.2, 0.8, 0.9}, false, false, true, true))
                .isEqualTo(1.0);
    }

    @Test
    void reversedOrderHasAreaZero() {
        assertThat(auc(new double[] {0.1, 0.2, 0.8, 0.9}, true, true, false, false))
                .isEqualTo(0.0);
    }

    @Test
    void equalScoresCountHalf() {
        assertThat(auc(new double[] {0.5, 0.5, 0.5}, false, true, false)).isEqualTo(0.5);
    }

    @Test
    void areaIsTheShareOfPairsInTheRightOrder() {
        // Bad at .4 and .7, good at .1, .4 and .6: the pairs are right 1 + 1/2 + 0 and 1 + 1 + 1 times, of 6.
        assertThat(auc(new double[] {0.1, 0.4, 0.4, 0.6, 0.7}, false, true, false, false, true))
                .isCloseTo(4.5 / 6, within(1e-15));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void areaAgreesWithCountingEveryPair(long seed) {
        Random random = new Random(seed);
        int size = 2 + random.nextInt(60);
        double[] scores = new double[size];
        boolean[] bad = new boolean[size];
        for (int i = 0; i < size; i++) {
            scores[i] = random.nextInt(8) / 7.0;
            bad[i] = random.nextBoolean();
        }
        bad[0] = true;
        bad[1] = false;
        double right = 0;
        int pairs = 0;
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                if (bad[i] && !bad[j]) {
                    pairs++;
                    right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        assertThat(Metrics.of(scores, bad).auc()).isCloseTo(right / pairs, within(1e-12));
    }

    @Test
    void brierIsTheMeanSquaredMiss() {
        Metrics metrics = Metrics.of(new double[] {0.2, 0.6, 1.0}, new boolean[] {false, true, false});

        assertThat(metrics.brier()).isCloseTo((0.04 + 0.16 + 1.0) / 3, within(1e-15));
    }

    @Test
    void aScoreOfOneHalfCallsALoanBad() {
        Metrics metrics = Metrics.of(new double[] {0.5, 0.5, 0.49, 0.51}, new boolean[] {true, false, false, false});

        assertThat(metrics.accuracy()).isEqualTo(0.5);
        assertThat(metrics.loans()).isEqualTo(4);
    }

    @Test
    void oneKindOfLoanAloneHasNoArea() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.of(new double[] {0.1, 0.2}, new boolean[] {true, true}))
                .withMessageContaining("0 good and 2 bad");
        assertThatIllegalArgumentException().isThrownBy(() -> Metrics.of(new double[0], new boolean[0]));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.001, 1.001, Double.POSITIVE_INFINITY})
    void scoresThatAreNoProbabilitiesAreRefused(double score) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.of(new double[] {score, 0.5}, new boolean[] {true, false}))
                .withMessageContaining("from 0 to 1");
    }

    @Test
    void everyScoreNeedsAnOutcome() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metrics.of(new double[] {0.5, 0.6}, new boolean[] {true}))
                .withMessageContaining("2 and 1");
    }

    private static double auc(double[] scores, boolean... bad) {
        return Metrics.of(scores, bad).auc();
    }
}
