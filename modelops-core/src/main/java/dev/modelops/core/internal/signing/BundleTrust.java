package dev.modelops.core.internal.signing;

import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Note;
import java.util.List;

/** Decides whether the signature of a bundle is by somebody who is believed. What was signed is judged elsewhere. */
public interface BundleTrust {
    /**
     * Requires the signature to hold and its maker to be trusted.
     *
     * @throws VerificationException otherwise
     */
    Approval judge(Bundle bundle, Leniency leniency);

    /**
     * Who signed, and what should be known of it.
     *
     * @param by who
     * @param notes what to tell the caller
     */
    record Approval(SignedBy by, List<Note> notes) {
        /** Copies the notes in. */
        public Approval {
            notes = List.copyOf(notes);
        }
    }
}
