package dev.modelops.core.internal.governor;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.policy.PolicyAdmission;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.signing.PolicyEnvelope;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.storage.BlobStore;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policy sets of one log made ready to decide, the last few of them kept. Safe for use by many threads. */
public final class PolicyEngines {
    private static final int KEPT = 8;

    private final BlobStore blobs;
    private final Map<Digest, Made> made = new Newest<>();
    private final Map<Digest, Vouched> vouched = new Newest<>();

    /** An engine, and whether its set was found fit to come into force. */
    private record Made(PolicyEngine engine, boolean isAdmitted) {}

    /** What a bundle says that a policy publisher signed. */
    private record Vouched(Digest policies, long revision) {}

    private static final class Newest<V> extends LinkedHashMap<Digest, V> {
        private static final long serialVersionUID = 1L;

        Newest() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, V> eldest) {
            return size() > KEPT;
        }
    }

    /** Creates the engines of the sets in a blob store. */
    public PolicyEngines(BlobStore blobs) {
        this.blobs = blobs;
    }

    /**
     * Returns the engine of the set in force in a state.
     *
     * @throws IntegrityException if the set is missing, altered, or cannot be read by this release
     */
    public PolicyEngine inForce(RegistryState state) {
        Digest digest = state.policies();
        Made known = find(digest);
        if (known != null) {
            return known.engine();
        }
        try {
            PolicyEngine engine = PolicyEngine.compile(read(digest));
            keep(new Made(engine, false));
            return engine;
        } catch (NotFoundException e) {
            throw new IntegrityException(
                    "the policy set in force, blob " + digest + ", is missing from the store; restore it from a backup",
                    e);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException(
                    "the policy set in force, blob " + digest + ", cannot be read: " + e.getMessage()
                            + "; upgrade modelops-core if a later release installed it",
                    e);
        }
    }

    /**
     * Compiles a set that may come into force.
     *
     * @throws InvalidPolicyException if it may not
     */
    public PolicyEngine admit(PolicySet set, Founding founding) {
        Made known = find(set.digest());
        if (known == null || !known.isAdmitted()) {
            known = new Made(PolicyAdmission.admit(set, founding.environments(), founding.lifeCycle()), true);
            keep(known);
        }
        return known.engine();
    }

    /**
     * Does the same with a set that was stored.
     *
     * @throws InvalidPolicyException if it may not come into force
     * @throws NotFoundException if it is missing from the store
     * @throws IntegrityException if it was altered in the store
     */
    public PolicyEngine admit(Digest digest, Founding founding) {
        Made known = find(digest);
        return known != null && known.isAdmitted() ? known.engine() : admit(read(digest), founding);
    }

    /** Tells whether a proposal can be admitted and its signature checked without reading a blob. */
    public synchronized boolean isAtHand(PolicyProposal proposal, Founding founding) {
        Made known = made.get(proposal.digest());
        Digest bundle = proposal.bundle().orElse(null);
        return known != null
                && known.isAdmitted()
                && (bundle == null || founding.policyPublishers().isEmpty() || vouched.containsKey(bundle));
    }

    /**
     * Checks that a policy publisher vouches for a proposal, where the log has such publishers.
     *
     * @throws VerificationException if none does
     * @throws NotFoundException if the bundle is missing from the store
     * @throws IntegrityException if the bundle was altered in the store
     */
    public void requireSigned(PolicyProposal proposal, Founding founding) {
        if (founding.policyPublishers().isEmpty()) {
            return;
        }
        Digest bundle = proposal.bundle().orElse(null);
        if (bundle == null) {
            throw new VerificationException(
                    Reason.INVALID_STATEMENT,
                    "policy set " + proposal.digest() + " was proposed without the bundle"
                            + " that a policy publisher signed; propose the signed bundle");
        }
        Vouched signed = vouched(bundle, founding);
        if (!signed.policies().equals(proposal.digest()) || signed.revision() != proposal.revision()) {
            throw new VerificationException(
                    Reason.INVALID_STATEMENT,
                    "policy set " + proposal.digest() + " was proposed as revision "
                            + proposal.revision() + ", but the bundle signed is of set "
                            + signed.policies() + " as revision " + signed.revision());
        }
    }

    private Vouched vouched(Digest bundle, Founding founding) {
        synchronized (this) {
            Vouched known = vouched.get(bundle);
            if (known != null) {
                return known;
            }
        }
        PolicyEnvelope envelope = PolicyEnvelope.verify(Ledger.readBlob(blobs, bundle), founding.policyPublishers());
        Vouched signed = new Vouched(envelope.policies().digest(), envelope.revision());
        synchronized (this) {
            vouched.put(bundle, signed);
        }
        return signed;
    }

    private PolicySet read(Digest digest) {
        return new PolicySet(Ledger.readBlob(blobs, digest).toUtf8());
    }

    private synchronized @Nullable Made find(Digest digest) {
        return made.get(digest);
    }

    private synchronized void keep(Made one) {
        made.put(one.engine().digest(), one);
    }
}
