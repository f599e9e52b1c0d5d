package dev.modelops.core.internal.witness;

import dev.modelops.Digest;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.Cosigner;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.signing.Signer;
import dev.modelops.storage.StorageException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A witness: cosigns what continues the newest checkpoint it has cosigned of a log, which it keeps in a folder with its own
 * signature. What it keeps is replaced before it answers, under a lock that spans the comparison.
 */
public final class FolderWitness implements Witness {
    private final List<Cosigner> cosigners;
    private final List<CosignatureKey> keys;
    private final NoteFolder notes;
    private final Map<String, NoteVerifier> logs;
    private final Clock clock;

    /**
     * Creates a witness of some logs.
     *
     * @throws IllegalArgumentException if there is no key, the name is not a key name, a key is neither Ed25519 nor ML-DSA-44,
     *     or two logs have one origin
     */
    public FolderWitness(String name, List<Signer> signers, Path folder, Collection<LogKey> logs, Clock clock) {
        if (signers.isEmpty()) {
            throw new IllegalArgumentException("a witness must have a key");
        }
        this.cosigners =
                signers.stream().map(signer -> new Cosigner(name, signer)).toList();
        this.keys = cosigners.stream().map(Cosigner::key).toList();
        this.notes = new NoteFolder(folder);
        this.clock = clock;
        Map<String, NoteVerifier> known = new HashMap<>();
        for (LogKey log : logs) {
            if (known.put(log.origin(), NoteVerifier.parse(log.text())) != null) {
                throw new IllegalArgumentException("a witness knows a log by one key, but '" + log.origin()
                        + "' was given with two; a log that was recovered has an origin of its own");
            }
        }
        this.logs = Map.copyOf(known);
    }

    @Override
    public List<String> keys() {
        return keys.stream().map(CosignatureKey::vkey).toList();
    }

    @Override
    public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
        SignedNote note;
        try {
            note = SignedNote.parse(checkpoint);
        } catch (NoteException e) {
            return refused(Answer.Reason.MALFORMED, e.getMessage());
        }
        String[] lines = note.text().split("\n", 4);
        NoteVerifier log = logs.get(lines[0]);
        if (log == null) {
            return refused(Answer.Reason.UNKNOWN_LOG, "this witness watches no log of that origin");
        }
        String signed = signature(note, log);
        if (signed == null) {
            return refused(Answer.Reason.BAD_SIGNATURE, "the checkpoint is not signed by the key known of this log");
        }
        CheckpointBody body;
        try {
            body = CheckpointBody.parse(note.text());
        } catch (NoteException e) {
            boolean isEmptyTree = lines.length > 2 && lines[1].equals("0");
            return refused(isEmptyTree ? Answer.Reason.INCONSISTENT : Answer.Reason.MALFORMED, e.getMessage());
        }
        if (oldSize < 0 || oldSize > body.size()) {
            return refused(
                    Answer.Reason.MALFORMED,
                    "the old size must be from 0 to " + body.size() + ", the size of the checkpoint, but was "
                            + oldSize);
        }
        return notes.exclusively(() -> {
            CheckpointBody known = known(log.name());
            long size = known == null ? 0 : known.size();
            if (size != oldSize) {
                return new Answer.Holds(size);
            }
            if (!continues(known, body, proof)) {
                return refused(
                        Answer.Reason.INCONSISTENT,
                        "the checkpoint of size " + body.size() + " does not continue the one of size " + oldSize
                                + " that this witness has cosigned, or the consistency proof is wrong");
            }
            Instant now = clock.instant();
            String cosignatures = cosigners.stream()
                    .map(cosigner -> cosigner.cosign(note.text(), now))
                    .collect(Collectors.joining());
            notes.write(log.name(), note.text() + "\n" + signed + cosignatures);
            return new Answer.Cosigned(cosignatures);
        });
    }

    @Override
    public Optional<String> newest(String origin) {
        return logs.containsKey(origin) ? notes.read(origin) : Optional.empty();
    }

    /** Returns the origins of the logs it watches. */
    Set<String> origins() {
        return logs.keySet();
    }

    private static boolean continues(@Nullable CheckpointBody known, CheckpointBody body, List<Digest> proof) {
        if (known == null || known.size() == 0) {
            return proof.isEmpty();
        }
        return Merkle.verifyConsistency(
                known.size(),
                body.size(),
                known.root(),
                body.root(),
                proof.stream().map(hash -> hash.value().toByteArray()).toList());
    }

    /** Returns the line of the log's own signature, or null if the log did not sign. */
    private static @Nullable String signature(SignedNote note, NoteVerifier log) {
        try {
            if (note.verifiedBy(List.of(log)).isEmpty()) {
                return null;
            }
        } catch (NoteException e) {
            return null;
        }
        return note.signatures().stream()
                .filter(one -> one.name().equals(log.name()) && one.keyId() == log.keyId())
                .findFirst()
                .orElseThrow()
                .line();
    }

    /** What was kept counts only with this witness's own signature: a damaged record must not begin the log anew. */
    private @Nullable CheckpointBody known(String origin) {
        Optional<String> kept = notes.read(origin);
        if (kept.isEmpty()) {
            return null;
        }
        try {
            SignedNote note = SignedNote.parse(kept.get());
            CheckpointBody body = CheckpointBody.parse(note.text());
            if (body.origin().equals(origin) && !note.cosignedBy(keys).isEmpty()) {
                return body;
            }
        } catch (NoteException e) {
            throw damaged(origin, e);
        }
        throw damaged(origin, new IllegalArgumentException("it is not of this log and cosigned by this witness"));
    }

    private StorageException damaged(String origin, RuntimeException cause) {
        return new StorageException(
                "what this witness keeps of log '" + origin + "' in '" + notes
                        + "' is damaged or not its own; it cosigns nothing of that log until the file is made good, from"
                        + " the newest checkpoint that carries its cosignature",
                cause);
    }

    private static Answer refused(Answer.Reason reason, @Nullable String message) {
        return new Answer.Refused(reason, String.valueOf(message));
    }
}
