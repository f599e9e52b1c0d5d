package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.OmsRule.Level.MUST;
import static dev.modelops.core.internal.signing.OmsRule.Level.SHOULD;

/** What OpenSSF Model Signing v1.0 asks for, rule by rule; {@link Covers} names the tests of each. */
enum OmsRule {
    BUNDLE_SHAPE(MUST, "A Sigstore bundle: media type, verification material, envelope, all checked when parsed."),
    KEY_HINT(MUST, "The key method names its key by a hint; verifiers also take the key in full."),
    MATERIAL_FITS_METHOD(MUST, "The verification material is that of the method asked for."),
    LOG_ENTRIES(MUST, "Keyless bundles have a log entry; the others verify with none or an empty list."),
    KEY_ID(MUST, "The key id may be absent, empty or null, and never picks a key."),
    SCHEMAS(SHOULD, "What is produced fits the schemas of bundle, envelope, statement and predicate."),
    STATEMENT(MUST, "An in-toto statement v1 with the exact types and a well-formed predicate."),
    RESOURCES_SORTED(MUST, "At least one resource, in the order of code points, regular files only."),
    RESOURCE_MEMBERS(MUST, "Name, digest and a registered algorithm for each resource; other members are ignored."),
    SERIALIZATION(MUST, "Method, hash and symlink policy; a positive shard size for shards and only for them."),
    HASH_FROM_STATEMENT(MUST, "The verifier hashes as the statement says."),
    ONE_SUBJECT(MUST, "One subject, named by the last part of the path; any name that is not empty is read."),
    ROOT_DIGEST(MUST, "The subject's digest is SHA-256 over the raw digests in the order of the resources."),
    EVERY_FILE(MUST, "Every regular file, or the single one; an empty model is refused."),
    DEFAULT_EXCLUSIONS(MUST, "Git's own files are left out at the top, and only there."),
    SIGNATURE_FILE(MUST, "The signature file itself is left out, when signing and when verifying."),
    IGNORED_PATHS(MUST, "Exact relative paths with all below them, no patterns; recorded, and used by the verifier."),
    NO_SYMLINKS(MUST, "Without the option links are neither followed nor listed; one is an error."),
    SYMLINKS(
            MUST,
            "With the option the target is hashed under the name of the link; leading out or round is not silent."),
    SYMLINK_POLICY(MUST, "The verifier goes by the policy that is recorded."),
    NAMES(MUST, "Relative, slashes, no dots, no empty parts, byte for byte, UTF-8 or refused."),
    REQUIRED_FORMS(MUST, "Whole files, SHA-256 and keys at least; shards should be there too."),
    SHARDS(MUST, "Consecutive ranges named path:start:end by the last two colons; empty files are left out."),
    SHARDS_OR_REFUSAL(MUST, "Who does not read shards says so."),
    ORDER_OF_CHECKS(MUST, "The bundle, then its signature, only then the statement, and the model last."),
    CERTIFICATES(MUST, "The chain leads to the given anchors and the leaf is within its validity."),
    ALL_AND_NOTHING_ELSE(MUST, "Every listed file is there and matches; others fail unless they may be ignored."),
    OLD_PREDICATE(MUST, "The predicate of v0.1 is never written; it and other earlier forms can be read.");

    private final Level level;
    private final String text;

    OmsRule(Level level, String text) {
        this.level = level;
        this.text = text;
    }

    Level level() {
        return level;
    }

    String text() {
        return text;
    }

    enum Level {
        MUST,
        SHOULD
    }
}
