package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The extension functions and methods of Cedar. */
public enum ExtensionFunction {
    DECIMAL("decimal", DecimalValue::parse),
    LESS_THAN("lessThan", 2, (one, other) -> BoolValue.of(compare(one, other) < 0)),
    LESS_THAN_OR_EQUAL("lessThanOrEqual", 2, (one, other) -> BoolValue.of(compare(one, other) <= 0)),
    GREATER_THAN("greaterThan", 2, (one, other) -> BoolValue.of(compare(one, other) > 0)),
    GREATER_THAN_OR_EQUAL("greaterThanOrEqual", 2, (one, other) -> BoolValue.of(compare(one, other) >= 0)),
    IP("ip", IpValue::parse),
    IS_IPV4("isIpv4", 1, one -> BoolValue.of(!ip(one).v6())),
    IS_IPV6("isIpv6", 1, one -> BoolValue.of(ip(one).v6())),
    IS_LOOPBACK("isLoopback", 1, one -> BoolValue.of(ip(one).isLoopback())),
    IS_MULTICAST("isMulticast", 1, one -> BoolValue.of(ip(one).isMulticast())),
    IS_IN_RANGE("isInRange", 2, (one, other) -> BoolValue.of(ip(one).isInRange(ip(other)))),
    DATETIME("datetime", DatetimeValue::parse),
    DURATION("duration", DurationValue::parse),
    OFFSET("offset", 2, (one, other) -> datetime(one).offset(duration(other))),
    DURATION_SINCE("durationSince", 2, (one, other) -> datetime(one).since(datetime(other))),
    TO_DATE("toDate", 1, one -> datetime(one).toDate()),
    TO_TIME("toTime", 1, one -> datetime(one).toTime()),
    TO_MILLISECONDS("toMilliseconds", 1, one -> count(one, 1)),
    TO_SECONDS("toSeconds", 1, one -> count(one, 1_000)),
    TO_MINUTES("toMinutes", 1, one -> count(one, 60_000)),
    TO_HOURS("toHours", 1, one -> count(one, 3_600_000)),
    TO_DAYS("toDays", 1, one -> count(one, 86_400_000));

    private static final Map<String, ExtensionFunction> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(ExtensionFunction::cedarName, function -> function));

    private final String cedarName;
    private final int arity;
    private final boolean method;
    private final BinaryOperator<Value> body;

    /** Creates a constructor. */
    ExtensionFunction(String cedarName, Function<String, Value> parsing) {
        this(cedarName, 1, false, (text, unused) -> parsing.apply(text(text)));
    }

    /** Creates a method of its receiver. */
    ExtensionFunction(String cedarName, int arity, UnaryOperator<Value> body) {
        this(cedarName, arity, true, (one, unused) -> body.apply(one));
    }

    /** Creates a method of its receiver and an argument. */
    ExtensionFunction(String cedarName, int arity, BinaryOperator<Value> body) {
        this(cedarName, arity, true, body);
    }

    ExtensionFunction(String cedarName, int arity, boolean method, BinaryOperator<Value> body) {
        this.cedarName = cedarName;
        this.arity = arity;
        this.method = method;
        this.body = body;
    }

    /**
     * Returns the value of a call.
     *
     * @param arguments for a method, the receiver first
     * @throws EvaluationException if their number or types do not fit, or there is no value for them
     */
    public Value apply(List<Value> arguments) {
        if (arguments.size() != arity) {
            throw new EvaluationException("'" + cedarName + "' takes " + arity
                    + (method ? " arguments, receiver included," : " argument") + " but has " + arguments.size());
        }
        return body.apply(arguments.get(0), arguments.get(arity - 1));
    }

    /**
     * Returns the value of a call with two arguments.
     *
     * @throws EvaluationException if their types do not fit, or there is no value for them
     * @throws IllegalStateException if the function does not take two
     */
    Value apply(Value one, Value other) {
        if (arity != 2) {
            throw new IllegalStateException("'" + cedarName + "' does not take two arguments");
        }
        return body.apply(one, other);
    }

    /** Returns the function of a name, null if none is known. */
    public static @Nullable ExtensionFunction named(String name) {
        return BY_NAME.get(name);
    }

    /** Returns the name in Cedar. */
    public String cedarName() {
        return cedarName;
    }

    /** Returns the number of arguments; for a method the receiver is the first. */
    public int arity() {
        return arity;
    }

    /** Tells whether the text form is {@code receiver.name(rest)}; all others make a value from a text. */
    public boolean isMethod() {
        return method;
    }

    /**
     * Makes a value by a constructor from a text.
     *
     * @throws EvaluationException if the text is none of a value
     * @throws IllegalStateException if this is a method
     */
    public ExtensionValue construct(String text) {
        if (!method && apply(List.of(new StringValue(text))) instanceof ExtensionValue value) {
            return value;
        }
        throw new IllegalStateException("'" + cedarName + "' is a method, it makes no value from a text");
    }

    private static String text(Value value) {
        if (value instanceof StringValue text) {
            return text.value();
        }
        throw EvaluationException.type("String", value);
    }

    private static int compare(Value one, Value other) {
        return decimal(one).compareTo(decimal(other));
    }

    private static DecimalValue decimal(Value value) {
        if (value instanceof DecimalValue decimal) {
            return decimal;
        }
        throw EvaluationException.type("decimal", value);
    }

    private static IpValue ip(Value value) {
        if (value instanceof IpValue ip) {
            return ip;
        }
        throw EvaluationException.type("ipaddr", value);
    }

    private static DatetimeValue datetime(Value value) {
        if (value instanceof DatetimeValue datetime) {
            return datetime;
        }
        throw EvaluationException.type("datetime", value);
    }

    private static DurationValue duration(Value value) {
        if (value instanceof DurationValue duration) {
            return duration;
        }
        throw EvaluationException.type("duration", value);
    }

    private static LongValue count(Value value, long unit) {
        return new LongValue(duration(value).milliseconds() / unit);
    }
}
