package dev.modelops.policy;

import dev.modelops.Bytes;
import dev.modelops.Digest;

/**
 * A set of policies as a document: the form in which a policy set is recorded in the log, compared and replayed. Written in
 * Cedar text it is read by {@code PolicyReview.read(file).policySet()} of {@code modelops-core}.
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
