package dev.modelops.core.internal.policy.cedar.validation;

import dev.modelops.core.internal.policy.cedar.schema.Type;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.util.Map;

/** Writes a type for a message: never more than a line of it, however large the type is. */
final class TypeText {
    private static final int MAX_LENGTH = 120;

    private final StringBuilder out = new StringBuilder();

    private TypeText() {}

    static String of(Type type) {
        TypeText text = new TypeText();
        text.append(type);
        return text.isFull() ? text.out.substring(0, MAX_LENGTH) + "..." : text.out.toString();
    }

    private boolean isFull() {
        return out.length() > MAX_LENGTH;
    }

    private void append(Type type) {
        if (type instanceof Type.BoolType) {
            out.append("Bool");
        } else if (type instanceof SetType set) {
            out.append("Set<");
            append(set.element());
            out.append('>');
        } else if (type instanceof RecordType record) {
            append(record);
        } else {
            out.append(type);
        }
    }

    private void append(RecordType type) {
        out.append('{');
        String separator = "";
        for (Map.Entry<String, Attribute> attribute : type.attributes().entrySet()) {
            if (isFull()) {
                return;
            }
            out.append(separator).append(attribute.getKey());
            out.append(attribute.getValue().required() ? ": " : "?: ");
            append(attribute.getValue().type());
            separator = ", ";
        }
        out.append('}');
    }
}
