package dev.modelops.core.internal.monitoring;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The latest windows of a monitor, put together from the parts that many processes counted, in whatever order these come and
 * however often. Of older windows nothing is kept: what still comes of them is counted as too old.
 */
public final class WindowHistory {
    private final int capacity;
    private final TreeMap<Long, Whole> windows = new TreeMap<>();
    private long tooOld;
    private long oldest = Long.MIN_VALUE;

    private static final class Whole {
        private final Set<String> parts = new HashSet<>();
        private Window sum;

        Whole(Window first) {
            sum = first;
        }
    }

    /** What became of a part. */
    public enum Added {
        /** It was added. */
        NEW,
        /** It had been added before. */
        KNOWN,
        /** Its window is no longer kept. */
        TOO_OLD
    }

    /** Keeps so many windows. */
    public WindowHistory(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("at least one window is kept, not " + capacity);
        }
        this.capacity = capacity;
    }

    /**
     * Adds a part of a window.
     *
     * @param id what identifies the part wherever it comes from, such as the digest of its segment and its place in it
     * @throws IllegalArgumentException if it does not add up with what is there; nothing was added then
     */
    public synchronized Added add(String id, Window part) {
        if (part.index() < oldest) {
            tooOld++;
            return Added.TOO_OLD;
        }
        Whole whole = windows.get(part.index());
        if (whole == null) {
            whole = new Whole(part);
            windows.put(part.index(), whole);
        } else if (whole.parts.contains(id)) {
            return Added.KNOWN;
        } else {
            whole.sum = whole.sum.plus(part);
        }
        whole.parts.add(id);
        while (windows.size() > capacity) {
            oldest = windows.pollFirstEntry().getKey() + 1;
        }
        return part.index() < oldest ? Added.TOO_OLD : Added.NEW;
    }

    /** Returns the windows up to and with a number, the oldest first, at most so many. */
    public synchronized List<Window> latest(long upTo, int count) {
        List<Window> latest = new ArrayList<>();
        for (Map.Entry<Long, Whole> entry :
                windows.headMap(upTo, true).descendingMap().entrySet()) {
            if (latest.size() == count) {
                break;
            }
            latest.add(0, entry.getValue().sum);
        }
        return List.copyOf(latest);
    }

    /** Returns how many parts came of windows that are no longer kept. */
    public synchronized long tooOld() {
        return tooOld;
    }
}
