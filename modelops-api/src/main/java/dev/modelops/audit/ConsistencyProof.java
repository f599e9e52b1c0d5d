package dev.modelops.audit;

import dev.modelops.Digest;
import java.util.List;

/**
 * A proof that a log only grew (RFC 6962, section 2.1.2).
 *
 * @param from the smaller size
 * @param to the larger size
 * @param hashes the nodes of the proof; copied in
 */
public record ConsistencyProof(long from, long to, List<Digest> hashes) {
    /**
     * Creates a proof.
     *
     * @param from the smaller size
     * @param to the larger size
     * @param hashes the nodes of the proof
     */
    public ConsistencyProof {
        hashes = List.copyOf(hashes);
    }
}
