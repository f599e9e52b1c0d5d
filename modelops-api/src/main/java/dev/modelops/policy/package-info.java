/**
 * Deciding who may do what: requests, decisions that explain themselves, and the policy sets in force, which
 * {@link dev.modelops.policy.PolicyAdministration} changes. A host may implement {@link dev.modelops.policy.Policy} to narrow
 * what the log's own policy set allows, and {@link dev.modelops.policy.FactProvider} to tell rules what the log cannot know.
 *
 * <p>Policy sets are written in Cedar. These annotations of a rule have a meaning here; none of them changes what Cedar itself
 * makes of the rule:
 *
 * <ul>
 *   <li>{@code @level("advisory")}, {@code "soft"} or {@code "hard"}, of a forbid: how firmly it is meant, see
 *       {@link dev.modelops.policy.Level}
 *   <li>{@code @obligation("open-review; notify(risk-board)")}, of a permit or of a forbid that is not hard: what falls due
 *       when the rule lets an act pass, see {@link dev.modelops.policy.Obligation}
 *   <li>{@code @expects("...")} and {@code @remedy("...")}: what the rule demands and what would meet it
 *   <li>{@code @fix("approve")}: the action that would meet it; whoever is refused is told which roles may do that
 *   <li>{@code @reason("...")}, or else {@code @description("...")}: what the rule is for, told to auditors
 *   <li>{@code @mask("metrics.gini, person")}: facts whose values decisions neither tell nor record, whatever rule reads them;
 *       what a fact provider answered is recorded beside the decision all the same, since it is decided again from that
 *   <li>{@code @facts("ticket.open: Bool, ticket.age: duration")}: the types of facts of the host's own that the rule reads, for
 *       a rule may only read what is declared
 * </ul>
 *
 * <p>Soft rules are passed only where the policy set lets them be. To break the glass, write a permit for the action
 * {@code override}, here for whoever is on call during an incident, with a ticket, for at most four hours, and with a review
 * to follow; rules that must hold even then, such as those on signatures and revoked versions, stay hard:
 *
 * <pre>
 * &#64;id("break-glass") &#64;obligation("open-review")
 * permit(principal in Role::"on-call", action == Action::"override", resource)
 * when { context.override.action == "promote" &amp;&amp; context.override.reason like "INC-*" };
 * &#64;id("break-glass-limit") &#64;expects("an incident of at most four hours")
 * forbid(principal, action == Action::"override", resource)
 * unless { context has incident &amp;&amp; context.incident.hours &lt;= 4 };
 * </pre>
 *
 * <p>A permit without an action in its head permits {@code override} too. A soft rule without one applies to the override as
 * well, where nobody can pass it: so name the actions of both.
 */
@NullMarked
package dev.modelops.policy;

import org.jspecify.annotations.NullMarked;
