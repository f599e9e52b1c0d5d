package dev.modelops.policy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.signing.TrustPolicy;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The policy sets of a log: which one is in force, which were, and how that changes. A change takes two acts, so that it
 * can take two people: one {@linkplain #propose proposes} a set, another {@linkplain #install installs} it. Both acts are
 * decided by the set in force, and recorded. Whose signatures the log believes is its {@linkplain #trust trust policy}, which
 * changes by one act and the signatures of root keys. Reading asks for {@link Action#readPolicies}. Safe for use by many
 * threads.
 */
public interface PolicyAdministration {
    /**
     * Returns the set in force.
     *
     * @return the newest revision
     * @throws AccessDeniedException if the caller may not read it
     */
    PolicyRevision current();

    /**
     * Returns the set that was in force at a position: it decided the act after it.
     *
     * @param position a position that the log has reached
     * @return the revision
     * @throws dev.modelops.NotFoundException if the log has not reached it
     * @throws AccessDeniedException if the caller may not read it
     */
    PolicyRevision asOf(LogPosition position);

    /**
     * Returns every set that was put into force.
     *
     * @return the revisions, oldest first
     * @throws AccessDeniedException if the caller may not read them
     */
    List<PolicyRevision> installed();

    /**
     * Returns the sets that can be installed.
     *
     * @return the proposals based on the revision in force, oldest first
     * @throws AccessDeniedException if the caller may not read them
     */
    List<PolicyProposal> proposals();

    /**
     * Reads a set that was put into force or proposed.
     *
     * @param digest the set
     * @return the document, checked against the digest
     * @throws dev.modelops.NotFoundException if the log names no such set
     * @throws dev.modelops.IntegrityException if the store holds another document
     * @throws AccessDeniedException if the caller may not read it
     */
    PolicySet read(Digest digest);

    /**
     * Proposes a set, to be installed by somebody else. In a log whose genesis enrolled policy publishers, propose a
     * signed bundle instead.
     *
     * @param set the set
     * @param reason why, kept in the log, 1 to 4,000 characters; null for none
     * @return the proposal as recorded
     * @throws InvalidPolicyException if the set cannot be put into force here; nothing is recorded
     * @throws dev.modelops.VersionConflictException if the set is in force or proposed already
     * @throws AccessDeniedException if the set in force does not allow it
     */
    PolicyProposal propose(PolicySet set, @Nullable String reason);

    /**
     * Proposes the set in a signed bundle, to be installed by somebody else.
     *
     * @param bundle the bundle, as the policy publisher signed it
     * @param reason why, kept in the log, 1 to 4,000 characters; null for none
     * @return the proposal as recorded
     * @throws dev.modelops.signing.VerificationException if the bundle was altered, or was not signed by a policy
     *     publisher of this log; nothing is recorded
     * @throws InvalidPolicyException if the set cannot be put into force here; nothing is recorded
     * @throws dev.modelops.VersionConflictException if the bundle's revision is not greater than that in force, or the
     *     set is in force or proposed already
     * @throws AccessDeniedException if the set in force does not allow it
     */
    PolicyProposal proposeBundle(Bytes bundle, @Nullable String reason);

    /**
     * Puts a proposed set into force. Every act after it, in every process, is decided by that set. To give a reason or a
     * command id, perform {@link Action#installPolicies} instead.
     *
     * @param digest the set
     * @return the revision as recorded
     * @throws dev.modelops.NotFoundException if the set was not proposed
     * @throws dev.modelops.VersionConflictException if another set was installed since it was proposed; propose it again
     * @throws InvalidPolicyException if the set cannot be put into force; nothing is recorded
     * @throws AccessDeniedException if the set in force does not allow it
     */
    PolicyRevision install(Digest digest);

    /**
     * Returns the trust policy in force: whose signatures the log believes.
     *
     * @return the policy; empty if none was installed, so that the keys of genesis count
     * @throws AccessDeniedException if the caller may not read it
     */
    Optional<TrustPolicy> trust();

    /**
     * Puts the next trust policy into force. To give a reason or a command id, perform {@link Action#installTrust} instead.
     *
     * @param envelope the policy as root keys signed it
     * @return the policy as recorded
     * @throws dev.modelops.signing.VerificationException if it is not well formed, is for another log, or too few root keys
     *     of the policy in force, or of this one, have signed it; nothing is recorded
     * @throws dev.modelops.VersionConflictException if its version is not one more than that in force
     * @throws AccessDeniedException if the policy set in force does not allow it
     */
    TrustPolicy installTrust(Bytes envelope);
}
