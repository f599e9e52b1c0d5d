package dev.modelops.core.internal.policy.cedar;

import java.util.List;

/** What a policy's head asks of the principal, the action or the resource. */
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
}
