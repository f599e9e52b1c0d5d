package dev.modelops.testkit;

import java.util.List;

/** The ids of the gates that the built-in policies bring, for genesis and for assertions about refusals. */
public final class Gates {
    /** A version needs the approval of somebody other than its author. */
    public static final String APPROVAL = "gate-approval";

    /** A version needs the signature of a trusted publisher. */
    public static final String SIGNATURE = "gate-signature";

    /** The state of a version in its life cycle must allow the act. */
    public static final String STATUS = "gate-status";

    private static final List<String> ALL = List.of(APPROVAL, SIGNATURE, STATUS);

    private Gates() {}

    /**
     * Returns every gate: what the test kit's environments require.
     *
     * @return the ids
     */
    public static List<String> all() {
        return ALL;
    }
}
