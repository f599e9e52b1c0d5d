package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * Rules that route insurance claims; the first that fits decides. Watched: which one decides, how often none does, and how many
 * would have.
 *
 * @param otherwise where a claim goes that fits no rule
 * @param rules the rules, in order
 */
record RuleSet(String otherwise, List<Rule> rules) implements DecisionModel {
    static final Kind KIND = files -> DecisionModel.read(files, "rules.json", RuleSet.class);

    RuleSet {
        rules = List.copyOf(rules);
    }

    /** If all conditions hold, the claim goes there. */
    record Rule(String id, List<Condition> when, String then) {
        public Rule {
            when = List.copyOf(when);
        }

        boolean fits(JsonNode claim) {
            return when.stream().allMatch(condition -> condition.holds(claim));
        }
    }

    /** A field compared with a value. */
    record Condition(String field, Comparison is, JsonNode value) {
        boolean holds(JsonNode claim) {
            JsonNode found = claim.path(field);
            return switch (is) {
                case EQUAL -> found.equals(value);
                case ABOVE -> found.isNumber() && found.doubleValue() > value.doubleValue();
                case BELOW -> found.isNumber() && found.doubleValue() < value.doubleValue();
            };
        }
    }

    /** How two values are compared. */
    enum Comparison {
        EQUAL,
        ABOVE,
        BELOW
    }

    @Override
    public Answer decide(JsonNode claim) {
        List<Rule> fitting = rules.stream().filter(rule -> rule.fits(claim)).toList();
        String rule = fitting.isEmpty() ? "none" : fitting.get(0).id();
        String to = fitting.isEmpty() ? otherwise : fitting.get(0).then();
        ObjectNode json = JSON.createObjectNode().put("to", to).put("rule", rule);
        return new Answer(json, Map.of("to", to, "rule", rule, "fitting", fitting.size()));
    }
}
