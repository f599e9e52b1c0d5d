package dev.modelops.policy;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Facts that are read when somebody asks for one of them, for most decisions are never asked what they rest on. */
final class LateFacts extends AbstractMap<String, Object> implements SortedMap<String, Object> {
    private @Nullable Supplier<? extends Map<String, Object>> reading;
    private @Nullable SortedMap<String, Object> read;

    LateFacts(Supplier<? extends Map<String, Object>> reading) {
        this.reading = reading;
    }

    private synchronized SortedMap<String, Object> facts() {
        SortedMap<String, Object> known = read;
        if (known == null) {
            known = reading == null
                    ? Collections.emptySortedMap()
                    : Collections.unmodifiableSortedMap(new TreeMap<>(reading.get()));
            read = known;
            // What the facts were read from may be large.
            reading = null;
        }
        return known;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return facts().entrySet();
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        return facts().get(name);
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return facts().containsKey(name);
    }

    @Override
    public @Nullable Comparator<? super String> comparator() {
        return null;
    }

    @Override
    public SortedMap<String, Object> subMap(String from, String to) {
        return facts().subMap(from, to);
    }

    @Override
    public SortedMap<String, Object> headMap(String to) {
        return facts().headMap(to);
    }

    @Override
    public SortedMap<String, Object> tailMap(String from) {
        return facts().tailMap(from);
    }

    @Override
    public String firstKey() {
        return facts().firstKey();
    }

    @Override
    public String lastKey() {
        return facts().lastKey();
    }
}
