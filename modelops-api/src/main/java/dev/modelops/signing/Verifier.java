package dev.modelops.signing;

import dev.modelops.Bytes;
import dev.modelops.Progress;
import java.nio.file.Path;

/**
 * Verifies models on disk against OpenSSF Model Signing bundles, under a trust that was fixed when the verifier was made.
 * Safe for use by many threads.
 */
public interface Verifier {
    /**
     * Verifies the signature, and then that the files are exactly the signed ones.
     *
     * @param model a folder or a single file
     * @param bundle the content of the signature file
     * @param progress follows the hashing, in bytes
     * @return the outcome
     * @throws dev.modelops.InvalidModelException if the files cannot be a model at all, such as a path that does not exist
     */
    VerificationResult verify(Path model, Bytes bundle, Progress progress);
}
