package dev.modelops.policy;

/**
 * One condition that a request did not meet.
 *
 * @param rule the id of the rule that demands it
 * @param expected what the rule demands
 * @param actual what was found
 * @param remedy what would meet it
 */
public record Requirement(String rule, String expected, String actual, String remedy) {}
