package dev.modelops.core.internal.registry;

import org.jspecify.annotations.Nullable;

/** Where a listing goes on: in which state, and with which item. */
public record Cursor(long size, long next) {
    /**
     * Parses the text form; null stays null, anything that no listing of a log of this size gave is an
     * {@link IllegalArgumentException}.
     */
    public static @Nullable Cursor parse(@Nullable String text, long size) {
        if (text == null) {
            return null;
        }
        if (text.matches("[0-9]{1,18}-[0-9]{1,18}")) {
            int dash = text.indexOf('-');
            Cursor cursor =
                    new Cursor(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
            if (cursor.size >= 1 && cursor.size <= size && cursor.next <= cursor.size) {
                return cursor;
            }
        }
        throw new IllegalArgumentException(
                "cursor must be one that a page of this listing gave, but was '" + text + "'");
    }

    @Override
    public String toString() {
        return size + "-" + next;
    }
}
