package dev.modelops.audit;

import dev.modelops.Digest;
import java.util.List;

/**
 * A proof that an entry is in the log (RFC 6962, section 2.1.1).
 *
 * @param index the entry's index
 * @param size the size of the log the proof is for
 * @param hashes the audit path, from the leaf to the root; copied in
 */
public record InclusionProof(long index, long size, List<Digest> hashes) {
    /**
     * Creates a proof.
     *
     * @param index the entry's index
     * @param size the size of the log
     * @param hashes the audit path
     */
    public InclusionProof {
        hashes = List.copyOf(hashes);
    }
}
