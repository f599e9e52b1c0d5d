package dev.modelops.core.internal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Genesis;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.Principal;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.policy.PolicyAdmission;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.policy.Policies;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.Storage;
import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The ceremony that begins a log. */
final class LogCreation {
    private static final Principal CREATOR = Principal.of("modelops", "genesis");

    private LogCreation() {}

    static LogKey create(Storage storage, Genesis genesis, Clock clock) {
        NoteSigner logSigner = new NoteSigner(genesis.origin(), genesis.logSigner());
        LogKey logKey = logKey(genesis);
        requireKeys(genesis);
        PolicySet policies = genesis.policies().orElseGet(Policies::builtIn);
        requireGates(
                genesis, PolicyAdmission.begin(policies, genesis.lifeCycle()).gateIds());

        if (storage.log().head().size() > 0) {
            return finish(storage, genesis, policies, logSigner, logKey);
        }
        Bytes document = Bytes.ofUtf8(policies.document());
        storage.blobs().put(policies.digest(), new ByteArrayInputStream(document.toByteArray()));

        byte[] body = firstEntry(genesis, logKey, policies, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        byte[] hash = Merkle.leafHash(body);
        byte[] root = Frontier.empty().append(hash).root();
        NoteSigner writer = Seal.signer(genesis.origin(), genesis.writer());
        boolean isFirst = storage.log().append(transaction -> {
            if (transaction.head().size() > 0) {
                return false;
            }
            transaction.append(
                    List.of(new LogRecord(0, Bytes.of(body))),
                    new Seal(genesis.origin(), 0, 1, root, List.of(hash)).sign(writer),
                    new LogHead(1, Digest.sha256(root)));
            return true;
        });
        if (!isFirst) {
            return finish(storage, genesis, policies, logSigner, logKey);
        }
        publish(storage, logSigner, root);
        return logKey;
    }

    /** Returns the key to pin for a log of this genesis. */
    static LogKey logKey(Genesis genesis) {
        return new LogKey(NoteVerifier.of(genesis.origin(), genesis.logSigner().publicKey())
                .vkey());
    }

    private static byte[] firstEntry(Genesis genesis, LogKey logKey, PolicySet policies, Instant time) {
        ObjectNode data = Entry.payload(Identity.asserted(CREATOR), Set.of(), CommandId.of("genesis"), null, null);
        Founding.write(genesis, logKey, policies.digest(), data);
        byte[] body = new Entry(
                        0,
                        Digest.sha256Of(Bytes.ofUtf8(logKey.text())).toHex().substring(0, 32),
                        genesis.origin(),
                        EntryType.LOG_CREATED,
                        EntryType.LOG_CREATED.typeName(),
                        null,
                        time,
                        true,
                        data)
                .encode();
        // What could not be read again must not begin a log.
        if (Fold.apply(RegistryState.empty(), Entry.decode(0, body)).size() != 1) {
            throw new IllegalArgumentException("the genesis makes no first entry");
        }
        return body;
    }

    /**
     * A creation that was cut off after the first entry and before its checkpoint is finished by whoever holds its keys;
     * but only if that entry is the very one this genesis makes, sealed by its writer: the log key signs nothing else.
     */
    private static LogKey finish(
            Storage storage, Genesis genesis, PolicySet policies, NoteSigner logSigner, LogKey logKey) {
        long size = storage.log().head().size();
        if (size > 1 || storage.log().latestCheckpoint().isPresent()) {
            throw occupied(size);
        }
        byte[] body = storage.log().read(0, 1).get(0).body().toByteArray();
        byte[] root = Frontier.empty().append(Merkle.leafHash(body)).root();
        try {
            Instant time = Entry.decode(0, body).time();
            List<LogSeal> seals = storage.log().seals(0, 1);
            if (seals.isEmpty() || !Arrays.equals(body, firstEntry(genesis, logKey, policies, time))) {
                throw occupied(size);
            }
            Seal seal = Seal.open(
                    seals.get(0),
                    genesis.origin(),
                    List.of(Seal.verifier(genesis.origin(), genesis.writer().publicKey())));
            if (!Arrays.equals(seal.root(), root)) {
                throw occupied(size);
            }
        } catch (IllegalArgumentException | IntegrityException e) {
            throw occupied(size);
        }
        publish(storage, logSigner, root);
        return logKey;
    }

    private static void publish(Storage storage, NoteSigner logSigner, byte[] root) {
        CheckpointBody first = new CheckpointBody(logSigner.verifier().name(), 1, root);
        storage.log().publish(new LogCheckpoint(1, logSigner.sign(first.text())));
    }

    private static VersionConflictException occupied(long size) {
        return new VersionConflictException("the storage holds a log of " + size
                + " entries already; open it with ModelOps.open, or create the new log elsewhere");
    }

    private static void requireKeys(Genesis genesis) {
        List<PublicKey> keys = new ArrayList<>(genesis.roots());
        keys.addAll(genesis.writers());
        keys.addAll(genesis.policyPublishers());
        keys.add(genesis.writer().publicKey());
        for (PublicKey key : keys) {
            if (Crypto.algorithmOf(key).orElse(null) != SignatureAlgorithm.ED25519) {
                throw new IllegalArgumentException("root, writer and policy publisher keys must be Ed25519, but one is "
                        + key.getAlgorithm() + "; generate it with" + " Signers.generate(SignatureAlgorithm.ED25519)");
            }
        }
        for (PublicKey key : genesis.publishers()) {
            if (!PublisherTrust.canSignModels(key)) {
                throw new IllegalArgumentException("a publisher key must be EC on P-256, P-384 or P-521, but one is "
                        + key.getAlgorithm() + "; generate it with Signers.generate(SignatureAlgorithm.ECDSA_P256)");
            }
        }
    }

    private static void requireGates(Genesis genesis, Set<String> gateIds) {
        genesis.environments().forEach((environment, gates) -> {
            Set<String> missing = new TreeSet<>(gates);
            missing.removeAll(gateIds);
            if (!missing.isEmpty()) {
                throw new IllegalArgumentException("environment '" + environment + "' requires the gates " + missing
                        + ", which the policy set does not have; its forbidding rules are " + gateIds);
            }
        });
    }
}
