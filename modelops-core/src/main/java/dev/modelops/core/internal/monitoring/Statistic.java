package dev.modelops.core.internal.monitoring;

/** What a check looks at. */
public enum Statistic {
    /** Population stability index of one signal. */
    PSI(Kind.DISTRIBUTION),
    /** Kullback-Leibler divergence of the window from the reference, of one signal, in nats. */
    KULLBACK_LEIBLER(Kind.DISTRIBUTION),
    /** Jensen-Shannon distance of one signal, base 2. */
    JENSEN_SHANNON(Kind.DISTRIBUTION),
    /** Hellinger distance of one signal. */
    HELLINGER(Kind.DISTRIBUTION),
    /** Total variation distance of one signal. */
    TOTAL_VARIATION(Kind.DISTRIBUTION),
    /** Largest difference of any cell of one signal. */
    L_INFINITY(Kind.DISTRIBUTION),
    /** Kolmogorov-Smirnov statistic of one numeric signal, over its bins. */
    KOLMOGOROV_SMIRNOV(Kind.ORDERED),
    /** Wasserstein distance of one numeric signal over its bins, in standard deviations of the reference. */
    WASSERSTEIN(Kind.ORDERED),
    /** Distance of the means of one numeric signal, in standard deviations of the reference. */
    MEAN(Kind.ORDERED),
    /** Rise of the share of missing values of one signal. */
    MISSING(Kind.DISTRIBUTION),
    /** Rise of the share of values of one signal that have no cell of their own: other categories, infinite numbers. */
    UNSEEN(Kind.DISTRIBUTION),
    /** Fall of the area under the curve. */
    AUC(Kind.PROBABILITY),
    /** Rise of the Brier score. */
    BRIER(Kind.PROBABILITY),
    /** Rise of the logarithmic loss. */
    LOG_LOSS(Kind.PROBABILITY),
    /** Expected calibration error; its significance is that of the test of Hosmer and Lemeshow. */
    CALIBRATION(Kind.PROBABILITY),
    /** Fall of the share of right decisions. */
    ACCURACY(Kind.PROBABILITY),
    /** Fall of the precision. */
    PRECISION(Kind.PROBABILITY),
    /** Fall of the recall. */
    RECALL(Kind.PROBABILITY),
    /** Fall of the area under the curve that is to be expected before labels come. */
    EXPECTED_AUC(Kind.PROBABILITY),
    /** Fall of the share of right decisions that is to be expected before labels come. */
    EXPECTED_ACCURACY(Kind.PROBABILITY),
    /** Rise of the mean absolute error. */
    MAE(Kind.VALUE),
    /** Rise of the root of the mean squared error. */
    RMSE(Kind.VALUE),
    /** Change of the mean error. */
    BIAS(Kind.VALUE),
    /** Distance of the shares decided for between a group and the privileged one. */
    STATISTICAL_PARITY(Kind.FAIRNESS),
    /** How much the share decided for of a group falls short of that of the privileged one, as a part of it. */
    DISPARATE_IMPACT(Kind.FAIRNESS),
    /** Distance of the true positive rates between a group and the privileged one. */
    EQUAL_OPPORTUNITY(Kind.FAIRNESS),
    /** Rise of the loss since the cumulative sum test of Page and Hinkley saw a change. */
    PAGE_HINKLEY(Kind.CHANGE),
    /** Rise of the share of wrong decisions since the drift detection method saw a change. */
    DDM(Kind.CHANGE),
    /** Rise of the loss since an adaptive window saw a change. */
    ADWIN(Kind.CHANGE);

    private final Kind kind;

    /** What a statistic needs. */
    enum Kind {
        DISTRIBUTION,
        ORDERED,
        PROBABILITY,
        VALUE,
        FAIRNESS,
        CHANGE
    }

    Statistic(Kind kind) {
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
