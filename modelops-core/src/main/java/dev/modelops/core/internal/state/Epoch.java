package dev.modelops.core.internal.state;

import dev.modelops.Digest;
import dev.modelops.audit.LogKey;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a log that ended when the log was recovered.
 *
 * @param logKey the key of its checkpoints
 * @param size how many entries of it the log went on from; the entry after them says so
 * @param root the root over them, as the holders of the root keys signed it
 * @param lost the newest checkpoint known of what was lost, a signed note; null if nothing was
 * @param ended when
 * @param reason why
 * @param signers the root keys that signed
 */
public record Epoch(
        LogKey logKey,
        long size,
        Digest root,
        @Nullable String lost,
        Instant ended,
        String reason,
        List<Digest> signers) {
    /** Creates an epoch. */
    public Epoch {
        signers = List.copyOf(signers);
    }
}
