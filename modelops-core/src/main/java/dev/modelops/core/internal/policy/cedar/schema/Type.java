package dev.modelops.core.internal.policy.cedar.schema;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The type of a Cedar value, with all names resolved; its text is the one of a schema. */
public sealed interface Type {

    /** Truth values, or the one that is known to result. */
    enum BoolType implements Type {
        ANY,
        TRUE,
        FALSE;

        @Override
        public String toString() {
            return this == ANY ? "Bool" : this == TRUE ? "True" : "False";
        }
    }

    /** The types of numbers and texts. */
    enum Primitive implements Type {
        LONG,
        STRING;

        @Override
        public String toString() {
            return this == LONG ? "Long" : "String";
        }
    }

    /** The extension types. */
    enum ExtensionType implements Type {
        DECIMAL,
        IPADDR,
        DATETIME,
        DURATION;

        /** Returns the extension type of a name such as {@code ipaddr}; null if there is none. */
        public static @Nullable ExtensionType named(String name) {
            for (ExtensionType type : values()) {
                if (type.toString().equals(name)) {
                    return type;
                }
            }
            return null;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Sets of elements of one type. */
    record SetType(Type element) implements Type {
        @Override
        public String toString() {
            return "Set<" + element + ">";
        }
    }

    /** Records with exactly the required attributes and any of the optional ones. */
    record RecordType(SortedMap<String, Attribute> attributes) implements Type {
        /** Records without attributes. */
        public static final RecordType EMPTY = new RecordType(new TreeMap<>());

        public RecordType {
            attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
        }

        /** Returns the type of records with some attributes. */
        public static RecordType of(Map<String, Attribute> attributes) {
            return new RecordType(new TreeMap<>(attributes));
        }

        /** Returns what is declared of an attribute; null if it is not declared. */
        public @Nullable Attribute get(String name) {
            return attributes.get(name);
        }

        @Override
        public String toString() {
            return attributes.entrySet().stream()
                    .map(entry -> SchemaWords.attribute(entry.getKey())
                            + (entry.getValue().required() ? ": " : "?: ")
                            + entry.getValue().type())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }

    /** Entities of one type, given by its full name. */
    record EntityType(String name) implements Type {
        @Override
        public String toString() {
            return name;
        }
    }

    /** What is declared of an attribute of a record. */
    record Attribute(Type type, boolean required) {}
}
