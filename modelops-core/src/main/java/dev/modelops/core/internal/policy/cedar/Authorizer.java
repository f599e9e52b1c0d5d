package dev.modelops.core.internal.policy.cedar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Decides queries by a set of policies. The order of the policies plays no part. Immutable. */
public final class Authorizer {
    private final CompiledPolicy[] policies;

    /** Compiles a set of policies. */
    public Authorizer(CedarPolicySet set) {
        this.policies = set.policies().entrySet().stream()
                .map(entry -> new CompiledPolicy(entry.getKey(), entry.getValue()))
                .toArray(CompiledPolicy[]::new);
    }

    /** Returns all policies, by id. */
    public List<CompiledPolicy> policies() {
        return List.of(policies);
    }

    /** Returns the policies whose heads accept an action: all that a query for it has to be put to. */
    public Candidates candidates(EntityUid action, Set<EntityUid> ancestors) {
        List<CompiledPolicy> found = new ArrayList<>();
        for (CompiledPolicy policy : policies) {
            if (policy.acceptsAction(action, ancestors)) {
                found.add(policy);
            }
        }
        return new Candidates(found.toArray(CompiledPolicy[]::new));
    }

    /** Decides a query by all policies. */
    public Response authorize(Query query) {
        List<CompiledPolicy> found = new ArrayList<>();
        for (CompiledPolicy policy : policies) {
            if (policy.acceptsAction(query)) {
                found.add(policy);
            }
        }
        return new Candidates(found.toArray(CompiledPolicy[]::new)).authorize(query);
    }

    /** Policies by id that accept one action. */
    public static final class Candidates {
        private final CompiledPolicy[] policies;

        /** What each policy wants the principal to be in, side by side, so that most are passed over at a glance. */
        private final @Nullable EntityUid[] principals;

        /** Where the policies are that name no principal, and those that name one, so that the others are not even seen. */
        private final int[] forAnyone;

        private final Map<EntityUid, int[]> byPrincipal;

        private Candidates(CompiledPolicy[] policies) {
            this.policies = policies;
            this.principals = new @Nullable EntityUid[policies.length];
            for (int i = 0; i < policies.length; i++) {
                principals[i] = policies[i].principalIn();
            }
            Map<EntityUid, List<Integer>> named = new HashMap<>();
            List<Integer> unnamed = new ArrayList<>();
            for (int i = 0; i < policies.length; i++) {
                EntityUid key = policies[i].principalKey();
                (key == null ? unnamed : named.computeIfAbsent(key, each -> new ArrayList<>())).add(i);
            }
            this.forAnyone = indexes(unnamed);
            this.byPrincipal = new HashMap<>();
            named.forEach((key, places) -> byPrincipal.put(key, indexes(places)));
        }

        private static int[] indexes(List<Integer> places) {
            return places.stream().mapToInt(Integer::intValue).toArray();
        }

        /** Returns the places of the policies whose heads may accept a principal, in order. */
        private int[] placesFor(EntityUid principal, Set<EntityUid> ancestors) {
            int[] found = merged(forAnyone, byPrincipal.get(principal));
            for (EntityUid ancestor : ancestors) {
                found = merged(found, byPrincipal.get(ancestor));
            }
            return found;
        }

        private static int[] merged(int[] some, int @Nullable [] more) {
            if (more == null || more.length == 0) {
                return some;
            }
            if (some.length == 0) {
                return more;
            }
            int[] all = Arrays.copyOf(some, some.length + more.length);
            System.arraycopy(more, 0, all, some.length, more.length);
            Arrays.sort(all);
            return all;
        }

        /** Returns the candidates among no policies. */
        public static Candidates none() {
            return new Candidates(new CompiledPolicy[0]);
        }

        /** Returns the policies. */
        public List<CompiledPolicy> policies() {
            return List.of(policies);
        }

        /** Decides a query for the action. */
        public Response authorize(Query query) {
            List<CompiledPolicy> permits = List.of();
            List<CompiledPolicy> forbids = List.of();
            List<Failure> failures = List.of();
            Set<EntityUid> ancestors = byPrincipal.isEmpty() ? null : query.principalAncestors();
            int[] places = ancestors == null ? null : placesFor(query.principal(), ancestors);
            int count = places == null ? policies.length : places.length;
            for (int place = 0; place < count; place++) {
                int i = places == null ? place : places[place];
                EntityUid in = principals[i];
                if (in != null && !query.isPrincipalIn(in)) {
                    continue;
                }
                CompiledPolicy policy = policies[i];
                try {
                    if ((in != null || policy.acceptsPrincipal(query)) && policy.applies(query)) {
                        if (policy.forbids()) {
                            forbids = plus(forbids, policy);
                        } else {
                            permits = plus(permits, policy);
                        }
                    }
                } catch (EvaluationException e) {
                    failures = plus(failures, new Failure(policy, e.kind(), String.valueOf(e.getMessage())));
                }
            }
            return new Response(permits, forbids, failures);
        }

        private static <T> List<T> plus(List<T> list, T element) {
            if (list.isEmpty()) {
                return List.of(element);
            }
            List<T> longer = list.size() == 1 ? new ArrayList<>(list) : list;
            longer.add(element);
            return longer;
        }
    }

    /** A policy that could not be evaluated, and why. */
    public record Failure(CompiledPolicy policy, EvaluationException.Kind kind, String message) {}

    /**
     * What the policies say to a query.
     *
     * @param permits the satisfied permits, by id
     * @param forbids the satisfied forbids, by id
     * @param failures the policies that could not be evaluated, by id
     */
    public record Response(List<CompiledPolicy> permits, List<CompiledPolicy> forbids, List<Failure> failures) {
        /** Tells whether the request is allowed here: as in Cedar, except that a forbid that errs denies. */
        public boolean allows() {
            return cedarAllows() && (failures.isEmpty() || !hasErringForbid());
        }

        /** Tells whether stock Cedar allows the request: some permit is satisfied, no forbid is, errors are passed over. */
        public boolean cedarAllows() {
            return forbids.isEmpty() && !permits.isEmpty();
        }

        /** Returns the ids of the policies that determine stock Cedar's decision, sorted. */
        public List<String> cedarReasons() {
            return ids(forbids.isEmpty() ? permits : forbids);
        }

        /** Returns the ids of the policies that could not be evaluated, sorted. */
        public Set<String> cedarErrors() {
            Set<String> ids = new TreeSet<>();
            failures.forEach(failure -> ids.add(failure.policy().id()));
            return ids;
        }

        /** Returns the ids of the satisfied permits, sorted. */
        public List<String> permitIds() {
            return ids(permits);
        }

        private boolean hasErringForbid() {
            for (Failure failure : failures) {
                if (failure.policy().forbids()) {
                    return true;
                }
            }
            return false;
        }

        private static List<String> ids(List<CompiledPolicy> policies) {
            return policies.size() == 1
                    ? policies.get(0).idAlone()
                    : policies.stream().map(CompiledPolicy::id).toList();
        }
    }
}
