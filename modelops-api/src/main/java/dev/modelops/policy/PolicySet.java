package dev.modelops.policy;

import dev.modelops.Bytes;
import dev.modelops.Digest;

/**
 * A set of policies as a document: the form in which a policy set is recorded in the log, compared and replayed.
 *
 * @param document a policy set in the Cedar JSON policy format
 */
public record PolicySet(String document) {
    /**
     * Returns the identity of the set.
     *
     * @return the SHA-256 digest of the document in UTF-8
     */
    public Digest digest() {
        return Digest.sha256Of(Bytes.ofUtf8(document));
    }
}
