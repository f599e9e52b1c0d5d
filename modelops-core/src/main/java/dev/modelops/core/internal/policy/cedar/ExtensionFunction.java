package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The extension functions and methods of Cedar. */
public enum ExtensionFunction {
    DECIMAL("decimal", arguments -> DecimalValue.parse(text(arguments))),
    LESS_THAN("lessThan", 2, arguments -> BoolValue.of(compareDecimals(arguments) < 0)),
    LESS_THAN_OR_EQUAL("lessThanOrEqual", 2, arguments -> BoolValue.of(compareDecimals(arguments) <= 0)),
    GREATER_THAN("greaterThan", 2, arguments -> BoolValue.of(compareDecimals(arguments) > 0)),
    GREATER_THAN_OR_EQUAL("greaterThanOrEqual", 2, arguments -> BoolValue.of(compareDecimals(arguments) >= 0)),
    IP("ip", arguments -> IpValue.parse(text(arguments))),
    IS_IPV4("isIpv4", 1, arguments -> BoolValue.of(!ip(arguments, 0).v6())),
    IS_IPV6("isIpv6", 1, arguments -> BoolValue.of(ip(arguments, 0).v6())),
    IS_LOOPBACK("isLoopback", 1, arguments -> BoolValue.of(ip(arguments, 0).isLoopback())),
    IS_MULTICAST("isMulticast", 1, arguments -> BoolValue.of(ip(arguments, 0).isMulticast())),
    IS_IN_RANGE("isInRange", 2, arguments -> BoolValue.of(ip(arguments, 0).isInRange(ip(arguments, 1)))),
    DATETIME("datetime", arguments -> DatetimeValue.parse(text(arguments))),
    DURATION("duration", arguments -> DurationValue.parse(text(arguments))),
    OFFSET("offset", 2, arguments -> datetime(arguments, 0).offset(duration(arguments, 1))),
    DURATION_SINCE("durationSince", 2, arguments -> datetime(arguments, 0).since(datetime(arguments, 1))),
    TO_DATE("toDate", 1, arguments -> datetime(arguments, 0).toDate()),
    TO_TIME("toTime", 1, arguments -> datetime(arguments, 0).toTime()),
    TO_MILLISECONDS("toMilliseconds", 1, arguments -> count(arguments, 1)),
    TO_SECONDS("toSeconds", 1, arguments -> count(arguments, 1_000)),
    TO_MINUTES("toMinutes", 1, arguments -> count(arguments, 60_000)),
    TO_HOURS("toHours", 1, arguments -> count(arguments, 3_600_000)),
    TO_DAYS("toDays", 1, arguments -> count(arguments, 86_400_000));

    private static final Map<String, ExtensionFunction> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(ExtensionFunction::cedarName, function -> function));

    private final String cedarName;
    private final int arity;
    private final boolean method;
    private final Function<List<Value>, Value> body;

    /** Creates a constructor. */
    ExtensionFunction(String cedarName, Function<List<Value>, Value> body) {
        this.cedarName = cedarName;
        this.arity = 1;
        this.method = false;
        this.body = body;
    }

    /** Creates a method. */
    ExtensionFunction(String cedarName, int arity, Function<List<Value>, Value> body) {
        this.cedarName = cedarName;
        this.arity = arity;
        this.method = true;
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
        return body.apply(arguments);
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

    private static String text(List<Value> arguments) {
        if (arguments.get(0) instanceof StringValue text) {
            return text.value();
        }
        throw EvaluationException.type("String", arguments.get(0));
    }

    private static int compareDecimals(List<Value> arguments) {
        return decimal(arguments, 0).compareTo(decimal(arguments, 1));
    }

    private static DecimalValue decimal(List<Value> arguments, int index) {
        if (arguments.get(index) instanceof DecimalValue decimal) {
            return decimal;
        }
        throw EvaluationException.type("decimal", arguments.get(index));
    }

    private static IpValue ip(List<Value> arguments, int index) {
        if (arguments.get(index) instanceof IpValue ip) {
            return ip;
        }
        throw EvaluationException.type("ipaddr", arguments.get(index));
    }

    private static DatetimeValue datetime(List<Value> arguments, int index) {
        if (arguments.get(index) instanceof DatetimeValue datetime) {
            return datetime;
        }
        throw EvaluationException.type("datetime", arguments.get(index));
    }

    private static DurationValue duration(List<Value> arguments, int index) {
        if (arguments.get(index) instanceof DurationValue duration) {
            return duration;
        }
        throw EvaluationException.type("duration", arguments.get(index));
    }

    private static LongValue count(List<Value> arguments, long unit) {
        return new LongValue(duration(arguments, 0).milliseconds() / unit);
    }
}
