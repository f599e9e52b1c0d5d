package dev.modelops.core.internal.policy;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.policy.Action;
import dev.modelops.policy.Facts;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The facts of a request and some more, which stand before them. */
record ExtendedFacts(ValuedFacts facts, Map<String, Object> more) implements ValuedFacts {
    static ExtendedFacts of(Facts facts, Map<String, Object> more) {
        return new ExtendedFacts(
                facts instanceof ValuedFacts valued ? valued : new PlainFacts(facts), Map.copyOf(more));
    }

    @Override
    public @Nullable Value value(String name) {
        Object fact = more.get(name);
        return fact == null ? facts.value(name) : FactValues.of(fact, RoundingMode.FLOOR);
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
        Object fact = more.get(name);
        return fact == null ? facts.get(name) : Optional.of(fact);
    }

    @Override
    public Set<String> names() {
        Set<String> names = new TreeSet<>(facts.names());
        names.addAll(more.keySet());
        return names;
    }
}
