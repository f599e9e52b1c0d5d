package dev.modelops.core.internal.tlog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a tile or a bundle of entries lies (C2SP tlog-tiles), such as {@code tile/0/x001/x234/067} or
 * {@code tile/entries/000.p/17}.
 *
 * @param level the level of a hash tile, 0 to 63, or {@link #ENTRIES} for a bundle
 * @param index the number of the tile in its level, from 0
 * @param width how many hashes or entries it holds, 1 to 256; below 256 it is a partial tile
 */
public record TilePath(int level, long index, int width) {
    /** The level of bundles of entries. */
    public static final int ENTRIES = -1;

    /** The width of a full tile. */
    public static final int FULL = 256;

    private static final Pattern FORM =
            Pattern.compile("tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\\.p/([0-9]{1,3}))?");

    /**
     * Creates a path.
     *
     * @throws IllegalArgumentException if a part is out of range
     */
    public TilePath {
        if (level < ENTRIES || level > 63 || index < 0 || width < 1 || width > FULL) {
            throw new IllegalArgumentException(
                    "tile must have a level to 63, an index from 0, and a width from 1 to 256, but had " + level + ", "
                            + index + ", " + width);
        }
    }

    /** Returns the path of the full tile that a partial one grows into. */
    TilePath full() {
        return new TilePath(level, index, FULL);
    }

    /**
     * Parses a path in the one form that {@link #toString} gives.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static TilePath parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            try {
                int level = matcher.group(1).equals("entries") ? ENTRIES : Integer.parseInt(matcher.group(1));
                long index = Long.parseLong(matcher.group(2).replaceAll("[x/]", ""));
                String width = matcher.group(3);
                TilePath path = new TilePath(level, index, width == null ? FULL : Integer.parseInt(width));
                if (path.toString().equals(text)) {
                    return path;
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(malformed(text), e);
            }
        }
        throw new IllegalArgumentException(malformed(text));
    }

    /** Returns the path, with {@code /} between its parts. */
    @Override
    public String toString() {
        StringBuilder number = new StringBuilder(group(index));
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            number.insert(0, "x" + group(rest) + "/");
        }
        return "tile/" + (level == ENTRIES ? "entries" : level) + "/" + number + (width == FULL ? "" : ".p/" + width);
    }

    private static String group(long number) {
        return Long.toString(1000 + number % 1000).substring(1);
    }

    private static String malformed(String text) {
        return "tile path must look like tile/<level or entries>/x001/234 with .p/<width> for a partial tile, but was '"
                + NoteSyntax.cut(text) + "'";
    }
}
