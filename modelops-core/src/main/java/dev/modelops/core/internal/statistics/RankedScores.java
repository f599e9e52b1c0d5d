package dev.modelops.core.internal.statistics;

/** What follows from the order of scores alone. */
public final class RankedScores {
    private RankedScores() {}

    /**
     * The area under a receiver operating characteristic: how probably a score of one class is above one of the other, half of
     * ties counted.
     *
     * @param value from 0 to 1, not a number if a class is empty
     * @param standardError its standard error, by the placements of the scores; 0 if a class has less than two
     */
    public record Area(double value, double standardError) {}

    /**
     * Returns the area from the weights of both classes in cells of rising score, with the standard error of DeLong, DeLong and
     * Clarke-Pearson (1988).
     */
    public static Area area(double[] positives, double[] negatives) {
        double allPositives = total(positives);
        double allNegatives = total(negatives);
        if (allPositives == 0 || allNegatives == 0) {
            return new Area(Double.NaN, 0);
        }
        double below = 0;
        double area = 0;
        for (int i = 0; i < positives.length; i++) {
            area += positives[i] * (below + negatives[i] / 2);
            below += negatives[i];
        }
        area /= allPositives * allNegatives;
        if (allPositives <= 1 || allNegatives <= 1) {
            return new Area(area, 0);
        }
        double negativesBelow = 0;
        double positivesAbove = allPositives;
        double ofPositives = 0;
        double ofNegatives = 0;
        for (int i = 0; i < positives.length; i++) {
            positivesAbove -= positives[i];
            double placed = (negativesBelow + negatives[i] / 2) / allNegatives - area;
            ofPositives += positives[i] * placed * placed;
            placed = (positivesAbove + positives[i] / 2) / allPositives - area;
            ofNegatives += negatives[i] * placed * placed;
            negativesBelow += negatives[i];
        }
        double variance =
                ofPositives / (allPositives - 1) / allPositives + ofNegatives / (allNegatives - 1) / allNegatives;
        return new Area(area, StrictMath.sqrt(variance));
    }

    private static double total(double[] weights) {
        double total = 0;
        for (double weight : weights) {
            total += weight;
        }
        return total;
    }
}
