package dev.modelops.signing;

import dev.modelops.Digest;
import java.util.List;

/** The outcome of verifying a model against its signature: a value with its reasons. */
public sealed interface VerificationResult {
    /**
     * Returns the verified facts, or throws.
     *
     * @return the facts
     * @throws VerificationException if the model was rejected
     */
    default Verified orThrow() {
        if (this instanceof Rejected rejected) {
            throw new VerificationException(rejected.reason(), rejected.message());
        }
        return (Verified) this;
    }

    /**
     * Signature and content hold.
     *
     * @param root SHA-256 over the raw digests of the files, in the order of their names: the identity of the model's
     *     content
     * @param files the signed files, ordered by name; with the shards method of OpenSSF Model Signing one per range of a
     *     file, named {@code path:start:end}
     * @param signer the key: {@code sha256:} and the digest of its SubjectPublicKeyInfo in DER
     * @param notes where the bundle departs from the specification without harm, and what was not examined or cannot be
     *     seen; empty for a strict bundle
     */
    record Verified(Digest root, List<SignedFile> files, Digest signer, List<Note> notes)
            implements VerificationResult {
        /**
         * Creates a result.
         *
         * @param root the identity of the content
         * @param files the signed files
         * @param signer the key
         * @param notes what should be known
         */
        public Verified {
            files = List.copyOf(files);
            notes = List.copyOf(notes);
        }
    }

    /**
     * What should be known of a model though it was verified.
     *
     * @param code what it is about, for programs; a code keeps its name and meaning
     * @param message the same for people
     */
    record Note(Code code, String message) {
        /** What a note is about. */
        public enum Code {
            /** The resources are listed in another order than that of their names. */
            RESOURCE_ORDER,
            /** A single file is listed as a dot instead of by its name. */
            SINGLE_FILE_AS_DOT,
            /** The key is given in full instead of by its hint. */
            KEY_IN_FULL,
            /** The bundle does not say which key it was made with. */
            KEY_HINT_EMPTY,
            /** Entries of a transparency log came along and were not examined. */
            LOG_ENTRIES_NOT_EXAMINED,
            /** Timestamps came along and were not examined. */
            TIMESTAMPS_NOT_EXAMINED,
            /** A trusted time-stamping authority has seen the signature at the time told; certificates were judged then. */
            TIMESTAMP_VERIFIED,
            /** A further timestamp came along that does not hold or is not trusted; it had no effect. */
            TIMESTAMP_NOT_ACCEPTED,
            /** The publisher allowed symbolic links. */
            SYMLINKS_ALLOWED,
            /** The shard size is written with a fraction of zero. */
            SHARD_SIZE_AS_FRACTION,
            /** The algorithm of shards is written as the reference client does; needs to be permitted. */
            SHARD_ALGORITHM,
            /** Empty files are not covered by the shards method: one may have been added or removed. */
            EMPTY_FILES_NOT_COVERED,
            /** A path to ignore holds a character that could be taken for a pattern; it was taken as it stands. */
            IGNORED_PATH_LIKE_PATTERN,
            /** The statement is of the time before version 1.0 of the specification; needs to be permitted. */
            OLD_STATEMENT,
            /** The certificate was judged at the start of its validity, as nothing proves when it signed; needs to be permitted. */
            SIGNING_TIME_UNKNOWN,
            /** Files that nobody signed are in the model; ignoring them was asked for. */
            UNSIGNED_FILES_IGNORED,
            /** Files are in the model at paths that signatures leave out, such as {@code .git}; they were not examined. */
            IGNORED_PATHS_PRESENT,
            /**
             * Files of the model can run code as they are loaded, such as pickles: the signature says who made them, not that
             * this is harmless. Told by how they begin or are named; not every one is found.
             */
            CODE_BEARING_FORMAT
        }
    }

    /**
     * Signature or content does not hold.
     *
     * @param reason the kind of failure
     * @param message what was expected, what was found, what to do
     */
    record Rejected(Reason reason, String message) implements VerificationResult {}

    /** Why a model was rejected. */
    enum Reason {
        /** The signature bundle is not well formed. */
        MALFORMED_BUNDLE,
        /** The bundle uses a method, hash or format that is not supported or not asked for. */
        UNSUPPORTED,
        /** The bundle was made with a key that is not trusted here. */
        UNTRUSTED_KEY,
        /** A certificate does not lead to a trusted anchor, is outside its validity, or may not sign. */
        UNTRUSTED_CERTIFICATE,
        /** A timestamp does not hold, is of another signature, or is not by a trusted time-stamping authority. */
        UNTRUSTED_TIMESTAMP,
        /** The signature does not match the signed statement. */
        INVALID_SIGNATURE,
        /** The signed statement is not a model signature, or contradicts itself. */
        INVALID_STATEMENT,
        /** A signed file is missing. */
        MISSING_FILE,
        /** A file is there that was not signed. */
        UNSIGNED_FILE,
        /** A file has other bytes than were signed. */
        CONTENT_MISMATCH
    }
}
