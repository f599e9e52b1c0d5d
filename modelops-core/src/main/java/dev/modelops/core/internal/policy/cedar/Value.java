package dev.modelops.core.internal.policy.cedar;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A Cedar value. Equality is total: values of different types are never equal, sets and records compare by content. */
public sealed interface Value
        permits EntityUid,
                Value.BoolValue,
                Value.LongValue,
                Value.StringValue,
                Value.SetValue,
                Value.RecordValue,
                ExtensionValue {

    /** Returns the name of the value's type, for error texts. */
    String typeName();

    /** A truth value; use {@link #of}. */
    record BoolValue(boolean value) implements Value {
        static final BoolValue TRUE = new BoolValue(true);
        static final BoolValue FALSE = new BoolValue(false);

        /** Returns the shared instance of a truth value. */
        public static BoolValue of(boolean value) {
            return value ? TRUE : FALSE;
        }

        @Override
        public String typeName() {
            return "Bool";
        }
    }

    /** A signed 64-bit integer. */
    record LongValue(long value) implements Value {
        @Override
        public String typeName() {
            return "Long";
        }
    }

    /** A text. */
    record StringValue(String value) implements Value {
        @Override
        public String typeName() {
            return "String";
        }
    }

    /** A set, without order or repetition. */
    record SetValue(Set<Value> elements) implements Value {
        public SetValue {
            elements = Collections.unmodifiableSet(new LinkedHashSet<>(elements));
        }

        /** Returns the set of some values. */
        public static SetValue of(Collection<? extends Value> elements) {
            return new SetValue(new LinkedHashSet<>(elements));
        }

        @Override
        public String typeName() {
            return "Set";
        }
    }

    /** Values by attribute name, in the order of names. */
    record RecordValue(Map<String, Value> attributes) implements Value {
        /** The record without attributes. */
        public static final RecordValue EMPTY = new RecordValue(Map.of());

        public RecordValue {
            // Found by hash, since evaluation mostly consists of that.
            attributes = Collections.unmodifiableMap(new LinkedHashMap<>(new TreeMap<>(attributes)));
        }

        /** Returns a record of some attributes. */
        public static RecordValue of(Map<String, ? extends Value> attributes) {
            return new RecordValue(Collections.unmodifiableMap(attributes));
        }

        /** Returns an attribute, null if the record has none of that name. */
        public @Nullable Value get(String name) {
            return attributes.get(name);
        }

        @Override
        public String typeName() {
            return "Record";
        }
    }
}
