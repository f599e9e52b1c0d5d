package dev.modelops.policy;

/**
 * One condition that a request did not meet.
 *
 * @param rule the id of the rule that demands it
 * @param level how firmly it is demanded
 * @param fact the names of the facts it rests on, such as {@code approvals.independent}, parted by {@code ", "}; empty if
 *     it rests on none
 * @param expected what the rule demands
 * @param actual what was found
 * @param remedy what would meet it, and who could
 */
public record Requirement(String rule, Level level, String fact, String expected, String actual, String remedy) {
    /**
     * Creates a requirement that is hard and rests on no fact.
     *
     * @param rule the id of the rule that demands it
     * @param expected what the rule demands
     * @param actual what was found
     * @param remedy what would meet it
     */
    public Requirement(String rule, String expected, String actual, String remedy) {
        this(rule, Level.HARD, "", expected, actual, remedy);
    }
}
