package dev.modelops.core.monitoring;

/** What a check measures. Its floor is in the unit of the measure. */
public enum Measure {
    /** Population stability index of one signal; 0.1 is a change, 0.25 a large one. */
    PSI,
    /** Kullback-Leibler divergence of the window from the baseline, of one signal, in nats. */
    KULLBACK_LEIBLER,
    /** Jensen-Shannon distance of one signal, base 2, from 0 to 1. */
    JENSEN_SHANNON,
    /** Hellinger distance of one signal, from 0 to 1. */
    HELLINGER,
    /** Total variation distance of one signal, from 0 to 1. */
    TOTAL_VARIATION,
    /** Largest difference of the share of any cell of one signal. */
    L_INFINITY,
    /** Kolmogorov-Smirnov statistic of one numeric signal, over its bins. */
    KOLMOGOROV_SMIRNOV,
    /** Wasserstein distance of one numeric signal over its bins, in standard deviations of the baseline. */
    WASSERSTEIN,
    /** Distance of the means of one numeric signal, in standard deviations of the baseline. */
    MEAN,
    /** Rise of the share of missing values of one signal. */
    MISSING,
    /** Rise of the share of values of one signal that the baseline has no cell for: other texts, infinite numbers. */
    UNSEEN,
    /** Fall of the area under the curve, once outcomes are known. */
    AUC,
    /** Rise of the Brier score, once outcomes are known. */
    BRIER,
    /** Rise of the logarithmic loss, once outcomes are known. */
    LOG_LOSS,
    /** Expected calibration error, once outcomes are known. */
    CALIBRATION,
    /** Fall of the share of right decisions, once outcomes are known. */
    ACCURACY,
    /** Fall of the precision, once outcomes are known. */
    PRECISION,
    /** Fall of the recall, once outcomes are known. */
    RECALL,
    /** Fall of the area under the curve that is to be expected before outcomes are known, if probabilities are right. */
    EXPECTED_AUC,
    /** Fall of the share of right decisions that is to be expected before outcomes are known, if probabilities are right. */
    EXPECTED_ACCURACY,
    /** Rise of the mean absolute error, once outcomes are known. */
    MAE,
    /** Rise of the root of the mean squared error, once outcomes are known. */
    RMSE,
    /** Change of the mean error, once outcomes are known. */
    BIAS,
    /** Distance of the shares decided for between a group and the privileged one. */
    STATISTICAL_PARITY,
    /** How much the share decided for of a group falls short of that of the privileged one, as a part of it. */
    DISPARATE_IMPACT,
    /** Distance of the true positive rates between a group and the privileged one, once outcomes are known. */
    EQUAL_OPPORTUNITY,
    /**
     * Rise of the loss since the cumulative sum test of Page and Hinkley saw a change, over outcomes in the order in which they
     * became known. The loss is the squared error of a probability, or the absolute error of a value in standard deviations
     * of the baseline's. It sees a change once the rises add up to 50.
     */
    PAGE_HINKLEY,
    /**
     * Rise of the share of wrong decisions since the drift detection method saw a change, over outcomes in the order in which
     * they became known: once the share is 3 standard deviations above its least.
     */
    DDM,
    /**
     * Rise of the squared error of a probability since an adaptive window saw a change, over outcomes in the order in which they
     * became known: once two parts of it differ by more than chance would make them, with a probability of 0.002.
     */
    ADWIN
}
