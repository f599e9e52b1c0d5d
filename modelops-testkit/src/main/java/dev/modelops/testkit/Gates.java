package dev.modelops.testkit;

import java.util.List;

/** The ids of the gates that the built-in policies bring, for genesis and for assertions about refusals. */
public final class Gates {
    /** Nobody judges a version of their own. */
    public static final String OWN_VERSION = "gate-own-version";

    /** A version needs the approval of somebody other than its author. */
    public static final String APPROVAL = "gate-approval";

    /** A version must not stand rejected. */
    public static final String REJECTION = "gate-rejection";

    /** A version needs the signature of a trusted publisher. */
    public static final String SIGNATURE = "gate-signature";

    /** The state of a version must allow that it is promoted. */
    public static final String STATUS = "gate-status";

    /** The state of a version must allow that it is served. */
    public static final String SERVABLE = "gate-servable";

    /** Only a former champion is rolled back to. */
    public static final String FORMER_CHAMPION = "gate-former-champion";

    /** Nobody promotes a version of their own. */
    public static final String PROMOTER = "gate-promoter";

    /** Nobody judges or promotes here what they made in another log. */
    public static final String SOURCE_AUTHOR = "gate-source-author";

    /** Nobody installs a policy set that they proposed themselves. */
    public static final String POLICY_AUTHOR = "gate-policy-author";

    private static final List<String> ALL = List.of(
            OWN_VERSION,
            APPROVAL,
            REJECTION,
            SIGNATURE,
            STATUS,
            SERVABLE,
            FORMER_CHAMPION,
            PROMOTER,
            SOURCE_AUTHOR,
            POLICY_AUTHOR);

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
