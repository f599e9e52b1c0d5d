package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The extension functions and methods of Cedar that are known here. */
public enum ExtensionFunction {
    DECIMAL("decimal", 1, false) {
        @Override
        Value apply(List<Value> arguments) {
            if (arguments.get(0) instanceof StringValue text) {
                return DecimalValue.parse(text.value());
            }
            throw EvaluationException.type("String", arguments.get(0));
        }
    },
    LESS_THAN("lessThan", 2, true) {
        @Override
        Value apply(List<Value> arguments) {
            return BoolValue.of(compare(arguments) < 0);
        }
    },
    LESS_THAN_OR_EQUAL("lessThanOrEqual", 2, true) {
        @Override
        Value apply(List<Value> arguments) {
            return BoolValue.of(compare(arguments) <= 0);
        }
    },
    GREATER_THAN("greaterThan", 2, true) {
        @Override
        Value apply(List<Value> arguments) {
            return BoolValue.of(compare(arguments) > 0);
        }
    },
    GREATER_THAN_OR_EQUAL("greaterThanOrEqual", 2, true) {
        @Override
        Value apply(List<Value> arguments) {
            return BoolValue.of(compare(arguments) >= 0);
        }
    };

    private final String cedarName;
    private final int arity;
    private final boolean method;

    ExtensionFunction(String cedarName, int arity, boolean method) {
        this.cedarName = cedarName;
        this.arity = arity;
        this.method = method;
    }

    abstract Value apply(List<Value> arguments);

    /** Returns the function of a name, null if none is known. */
    public static @Nullable ExtensionFunction named(String name) {
        for (ExtensionFunction function : values()) {
            if (function.cedarName.equals(name)) {
                return function;
            }
        }
        return null;
    }

    /** Returns the name in Cedar. */
    public String cedarName() {
        return cedarName;
    }

    /** Returns the number of arguments; for a method the receiver is the first. */
    public int arity() {
        return arity;
    }

    /** Tells whether the text form is {@code receiver.name(rest)}. */
    public boolean isMethod() {
        return method;
    }

    private static int compare(List<Value> arguments) {
        return decimal(arguments.get(0)).compareTo(decimal(arguments.get(1)));
    }

    private static DecimalValue decimal(Value value) {
        if (value instanceof DecimalValue decimal) {
            return decimal;
        }
        throw EvaluationException.type("decimal", value);
    }
}
