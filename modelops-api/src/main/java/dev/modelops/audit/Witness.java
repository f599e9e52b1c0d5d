package dev.modelops.audit;

import dev.modelops.Digest;
import java.util.List;
import java.util.Optional;

/**
 * Somebody else who watches that a log only grows, and says so with a timestamped signature under its checkpoints (C2SP
 * tlog-witness, tlog-cosignature). A witness that the operator of a log does not run makes visible what the operator could
 * otherwise hide: two histories of one log.
 *
 * <p>Implemented over whatever reaches a witness; {@code Witnesses} in {@code modelops-core} has one for HTTP and one that
 * is a witness itself. Asked on threads of the library's own, off the path of every act. Must be safe for use by many
 * threads. What it answers is verified before it is used; whatever it throws counts as no answer, and it is asked again.
 */
public interface Witness {
    /**
     * Returns the keys that verify its cosignatures.
     *
     * @return verifier keys in text form (C2SP signed-note), of type 0x04 or 0x06; at least one, always the same
     */
    List<String> keys();

    /**
     * Submits a checkpoint. The witness cosigns it if it continues the newest one it has cosigned for the log, and has
     * remembered it durably when this returns.
     *
     * @param checkpoint the signed note
     * @param oldSize the size of the newest checkpoint that the witness is thought to have cosigned, 0 for none
     * @param proof the consistency proof from that size to the checkpoint's; empty from size 0
     * @return what it says
     * @throws dev.modelops.storage.StorageException if it cannot be reached, or cannot remember now
     */
    Answer cosign(String checkpoint, long oldSize, List<Digest> proof);

    /**
     * Returns the newest checkpoint that the witness has cosigned for a log. A log that is opened is held against it, so a
     * witness that does not tell does not notice a store that was rolled back until it is asked to cosign.
     *
     * @param origin the identity of the log
     * @return the note, signed by the log and the witness; empty if there is none, or the witness does not tell
     * @throws dev.modelops.storage.StorageException if it cannot be reached
     */
    Optional<String> newest(String origin);

    /** What a witness says to a checkpoint. */
    sealed interface Answer {
        /**
         * The checkpoint continues what the witness saw.
         *
         * @param signatures one or more signature lines, each ending in a newline
         */
        record Cosigned(String signatures) implements Answer {}

        /**
         * The size of the newest checkpoint it has cosigned is another than it was asked from.
         *
         * @param size the size, 0 if it has cosigned none
         */
        record Holds(long size) implements Answer {}

        /**
         * It will not cosign this checkpoint.
         *
         * @param reason the kind of fault
         * @param message what it says
         */
        record Refused(Reason reason, String message) implements Answer {}

        /** Why a witness does not cosign. */
        enum Reason {
            /** It watches no log of that origin. */
            UNKNOWN_LOG,
            /** The checkpoint is not signed by the key it knows the log by. */
            BAD_SIGNATURE,
            /** The checkpoint does not continue the one it has cosigned before: the log has two histories. */
            INCONSISTENT,
            /** It could not read the question. */
            MALFORMED
        }
    }
}
