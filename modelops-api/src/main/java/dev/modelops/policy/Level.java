package dev.modelops.policy;

import java.util.Arrays;
import java.util.Optional;

/**
 * How firmly a rule that forbids is meant. A rule says so by the annotation {@code @level("advisory")},
 * {@code @level("soft")} or {@code @level("hard")}; without one it is hard. A rule that cannot be evaluated counts as one
 * that forbids, at its level.
 */
public enum Level {
    /** Never refuses; what is found is only told and recorded. For new rules, to see what they would refuse. */
    ADVISORY("advisory"),
    /** Refuses, unless the caller asks to pass it and may: see {@link Action#overriding(String)}. */
    SOFT("soft"),
    /** Refuses, always. */
    HARD("hard");

    private final String id;

    Level(String id) {
        this.id = id;
    }

    /**
     * Returns the name that policies use.
     *
     * @return the name, such as {@code soft}
     */
    public String id() {
        return id;
    }

    /**
     * Returns the level of a name.
     *
     * @param id the name that policies use
     * @return the level; empty if there is none of that name
     */
    public static Optional<Level> find(String id) {
        return Arrays.stream(values()).filter(level -> level.id.equals(id)).findFirst();
    }
}
