package dev.modelops;

import java.util.Set;

/**
 * Who is acting now, as the host authenticated it.
 *
 * @param principal who
 * @param assurance how firmly that was established
 * @param claimedRoles roles the host's identity provider asserts; they count only in a log whose genesis takes roles
 *     from claims. Copied in.
 */
public record Identity(Principal principal, Assurance assurance, Set<Role> claimedRoles) {
    /**
     * Creates an identity.
     *
     * @param principal who
     * @param assurance how firmly that was established
     * @param claimedRoles roles the host asserts
     */
    public Identity {
        claimedRoles = Set.copyOf(claimedRoles);
    }

    /**
     * Returns an identity that the host asserts, without claimed roles.
     *
     * @param principal who
     * @return the identity
     */
    public static Identity asserted(Principal principal) {
        return new Identity(principal, Assurance.ASSERTED, Set.of());
    }
}
