package dev.modelops.core.policy;

import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.cedar.Expr.Call;
import dev.modelops.core.internal.policy.cedar.ExtensionFunction;
import java.util.List;

/**
 * A metric of a version that conditions compare; from {@link Condition#metric}. Policies see four decimal places: a metric
 * is rounded down before it is held against a least value and up before it is held against a greatest, so rounding never
 * helps a version pass. A metric beyond ±922,337,203,685,477.5807 counts as absent. Immutable.
 */
public final class Metric {
    private final String name;

    Metric(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("the name of a metric must not be blank");
        }
        this.name = name;
    }

    /**
     * Returns the condition that the metric is at least a value.
     *
     * @param least the smallest value that will do, as digits, a point and one to four digits, such as {@code 0.80}
     * @return the condition
     * @throws IllegalArgumentException if the value has another form or does not fit
     */
    public Condition atLeast(String least) {
        return compare(EntityNames.METRICS, ExtensionFunction.GREATER_THAN_OR_EQUAL, least);
    }

    /**
     * Returns the condition that the metric is at most a value.
     *
     * @param most the largest value that will do, as digits, a point and one to four digits, such as {@code 0.05}
     * @return the condition
     * @throws IllegalArgumentException if the value has another form or does not fit
     */
    public Condition atMost(String most) {
        return compare(EntityNames.METRICS_ROUNDED_UP, ExtensionFunction.LESS_THAN_OR_EQUAL, most);
    }

    private Condition compare(String record, ExtensionFunction comparison, String value) {
        return Condition.reading(
                Condition.context(),
                List.of(record, name),
                metric -> new Call(comparison, List.of(metric, Fact.decimal(value))));
    }
}
