package dev.modelops.core.internal.policy.cedar;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** One static Cedar policy, without its id. */
public record CedarPolicy(
        Effect effect,
        Scope principal,
        Scope action,
        Scope resource,
        SortedMap<String, String> annotations,
        List<Clause> clauses) {

    /**
     * Creates a policy.
     *
     * @throws IllegalArgumentException if a scope does not fit its place, an annotation is not named by an identifier, or
     *     an expression nests too deeply
     */
    public CedarPolicy {
        annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
        clauses = List.copyOf(clauses);
        annotations.keySet().forEach(Names::requireAnnotation);
        if (action instanceof Scope.Is || action instanceof Scope.IsIn) {
            throw new IllegalArgumentException("the action of a policy must be all, ==, in or in [...], but was 'is'");
        }
        if (principal instanceof Scope.InAny || resource instanceof Scope.InAny) {
            throw new IllegalArgumentException("only the action of a policy may be 'in' several entities");
        }
        clauses.forEach(clause -> Expr.requireBounded(clause.body()));
    }

    /** What a policy does when it applies. */
    public enum Effect {
        PERMIT,
        FORBID
    }

    /** A condition of a policy. */
    public record Clause(Kind kind, Expr body) {
        /** When a condition holds. */
        public enum Kind {
            WHEN,
            UNLESS
        }
    }
}
