package dev.modelops;

/** Where roles come from. Fixed by the genesis of a log. */
public enum RoleSource {
    /** Grants in the log. */
    GRANTS,
    /** The host's claims, see {@link Identity#claimedRoles}. */
    CLAIMS
}
