package dev.modelops.core.internal.policy.cedar;

import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.ExprCompiler.Compiled;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A policy made ready for evaluation. */
public final class CompiledPolicy {
    private final String id;
    private final CedarPolicy source;
    private final List<String> idAlone;
    private final List<CompiledPolicy> alone;
    private final boolean forbids;
    private final boolean anyPrincipal;
    private final boolean anyResource;
    private final Compiled[] clauses;
    private final boolean[] wanted;

    CompiledPolicy(String id, CedarPolicy source) {
        if (source.isTemplate()) {
            throw new IllegalArgumentException("policy '" + id + "' is a template, which must be linked first");
        }
        this.id = id;
        this.source = source;
        this.idAlone = List.of(id);
        this.forbids = source.effect() == CedarPolicy.Effect.FORBID;
        this.anyPrincipal = source.principal() instanceof Scope.All;
        this.anyResource = source.resource() instanceof Scope.All;
        List<Clause> all = source.clauses();
        this.clauses = new Compiled[all.size()];
        this.wanted = new boolean[all.size()];
        for (int i = 0; i < clauses.length; i++) {
            clauses[i] = ExprCompiler.compile(all.get(i).body());
            wanted[i] = all.get(i).kind() == Clause.Kind.WHEN;
        }
        this.alone = List.of(this);
    }

    /** Returns the policy's id. */
    public String id() {
        return id;
    }

    /** Returns the policy. */
    public CedarPolicy source() {
        return source;
    }

    /** Tells whether the policy forbids. */
    public boolean forbids() {
        return forbids;
    }

    List<String> idAlone() {
        return idAlone;
    }

    List<CompiledPolicy> alone() {
        return alone;
    }

    /** Tells whether the head accepts an action with the given ancestors. */
    boolean acceptsAction(EntityUid action, Set<EntityUid> ancestors) {
        Scope scope = source.action();
        if (scope instanceof Scope.All) {
            return true;
        } else if (scope instanceof Scope.Eq eq) {
            return action.equals(eq.entity());
        } else if (scope instanceof Scope.In in) {
            return action.equals(in.entity()) || ancestors.contains(in.entity());
        } else if (scope instanceof Scope.InAny any) {
            return any.entities().contains(action) || any.entities().stream().anyMatch(ancestors::contains);
        }
        throw new IllegalStateException("no action scope: " + scope);
    }

    boolean acceptsAction(Query query) {
        Scope scope = source.action();
        if (scope instanceof Scope.InAny any) {
            return any.entities().stream().anyMatch(entity -> isIn(query.action(), entity, query));
        }
        return accepts(scope, query.action(), query);
    }

    /** Returns what the head wants the resource to be or to be in, null if it does not name that. */
    @Nullable EntityUid resourceWithin() {
        Scope scope = source.resource();
        if (scope instanceof Scope.Eq eq) {
            return eq.entity();
        } else if (scope instanceof Scope.In in) {
            return in.entity();
        }
        return scope instanceof Scope.IsIn isIn ? isIn.entity() : null;
    }

    /** Tells whether the head accepts the principal. */
    public boolean acceptsPrincipal(Query query) {
        if (anyPrincipal) {
            return true;
        }
        Scope scope = source.principal();
        return scope instanceof Scope.In in
                ? query.isPrincipalIn(in.entity())
                : accepts(scope, query.principal(), query);
    }

    /** Tells whether the head accepts the resource. */
    public boolean acceptsResource(Query query) {
        if (anyResource) {
            return true;
        }
        Scope scope = source.resource();
        return scope instanceof Scope.In in ? query.isResourceIn(in.entity()) : accepts(scope, query.resource(), query);
    }

    /**
     * Tells whether the policy applies to a request whose principal and action its head accepts.
     *
     * @throws EvaluationException if a condition has no truth value
     */
    boolean applies(Query query) {
        if (!acceptsResource(query)) {
            return false;
        }
        for (int i = 0; i < clauses.length; i++) {
            if (clauses[i].test(query) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean accepts(Scope scope, EntityUid entity, Query query) {
        if (scope instanceof Scope.All) {
            return true;
        } else if (scope instanceof Scope.Eq eq) {
            return entity.equals(eq.entity());
        } else if (scope instanceof Scope.In in) {
            return isIn(entity, in.entity(), query);
        } else if (scope instanceof Scope.Is is) {
            return entity.type().equals(is.type());
        } else if (scope instanceof Scope.IsIn isIn) {
            return entity.type().equals(isIn.type()) && isIn(entity, isIn.entity(), query);
        }
        throw new IllegalStateException("no scope of one entity: " + scope);
    }

    private static boolean isIn(EntityUid entity, EntityUid ancestor, Query query) {
        return entity.equals(ancestor) || query.isDescendant(entity, ancestor);
    }
}
