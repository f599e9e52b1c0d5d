package dev.modelops.core.internal.policy;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.policy.Action;
import dev.modelops.policy.Facts;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The facts about a request together with those about the overriding of soft rules that refuse it. */
record OverridingFacts(ValuedFacts facts, Map<String, Object> plain, Map<String, Value> values) implements ValuedFacts {
    private static final String ACTION = "override.action";
    private static final String RULES = "override.rules";
    private static final String REASON = "override.reason";

    static OverridingFacts of(Facts facts, String action, List<String> rules, String reason) {
        return new OverridingFacts(
                facts instanceof ValuedFacts valued ? valued : new PlainFacts(facts),
                Map.of(ACTION, action, RULES, rules, REASON, reason),
                Map.of(
                        ACTION,
                        new StringValue(action),
                        RULES,
                        SetValue.of(rules.stream().map(StringValue::new).toList()),
                        REASON,
                        new StringValue(reason)));
    }

    @Override
    public @Nullable Value value(String name) {
        Value value = values.get(name);
        return value == null ? facts.value(name) : value;
    }

    @Override
    public @Nullable Value tag(EntityUid entity, String key) {
        return facts.tag(entity, key);
    }

    @Override
    public EntityUid resource(Action action) {
        return facts.resource(action);
    }

    @Override
    public Optional<Object> get(String name) {
        return plain.containsKey(name) ? Optional.ofNullable(plain.get(name)) : facts.get(name);
    }

    @Override
    public Set<String> names() {
        Set<String> names = new HashSet<>(facts.names());
        names.addAll(plain.keySet());
        return names;
    }
}
