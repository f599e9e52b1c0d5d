package dev.modelops.core.internal.policy.cedar;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request together with what is known about its entities: all that policies are evaluated on. */
public interface Query {
    /** Returns who asks. */
    EntityUid principal();

    /** Returns what is asked for. */
    EntityUid action();

    /** Returns on what. */
    EntityUid resource();

    /** Returns the circumstances. */
    Value.RecordValue context();

    /** Tells whether an entity is a descendant of another; equality is not asked here. */
    boolean isDescendant(EntityUid entity, EntityUid ancestor);

    /** Returns an attribute of an entity, null if the entity or the attribute is unknown. */
    @Nullable Value attribute(EntityUid entity, String name);

    /** Returns the value of a tag of an entity, null if the entity or the tag is unknown. */
    default @Nullable Value tag(EntityUid entity, String name) {
        return null;
    }

    /** Tells whether the principal equals a value. */
    default boolean isPrincipal(Value value) {
        return principal().equals(value);
    }

    /** Tells whether the principal is an entity or in it. */
    default boolean isPrincipalIn(EntityUid ancestor) {
        EntityUid principal = principal();
        return principal.equals(ancestor) || isDescendant(principal, ancestor);
    }

    /** Tells whether the resource is an entity or in it. */
    default boolean isResourceIn(EntityUid ancestor) {
        EntityUid resource = resource();
        return resource.equals(ancestor) || isDescendant(resource, ancestor);
    }

    /** Returns the type of the resource, which may be known before the resource is. */
    default String resourceType() {
        return resource().type();
    }

    /**
     * Returns the ids of those entities of a type that the resource is or is in; null says nothing, {@link #isResourceIn} is
     * then asked of each entity that policies name.
     */
    default @Nullable Set<String> resourceWithin(String type) {
        return null;
    }

    /** Returns the value at a path if it is quickly found; null says nothing, the path is then walked. */
    default @Nullable Value lookup(AttributePath path) {
        return null;
    }

    /**
     * Tells whether there is a value at a path, asking of each step whether it is there before taking it; null says nothing,
     * the path is then walked.
     *
     * @throws EvaluationException if that can not be told
     */
    default @Nullable Boolean has(AttributePath path) {
        return lookup(path) == null ? null : true;
    }
}
