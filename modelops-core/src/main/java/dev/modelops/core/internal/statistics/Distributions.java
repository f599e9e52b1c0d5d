package dev.modelops.core.internal.statistics;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.InverseErfc;
import org.apache.commons.numbers.gamma.LogBeta;
import org.apache.commons.numbers.gamma.RegularizedBeta;
import org.apache.commons.numbers.gamma.RegularizedGamma;

/** Tails and quantiles of the distributions that significance is read from. */
public final class Distributions {
    private static final double ROOT_TWO = StrictMath.sqrt(2);
    private static final int MOST_HALVINGS = 200;

    private Distributions() {}

    /** Returns the probability that a standard normal variable is above {@code z}. */
    public static double normalSurvival(double z) {
        return 0.5 * Erfc.value(z / ROOT_TWO);
    }

    /** Returns the probability that the amount of a standard normal variable is above that of {@code z}. */
    public static double normalTwoSided(double z) {
        return Erfc.value(Math.abs(z) / ROOT_TWO);
    }

    /** Returns the value that a standard normal variable is above with this probability. */
    public static double normalUpperQuantile(double probability) {
        requireProbability(probability);
        return ROOT_TWO * InverseErfc.value(2 * probability);
    }

    /** Returns the probability that a chi-square variable is above {@code x}. */
    public static double chiSquareSurvival(double x, int degreesOfFreedom) {
        if (degreesOfFreedom < 1) {
            throw new IllegalArgumentException("degrees of freedom are at least 1, but were " + degreesOfFreedom);
        }
        return x <= 0 ? 1 : RegularizedGamma.Q.value(degreesOfFreedom / 2.0, x / 2);
    }

    /** Returns the value that a chi-square variable is above with this probability. */
    public static double chiSquareUpperQuantile(double probability, int degreesOfFreedom) {
        requireProbability(probability);
        double low = 0;
        double high = degreesOfFreedom;
        while (chiSquareSurvival(high, degreesOfFreedom) > probability) {
            high *= 2;
        }
        for (int i = 0; i < MOST_HALVINGS; i++) {
            double middle = low + (high - low) / 2;
            if (middle <= low || middle >= high) {
                break;
            }
            if (chiSquareSurvival(middle, degreesOfFreedom) > probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** Returns the probability that a beta variable is at most {@code x}. */
    public static double beta(double x, double a, double b) {
        return RegularizedBeta.value(x, a, b);
    }

    /** Returns the logarithm of the beta function. */
    public static double logBeta(double a, double b) {
        return LogBeta.value(a, b);
    }

    private static void requireProbability(double probability) {
        if (!(probability > 0 && probability < 1)) {
            throw new IllegalArgumentException("a probability between 0 and 1 is needed, but was " + probability);
        }
    }
}
