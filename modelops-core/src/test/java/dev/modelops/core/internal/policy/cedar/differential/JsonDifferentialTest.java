package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Gives both engines policy sets, links and entities in JSON that are changed in some place. What we accept they must accept
 * and decide alike. The reverse is not asked: they pass over members that they do not know, and take a broken
 * {@code __entity} or {@code __extn} for a record, where we refuse.
 */
class JsonDifferentialTest {
    private final Comparison comparison = new Comparison(10);
    private final @Nullable NativeCedar engine = NativeCedar.orNull();

    @Test
    void whatWeAcceptOfChangedDocumentsTheyDecideAlike() {
        LongAdder accepted = new LongAdder();
        comparison.run("policy sets and entities with changed parts", seed -> {
            RandomWorld draw = new RandomWorld(seed, 0.04);
            ObjectNode whole = draw.request();
            whole.set("entities", draw.entities());
            whole.set("policies", draw.policySet());
            List<JsonNode> places = new ArrayList<>();
            collect(whole.path(draw.random().nextInt(3) == 0 ? "entities" : "policies"), places);
            for (int i = 1 + draw.random().nextInt(2); i > 0 && !places.isEmpty(); i--) {
                change(places.get(draw.random().nextInt(places.size())), places, draw.random());
            }
            if (Difference.ours(whole) instanceof String) {
                return null;
            }
            accepted.increment();
            return engine == null || !Difference.of(engine, whole).isThere()
                    ? null
                    : () -> Difference.smallest(engine, whole);
        });
        assertThat(accepted.sum()).isBetween(comparison.cases() / 20L, comparison.cases() * 9L / 10);
    }

    private static void collect(JsonNode node, List<JsonNode> places) {
        if (node.isContainerNode()) {
            places.add(node);
            node.forEach(part -> collect(part, places));
        }
    }

    private static void change(JsonNode at, List<JsonNode> places, Random random) {
        JsonNode other = switch (random.nextInt(10)) {
            case 0 -> Json.NODES.nullNode();
            case 1 -> Json.NODES.numberNode(1.5);
            case 2 -> Json.NODES.textNode("principal");
            case 3 -> Json.NODES.numberNode(-7);
            case 4 -> Json.NODES.booleanNode(true);
            case 5 -> Json.NODES.arrayNode();
            case 6 -> Json.NODES.objectNode();
            default -> places.get(random.nextInt(places.size())).deepCopy();
        };
        if (at instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(5)) {
                case 0 -> object.remove(name);
                case 1 -> object.set("extra", other);
                case 2 ->
                    object.set(
                            names.get(random.nextInt(names.size())),
                            object.get(name).deepCopy());
                default -> object.set(name, other);
            }
        } else if (at instanceof ArrayNode array && !array.isEmpty()) {
            int index = random.nextInt(array.size());
            switch (random.nextInt(3)) {
                case 0 -> array.remove(index);
                case 1 -> array.add(array.get(index).deepCopy());
                default -> array.set(index, other);
            }
        }
    }
}
