package dev.modelops.samples.decisions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * The configuration of an optimiser that says which repairs to do with a budget, so that the most outage is avoided. The
 * optimum is found exactly. Watched: what was reached, what is left of the budget, and whether there was a solution.
 *
 * @param budget how much may be spent
 * @param weights how much an hour of outage counts, by the class of customer
 */
record Allocation(int budget, Map<String, Integer> weights) implements DecisionModel {
    static final Kind KIND = files -> DecisionModel.read(files, "allocation.json", Allocation.class);

    Allocation {
        weights = Map.copyOf(weights);
        if (budget < 0 || budget > 100_000) {
            throw new IllegalArgumentException("a budget is 0 to 100,000, but was " + budget);
        }
    }

    @Override
    public Answer decide(JsonNode question) {
        JsonNode repairs = question.path("repairs");
        int left = budget;
        int reached = 0;
        for (JsonNode repair : repairs) {
            if (repair.path("mandatory").asBoolean()) {
                left -= repair.path("cost").intValue();
                reached += worth(repair);
            }
        }
        ObjectNode json = JSON.createObjectNode();
        ArrayNode chosen = json.putArray("repairs");
        if (left < 0) {
            return new Answer(json, Map.of("outcome", "infeasible", "objective", 0, "slack", 0));
        }
        int[][] best = new int[repairs.size() + 1][left + 1];
        for (int i = 0; i < repairs.size(); i++) {
            int cost = repairs.path(i).path("cost").intValue();
            for (int money = 0; money <= left; money++) {
                boolean isOption = !repairs.path(i).path("mandatory").asBoolean() && cost <= money;
                int with = isOption ? best[i][money - cost] + worth(repairs.path(i)) : 0;
                best[i + 1][money] = Math.max(best[i][money], with);
            }
        }
        reached += best[repairs.size()][left];
        for (int i = repairs.size() - 1; i >= 0; i--) {
            boolean isMandatory = repairs.path(i).path("mandatory").asBoolean();
            boolean isChosen = best[i + 1][left] != best[i][left];
            if (isMandatory || isChosen) {
                chosen.insert(0, repairs.path(i).path("id").asText());
                left -= isMandatory ? 0 : repairs.path(i).path("cost").intValue();
            }
        }
        return new Answer(json, Map.of("outcome", "optimal", "objective", reached, "slack", left));
    }

    private int worth(JsonNode repair) {
        return repair.path("hours").intValue()
                * weights.getOrDefault(repair.path("customer").asText(), 1);
    }
}
