package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.FactValues;
import dev.modelops.core.internal.policy.GovernanceSchema;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.schema.ActionDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Conformance;
import dev.modelops.core.internal.policy.cedar.schema.EntityDeclaration;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.validation.Spelling;
import dev.modelops.policy.Action;
import dev.modelops.registry.LifeCycle;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The facts that rules of a set can read of a request, by name, with their types; for one thread. */
final class KnownFacts {
    private static final List<String> TAGS = List.of("resource.tags.", "resource.model.tags.");

    /** What the engine takes from the request itself, so that no fact of this name would be read. */
    private static final Set<String> FROM_REQUEST =
            Set.of("principal.roles", "principal.units", "principal.assurance", EntityNames.ENVIRONMENT);

    private final Schema schema;
    private final Map<String, SortedMap<String, Type>> byAction = new HashMap<>();

    /**
     * Creates the facts that a set can read.
     *
     * @throws IllegalArgumentException if the types that its rules give to facts contradict each other
     */
    KnownFacts(CedarPolicySet set) {
        this.schema = GovernanceSchema.of(set, LifeCycle.standard());
    }

    /** Returns what is wrong with the name of a fact about an action, or null. */
    @Nullable String problem(Action action, String name) {
        SortedMap<String, Type> known = known(action);
        return isTag(name) || known.containsKey(name)
                ? null
                : "no rule can read a fact '" + name + "' of the action '"
                        + action.type().id() + "'; " + Spelling.hint(name, known.keySet()) + "; "
                        + (EntityNames.isOpenRecord(name.substring(0, Math.max(0, name.indexOf('.'))))
                                ? "a metric is known once a rule reads it"
                                : "a fact of the host's own is known once a rule names its type, @facts(\"" + name
                                        + ": Bool\")");
    }

    /** Returns what is wrong with a fact about an action, or null. */
    @Nullable String problem(Action action, String name, Object fact) {
        if (isTag(name)) {
            return fact instanceof String ? null : "fact '" + name + "' is the value of a tag and must be a text";
        }
        Type type = known(action).get(name);
        if (type == null) {
            return problem(action, name);
        }
        Value value = FactValues.of(fact, RoundingMode.FLOOR);
        if (value == null) {
            return "fact '" + name + "' does not fit the policy language: " + fact;
        }
        List<String> wrong = Conformance.ofValue(schema, value, type, "fact '" + name + "'");
        return wrong.isEmpty() ? null : wrong.get(0);
    }

    private static boolean isTag(String name) {
        return TAGS.stream().anyMatch(name::startsWith);
    }

    private SortedMap<String, Type> known(Action action) {
        return byAction.computeIfAbsent(
                EntityNames.resourceTypeOf(action)
                        + action.type()
                        + action.overriding().isPresent(),
                unused -> of(action));
    }

    private SortedMap<String, Type> of(Action action) {
        SortedMap<String, Type> known = new TreeMap<>();
        schema.actions().values().stream()
                .filter(declared -> isFor(declared, action))
                .forEach(declared -> add(known, "", declared.context()));
        known.keySet()
                .removeIf(
                        name -> name.startsWith(EntityNames.METRICS_ROUNDED_UP + ".") || name.startsWith("override."));
        add(known, EntityNames.ENVIRONMENT + ".", EntityNames.ENVIRONMENT_TYPE);
        add(known, "principal.", EntityNames.USER);
        add(known, "resource.", EntityNames.resourceTypeOf(action));
        known.keySet().removeAll(FROM_REQUEST);
        return known;
    }

    private static boolean isFor(ActionDeclaration declared, Action action) {
        EntityUid uid = declared.uid();
        return action.type() == Action.Type.TRANSITION
                ? declared.ancestors().contains(EntityNames.TRANSITION)
                : uid.id().equals(action.type().id())
                        || action.overriding().isPresent() && uid.id().equals(Action.Type.OVERRIDE.id());
    }

    private void add(SortedMap<String, Type> known, String prefix, String entity) {
        EntityDeclaration declared = schema.entityType(entity);
        if (declared != null) {
            add(known, prefix, declared.attributes());
        }
    }

    private void add(SortedMap<String, Type> known, String prefix, RecordType record) {
        record.attributes().forEach((name, attribute) -> {
            if (attribute.type() instanceof RecordType inner) {
                add(known, prefix + name + ".", inner);
                return;
            }
            known.putIfAbsent(prefix + name, attribute.type());
            // The model and the author of what a request is about are the entities whose attributes are facts as well.
            boolean leadsOn = prefix.equals("resource.") && (name.equals("model") || name.equals("author"));
            if (leadsOn && attribute.type() instanceof Type.EntityType entity) {
                add(known, prefix + name + ".", entity.name());
            }
        });
    }
}
