package dev.modelops.core.internal.registry;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.signing.PolicyEnvelope;
import dev.modelops.core.internal.signing.TrustEnvelope;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.PolicySets;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.InvalidPolicyException.Problem;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.Recorded;
import dev.modelops.signing.TrustPolicy;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The policy sets for one session: acts through the governor, reads of the ledger's present state. */
public final class LivePolicies implements PolicyAdministration {
    private final Governor governor;
    private final Ledger ledger;
    private final Artifacts artifacts;
    private final SessionAccess access;
    private final Consumer<Recorded> done;

    /**
     * Creates the policy sets of a session.
     *
     * @param done called after every installation, before its caller gets the answer
     */
    public LivePolicies(Governor governor, Artifacts artifacts, SessionAccess access, Consumer<Recorded> done) {
        this.governor = governor;
        this.ledger = governor.ledger();
        this.artifacts = artifacts;
        this.access = access;
        this.done = done;
    }

    @Override
    public PolicyRevision current() {
        return governor.texts().read(sets().current());
    }

    @Override
    public PolicyRevision asOf(LogPosition position) {
        PolicySets sets = sets();
        long size = ledger.tip().state().size();
        PolicyRevision revision = position.size() > size ? null : sets.asOf(position.size());
        if (revision == null) {
            throw new NotFoundException(
                    "the log has positions 1 to " + size + ", but " + position.size() + " was asked for");
        }
        return governor.texts().read(revision);
    }

    @Override
    public List<PolicyRevision> installed() {
        return sets().installed().stream().map(governor.texts()::read).toList();
    }

    @Override
    public List<PolicyProposal> proposals() {
        return sets().open().stream().map(governor.texts()::read).toList();
    }

    @Override
    public PolicySet read(Digest digest) {
        if (!sets().isKnown(digest)) {
            throw new NotFoundException("no policy set " + digest + " was proposed or put into force in this log");
        }
        return new PolicySet(ledger.blob(digest).toUtf8());
    }

    @Override
    public PolicyProposal propose(PolicySet set, @Nullable String reason) {
        Identity identity = access.caller();
        Action action = action(set, reason);
        requireAllowed(identity, action);
        if (!founding().policyPublishers().isEmpty()) {
            throw new InvalidPolicyException(
                    List.of(
                            Problem.of(
                                    "this log takes policy sets only in bundles that one of"
                                            + " its policy publishers signed, but this set came without; have it signed and propose the bundle")));
        }
        governor.requireFit(set);
        Bytes document = Bytes.ofUtf8(set.document());
        var unused = artifacts.store(document);
        PolicyProposal proposal = governor.propose(identity, action, null, 0);
        artifacts.confirm(document);
        return governor.texts().read(proposal);
    }

    @Override
    public PolicyProposal proposeBundle(Bytes bundle, @Nullable String reason) {
        Identity identity = access.caller();
        if (founding().policyPublishers().isEmpty()) {
            throw new InvalidPolicyException(List.of(Problem.of("this log trusts no policy publisher, so a signature"
                    + " would say nothing; propose the policy set itself")));
        }
        PolicyEnvelope envelope = PolicyEnvelope.verify(bundle, founding().policyPublishers());
        Action action = action(envelope.policies(), reason);
        requireAllowed(identity, action);
        governor.requireFit(envelope.policies());
        Bytes document = Bytes.ofUtf8(envelope.policies().document());
        var unused = artifacts.store(document);
        Digest digest = artifacts.store(bundle);
        PolicyProposal proposal = governor.propose(identity, action, digest, envelope.revision());
        artifacts.confirm(document);
        artifacts.confirm(bundle);
        return governor.texts().read(proposal);
    }

    @Override
    public PolicyRevision install(Digest digest) {
        Recorded recorded = governor.perform(access.caller(), Action.installPolicies(digest));
        done.accept(recorded);
        return ledger.tip().state().policySets().installed().stream()
                .filter(revision -> revision.position().equals(recorded.position()))
                .findFirst()
                .map(governor.texts()::read)
                .orElseThrow(() -> new IllegalStateException("what was installed is not in the state after it"));
    }

    @Override
    public Optional<TrustPolicy> trust() {
        access.require(Action.readPolicies());
        return Optional.ofNullable(founding().trust().policy());
    }

    @Override
    public TrustPolicy installTrust(Bytes envelope) {
        TrustPolicy policy = TrustEnvelope.read(envelope).policy();
        Recorded recorded = governor.perform(
                access.caller(), Action.installTrust(policy.version()).signed(envelope));
        done.accept(recorded);
        return policy;
    }

    private PolicySets sets() {
        access.require(Action.readPolicies());
        return ledger.tip().state().policySets();
    }

    private Founding founding() {
        return ledger.tip().state().founding();
    }

    private static Action action(PolicySet set, @Nullable String reason) {
        Action action = Action.proposePolicies(set.digest());
        return reason == null ? action : action.because(reason);
    }

    /** Nothing is stored for those who may not propose. */
    private void requireAllowed(Identity identity, Action action) {
        if (governor.check(identity, action) instanceof Decision.Deny deny) {
            throw governor.refused(identity, action, deny);
        }
    }
}
