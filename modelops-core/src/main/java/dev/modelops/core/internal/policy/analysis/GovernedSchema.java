package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.GovernanceSchema;
import dev.modelops.core.internal.policy.RuleTerms;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.registry.LifeCycle;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The schema of what policies of a log may speak of, with the metrics that some policies read. */
public final class GovernedSchema {
    private GovernedSchema() {}

    /** Returns the schema for some sets, with the standard life cycle and the facts that hosts usually give. */
    public static Schema of(Collection<CedarPolicySet> sets) {
        Set<String> metrics = new TreeSet<>();
        SortedMap<String, String> facts = new TreeMap<>();
        for (CedarPolicySet set : sets) {
            set.policies().forEach((id, policy) -> {
                metrics.addAll(GovernanceSchema.metrics(policy));
                facts.putAll(facts(id, policy));
            });
        }
        try {
            return SchemaText.read(schema(metrics, facts));
        } catch (IllegalArgumentException contradictory) {
            return SchemaText.read(schema(metrics, Map.of())); // then each rule that reads these facts is a finding
        }
    }

    /** Returns what is wrong with the annotations of the rules, by id; a log would not take these rules. */
    public static SortedMap<String, String> problems(CedarPolicySet set) {
        SortedMap<String, String> problems = new TreeMap<>();
        set.policies().forEach((id, policy) -> {
            try {
                schema(Set.of(), RuleTerms.of(id, policy).facts());
            } catch (IllegalArgumentException e) {
                problems.put(id, String.valueOf(e.getMessage()));
            }
        });
        return problems;
    }

    /** What a rule says of facts of the host's own; nothing if a log would not take it, which is a finding. */
    private static Map<String, String> facts(String id, CedarPolicy policy) {
        try {
            Map<String, String> facts = RuleTerms.of(id, policy).facts();
            return schema(Set.of(), facts).isEmpty() ? Map.of() : facts;
        } catch (IllegalArgumentException e) {
            return Map.of();
        }
    }

    private static String schema(Set<String> metrics, Map<String, String> facts) {
        return GovernanceSchema.text(metrics, facts, LifeCycle.standard());
    }
}
