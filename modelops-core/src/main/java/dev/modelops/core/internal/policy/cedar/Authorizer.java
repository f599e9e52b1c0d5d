package dev.modelops.core.internal.policy.cedar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
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
        return new Candidates(found);
    }

    /** Decides a query by all policies, one after the other. */
    public Response authorize(Query query) {
        Response response = new Response();
        for (CompiledPolicy policy : policies) {
            if (policy.acceptsAction(query)) {
                response.count(policy, query);
            }
        }
        return response;
    }

    /**
     * Policies by id that accept one action. Those whose heads name what the resource has to be in are filed under it, so
     * that of many policies a query is put to the few that its resource leads to.
     */
    public static final class Candidates {
        private final List<CompiledPolicy> policies;
        private final CompiledPolicy[] unfiled;
        private final Map<String, Map<String, CompiledPolicy[]>> filed = new HashMap<>();

        private Candidates(List<CompiledPolicy> policies) {
            this.policies = List.copyOf(policies);
            List<CompiledPolicy> others = new ArrayList<>();
            Map<EntityUid, List<CompiledPolicy>> byResource = new HashMap<>();
            for (CompiledPolicy policy : policies) {
                EntityUid within = policy.resourceWithin();
                (within == null ? others : byResource.computeIfAbsent(within, first -> new ArrayList<>())).add(policy);
            }
            this.unfiled = others.toArray(CompiledPolicy[]::new);
            byResource.forEach((within, some) -> filed.computeIfAbsent(within.type(), first -> new HashMap<>())
                    .put(within.id(), some.toArray(CompiledPolicy[]::new)));
        }

        /** Returns the candidates among no policies. */
        public static Candidates none() {
            return new Candidates(List.of());
        }

        /** Returns the policies. */
        public List<CompiledPolicy> policies() {
            return policies;
        }

        /** Decides a query for the action. */
        public Response authorize(Query query) {
            Response response = new Response();
            response.countAll(unfiled, query);
            if (!filed.isEmpty()) {
                for (Map.Entry<String, Map<String, CompiledPolicy[]>> ofType : filed.entrySet()) {
                    Set<String> within = query.resourceWithin(ofType.getKey());
                    if (within == null) {
                        ofType.getValue().values().forEach(some -> response.countAll(some, query));
                    } else {
                        for (String id : within) {
                            response.countAll(ofType.getValue().get(id), query);
                        }
                    }
                }
                response.sort();
            }
            return response;
        }
    }

    /** A policy that could not be evaluated, and why. */
    public record Failure(CompiledPolicy policy, EvaluationException.Kind kind, String message) {}

    /** What the policies say to a query. */
    public static final class Response {
        private List<CompiledPolicy> permits = List.of();
        private List<CompiledPolicy> forbids = List.of();
        private List<Failure> failures = List.of();

        private Response() {}

        private void countAll(CompiledPolicy @Nullable [] policies, Query query) {
            if (policies != null) {
                for (CompiledPolicy policy : policies) {
                    count(policy, query);
                }
            }
        }

        private void count(CompiledPolicy policy, Query query) {
            try {
                if (policy.acceptsPrincipal(query) && policy.applies(query)) {
                    if (policy.forbids()) {
                        forbids = forbids.isEmpty() ? policy.alone() : plus(forbids, policy);
                    } else {
                        permits = permits.isEmpty() ? policy.alone() : plus(permits, policy);
                    }
                }
            } catch (EvaluationException e) {
                failures = plus(failures, new Failure(policy, e.kind(), String.valueOf(e.getMessage())));
            }
        }

        /** Puts in order, by id, what was found out of order. */
        private void sort() {
            sort(permits, CompiledPolicy::id);
            sort(forbids, CompiledPolicy::id);
            sort(failures, failure -> failure.policy().id());
        }

        private static <T> void sort(List<T> list, Function<T, String> id) {
            if (list.size() > 1) {
                list.sort(Comparator.comparing(id));
            }
        }

        private static <T> List<T> plus(List<T> list, T element) {
            List<T> longer = list.size() <= 1 ? new ArrayList<>(list) : list;
            longer.add(element);
            return longer;
        }

        /** Returns the satisfied permits, by id. */
        public List<CompiledPolicy> permits() {
            return permits;
        }

        /** Returns the satisfied forbids, by id. */
        public List<CompiledPolicy> forbids() {
            return forbids;
        }

        /** Returns the policies that could not be evaluated, by id. */
        public List<Failure> failures() {
            return failures;
        }

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
