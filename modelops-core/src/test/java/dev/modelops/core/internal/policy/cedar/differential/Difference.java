package dev.modelops.core.internal.policy.cedar.differential;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Answer;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Policies;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Refused;

/**
 * What two engines make of one case, an object of policies, entities and a request.
 *
 * @param ours what ours decides, or why it refuses
 * @param theirs what the reference implementation decides, or why it refuses
 */
record Difference(Object ours, Object theirs) {
    static Difference of(NativeCedar engine, ObjectNode whole) {
        return new Difference(ours(whole), theirs(engine, whole));
    }

    static Object ours(ObjectNode whole) {
        try {
            return new OurCedar(whole.path("policies")).decide(whole, OurCedar.entities(whole.path("entities")));
        } catch (IllegalArgumentException e) {
            return "refused: " + e.getMessage();
        }
    }

    private static Object theirs(NativeCedar engine, ObjectNode whole) {
        ObjectNode request = whole.deepCopy();
        request.remove("policies");
        try (Policies policies = engine.parse(whole.path("policies").toString())) {
            return policies.decide(request);
        } catch (Refused e) {
            return "refused: " + e.getMessage();
        }
    }

    boolean isThere() {
        return ours instanceof Answer || theirs instanceof Answer ? !ours.equals(theirs) : false;
    }

    /** Tells whether one refuses what the other decides. */
    boolean isRefusal() {
        return ours instanceof Answer != theirs instanceof Answer;
    }

    /** Returns the smallest case that differs in the same way, and how. */
    static String smallest(NativeCedar engine, ObjectNode whole) {
        Difference first = of(engine, whole);
        boolean refusal = first.isRefusal();
        ObjectNode smallest = Shrinker.shrink(whole, candidate -> {
            if (!isWhole(candidate)) {
                return false;
            }
            Difference found = of(engine, candidate);
            return found.isThere()
                    && found.isRefusal() == refusal
                    && found.ours() instanceof Answer == first.ours() instanceof Answer;
        });
        Difference found = of(engine, smallest);
        return smallest + "\n  ours:   " + found.ours() + "\n  theirs: " + found.theirs();
    }

    /** Tells whether a case has all that a request needs. */
    static boolean isWhole(ObjectNode candidate) {
        for (String part : new String[] {"principal", "action", "resource"}) {
            if (!candidate.at("/" + part + "/type").isTextual()
                    || !candidate.at("/" + part + "/id").isTextual()) {
                return false;
            }
        }
        return candidate.path("context").isObject()
                && candidate.path("entities").isArray()
                && candidate.at("/policies/staticPolicies").isObject()
                && candidate.at("/policies/templates").isObject()
                && candidate.at("/policies/templateLinks").isArray();
    }
}
