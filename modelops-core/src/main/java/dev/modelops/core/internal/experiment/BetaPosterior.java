package dev.modelops.core.internal.experiment;

import dev.modelops.core.internal.statistics.Distributions;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What is believed of a success rate. Choosing arms by it (Thompson 1933) sends more cases to what seems better; plain means
 * of the arms are biased then, and like cases are treated differently for no reason of their own. So no experiment does it:
 * it is there for hosts that have a reason, and record with which probability they chose.
 *
 * @param successes one more than the successes seen
 * @param failures one more than the failures seen
 */
public record BetaPosterior(double successes, double failures) {
    /** Checks the parameters. */
    public BetaPosterior {
        if (!(successes > 0) || !(failures > 0) || Double.isInfinite(successes) || Double.isInfinite(failures)) {
            throw new IllegalArgumentException("the parameters of a beta distribution are finite and above 0");
        }
    }

    /**
     * Returns the probability that this rate is above another, by Simpson's rule on the quantities that vary, to about ten
     * digits.
     */
    public double probabilityAbove(BetaPosterior other) {
        int intervals = 20_000;
        double sum = 0;
        for (int i = 1; i < intervals; i++) {
            double x = (double) i / intervals;
            double density = StrictMath.exp((successes - 1) * StrictMath.log(x)
                    + (failures - 1) * StrictMath.log1p(-x)
                    - Distributions.logBeta(successes, failures));
            sum += density * Distributions.beta(x, other.successes, other.failures) * (i % 2 == 0 ? 2 : 4);
        }
        return Math.min(1, sum / (3 * intervals));
    }

    /** Returns a rate drawn from what is believed. */
    public double draw(RandomGenerator random) {
        double one = gamma(successes, random);
        double other = gamma(failures, random);
        return one / (one + other);
    }

    /** Returns the arm whose drawn rate is largest. */
    public static int thompson(List<BetaPosterior> arms, RandomGenerator random) {
        int best = 0;
        double highest = -1;
        for (int arm = 0; arm < arms.size(); arm++) {
            double drawn = arms.get(arm).draw(random);
            if (drawn > highest) {
                best = arm;
                highest = drawn;
            }
        }
        return best;
    }

    /** Returns the arm with the largest mean, or with probability {@code epsilon} any. */
    public static int epsilonGreedy(List<BetaPosterior> arms, double epsilon, RandomGenerator random) {
        if (random.nextDouble() < epsilon) {
            return random.nextInt(arms.size());
        }
        int best = 0;
        for (int arm = 1; arm < arms.size(); arm++) {
            if (arms.get(arm).mean() > arms.get(best).mean()) {
                best = arm;
            }
        }
        return best;
    }

    /** Returns the mean of what is believed. */
    public double mean() {
        return successes / (successes + failures);
    }

    /** By the rejection method of Marsaglia and Tsang (2000). */
    private static double gamma(double shape, RandomGenerator random) {
        if (shape < 1) {
            return gamma(shape + 1, random) * StrictMath.pow(1 - random.nextDouble(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double normal = random.nextGaussian();
            double cube = 1 + c * normal;
            if (cube > 0) {
                double v = cube * cube * cube;
                double uniform = 1 - random.nextDouble();
                if (StrictMath.log(uniform) < normal * normal / 2 + d - d * v + d * StrictMath.log(v)) {
                    return d * v;
                }
            }
        }
    }
}
