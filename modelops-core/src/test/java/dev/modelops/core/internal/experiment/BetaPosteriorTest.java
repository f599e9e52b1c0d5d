package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.modelops.core.internal.statistics.Distributions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How probable it is that one rate is above another. */
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

    /** Of Beta(a, b) over Beta(c, 1) it is B(a + c, b) / B(a, b), since the other's distribution function is a power. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "31, 1, 1",
        "1, 31, 1",
        "3, 4, 20",
        "500, 2, 400",
        "2, 500, 1",
        "20001, 11, 2001",
        "1, 1, 900000"
    })
    void oneThatNeverFailedHasAClosedForm(double a, double b, double c) {
        double expected = StrictMath.exp(Distributions.logBeta(a + c, b) - Distributions.logBeta(a, b));

        assertThat(new BetaPosterior(a, b).probabilityAbove(new BetaPosterior(c, 1)))
                .isEqualTo(expected, within(1e-9));
        assertThat(new BetaPosterior(c, 1).probabilityAbove(new BetaPosterior(a, b)))
                .isEqualTo(1 - expected, within(1e-9));
    }

    /** A rate of a tenth in half a million cases, and one of a thousandth in a million, narrower than 1/20,000. */
    @ParameterizedTest
    @CsvSource({
        "50001, 450001, 50301, 449701",
        "1001, 999001, 1041, 998961",
        "50001, 450001, 101, 901",
        "3, 9, 90001, 310001"
    })
    void largeCountsAreNearlyNormal(double a, double b, double c, double d) {
        double one = a / (a + b);
        double other = c / (c + d);
        double z = (other - one) / StrictMath.sqrt(one * (1 - one) / (a + b + 1) + other * (1 - other) / (c + d + 1));
        double coarse = Math.min(a, c) < 1000 ? .05 : .005;

        assertThat(new BetaPosterior(c, d).probabilityAbove(new BetaPosterior(a, b)))
                .isEqualTo(1 - Distributions.normalSurvival(z), within(coarse));
    }

    @Test
    void whatIsNoDistributionIsRefused() {
        assertThatThrownBy(() -> new BetaPosterior(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BetaPosterior(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BetaPosterior(1, Double.POSITIVE_INFINITY))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
