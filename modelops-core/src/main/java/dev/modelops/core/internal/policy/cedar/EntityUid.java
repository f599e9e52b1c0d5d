package dev.modelops.core.internal.policy.cedar;

/** The identity of an entity: a type, such as {@code User} or {@code Bank::User}, and an id of any characters. */
public record EntityUid(String type, String id) implements Value {
    /**
     * Creates an identity.
     *
     * @throws IllegalArgumentException if the type is not a Cedar name
     */
    public EntityUid {
        Names.requireType(type);
    }

    /** Tells whether the type is {@code Action}, in some name space or none. */
    public boolean isAction() {
        return type.equals("Action") || type.endsWith("::Action");
    }

    @Override
    public String typeName() {
        return "Entity";
    }

    @Override
    public String toString() {
        return CedarText.of(this);
    }
}
