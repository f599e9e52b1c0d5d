package dev.modelops.core.internal.policy;

import dev.modelops.core.internal.policy.PolicyEngine.Rule;
import dev.modelops.core.internal.policy.cedar.Authorizer.Candidates;
import dev.modelops.core.internal.policy.cedar.Authorizer.Failure;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CompiledPolicy;
import dev.modelops.core.internal.policy.cedar.EvaluationException.Kind;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Allow;
import dev.modelops.policy.Decision.Cause;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.Explanation;
import dev.modelops.policy.Explanation.Determining;
import dev.modelops.policy.Explanation.Erred;
import dev.modelops.policy.Explanation.Overriding;
import dev.modelops.policy.Facts;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.Requirement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is not plainly allowed: weighs the levels of the rules that speak against a request, those that cannot be
 * evaluated included, asks whether soft ones may be overridden, and says all that is not met. For one decision.
 */
final class Deliberation {
    private final PolicyEngine engine;
    private final AccessRequest request;
    private final Candidates candidates;
    private final Response response;
    private final Explainer explainer;
    private final Map<Level, List<Rule>> against = new EnumMap<>(Level.class);
    private final List<Requirement> unmet = new ArrayList<>();
    private final List<Requirement> advisory = new ArrayList<>();
    private final List<Erred> erred = new ArrayList<>();
    private final SortedMap<String, Object> facts = new TreeMap<>();

    Deliberation(
            PolicyEngine engine, AccessRequest request, AccessQuery query, Candidates candidates, Response response) {
        this.engine = engine;
        this.request = request;
        this.candidates = candidates;
        this.response = response;
        this.explainer = engine.explainer(request, query);
        for (Level level : Level.values()) {
            against.put(level, new ArrayList<>());
        }
    }

    Decision decide(Set<String> requiredGates) {
        SortedSet<String> missing = new TreeSet<>(requiredGates);
        missing.removeAll(engine.gateIds());
        missing.forEach(gate -> unmet.add(missingGate(gate)));
        collect();
        boolean open = missing.isEmpty() && isOpen();
        if (open && rules(Level.SOFT).isEmpty()) {
            return allow(null, null);
        }
        String reason = request.action().overriding().orElse(null);
        if (!open || reason == null) {
            return deny(missing, null);
        }
        List<String> passed = softIds();
        Decision second = engine.decide(overriding(reason, passed), Set.of());
        return second instanceof Deny deny
                ? deny(missing, deny)
                : allow(new Overriding(reason, passed, second.rules()), second);
    }

    /** Returns the request to pass soft rules that this one leads to, or null if it leads to none. */
    @Nullable AccessRequest second(Set<String> requiredGates) {
        collect();
        String reason = request.action().overriding().orElse(null);
        if (reason == null || rules(Level.SOFT).isEmpty()) {
            return null;
        }
        return isOpen() && engine.gateIds().containsAll(requiredGates) ? overriding(reason, softIds()) : null;
    }

    private boolean isOpen() {
        return rules(Level.HARD).isEmpty() && !response.permits().isEmpty();
    }

    private List<String> softIds() {
        return rules(Level.SOFT).stream().map(rule -> rule.policy().id()).toList();
    }

    private List<Rule> rules(Level level) {
        return against.getOrDefault(level, List.of());
    }

    private Requirement missingGate(String gate) {
        Rule rule = engine.rule(gate);
        String found = rule == null
                ? "no such rule"
                : rule.policy().forbids()
                        ? "a rule of this id that is only advisory"
                        : "a rule of this id that permits";
        return new Requirement(
                gate,
                "a forbidding rule of this id in the policy set",
                found,
                "install a policy set that has the rule, or have the environment no longer require it");
    }

    /** Finds the rules that speak against the request, those that cannot be evaluated included. */
    private void collect() {
        Map<String, Failure> failures = new HashMap<>();
        response.failures().forEach(failure -> failures.put(failure.policy().id(), failure));
        for (CompiledPolicy policy : candidates.policies()) {
            Failure failure = failures.get(policy.id());
            if (failure != null) {
                erred.add(new Erred(
                        policy.id(), failure.kind().name().toLowerCase(Locale.ROOT), explainer.whereFails(policy)));
            }
            if (policy.forbids() && (failure != null || response.forbids().contains(policy))) {
                Rule rule = engine.rule(policy);
                Level level = rule.terms().level();
                against.computeIfAbsent(level, unused -> new ArrayList<>()).add(rule);
                (level == Level.ADVISORY ? advisory : unmet)
                        .addAll(explainer.forbidden(policy, rule.terms(), failure == null ? null : failure.message()));
            }
        }
    }

    /** Returns the request to pass soft rules, which is decided as any other. */
    private AccessRequest overriding(String reason, List<String> rules) {
        Action action = request.action();
        String id = action.type() == Action.Type.TRANSITION
                ? action.name().orElse("")
                : action.type().id();
        Facts extended = ExtendedFacts.of(
                request.facts(), Map.of("override.action", id, "override.rules", rules, "override.reason", reason));
        return new AccessRequest(
                request.identity(), request.roles(), Action.override(action), extended, request.asOf(), request.at());
    }

    private Allow allow(@Nullable Overriding overriding, @Nullable Decision second) {
        List<Determining> determining = new ArrayList<>();
        List<Obligation> obligations = new ArrayList<>();
        for (CompiledPolicy permit : response.permits()) {
            Rule rule = engine.rule(permit);
            determining.addAll(rule.alone());
            obligations.addAll(rule.terms().obligations());
            explainer.addFacts(rule.reads(), facts);
        }
        for (Level level : List.of(Level.SOFT, Level.ADVISORY)) {
            for (Rule rule : rules(level)) {
                obligations.addAll(rule.terms().obligations());
                explainer.addFacts(rule.reads(), facts);
            }
        }
        unmet.addAll(advisory);
        if (second != null) {
            obligations.addAll(second.obligations());
            second.explanation().facts().forEach(facts::putIfAbsent);
            erred.addAll(second.explanation().erred());
            unmet.addAll(second.unmet());
        }
        return new Allow(
                response.permitIds(),
                unmet,
                explanation(determining, obligations, overriding),
                engine.digest(),
                request.asOf(),
                request.at());
    }

    private Deny deny(Set<String> missing, @Nullable Deny second) {
        SortedSet<String> refusing = new TreeSet<>(missing);
        List<Determining> determining = new ArrayList<>();
        for (CompiledPolicy policy : candidates.policies()) {
            Rule rule = engine.rule(policy);
            if (rules(Level.HARD).contains(rule) || rules(Level.SOFT).contains(rule)) {
                refusing.add(policy.id());
                determining.addAll(rule.alone());
                explainer.addEvidence(rule.reads(), facts);
            } else if (rules(Level.ADVISORY).contains(rule)) {
                explainer.addEvidence(rule.reads(), facts);
            }
        }
        if (response.permits().isEmpty()) {
            unmet.addAll(explainer.notPermitted(candidates.policies(), PolicyEngine.isAmbiguous(request.action())));
        }
        if (second != null) {
            refusing.addAll(second.rules());
            determining.addAll(second.explanation().determining());
            erred.addAll(second.explanation().erred());
            second.explanation().facts().forEach(facts::putIfAbsent);
            second.unmet()
                    .forEach(requirement ->
                            (requirement.level() == Level.ADVISORY ? advisory : unmet).add(ofOverride(requirement)));
        }
        Cause cause = cause(missing);
        unmet.addAll(advisory);
        return new Deny(
                cause,
                List.copyOf(refusing),
                unmet,
                explanation(determining, List.of(), null),
                engine.digest(),
                request.asOf(),
                request.at());
    }

    /** A level says how firmly the override is refused; a soft refusal of an override cannot be overridden in turn. */
    private static Requirement ofOverride(Requirement requirement) {
        return new Requirement(
                requirement.rule(),
                requirement.level() == Level.ADVISORY ? Level.ADVISORY : Level.HARD,
                requirement.fact(),
                "for the override: " + requirement.expected(),
                requirement.actual(),
                requirement.remedy());
    }

    private Cause cause(Set<String> missing) {
        if (!missing.isEmpty()) {
            return Cause.MISSING_GATE;
        }
        List<Rule> refusing = new ArrayList<>(rules(Level.HARD));
        refusing.addAll(rules(Level.SOFT));
        if (refusing.stream().anyMatch(rule -> response.forbids().contains(rule.policy()))) {
            return Cause.FORBIDDEN;
        }
        if (refusing.isEmpty()) {
            return Cause.NOT_PERMITTED;
        }
        boolean forWantOfFacts = response.failures().stream()
                .filter(failure -> refusing.contains(engine.rule(failure.policy())))
                .allMatch(failure -> failure.kind() == Kind.FACT);
        return forWantOfFacts ? Cause.FACT_ERROR : Cause.RULE_ERROR;
    }

    private Explanation explanation(
            List<Determining> determining, List<Obligation> obligations, @Nullable Overriding overriding) {
        return new Explanation(
                request.identity().principal(),
                request.action(),
                determining,
                erred,
                obligations,
                facts,
                overriding,
                response.cedarAllows());
    }
}
