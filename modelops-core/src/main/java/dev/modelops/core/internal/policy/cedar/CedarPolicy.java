package dev.modelops.core.internal.policy.cedar;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One Cedar policy without its id: static, or a template if its head has slots. */
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
     * @throws IllegalArgumentException if a scope does not fit its place, an action's type is not {@code Action}, in some
     *     name space or none, an annotation is not named by an identifier, or
     *     an expression nests too deeply
     */
    public CedarPolicy {
        annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
        clauses = List.copyOf(clauses);
        annotations.keySet().forEach(Names::requireAnnotation);
        if (action instanceof Scope.Is || action instanceof Scope.IsIn || action.hasSlot()) {
            throw new IllegalArgumentException("the action of a policy must be all, ==, in or in [...], but was "
                    + (action.hasSlot() ? "a slot" : "'is'"));
        }
        if (principal instanceof Scope.InAny || resource instanceof Scope.InAny) {
            throw new IllegalArgumentException("only the action of a policy may be 'in' several entities");
        }
        requireActions(action);
        clauses.forEach(clause -> Expr.requireBounded(clause.body()));
    }

    /** Returns the slots of the head, none for a static policy. */
    public Set<Slot> slots() {
        Set<Slot> slots = EnumSet.noneOf(Slot.class);
        if (principal.hasSlot()) {
            slots.add(Slot.PRINCIPAL);
        }
        if (resource.hasSlot()) {
            slots.add(Slot.RESOURCE);
        }
        return slots;
    }

    /** Tells whether it has slots, and so decides nothing before it is linked. */
    public boolean isTemplate() {
        return principal.hasSlot() || resource.hasSlot();
    }

    /**
     * Returns the static policy with entities in the slots. It keeps the annotations, except {@code @id}, which names the
     * template.
     *
     * @throws IllegalArgumentException if a slot gets no entity, or there is an entity for a slot the head does not have
     */
    public CedarPolicy link(Map<Slot, EntityUid> values) {
        Set<Slot> slots = slots();
        if (slots.isEmpty()) {
            throw new IllegalArgumentException("only a template can be linked, but the policy has no slot");
        }
        for (Slot slot : Slot.values()) {
            EntityUid value = values.get(slot);
            if (slots.contains(slot) != (value != null)) {
                throw new IllegalArgumentException(
                        value == null
                                ? "the template has the slot " + slot.cedarName() + ", but the link gives it no entity"
                                : "the link gives an entity for " + slot.cedarName()
                                        + ", but the template has no such slot");
            }
        }
        SortedMap<String, String> kept = new TreeMap<>(annotations);
        kept.remove("id");
        return new CedarPolicy(
                effect,
                filled(principal, values.get(Slot.PRINCIPAL)),
                action,
                filled(resource, values.get(Slot.RESOURCE)),
                kept,
                clauses);
    }

    private static Scope filled(Scope scope, @Nullable EntityUid entity) {
        return entity == null ? scope : scope.filled(entity);
    }

    /** Returns the scope if all it names are actions. */
    static Scope requireActions(Scope scope) {
        List<EntityUid> named = scope instanceof Scope.Eq eq
                ? List.of(eq.entity())
                : scope instanceof Scope.In in
                        ? List.of(in.entity())
                        : scope instanceof Scope.InAny any ? any.entities() : List.of();
        for (EntityUid uid : named) {
            if (!uid.isAction()) {
                throw new IllegalArgumentException(
                        "the action of a policy must be of the type Action, such as Action::\"read\", but was " + uid);
            }
        }
        return scope;
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
