package dev.modelops.core.internal.policy;

import dev.modelops.Principal;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.policy.Facts;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Facts that came as they are, turned into values when asked for. */
record PlainFacts(Facts facts) implements ValuedFacts {
    private static final String METRIC = EntityNames.METRICS + ".";
    private static final String ROUNDED_UP = EntityNames.METRICS_ROUNDED_UP + ".";
    private static final String AUTHOR = "resource.author";

    @Override
    public @Nullable Value value(String name) {
        if (name.equals(EntityNames.METRICS_ROUNDED_UP)) {
            return null;
        }
        if (name.startsWith(ROUNDED_UP)) {
            Object metric =
                    facts.get(METRIC + name.substring(ROUNDED_UP.length())).orElse(null);
            return metric == null || facts.names().contains(EntityNames.METRICS)
                    ? null
                    : FactValues.of(metric, RoundingMode.CEILING);
        }
        Object fact = facts.get(name).orElse(null);
        if (fact == null) {
            return null;
        }
        if (name.equals(AUTHOR) && !(fact instanceof Principal)) {
            return fact instanceof String text ? new EntityUid(EntityNames.USER, text) : null;
        }
        return FactValues.of(fact, RoundingMode.FLOOR);
    }

    @Override
    public @Nullable Value tag(EntityUid entity, String key) {
        String name = (entity.type().equals(EntityNames.MODEL) ? "resource.model.tags." : "resource.tags.") + key;
        return facts.get(name).orElse(null) instanceof String text ? new StringValue(text) : null;
    }

    @Override
    public Optional<Object> get(String name) {
        return facts.get(name);
    }

    @Override
    public Set<String> names() {
        return facts.names();
    }
}
