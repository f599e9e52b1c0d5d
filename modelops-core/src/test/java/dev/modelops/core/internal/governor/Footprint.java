package dev.modelops.core.internal.governor;

import dev.modelops.Bytes;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;
import org.pcollections.PVector;

/**
 * Adds up what objects take in a 64-bit JVM with compressed references, each counted once. Exact for our own classes, by
 * the layout of today's versions for those of the libraries: it gives the same figure on every machine.
 */
final class Footprint {
    private static final int REFERENCE = 4;
    private static final int HEADER = 12;

    private final IdentityHashMap<Object, Boolean> seen = new IdentityHashMap<>();

    static long of(Object... roots) {
        Footprint footprint = new Footprint();
        long sum = 0;
        for (Object root : roots) {
            sum += footprint.add(root);
        }
        return sum;
    }

    private long add(@Nullable Object value) {
        if (value == null || value instanceof Enum || seen.put(value, true) != null) {
            return 0;
        }
        if (value instanceof String text) {
            return 24 + aligned(16 + (text.chars().allMatch(c -> c < 256) ? text.length() : 2L * text.length()));
        }
        if (value instanceof Bytes bytes) {
            return 16 + aligned(16 + bytes.length());
        }
        if (value instanceof Instant || value instanceof Long) {
            return 24;
        }
        if (value instanceof Integer) {
            return 16;
        }
        if (value instanceof BigDecimal) {
            return 40;
        }
        if (value instanceof Optional<?> optional) {
            return optional.isEmpty() ? 0 : 16 + add(optional.get());
        }
        if (value instanceof PMap<?, ?> map) {
            // A tree node, a list cell and a pair for each entry.
            return map.isEmpty() ? 0 : 64 + entries(map, 40 + 24 + 24);
        }
        if (value instanceof PVector<?> vector) {
            return vector.isEmpty() ? 0 : 48 + elements(vector, 40);
        }
        if (value instanceof Map<?, ?> map) {
            return map.isEmpty() ? 0 : 48 + entries(map, 16);
        }
        if (value instanceof Collection<?> collection) {
            return collection.isEmpty() ? 0 : 40 + elements(collection, 8);
        }
        if (value.getClass().isArray()) {
            return array(value);
        }
        return fields(value);
    }

    private long entries(Map<?, ?> map, long each) {
        long sum = 0;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            sum += each + add(entry.getKey()) + add(entry.getValue());
        }
        return sum;
    }

    private long elements(Collection<?> elements, long each) {
        long sum = 0;
        for (Object element : elements) {
            sum += each + add(element);
        }
        return sum;
    }

    private long array(Object array) {
        int length = Array.getLength(array);
        Class<?> type = array.getClass().getComponentType();
        long sum = aligned(16 + (long) length * width(type));
        if (!type.isPrimitive()) {
            for (Object element : (Object[]) array) {
                sum += add(element);
            }
        }
        return sum;
    }

    private long fields(Object value) {
        long own = HEADER;
        long below = 0;
        try {
            if (value instanceof Record) {
                for (RecordComponent component : value.getClass().getRecordComponents()) {
                    own += width(component.getType());
                    if (!component.getType().isPrimitive()) {
                        below += add(component.getAccessor().invoke(value));
                    }
                }
                return aligned(own) + below;
            }
            for (Field field : value.getClass().getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    own += width(field.getType());
                    if (!field.getType().isPrimitive()) {
                        field.setAccessible(true);
                        below += add(field.get(value));
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot look into " + value.getClass(), e);
        }
        return aligned(own) + below;
    }

    private static int width(Class<?> type) {
        if (!type.isPrimitive()) {
            return REFERENCE;
        }
        return type == long.class || type == double.class ? 8 : type == byte.class || type == boolean.class ? 1 : 4;
    }

    private static long aligned(long bytes) {
        return (bytes + 7) / 8 * 8;
    }
}
