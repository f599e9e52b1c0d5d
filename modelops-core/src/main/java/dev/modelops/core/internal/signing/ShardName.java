package dev.modelops.core.internal.signing;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a range of a file. The range follows the last two colons, as the path may hold others.
 *
 * @param path the file
 * @param start where the range begins
 * @param end where it ends, exclusively
 */
record ShardName(String path, long start, long end) {
    private static final Pattern FORM = Pattern.compile("(.+):(0|[1-9][0-9]{0,17}):([1-9][0-9]{0,17})", Pattern.DOTALL);

    /**
     * Parses the one form a producer writes.
     *
     * @throws IllegalArgumentException if the name has another form or the range is empty
     */
    static ShardName parse(String name) {
        Matcher parts = FORM.matcher(name);
        if (!parts.matches()) {
            throw new IllegalArgumentException("it does not end in :start:end");
        }
        ShardName shard = new ShardName(parts.group(1), Long.parseLong(parts.group(2)), Long.parseLong(parts.group(3)));
        if (shard.start >= shard.end) {
            throw new IllegalArgumentException("its range is empty");
        }
        return shard;
    }

    /** Returns the same range of another file. */
    ShardName of(String file) {
        return new ShardName(file, start, end);
    }

    @Override
    public String toString() {
        return path + ":" + start + ":" + end;
    }
}
