package dev.modelops.core.internal.policy.cedar;

import org.jspecify.annotations.Nullable;

/** A place in the head of a template that a link fills with an entity. */
public enum Slot {
    PRINCIPAL("?principal"),
    RESOURCE("?resource");

    private final String cedarName;

    Slot(String cedarName) {
        this.cedarName = cedarName;
    }

    /** Returns the name in Cedar, question mark included. */
    public String cedarName() {
        return cedarName;
    }

    /** Returns the slot of a name, null if none is known. */
    public static @Nullable Slot named(String name) {
        for (Slot slot : values()) {
            if (slot.cedarName.equals(name)) {
                return slot;
            }
        }
        return null;
    }
}
