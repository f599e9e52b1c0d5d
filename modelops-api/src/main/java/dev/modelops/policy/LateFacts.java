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
    /** What reads the facts; in its place, once they are read, since it may hold on to much, the facts. */
    private Supplier<? extends Map<String, Object>> facts;

    LateFacts(Supplier<? extends Map<String, Object>> reading) {
        this.facts = reading;
    }

    private synchronized SortedMap<String, Object> facts() {
        if (facts instanceof Read read) {
            return read.facts();
        }
        SortedMap<String, Object> found = Collections.unmodifiableSortedMap(new TreeMap<>(facts.get()));
        facts = new Read(found);
        return found;
    }

    private record Read(SortedMap<String, Object> facts) implements Supplier<Map<String, Object>> {
        @Override
        public Map<String, Object> get() {
            return facts;
        }
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
