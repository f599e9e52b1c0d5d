package dev.modelops.core.internal.policy.cedar;

import java.util.List;

/**
 * What a policy's head asks of the principal, the action or the resource. A slot is that of the place where it stands:
 * {@code ?principal} for the principal, {@code ?resource} for the resource.
 */
public sealed interface Scope {
    /** Any entity. */
    record All() implements Scope {}

    /** One entity. */
    record Eq(EntityUid entity) implements Scope {}

    /** An entity or anything in it. */
    record In(EntityUid entity) implements Scope {}

    /** Any of some entities or anything in them; for actions only. */
    record InAny(List<EntityUid> entities) implements Scope {
        public InAny {
            entities = List.copyOf(entities);
        }
    }

    /** Any entity of a type; not for actions. */
    record Is(String type) implements Scope {
        public Is {
            Names.requireType(type);
        }
    }

    /** An entity of a type that is another or in it; not for actions. */
    record IsIn(String type, EntityUid entity) implements Scope {
        public IsIn {
            Names.requireType(type);
        }
    }

    /** The entity in the slot; in templates only. */
    record EqSlot() implements Scope {}

    /** The entity in the slot or anything in it; in templates only. */
    record InSlot() implements Scope {}

    /** An entity of a type that is the one in the slot or in it; in templates only. */
    record IsInSlot(String type) implements Scope {
        public IsInSlot {
            Names.requireType(type);
        }
    }

    /** Tells whether there is a slot to fill. */
    default boolean hasSlot() {
        return this instanceof EqSlot || this instanceof InSlot || this instanceof IsInSlot;
    }

    /** Returns the scope with an entity in its slot; this one if it has none. */
    default Scope filled(EntityUid entity) {
        if (this instanceof EqSlot) {
            return new Eq(entity);
        } else if (this instanceof InSlot) {
            return new In(entity);
        } else if (this instanceof IsInSlot isIn) {
            return new IsIn(isIn.type(), entity);
        }
        return this;
    }
}
