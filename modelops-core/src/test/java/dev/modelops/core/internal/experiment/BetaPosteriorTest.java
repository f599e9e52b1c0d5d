package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.statistics.Distributions;
import org.junit.jupiter.api.Test;

/** What is believed of how often arms are right. */
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

    /** Of flat beliefs the answer is known: 1/2; of n successes beside none known, (n + 1)/(n + 2). */
    @Test
    void littleIsKnownAtFirst() {
        BetaPosterior flat = new BetaPosterior(1, 1);

        assertThat(flat.probabilityAbove(flat)).isEqualTo(.5, within(1e-9));
        assertThat(new BetaPosterior(10, 1).probabilityAbove(flat)).isEqualTo(10.0 / 11, within(1e-9));
        assertThat(new BetaPosterior(1, 10).probabilityAbove(flat)).isEqualTo(1.0 / 11, within(1e-9));
    }

    /** A rate that is all but known is passed by a flat one as often as there is room above it. */
    @Test
    void whatIsAllButKnownIsNoStepBetweenTwoPoints() {
        BetaPosterior flat = new BetaPosterior(1, 1);
        BetaPosterior known = new BetaPosterior(3_000_000_001.0, 7_000_000_001.0);

        assertThat(flat.probabilityAbove(known)).isEqualTo(7_000_000_001.0 / 10_000_000_002.0, within(1e-9));
        assertThat(known.probabilityAbove(flat)).isEqualTo(3_000_000_001.0 / 10_000_000_002.0, within(1e-9));
    }

    /** Of very many cases the normal distribution says the same. */
    @Test
    void veryManyCasesAreNoLessExact() {
        for (long cases : new long[] {100_000, 10_000_000, 1_000_000_000}) {
            double better = .5 + 1 / StrictMath.sqrt(2.0 * cases);
            BetaPosterior one = new BetaPosterior(1 + better * cases, 1 + (1 - better) * cases);
            BetaPosterior other = new BetaPosterior(1 + .5 * cases, 1 + .5 * cases);
            double score = (better - .5) / StrictMath.sqrt((.25 + better * (1 - better)) / cases);

            assertThat(one.probabilityAbove(other))
                    .isEqualTo(1 - Distributions.normalSurvival(score), within(2.0 / StrictMath.sqrt(cases)));
        }
    }

    @Test
    void whatIsNoDistributionIsRefused() {
        assertThatThrownBy(() -> new BetaPosterior(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BetaPosterior(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
