package dev.modelops;

/**
 * A point in the log: the number of entries up to it. The state at a position is the effect of its first
 * {@code size} entries; the entry that brought the log to this position has index {@code size - 1}.
 *
 * @param size the number of entries, at least 0
 */
public record LogPosition(long size) implements Comparable<LogPosition> {
    /**
     * Creates a position.
     *
     * @param size the number of entries, at least 0
     * @throws IllegalArgumentException if the size is negative
     */
    public LogPosition {
        if (size < 0) {
            throw new IllegalArgumentException("log position must be at least 0, but was " + size);
        }
    }

    /**
     * Returns the position after a number of entries.
     *
     * @param size the number of entries
     * @return the position
     * @throws IllegalArgumentException if the size is negative
     */
    public static LogPosition of(long size) {
        return new LogPosition(size);
    }

    /**
     * Returns the position just after the entry at an index.
     *
     * @param index the index of an entry, from 0
     * @return the position
     */
    public static LogPosition after(long index) {
        return new LogPosition(index + 1);
    }

    /**
     * Returns the index of the entry that brought the log here.
     *
     * @return the index, from 0
     * @throws IllegalStateException at position 0, before any entry
     */
    public long index() {
        if (size == 0) {
            throw new IllegalStateException("position 0 is before the first entry");
        }
        return size - 1;
    }

    @Override
    public int compareTo(LogPosition other) {
        return Long.compare(size, other.size);
    }

    /** Returns the decimal digits of the size. */
    @Override
    public String toString() {
        return Long.toString(size);
    }
}
