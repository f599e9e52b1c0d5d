package dev.modelops.core.internal.state;

import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.VersionConflictException;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * The policy sets that were put into force, oldest first, and the newest proposal of each set that was proposed. Immutable.
 */
public record PolicySets(PVector<PolicyRevision> installed, PMap<Digest, PolicyProposal> proposed) {
    /** After the greatest number there is, no set could ever follow. */
    private static final long GREATEST_STEP = 1L << 53;

    static PolicySets empty() {
        return new PolicySets(TreePVector.empty(), HashTreePMap.empty());
    }

    /** Returns the set in force. */
    public PolicyRevision current() {
        if (installed.isEmpty()) {
            throw new IllegalStateException("the log has no first entry yet");
        }
        return installed.get(installed.size() - 1);
    }

    /** Returns the set that was in force after so many entries, or null if there were none. */
    public @Nullable PolicyRevision asOf(long size) {
        for (int i = installed.size() - 1; i >= 0; i--) {
            if (installed.get(i).position().size() <= size) {
                return installed.get(i);
            }
        }
        return null;
    }

    /** Returns the proposals that can be installed, oldest first. */
    public List<PolicyProposal> open() {
        return proposed.values().stream()
                .filter(this::isOpen)
                .sorted(Comparator.comparing(PolicyProposal::position))
                .toList();
    }

    /** Tells whether the log names a set. */
    public boolean isKnown(Digest digest) {
        return proposed.containsKey(digest)
                || installed.stream().anyMatch(revision -> revision.digest().equals(digest));
    }

    /** Returns the newest proposal of a set, which must have been proposed. */
    public PolicyProposal requireProposed(Digest digest) {
        PolicyProposal proposal = proposed.get(digest);
        if (proposal == null) {
            throw new NotFoundException("no policy set " + digest + " was proposed; propose it first");
        }
        return proposal;
    }

    /** Returns the proposal of a set, which must be based on the set in force. */
    public PolicyProposal requireOpen(Digest digest) {
        PolicyProposal proposal = requireProposed(digest);
        PolicyRevision current = current();
        if (current.digest().equals(digest)) {
            throw new VersionConflictException(
                    "policy set " + digest + " is in force already, as revision " + current.number());
        }
        if (!isOpen(proposal)) {
            throw new VersionConflictException("policy set " + digest + " was proposed in place of revision "
                    + proposal.basedOn() + ", but revision " + current.number()
                    + " is in force; look at what changed and propose it again");
        }
        return proposal;
    }

    /** Refuses a proposal of a set that is in force, that can be installed already, or that would not be newer. */
    public void requireProposable(Digest digest, long revision) {
        PolicyRevision current = current();
        if (current.digest().equals(digest)) {
            throw new VersionConflictException(
                    "policy set " + digest + " is in force already, as revision " + current.number());
        }
        PolicyProposal before = proposed.get(digest);
        if (before != null && isOpen(before)) {
            throw new VersionConflictException(
                    "policy set " + digest + " was proposed by " + before.by() + " already; have it installed");
        }
        if (revision <= current.number()) {
            throw new VersionConflictException("a policy set must have a revision greater than " + current.number()
                    + ", the one in force, but has " + revision + "; sign it anew with a greater one");
        }
        if (revision - current.number() > GREATEST_STEP) {
            throw new VersionConflictException("a policy set must have a revision at most " + GREATEST_STEP
                    + " greater than " + current.number() + ", the one in force, but has " + revision
                    + ", which would leave no room for those to come; sign it anew with a smaller one");
        }
    }

    PolicySets proposed(PolicyProposal proposal) {
        if (proposal.basedOn() != current().number()) {
            throw new IllegalArgumentException("a policy set was proposed in place of revision " + proposal.basedOn()
                    + ", but in force was " + current().number());
        }
        requireProposable(proposal.digest(), proposal.revision());
        return new PolicySets(installed, proposed.plus(proposal.digest(), proposal));
    }

    PolicySets installed(PolicyRevision revision) {
        if (!installed.isEmpty() && requireOpen(revision.digest()).revision() != revision.number()) {
            throw new IllegalArgumentException("policy set " + revision.digest() + " was installed as revision "
                    + revision.number() + ", but proposed as another");
        }
        return new PolicySets(installed.plus(revision), proposed);
    }

    private boolean isOpen(PolicyProposal proposal) {
        return proposal.basedOn() == current().number();
    }
}
