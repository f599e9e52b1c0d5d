package dev.modelops.core.evidence;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.signing.Attested;
import dev.modelops.core.internal.signing.JsonMember;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.security.PublicKey;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * A statement about a model that somebody vouches for: an in-toto Statement v1 in a DSSE envelope as JSON, whose subject is
 * the root digest of the model's files, the same that its signature has. What exists as an object was verified.
 *
 * <p>Members of a statement that are not known here are passed over, as in-toto wants it; members of an envelope that are not
 * known are refused, as nothing vouches for them.
 *
 * @param artifact the root digest of the model's files
 * @param predicate what is stated
 * @param signers the trusted keys that signed: of each the SHA-256 over its SubjectPublicKeyInfo in DER
 */
public record Attestation(Digest artifact, Predicate predicate, Set<Digest> signers) {
    /**
     * Copies the set in.
     *
     * @param artifact the root digest of the model's files
     * @param predicate what is stated
     * @param signers the trusted keys that signed
     */
    public Attestation {
        signers = Set.copyOf(signers);
    }

    /**
     * Makes and signs a statement. Equal statements have equal payloads.
     *
     * @param name what people call the model, such as {@code credit-risk@3}; for display only
     * @param artifact the root digest of the model's files, as in {@link dev.modelops.registry.ModelVersion#artifact}
     * @param predicate what is stated
     * @param signer an Ed25519, ECDSA or ML-DSA key; readers from before ML-DSA pass over its signature, so that a
     *     statement may be signed by both kinds, see {@link #signAgain}
     * @return the envelope, to be attached with {@link Predicate#type} as its type
     * @throws IllegalArgumentException if the artifact is not named by SHA-256, or the statement is too long
     * @throws dev.modelops.signing.VerificationException if the predicate is the bill of materials of another model
     * @throws dev.modelops.signing.SigningException if the key could not be used
     */
    public static Bytes sign(String name, Digest artifact, Predicate predicate, Signer signer) {
        requireOf(artifact, predicate);
        return Attested.sign(name, artifact, predicate.type(), new PredicateWriter(predicate)::write, signer);
    }

    /**
     * Makes and signs a statement of any kind. Its members are signed as they are given, those too that are not known here;
     * of a type that is {@linkplain Predicate#TYPES known here}, it must be well formed.
     *
     * @param name what people call the model; for display only
     * @param artifact the root digest of the model's files
     * @param type the URI of the kind of predicate
     * @param predicate the predicate, one object in JSON
     * @param signer an Ed25519 or ECDSA key
     * @return the envelope, to be attached with that type
     * @throws dev.modelops.signing.VerificationException if the predicate is not well formed
     * @throws IllegalArgumentException if the artifact is not named by SHA-256, the type is empty, or the statement is too
     *     long
     * @throws dev.modelops.signing.SigningException if the key could not be used
     */
    public static Bytes sign(String name, Digest artifact, String type, Bytes predicate, Signer signer) {
        if (type.isBlank()) {
            throw new IllegalArgumentException("the type of a statement must be a URI, but is empty");
        }
        JsonMember read = JsonMember.parse(Reason.INVALID_STATEMENT, "predicate", predicate, Attested.MAX_BYTES);
        if (Predicate.TYPES.contains(type)) {
            requireOf(artifact, PredicateReader.read(type, read));
        }
        String text = predicate.toUtf8().strip();
        Bytes envelope = Attested.sign(
                name, artifact, type, json -> json.writeRaw(text.substring(1, text.length() - 1)), signer);
        var unused = Attested.read(envelope, Set.of());
        return envelope;
    }

    /**
     * Returns the kind of statement that an envelope gives itself out to have, for attaching it. Nothing of it is verified.
     *
     * @param document any document
     * @return the predicate type; empty if the document is no envelope
     * @throws dev.modelops.signing.VerificationException if it gives itself out as an envelope, and is not well formed
     */
    public static Optional<String> typeOf(Bytes document) {
        return Attested.isEnvelope(document)
                ? Optional.of(Attested.read(document, Set.of()).predicateType())
                : Optional.empty();
    }

    /**
     * Adds a signature to an envelope, over the very bytes that others have signed. Whoever signs says that it is true: verify
     * it before.
     *
     * @param envelope the envelope
     * @param signer a key that has not signed it yet
     * @return the envelope with one signature more
     * @throws dev.modelops.signing.VerificationException if it is not a well-formed envelope with a statement
     * @throws dev.modelops.signing.SigningException if the key could not be used, has signed already, or there are too many
     *     signatures
     */
    public static Bytes signAgain(Bytes envelope, Signer signer) {
        return Attested.signAgain(envelope, signer);
    }

    /**
     * Verifies an envelope: first the signatures, and only then what it says.
     *
     * @param envelope the envelope
     * @param artifact the root digest of the model that it must be about
     * @param trusted the keys that may sign it
     * @param threshold how many of them, all different, must have signed it
     * @return the statement
     * @throws dev.modelops.signing.VerificationException if it is not well formed, has too few trusted signatures, is about
     *     another model, or states something that is not read here
     * @throws IllegalArgumentException if the threshold is not positive
     */
    public static Attestation verify(Bytes envelope, Digest artifact, Collection<PublicKey> trusted, int threshold) {
        Attested attested = Attested.verify(envelope, trusted, threshold).requireAbout(artifact);
        Predicate predicate = PredicateReader.read(attested);
        requireOf(artifact, predicate);
        return new Attestation(artifact, predicate, attested.signers());
    }

    /** A statement about one model must not carry the bill of materials of another. */
    private static void requireOf(Digest artifact, Predicate predicate) {
        if (predicate instanceof Predicate.BillOfMaterials bill
                && !bill.artifact().orElse(artifact).equals(artifact)) {
            throw new VerificationException(
                    Reason.INVALID_STATEMENT,
                    "bill of materials must be of " + artifact + ", but says that it is of "
                            + bill.artifact().orElseThrow() + "; it belongs to another model or version");
        }
    }
}
