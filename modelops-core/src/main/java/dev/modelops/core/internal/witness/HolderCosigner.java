package dev.modelops.core.internal.witness;

import dev.modelops.Digest;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Cosigner;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.signing.Signer;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** The holder of a log with a further key, under the log's name: says of a checkpoint only what the log's own key has said. */
public final class HolderCosigner implements Witness {
    private final NoteVerifier log;
    private final Cosigner cosigner;
    private final Clock clock;

    /**
     * Creates a cosigner.
     *
     * @throws IllegalArgumentException if the key is neither Ed25519 nor ML-DSA-44
     */
    public HolderCosigner(LogKey log, Signer key, Clock clock) {
        this.log = NoteVerifier.parse(log.text());
        this.cosigner = new Cosigner(log.origin(), key);
        this.clock = clock;
    }

    @Override
    public List<String> keys() {
        return List.of(cosigner.key().vkey());
    }

    @Override
    public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
        try {
            SignedNote note = SignedNote.parse(checkpoint);
            if (!CheckpointBody.parse(note.text()).origin().equals(log.name())
                    || note.verifiedBy(List.of(log)).isEmpty()) {
                return new Answer.Refused(
                        Answer.Reason.BAD_SIGNATURE, "the checkpoint is not signed by the log's own key");
            }
            return new Answer.Cosigned(cosigner.cosign(note.text(), clock.instant()));
        } catch (NoteException e) {
            return new Answer.Refused(Answer.Reason.MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Optional<String> newest(String origin) {
        return Optional.empty();
    }
}
