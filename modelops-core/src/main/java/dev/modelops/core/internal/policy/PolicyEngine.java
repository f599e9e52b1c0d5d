package dev.modelops.core.internal.policy;

import dev.modelops.Digest;
import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.Authorizer.Candidates;
import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CompiledPolicy;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Allow;
import dev.modelops.policy.Explanation;
import dev.modelops.policy.Explanation.Determining;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import dev.modelops.policy.PolicySet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A policy set made ready to decide. Immutable and safe for use by many threads. Decisions follow Cedar, except that a
 * {@code forbid} that cannot be evaluated denies, that an advisory one never does, and that a soft one may be overridden;
 * each decision tells where Cedar itself would decide otherwise.
 */
public final class PolicyEngine {
    /** The rule named in a refusal because no rule permits; not available as the id of a rule. */
    public static final String DEFAULT_DENY = "default-deny";

    private static final Set<String> ACTION_IDS = Arrays.stream(Action.Type.values())
            .filter(type -> type != Action.Type.TRANSITION)
            .map(Action.Type::id)
            .collect(Collectors.toUnmodifiableSet());

    /** The facts that change though nothing is appended to the log. */
    private static final Set<String> TIMED = Set.of("now", "champion.lastServed");

    private static final SortedMap<String, Object> NO_FACTS = Collections.emptySortedMap();

    private final Digest digest;
    private final Map<String, Rule> rules = new HashMap<>();
    private final SortedSet<String> gates;
    private final SortedSet<String> masks = new TreeSet<>();
    private final Map<Action.Type, Rules> byType = new EnumMap<>(Action.Type.class);
    private final Map<String, Rules> byTransition = new HashMap<>();
    private final Rules otherTransitions;

    /**
     * The rules for one action.
     *
     * @param readTime whether they may ask for a fact that changes with time
     */
    private record Rules(EntityUid action, Candidates candidates, boolean readTime) {}

    /** A rule with what is known of it before any request. */
    record Rule(
            CompiledPolicy policy, RuleTerms terms, List<Determining> alone, Map<String, Expr> reads, FactsRead facts) {
        static Rule of(CompiledPolicy policy) {
            RuleTerms terms = RuleTerms.of(policy.id(), policy.source());
            String effect = policy.forbids() ? "forbid" : "permit";
            return new Rule(
                    policy,
                    terms,
                    List.of(new Determining(policy.id(), effect, terms.reason())),
                    Explainer.reads(policy),
                    FactsRead.of(policy.source()));
        }
    }

    private PolicyEngine(Digest digest, CedarPolicySet set) {
        Authorizer authorizer = new Authorizer(set);
        this.digest = digest;
        for (CompiledPolicy policy : authorizer.policies()) {
            Rule rule = Rule.of(policy);
            rules.put(policy.id(), rule);
            masks.addAll(rule.terms().masked());
        }
        this.gates = Collections.unmodifiableSortedSet(authorizer.policies().stream()
                .filter(policy -> policy.forbids() && rule(policy).terms().level() != Level.ADVISORY)
                .map(CompiledPolicy::id)
                .collect(Collectors.toCollection(TreeSet::new)));
        for (Action.Type type : Action.Type.values()) {
            EntityUid action = EntityNames.action(type.id());
            byType.put(type, rules(action, authorizer.candidates(action, Set.of())));
        }
        Set<EntityUid> inTransition = Set.of(EntityNames.TRANSITION);
        for (EntityUid action : actionsNamed(authorizer)) {
            if (action.type().equals(EntityNames.TRANSITION.type()) && !ACTION_IDS.contains(action.id())) {
                byTransition.put(action.id(), rules(action, authorizer.candidates(action, inTransition)));
            }
        }
        for (String id : ACTION_IDS) {
            byTransition.put(id, rules(EntityNames.action(id), Candidates.none()));
        }
        this.otherTransitions =
                rules(EntityNames.action(""), authorizer.candidates(EntityNames.action(""), inTransition));
    }

    private Rules rules(EntityUid action, Candidates candidates) {
        boolean readTime = false;
        for (CompiledPolicy policy : candidates.policies()) {
            readTime |= TIMED.stream().anyMatch(rule(policy).facts()::reads);
        }
        return new Rules(action, candidates, readTime);
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

    /** Returns the ids of the rules that can be required as gates, those that forbid and are not advisory, sorted. */
    public Set<String> gateIds() {
        return gates;
    }

    /**
     * Decides a request. Total: no content of policies or facts makes it throw.
     *
     * @param requiredGates ids of rules that must be in the set as forbids, soft or hard, or the request is refused
     */
    public Decision decide(AccessRequest request, Set<String> requiredGates) {
        Rules candidates = rulesFor(request.action());
        AccessQuery query = new AccessQuery(request, candidates.action());
        Response response = candidates.candidates().authorize(query);
        if (response.allows() && response.failures().isEmpty() && gates.containsAll(requiredGates)) {
            return allow(request, query, response.permits(), response.permitIds());
        }
        return new Deliberation(this, request, query, candidates.candidates(), response).decide(requiredGates);
    }

    private Allow allow(
            AccessRequest request, AccessQuery query, List<CompiledPolicy> permits, List<String> permitIds) {
        List<Determining> determining;
        List<Obligation> obligations;
        boolean readsFacts = false;
        if (permits.size() == 1) {
            Rule only = rule(permits.get(0));
            determining = only.alone();
            obligations = only.terms().obligations();
        } else {
            determining = new ArrayList<>(permits.size());
            obligations = List.of();
            for (CompiledPolicy permit : permits) {
                Rule rule = rule(permit);
                determining.addAll(rule.alone());
                if (!rule.terms().obligations().isEmpty()) {
                    obligations = new ArrayList<>(obligations);
                    obligations.addAll(rule.terms().obligations());
                }
            }
        }
        for (CompiledPolicy permit : permits) {
            readsFacts |= !rule(permit).reads().isEmpty();
        }
        Explanation explanation = new Explanation(
                request.identity().principal(),
                request.action(),
                determining,
                List.of(),
                obligations,
                readsFacts ? Explanation.factsWhenAsked(() -> facts(query, permits)) : NO_FACTS,
                null,
                true);
        return new Allow(permitIds, List.of(), explanation, digest, request.asOf(), request.at());
    }

    private Map<String, Object> facts(AccessQuery query, List<CompiledPolicy> permits) {
        Map<String, Object> facts = new TreeMap<>();
        Explainer explainer = explainer(query.request(), query);
        permits.forEach(permit -> explainer.addFacts(rule(permit).reads(), facts));
        return facts;
    }

    Explainer explainer(AccessRequest request, AccessQuery query) {
        return new Explainer(request, query, masks, this::rolesThatMay);
    }

    /** Returns a rule of the set. */
    Rule rule(CompiledPolicy policy) {
        return Objects.requireNonNull(rules.get(policy.id()), policy.id());
    }

    /** Returns the rule of an id, null if the set has none. */
    @Nullable Rule rule(String id) {
        return rules.get(id);
    }

    /** Returns the roles that some permit for an action asks for, by the action's id; further conditions may apply. */
    SortedSet<String> rolesThatMay(String action) {
        SortedSet<String> roles = new TreeSet<>();
        Rules named = byTransition.get(action);
        for (Rules some : byType.values()) {
            named = some.action().id().equals(action) ? some : named;
        }
        for (CompiledPolicy policy :
                (named == null ? otherTransitions : named).candidates().policies()) {
            if (!policy.forbids()) {
                Explainer.rolesAsked(policy, roles);
            }
        }
        return roles;
    }

    /** Returns a request as the rules see it, and the one to pass soft rules that deciding it leads to, if it does. */
    public List<Query> queries(AccessRequest request, Set<String> requiredGates) {
        Rules rules = rulesFor(request.action());
        AccessQuery query = new AccessQuery(request, rules.action());
        if (request.action().overriding().isEmpty()) {
            return List.of(query);
        }
        Response response = rules.candidates().authorize(query);
        AccessRequest second =
                new Deliberation(this, request, query, rules.candidates(), response).second(requiredGates);
        return second == null
                ? List.of(query)
                : List.of(
                        query, new AccessQuery(second, rulesFor(second.action()).action()));
    }

    /** Tells whether stock Cedar semantics would allow a request: a forbid that errs is passed over. */
    public boolean cedarAllows(AccessRequest request) {
        Rules candidates = rulesFor(request.action());
        return candidates
                .candidates()
                .authorize(new AccessQuery(request, candidates.action()))
                .cedarAllows();
    }

    /** Returns those of some facts that a rule may read to decide an action, or the overriding of soft rules for it. */
    public Set<String> read(Action action, Set<String> facts) {
        Set<String> found = new TreeSet<>();
        List<CompiledPolicy> candidates =
                new ArrayList<>(rulesFor(action).candidates().policies());
        if (action.overriding().isPresent()) {
            candidates.addAll(rulesFor(Action.override(action)).candidates().policies());
        }
        for (CompiledPolicy policy : candidates) {
            facts.stream().filter(rule(policy).facts()::reads).forEach(found::add);
        }
        return found;
    }

    /** Tells whether a rule may read the time to decide an action, so that the decision holds only for a while. */
    public boolean readsTime(Action action) {
        return rulesFor(action).readTime()
                || action.overriding().isPresent()
                        && rulesFor(Action.override(action)).readTime();
    }

    private Rules rulesFor(Action action) {
        Rules known = byType.get(action.type());
        if (action.type() == Action.Type.TRANSITION) {
            String name = action.name().orElse("");
            Rules named = byTransition.get(name);
            return named != null
                    ? named
                    : new Rules(EntityNames.action(name), otherTransitions.candidates(), otherTransitions.readTime());
        }
        if (known == null) {
            throw new IllegalStateException("no rules were prepared for " + action.type());
        }
        return known;
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

    static boolean isAmbiguous(Action action) {
        return action.type() == Action.Type.TRANSITION
                && ACTION_IDS.contains(action.name().orElse(""));
    }
}
