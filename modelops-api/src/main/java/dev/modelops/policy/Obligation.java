package dev.modelops.policy;

/**
 * Something that falls due because an act was allowed, such as a review to be opened. A rule says so by the annotation
 * {@code @obligation("open-review")} or {@code @obligation("open-review; notify(risk-board)")}. The library records
 * obligations with the act and hands them to the caller; to see to them is the host's part.
 *
 * @param rule the id of the rule: one that permits the act, that permits the override, that was overridden, or an advisory
 *     one that was not met
 * @param id what is to be done, such as {@code notify}
 * @param parameters what stands between the parentheses, empty if there are none
 */
public record Obligation(String rule, String id, String parameters) {}
