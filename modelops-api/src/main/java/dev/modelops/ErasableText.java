package dev.modelops;

import java.util.Objects;
import java.util.Optional;

/**
 * A text that a person wrote, such as a comment or the reason of an approval. The log holds only a salted commitment to
 * it; the text stands beside the log, where it can be erased while every proof goes on to verify.
 */
public sealed interface ErasableText {
    /**
     * Returns the text.
     *
     * @return the text; empty if it was erased or cannot be shown
     */
    default Optional<String> text() {
        return this instanceof Kept kept ? Optional.of(kept.value()) : Optional.empty();
    }

    /**
     * A text that is there and is what was committed to.
     *
     * @param value the text
     */
    record Kept(String value) implements ErasableText {
        /**
         * Creates a value.
         *
         * @param value the text
         */
        public Kept {
            Objects.requireNonNull(value, "value");
        }

        /** Returns the text. */
        @Override
        public String toString() {
            return value;
        }
    }

    /**
     * A text that was erased.
     *
     * @param by the position to which the entry of the erasure brought the log
     */
    record Erased(LogPosition by) implements ErasableText {
        /**
         * Creates a value.
         *
         * @param by the position to which the entry of the erasure brought the log
         */
        public Erased {
            Objects.requireNonNull(by, "by");
        }

        /** Returns that it was erased, and where that is recorded. */
        @Override
        public String toString() {
            return "(erased at position " + by + ")";
        }
    }

    /**
     * A text that was not erased and cannot be shown all the same: it was not looked up, the store does not answer, or what
     * is stored is missing or not what was committed to.
     *
     * @param commitment what the log holds: SHA-256 over salt and text
     * @param why why it cannot be shown
     */
    record Unavailable(Digest commitment, String why) implements ErasableText {
        /**
         * Creates a value.
         *
         * @param commitment what the log holds
         * @param why why it cannot be shown
         */
        public Unavailable {
            Objects.requireNonNull(commitment, "commitment");
            Objects.requireNonNull(why, "why");
        }

        /** Returns why it cannot be shown. */
        @Override
        public String toString() {
            return "(unavailable: " + why + ")";
        }
    }
}
