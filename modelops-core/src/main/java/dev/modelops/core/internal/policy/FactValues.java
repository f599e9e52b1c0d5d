package dev.modelops.core.internal.policy;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.DatetimeValue;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.DurationValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns facts into values of the policy language and back. */
public final class FactValues {
    private static final LongValue[] SMALL = small();

    private FactValues() {}

    /** Returns the value of a fact; null for a number that the language cannot hold. */
    public static @Nullable Value of(Object fact, RoundingMode rounding) {
        if (fact instanceof Collection<?> elements) {
            List<Value> values = new ArrayList<>();
            for (Object element : elements) {
                Value value = of(element, rounding);
                if (value == null) {
                    return null;
                }
                values.add(value);
            }
            return SetValue.of(values);
        } else if (fact instanceof Boolean truth) {
            return BoolValue.of(truth);
        } else if (fact instanceof Long number) {
            return of(number.longValue());
        } else if (fact instanceof String text) {
            return new StringValue(text);
        } else if (fact instanceof BigDecimal number) {
            return DecimalValue.ofRounded(number, rounding);
        } else if (fact instanceof Instant time) {
            return of(time);
        } else if (fact instanceof Duration length) {
            return of(length);
        } else if (fact instanceof Principal principal) {
            return EntityNames.user(principal);
        } else if (fact instanceof Role role) {
            return EntityNames.role(role);
        } else if (fact instanceof Environment environment) {
            return EntityNames.environment(environment);
        } else if (fact instanceof ModelName model) {
            return EntityNames.model(model);
        } else if (fact instanceof ModelRef version) {
            return EntityNames.version(version);
        }
        throw new IllegalStateException("no fact: " + fact.getClass().getName());
    }

    /** Returns a number. */
    public static LongValue of(long number) {
        return number >= 0 && number < SMALL.length ? SMALL[(int) number] : new LongValue(number);
    }

    /** Returns a time, to the millisecond; null if the language cannot hold it. */
    public static @Nullable DatetimeValue of(Instant time) {
        try {
            return new DatetimeValue(time.toEpochMilli());
        } catch (ArithmeticException e) {
            return null;
        }
    }

    /** Returns a length of time, to the millisecond; null if the language cannot hold it. */
    public static @Nullable DurationValue of(Duration length) {
        try {
            return new DurationValue(length.toMillis());
        } catch (ArithmeticException e) {
            return null;
        }
    }

    /** Returns the fact that a value stands for. */
    public static Object toFact(Value value) {
        if (value instanceof SetValue set) {
            Set<Object> facts = new LinkedHashSet<>();
            set.elements().forEach(element -> facts.add(toFact(element)));
            return facts;
        } else if (value instanceof BoolValue truth) {
            return truth.value();
        } else if (value instanceof LongValue number) {
            return number.value();
        } else if (value instanceof StringValue text) {
            return text.value();
        } else if (value instanceof DecimalValue number) {
            return BigDecimal.valueOf(number.tenThousandths(), 4);
        } else if (value instanceof DatetimeValue time) {
            return Instant.ofEpochMilli(time.epochMilliseconds());
        } else if (value instanceof DurationValue length) {
            return Duration.ofMillis(length.milliseconds());
        } else if (value instanceof EntityUid uid) {
            return switch (uid.type()) {
                case EntityNames.USER -> Principal.parse(uid.id());
                case EntityNames.ROLE -> Role.of(uid.id());
                case EntityNames.ENVIRONMENT_TYPE -> Environment.of(uid.id());
                case EntityNames.MODEL -> ModelName.of(uid.id());
                case EntityNames.MODEL_VERSION -> ModelRef.parse(uid.id());
                default -> throw new IllegalStateException("no fact is a " + uid.type());
            };
        }
        throw new IllegalStateException("no fact is a " + value.typeName());
    }

    private static LongValue[] small() {
        LongValue[] values = new LongValue[64];
        for (int i = 0; i < values.length; i++) {
            values[i] = new LongValue(i);
        }
        return values;
    }
}
