package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.statistics.Moments;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Choosing arms by what is believed of them. */
class BetaPosteriorTest {
    private static final BetaPosterior WORSE = new BetaPosterior(21, 81);
    private static final BetaPosterior BETTER = new BetaPosterior(31, 71);

    /** Made with SciPy 1.17. */
    @Test
    void twentyAndThirtyOfAHundred() {
        assertThat(BETTER.probabilityAbove(WORSE)).isEqualTo(.9476031034, within(5e-10));
        assertThat(WORSE.probabilityAbove(BETTER)).isEqualTo(1 - .9476031034, within(5e-10));
        assertThat(WORSE.probabilityAbove(WORSE)).isEqualTo(.5, within(1e-9));
    }

    @Test
    void drawsAreDistributedAsBelieved() {
        for (BetaPosterior posterior : List.of(BETTER, new BetaPosterior(.5, 2))) {
            Random random = new Random(1);
            Moments moments = Moments.NONE;
            for (int i = 0; i < 20_000; i++) {
                moments = moments.plus(posterior.draw(random));
            }
            double a = posterior.successes();
            double b = posterior.failures();
            assertThat(moments.mean()).isEqualTo(a / (a + b), within(.006));
            assertThat(moments.variance()).isEqualTo(a * b / ((a + b) * (a + b) * (a + b + 1)), within(.002));
        }
    }

    @Test
    void thompsonChoosesAnArmAsOftenAsItIsProbablyBest() {
        Random random = new Random(2);
        int better = 0;
        int greedy = 0;
        for (int i = 0; i < 10_000; i++) {
            better += BetaPosterior.thompson(List.of(WORSE, BETTER), random);
            greedy += BetaPosterior.epsilonGreedy(List.of(WORSE, BETTER), .2, random);
        }

        assertThat(better / 10_000.0).isEqualTo(.9476, within(.01));
        assertThat(greedy / 10_000.0).isEqualTo(.9, within(.01));
    }

    @Test
    void whatIsNoDistributionIsRefused() {
        assertThatThrownBy(() -> new BetaPosterior(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BetaPosterior(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
