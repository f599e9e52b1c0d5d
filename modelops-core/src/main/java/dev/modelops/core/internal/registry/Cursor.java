package dev.modelops.core.internal.registry;

import org.jspecify.annotations.Nullable;

/** Where a listing goes on: in which state, and with which item. */
public record Cursor(long size, long next) {
    /** Parses the text form; null stays null, anything else is an {@link IllegalArgumentException}. */
    public static @Nullable Cursor parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,18}-[0-9]{1,18}")) {
            throw new IllegalArgumentException(
                    "cursor must be one that a page of this listing gave, but was '" + text + "'");
        }
        int dash = text.indexOf('-');
        return new Cursor(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
    }

    @Override
    public String toString() {
        return size + "-" + next;
    }
}
