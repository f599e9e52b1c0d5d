package dev.modelops.core.internal.policy.cedar.validation;

import static dev.modelops.core.internal.policy.cedar.schema.Type.BoolType.ANY;
import static dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType.DATETIME;
import static dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType.DECIMAL;
import static dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType.DURATION;
import static dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType.IPADDR;
import static dev.modelops.core.internal.policy.cedar.schema.Type.Primitive.LONG;
import static dev.modelops.core.internal.policy.cedar.schema.Type.Primitive.STRING;

import dev.modelops.core.internal.policy.cedar.ExtensionFunction;
import dev.modelops.core.internal.policy.cedar.schema.Type;
import java.util.List;

/** What an extension function takes, receiver first, and returns. */
record Signature(List<Type> parameters, Type result) {

    static Signature of(ExtensionFunction function) {
        return switch (function) {
            case DECIMAL -> new Signature(List.of(STRING), DECIMAL);
            case IP -> new Signature(List.of(STRING), IPADDR);
            case DATETIME -> new Signature(List.of(STRING), DATETIME);
            case DURATION -> new Signature(List.of(STRING), DURATION);
            case LESS_THAN, LESS_THAN_OR_EQUAL, GREATER_THAN, GREATER_THAN_OR_EQUAL ->
                new Signature(List.of(DECIMAL, DECIMAL), ANY);
            case IS_IPV4, IS_IPV6, IS_LOOPBACK, IS_MULTICAST -> new Signature(List.of(IPADDR), ANY);
            case IS_IN_RANGE -> new Signature(List.of(IPADDR, IPADDR), ANY);
            case OFFSET -> new Signature(List.of(DATETIME, DURATION), DATETIME);
            case DURATION_SINCE -> new Signature(List.of(DATETIME, DATETIME), DURATION);
            case TO_DATE -> new Signature(List.of(DATETIME), DATETIME);
            case TO_TIME -> new Signature(List.of(DATETIME), DURATION);
            case TO_MILLISECONDS, TO_SECONDS, TO_MINUTES, TO_HOURS, TO_DAYS -> new Signature(List.of(DURATION), LONG);
        };
    }
}
