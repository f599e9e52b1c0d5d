package dev.modelops.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What some requests have exercised of a policy set: the question is not whether the rules are right but whether anybody
 * has tried them.
 *
 * @param rules each rule of the set, by id; copied in
 */
public record PolicyCoverage(List<Rule> rules) {
    /**
     * Creates a coverage.
     *
     * @param rules each rule of the set, by id
     */
    public PolicyCoverage {
        rules = List.copyOf(rules);
    }

    /**
     * What was exercised of a rule.
     *
     * @param id the rule's id
     * @param matched how many requests satisfied it
     * @param notMatched how many did not
     * @param erred for how many it could not be evaluated
     * @param conditions its conditions, in order; copied in
     */
    public record Rule(String id, long matched, long notMatched, long erred, List<Condition> conditions) {
        /**
         * Creates the coverage of a rule.
         *
         * @param id the rule's id
         * @param matched how many requests satisfied it
         * @param notMatched how many did not
         * @param erred for how many it could not be evaluated
         * @param conditions its conditions, in order
         */
        public Rule {
            conditions = List.copyOf(conditions);
        }

        /**
         * Tells whether some request was put to the rule.
         *
         * @return false if there was no request for any action it is about
         */
        public boolean isEvaluated() {
            return matched + notMatched + erred > 0;
        }
    }

    /**
     * What was exercised of a condition.
     *
     * @param text the condition in Cedar
     * @param sawTrue whether it held for some request that met all before it
     * @param sawFalse whether it did not hold for one
     */
    public record Condition(String text, boolean sawTrue, boolean sawFalse) {}

    /**
     * Returns how much was exercised: each rule counts once for having been satisfied, and each condition once for having
     * held and once for not having held.
     *
     * @return from 0 to 1; 1 for a set without rules
     */
    public double ratio() {
        long goals = 0;
        long met = 0;
        for (Rule rule : rules) {
            goals += 1 + 2L * rule.conditions().size();
            met += rule.matched() > 0 ? 1 : 0;
            for (Condition condition : rule.conditions()) {
                met += (condition.sawTrue() ? 1 : 0) + (condition.sawFalse() ? 1 : 0);
            }
        }
        return goals == 0 ? 1 : (double) met / goals;
    }

    /**
     * Returns what nobody has tried, a sentence each.
     *
     * @return the gaps, rule by rule; empty if the ratio is 1
     */
    public List<String> gaps() {
        List<String> gaps = new ArrayList<>();
        for (Rule rule : rules) {
            String name = "rule '" + rule.id() + "'";
            if (!rule.isEvaluated()) {
                gaps.add(name + " was never evaluated: no request is for an action it is about");
                continue;
            }
            if (rule.matched() == 0) {
                gaps.add(name + " was never satisfied");
            }
            for (Condition condition : rule.conditions()) {
                if (!condition.sawTrue()) {
                    gaps.add(name + ": " + condition.text() + " never held");
                }
                if (!condition.sawFalse()) {
                    gaps.add(name + ": " + condition.text() + " always held");
                }
            }
        }
        return List.copyOf(gaps);
    }

    /**
     * Requires that enough was exercised.
     *
     * @param least the smallest ratio that will do, from 0 to 1
     * @throws AssertionError if less was, with the gaps
     */
    public void requireAtLeast(double least) {
        if (ratio() < least) {
            throw new AssertionError(String.format(
                    Locale.ROOT,
                    "policy coverage must be at least %.1f %%, but is %.1f %%; write tests for:%n  %s",
                    100 * least,
                    100 * ratio(),
                    String.join(System.lineSeparator() + "  ", gaps())));
        }
    }
}
