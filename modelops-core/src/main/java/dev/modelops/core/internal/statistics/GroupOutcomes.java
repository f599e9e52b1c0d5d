package dev.modelops.core.internal.statistics;

/**
 * What was decided about the members of one group, for comparison with another group.
 *
 * @param count how many there are
 * @param favored how many were decided for
 * @param deserving how many of those with a known outcome it happened to
 * @param deservingFavored how many of these had been decided for
 */
public record GroupOutcomes(long count, long favored, long deserving, long deservingFavored) {
    /** Nobody. */
    public static final GroupOutcomes NONE = new GroupOutcomes(0, 0, 0, 0);

    /** Checks that no part is larger than the whole. */
    public GroupOutcomes {
        if (favored < 0 || favored > count || deservingFavored < 0 || deservingFavored > deserving) {
            throw new IllegalArgumentException("the counts of a group do not agree with each other");
        }
    }

    /** Returns the sums of both. */
    public GroupOutcomes plus(GroupOutcomes other) {
        return new GroupOutcomes(
                count + other.count,
                favored + other.favored,
                deserving + other.deserving,
                deservingFavored + other.deservingFavored);
    }

    /** Returns the share of those decided for, not a number if there is nobody. */
    public double favoredShare() {
        return (double) favored / count;
    }

    /** Returns the share of those decided for among those it happened to, not a number if there is nobody. */
    public double truePositiveRate() {
        return (double) deservingFavored / deserving;
    }

    /**
     * Returns the statistical parity difference: the share of those decided for here less that of the privileged group
     * (Dwork et al. 2012). Below zero, this group is worse off.
     */
    public double statisticalParityDifference(GroupOutcomes privileged) {
        return favoredShare() - privileged.favoredShare();
    }

    /**
     * Returns the disparate impact: the share of those decided for here as a multiple of that of the privileged group (Feldman
     * et al. 2015). Below 0.8 it fails the four-fifths rule of the US Equal Employment Opportunity Commission.
     */
    public double disparateImpact(GroupOutcomes privileged) {
        return favoredShare() / privileged.favoredShare();
    }

    /**
     * Returns the equal opportunity difference: the true positive rate here less that of the privileged group (Hardt, Price and
     * Srebro 2016).
     */
    public double equalOpportunityDifference(GroupOutcomes privileged) {
        return truePositiveRate() - privileged.truePositiveRate();
    }
}
