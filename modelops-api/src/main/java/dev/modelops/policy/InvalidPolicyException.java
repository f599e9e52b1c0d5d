package dev.modelops.policy;

import dev.modelops.ModelOpsException;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** A policy set cannot be put into force here. Nothing was recorded, and the set in force stays. Mend what {@link #problems} names. */
public final class InvalidPolicyException extends ModelOpsException {
    private static final long serialVersionUID = 1L;
    private static final int MOST_IN_MESSAGE = 10;

    /** What is wrong. */
    private final transient List<Problem> problems;

    /**
     * One thing that is wrong with a policy set.
     *
     * @param sentence what was expected, what was found, what to do
     * @param line the line in the document, from 1, if one is known
     * @param column the column in that line, from 1, if one is known
     */
    public record Problem(String sentence, OptionalInt line, OptionalInt column) {
        /**
         * Returns a problem of a document as a whole, or at a place that is not known.
         *
         * @param sentence what was expected, what was found, what to do
         * @return the problem
         */
        public static Problem of(String sentence) {
            return new Problem(sentence, OptionalInt.empty(), OptionalInt.empty());
        }

        /** Returns the place, if it is known, and the sentence. */
        @Override
        public String toString() {
            return line.isEmpty()
                    ? sentence
                    : "line " + line.getAsInt() + (column.isEmpty() ? "" : ", column " + column.getAsInt()) + ": "
                            + sentence;
        }
    }

    /**
     * Creates a failure.
     *
     * @param problems what is wrong, at least one
     * @throws IllegalArgumentException if nothing is
     */
    public InvalidPolicyException(List<Problem> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * Returns all that is wrong.
     *
     * @return the problems, at least one
     */
    public List<Problem> problems() {
        return problems;
    }

    private static String message(List<Problem> problems) {
        if (problems.isEmpty()) {
            throw new IllegalArgumentException("an invalid policy set must have a problem");
        }
        return "the policy set cannot be put into force: "
                + problems.stream()
                        .limit(MOST_IN_MESSAGE)
                        .map(Problem::toString)
                        .collect(Collectors.joining("; "))
                + (problems.size() > MOST_IN_MESSAGE ? "; and " + (problems.size() - MOST_IN_MESSAGE) + " more" : "");
    }
}
