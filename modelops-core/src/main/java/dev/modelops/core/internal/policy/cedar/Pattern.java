package dev.modelops.core.internal.policy.cedar;

import java.util.ArrayList;
import java.util.List;

/**
 * The right side of {@code like}: texts with any characters between them.
 *
 * @param texts the literal texts in order, a wildcard between each two; the first and last may be empty
 */
public record Pattern(List<String> texts) {
    /**
     * Creates a pattern.
     *
     * @throws IllegalArgumentException if there is no text, or an empty one that is neither first nor last
     */
    public Pattern {
        texts = List.copyOf(texts);
        if (texts.isEmpty()
                || texts.size() > 2 && texts.subList(1, texts.size() - 1).contains("")) {
            throw new IllegalArgumentException("pattern must hold texts that are not empty between single wildcards");
        }
    }

    /** Returns the pattern with {@code *} as wildcard and {@code \*} for a star. */
    public static Pattern parse(String text) {
        Builder builder = new Builder();
        StringBuilder run = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length() && text.charAt(i + 1) == '*') {
                run.append('*');
                i++;
            } else if (c == '*') {
                builder.text(run.toString()).wildcard();
                run.setLength(0);
            } else {
                run.append(c);
            }
        }
        return builder.text(run.toString()).build();
    }

    /** Tells whether a text matches as a whole. */
    public boolean matches(String text) {
        String first = texts.get(0);
        if (texts.size() == 1) {
            return text.equals(first);
        }
        String last = texts.get(texts.size() - 1);
        if (text.length() < first.length() + last.length() || !text.startsWith(first) || !text.endsWith(last)) {
            return false;
        }
        int from = first.length();
        int limit = text.length() - last.length();
        for (String part : texts.subList(1, texts.size() - 1)) {
            int at = text.indexOf(part, from);
            if (at < 0 || at + part.length() > limit) {
                return false;
            }
            from = at + part.length();
        }
        return true;
    }

    /** Collects a pattern piece by piece; neighbouring texts join, neighbouring wildcards count once. */
    static final class Builder {
        private final List<String> texts = new ArrayList<>();
        private final StringBuilder run = new StringBuilder();

        Builder text(String text) {
            run.append(text);
            return this;
        }

        Builder wildcard() {
            if (texts.isEmpty() || run.length() > 0) {
                texts.add(run.toString());
                run.setLength(0);
            }
            return this;
        }

        Pattern build() {
            List<String> all = new ArrayList<>(texts);
            all.add(run.toString());
            return new Pattern(all);
        }
    }
}
