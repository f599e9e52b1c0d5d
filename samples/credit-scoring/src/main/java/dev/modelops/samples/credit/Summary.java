package dev.modelops.samples.credit;

/**
 * What came of the story, in numbers. All of them are computed.
 *
 * @param aucReference AUC of the first version on the hold-out
 * @param aucServed AUC of what it served
 * @param brierReference its Brier score on the hold-out
 * @param brierServed that of what it served
 * @param cbpeServed the Brier score that was to be expected of what it served, before labels came
 * @param driftAlerts how many alerts of drift fired
 * @param performanceAlerts how many alerts of performance with labels fired
 * @param verdict what the experiment concluded
 * @param challengerPromotedBy who made the challenger champion
 * @param autoRollback whether the bad build was taken back without anybody
 * @param negativeControl the same counts for the model whose inputs drift without harm
 */
record Summary(
        double aucReference,
        double aucServed,
        double brierReference,
        double brierServed,
        double cbpeServed,
        int driftAlerts,
        int performanceAlerts,
        String verdict,
        String challengerPromotedBy,
        boolean autoRollback,
        Alerts negativeControl) {
    /**
     * How many alerts fired.
     *
     * @param driftAlerts of drift
     * @param performanceAlerts of performance with labels
     */
    record Alerts(int driftAlerts, int performanceAlerts) {}
}
