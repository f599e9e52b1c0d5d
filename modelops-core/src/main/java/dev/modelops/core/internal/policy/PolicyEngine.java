package dev.modelops.core.internal.policy;

import dev.modelops.Digest;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Candidates;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CompiledPolicy;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Allow;
import dev.modelops.policy.Decision.Cause;
import dev.modelops.policy.Decision.Deny;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A policy set made ready to decide. Immutable and safe for use by many threads. Decisions follow Cedar except in one place:
 * a {@code forbid} that cannot be evaluated denies.
 */
public final class PolicyEngine {
    /** The rule named in a refusal because no rule permits; not available as the id of a rule. */
    public static final String DEFAULT_DENY = "default-deny";

    private static final Set<String> ACTION_IDS = Arrays.stream(Action.Type.values())
            .filter(type -> type != Action.Type.TRANSITION)
            .map(Action.Type::id)
            .collect(Collectors.toUnmodifiableSet());

    private final Digest digest;
    private final Set<String> ruleIds;
    private final SortedSet<String> gates;
    private final Map<Action.Type, Rules> byType = new EnumMap<>(Action.Type.class);
    private final Map<String, Rules> byTransition = new HashMap<>();
    private final Candidates otherTransitions;

    private record Rules(EntityUid action, Candidates candidates) {}

    private PolicyEngine(Digest digest, CedarPolicySet set) {
        Authorizer authorizer = new Authorizer(set);
        this.digest = digest;
        this.ruleIds = Set.copyOf(set.policies().keySet());
        this.gates = Collections.unmodifiableSortedSet(authorizer.policies().stream()
                .filter(CompiledPolicy::forbids)
                .map(CompiledPolicy::id)
                .collect(Collectors.toCollection(TreeSet::new)));
        for (Action.Type type : Action.Type.values()) {
            EntityUid action = EntityNames.action(type.id());
            byType.put(type, new Rules(action, authorizer.candidates(action, Set.of())));
        }
        Set<EntityUid> inTransition = Set.of(EntityNames.TRANSITION);
        for (EntityUid action : actionsNamed(authorizer)) {
            if (action.type().equals(EntityNames.TRANSITION.type()) && !ACTION_IDS.contains(action.id())) {
                byTransition.put(action.id(), new Rules(action, authorizer.candidates(action, inTransition)));
            }
        }
        for (String id : ACTION_IDS) {
            byTransition.put(id, new Rules(EntityNames.action(id), Candidates.none()));
        }
        this.otherTransitions = authorizer.candidates(EntityNames.action(""), inTransition);
    }

    /**
     * Compiles a policy set.
     *
     * @throws IllegalArgumentException if the document is not a policy set that can be evaluated; the message says where and
     *     why
     */
    public static PolicyEngine compile(PolicySet set) {
        CedarPolicySet policies = PolicyJson.read(set.document());
        policies.requireOneNameEach();
        if (policies.policies().containsKey(DEFAULT_DENY)) {
            throw new IllegalArgumentException(
                    "policy '" + DEFAULT_DENY + "': the id stands for the absence of a permit; choose another");
        }
        return new PolicyEngine(set.digest(), policies);
    }

    /** Returns the identity of the policy set. */
    public Digest digest() {
        return digest;
    }

    /** Returns the ids of the rules that can be required as gates, those that forbid, sorted. */
    public Set<String> gateIds() {
        return gates;
    }

    /**
     * Decides a request. Total: no content of policies or facts makes it throw.
     *
     * @param requiredGates ids of rules that must be in the set as forbids, or the request is refused
     */
    public Decision decide(AccessRequest request, Set<String> requiredGates) {
        Rules rules = rulesFor(request.action());
        AccessQuery query = new AccessQuery(request, rules.action());
        Response response = rules.candidates().authorize(query);
        if (response.allows() && gates.containsAll(requiredGates)) {
            return new Allow(response.permitIds(), digest, request.asOf(), request.at());
        }
        return refusal(request, query, rules.candidates(), response, requiredGates);
    }

    /** Returns a request as the rules see it. */
    public Query query(AccessRequest request) {
        return new AccessQuery(request, rulesFor(request.action()).action());
    }

    /** Tells whether stock Cedar semantics would allow a request: a forbid that errs is passed over. */
    public boolean cedarAllows(AccessRequest request) {
        Rules rules = rulesFor(request.action());
        return rules.candidates()
                .authorize(new AccessQuery(request, rules.action()))
                .cedarAllows();
    }

    private Rules rulesFor(Action action) {
        Rules rules = byType.get(action.type());
        if (action.type() == Action.Type.TRANSITION) {
            String name = action.name().orElse("");
            Rules named = byTransition.get(name);
            return named != null ? named : new Rules(EntityNames.action(name), otherTransitions);
        }
        if (rules == null) {
            throw new IllegalStateException("no rules were prepared for " + action.type());
        }
        return rules;
    }

    private static Set<EntityUid> actionsNamed(Authorizer authorizer) {
        List<EntityUid> named = new ArrayList<>();
        for (CompiledPolicy policy : authorizer.policies()) {
            Scope scope = policy.source().action();
            if (scope instanceof Scope.Eq eq) {
                named.add(eq.entity());
            } else if (scope instanceof Scope.In in) {
                named.add(in.entity());
            } else if (scope instanceof Scope.InAny any) {
                named.addAll(any.entities());
            }
        }
        return Set.copyOf(named);
    }

    private Deny refusal(
            AccessRequest request,
            AccessQuery query,
            Candidates candidates,
            Response response,
            Set<String> requiredGates) {
        Explainer explainer = new Explainer(request, query);
        SortedSet<String> missing = new TreeSet<>(requiredGates);
        missing.removeAll(gates);
        SortedSet<String> refusing = new TreeSet<>(missing);
        List<Requirement> unmet = new ArrayList<>();
        for (String gate : missing) {
            unmet.add(new Requirement(
                    gate,
                    "a forbidding rule of this id in the policy set",
                    ruleIds.contains(gate) ? "a rule of this id that permits" : "no such rule",
                    "install a policy set that has the rule, or have the environment no longer require it"));
        }
        boolean errs = false;
        for (CompiledPolicy policy : candidates.policies()) {
            if (policy.forbids() && response.forbids().contains(policy)) {
                refusing.add(policy.id());
                unmet.addAll(explainer.forbidden(policy, null));
            } else if (policy.forbids()) {
                String failure = failureOf(policy, response);
                if (failure != null) {
                    errs = true;
                    refusing.add(policy.id());
                    unmet.addAll(explainer.forbidden(policy, failure));
                }
            }
        }
        if (response.permits().isEmpty()) {
            unmet.addAll(explainer.notPermitted(candidates.policies(), isAmbiguous(request.action())));
        }
        Cause cause = !missing.isEmpty()
                ? Cause.MISSING_GATE
                : !response.forbids().isEmpty() ? Cause.FORBIDDEN : errs ? Cause.RULE_ERROR : Cause.NOT_PERMITTED;
        return new Deny(cause, List.copyOf(refusing), unmet, digest, request.asOf(), request.at());
    }

    private static @Nullable String failureOf(CompiledPolicy policy, Response response) {
        return response.failures().stream()
                .filter(failure -> failure.policy().equals(policy))
                .map(Authorizer.Failure::message)
                .findFirst()
                .orElse(null);
    }

    private static boolean isAmbiguous(Action action) {
        return action.type() == Action.Type.TRANSITION
                && ACTION_IDS.contains(action.name().orElse(""));
    }
}
