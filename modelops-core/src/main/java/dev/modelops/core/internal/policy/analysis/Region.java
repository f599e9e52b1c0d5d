package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import org.jspecify.annotations.Nullable;

/**
 * Values that no condition in question tells apart.
 *
 * @param kind what kind of values
 * @param value one of them; null for absence and for values made of parts
 * @param exact whether it is the only one
 */
record Region(Kind kind, @Nullable Value value, boolean exact) {
    static final Region ABSENT = new Region(Kind.ABSENT, null, true);
    static final Region SET = new Region(Kind.SET, null, false);
    static final Region RECORD = new Region(Kind.RECORD, null, false);

    /** The kinds of regions. */
    enum Kind {
        /** There is no value. */
        ABSENT,
        /** Plain values. */
        VALUE,
        /** Entities. */
        ENTITY,
        /** Sets, told apart by what they hold. */
        SET,
        /** Records, or entities, told apart by their attributes. */
        RECORD
    }

    static Region only(Value value) {
        return new Region(value instanceof EntityUid ? Kind.ENTITY : Kind.VALUE, value, true);
    }

    static Region like(Value value) {
        return new Region(value instanceof EntityUid ? Kind.ENTITY : Kind.VALUE, value, false);
    }

    /** Tells whether places within this one can hold values. */
    boolean hasAttributes() {
        return kind == Kind.RECORD || kind == Kind.ENTITY;
    }
}
