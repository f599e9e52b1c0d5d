package dev.modelops.core;

import dev.modelops.Bytes;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.prediction.ProvedRecord;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.serving.PredictionRecord;
import java.time.Instant;

/**
 * A prediction that was proved to be recorded, without store or network: by a proof that {@link
 * dev.modelops.serving.PredictionLog#prove} gave and the key of the log.
 *
 * @param prediction the prediction
 * @param by in whose name its segment was recorded
 * @param recordedAt when that was, in log time
 * @param position where in the log
 */
public record RecordProof(PredictionRecord prediction, Principal by, Instant recordedAt, LogPosition position) {
    /**
     * Verifies a proof: that the record is the one it says it is in its segment, that an entry of the log names that segment,
     * and that a checkpoint signed by the key covers the entry.
     *
     * @param proof the proof, JSON
     * @param logKey the key of the log, from a source other than the proof
     * @return what is proved
     * @throws dev.modelops.IntegrityException if it does not hold, with the reason
     */
    public static RecordProof verify(String proof, LogKey logKey) {
        ProvedRecord proved = ProvedRecord.verify(Bytes.ofUtf8(proof), NoteVerifier.parse(logKey.text()));
        return new RecordProof(
                proved.record(),
                proved.entry().actor(),
                proved.entry().time(),
                LogPosition.after(proved.entry().index()));
    }
}
