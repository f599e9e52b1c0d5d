package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * An in-toto statement that came in a signed envelope: what it speaks of, and which of the keys that were asked for have
 * signed it, be it none. The statement of a model signature is another matter: see {@link PublisherTrust}.
 *
 * @param subjects the SHA-256 digests of what it speaks of
 * @param predicate the predicate, not looked into
 * @param signers the keys that signed, each by the SHA-256 of its SubjectPublicKeyInfo in DER
 */
public record Attested(String predicateType, List<Digest> subjects, JsonMember predicate, Set<Digest> signers) {
    /** How long an envelope may be. */
    public static final int MAX_BYTES = 64 * 1024 * 1024;

    private static final int MAX_SUBJECTS = 100_000;
    private static final int MAX_SIGNATURE_BYTES = 4096;
    private static final String WHAT = "attestation";
    private static final JsonFactory LENIENT = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(MAX_BYTES).build())
            .build();

    /** Copies the collections in. */
    public Attested {
        subjects = List.copyOf(subjects);
        signers = Set.copyOf(signers);
    }

    /** Writes the members of an object that was begun. */
    @FunctionalInterface
    public interface Members {
        /** Writes them, always in the same order. */
        void write(JsonGenerator json) throws IOException;
    }

    /**
     * Makes and signs a statement about one subject.
     *
     * @throws SigningException if the key could not be used
     */
    public static Bytes sign(String name, Digest subject, String predicateType, Members predicate, Signer signer) {
        if (!subject.algorithm().equals("sha256")) {
            throw new IllegalArgumentException("subject must be a SHA-256 digest, but was " + subject);
        }
        Bytes payload = json(json -> {
            json.writeStringField("_type", Statement.TYPE);
            json.writeArrayFieldStart("subject");
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeObjectFieldStart("digest");
            json.writeStringField("sha256", subject.toHex());
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndArray();
            json.writeStringField("predicateType", predicateType);
            json.writeObjectFieldStart("predicate");
            predicate.write(json);
            json.writeEndObject();
        });
        Bytes envelope = json(Envelope.sign(Dsse.IN_TOTO, payload, signer, Envelope.keyId(signer))::write);
        if (envelope.length() > MAX_BYTES) {
            throw new IllegalArgumentException("an attestation must have at most " + MAX_BYTES
                    + " bytes, but would have " + envelope.length() + "; refer to documents by their digest");
        }
        return envelope;
    }

    /**
     * Returns an envelope with one signature more, over the same bytes.
     *
     * @throws VerificationException if it is not an envelope with a statement
     * @throws SigningException if the key could not be used, or has signed already
     */
    public static Bytes signAgain(Bytes envelope, Signer signer) {
        Envelope read = envelope(envelope);
        var unused = statement(read, Set.of());
        if (read.isSignedBy(signer.publicKey())) {
            throw new SigningException("attestation must be signed by a key once, but this key has signed it already");
        }
        if (read.signatures().size() == Envelope.MAX_SIGNATURES) {
            throw new SigningException("attestation must have at most " + Envelope.MAX_SIGNATURES
                    + " signatures, and has them; sign one of your own");
        }
        return json(read.signedBy(signer, Envelope.keyId(signer))::write);
    }

    /** Tells whether a document gives itself out as a signed envelope, well formed or not. */
    public static boolean isEnvelope(Bytes document) {
        try (JsonParser parser = LENIENT.createParser(document.toByteArray())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                if (parser.currentName().equals("payloadType")) {
                    return true;
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads an envelope, whoever signed it.
     *
     * @param keys the keys to look for among the signatures
     * @throws VerificationException if it is not a well-formed envelope with a well-formed statement
     */
    public static Attested read(Bytes envelope, Collection<PublicKey> keys) {
        Envelope read = envelope(envelope);
        return statement(read, read.signers(keys));
    }

    /**
     * Reads an envelope that enough trusted keys have signed; nothing it says is looked at before.
     *
     * @param threshold how many of the keys, all different, must have signed
     * @throws VerificationException if it is not well formed, or not signed by so many
     */
    public static Attested verify(Bytes envelope, Collection<PublicKey> trusted, int threshold) {
        if (threshold < 1) {
            throw new IllegalArgumentException("threshold must be at least 1, but was " + threshold);
        }
        Envelope read = envelope(envelope);
        Set<Digest> signers = read.signers(trusted);
        if (signers.size() < threshold) {
            throw tooFew(read, signers, trusted, threshold);
        }
        return statement(read, signers);
    }

    /**
     * Returns this statement if it speaks of a model.
     *
     * @throws VerificationException if it does not
     */
    public Attested requireAbout(Digest artifact) {
        if (!subjects.contains(artifact)) {
            throw new VerificationException(
                    Reason.INVALID_STATEMENT,
                    "attestation must be about " + artifact + ", but is about "
                            + (subjects.size() == 1 ? subjects.get(0) : subjects.size() + " others")
                            + "; it belongs to another model or version");
        }
        return this;
    }

    /**
     * Returns the digest of what an envelope holds, which is the same whoever signed it.
     *
     * @throws VerificationException if it is not a well-formed envelope
     */
    public static Digest payloadDigest(Bytes envelope, int maxBytes) {
        if (envelope.length() > maxBytes) {
            throw new VerificationException(
                    Reason.MALFORMED_BUNDLE,
                    "attestation must have at most " + maxBytes + " bytes here, but has " + envelope.length());
        }
        return Digest.sha256Of(envelope(envelope).payload());
    }

    private static Envelope envelope(Bytes envelope) {
        Envelope read = Envelope.read(
                JsonMember.parse(Reason.MALFORMED_BUNDLE, WHAT, envelope, MAX_BYTES), MAX_BYTES, MAX_SIGNATURE_BYTES);
        if (!read.payloadType().equals(Dsse.IN_TOTO)) {
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "attestation must have the payload type " + Dsse.IN_TOTO + ", but has "
                            + Names.quote(read.payloadType()));
        }
        return read;
    }

    private static Attested statement(Envelope envelope, Set<Digest> signers) {
        JsonMember root = JsonMember.parse(Reason.INVALID_STATEMENT, "statement", envelope.payload(), MAX_BYTES);
        if (!root.get("_type").text().equals(Statement.TYPE)) {
            throw root.get("_type").wrong("must be " + Statement.TYPE);
        }
        List<Digest> subjects = root.get("subject").items(1, MAX_SUBJECTS).stream()
                .map(subject -> subject.object().get("digest").object())
                .filter(digest -> digest.has("sha256"))
                .map(digest -> sha256(digest.get("sha256")))
                .toList();
        return new Attested(
                root.get("predicateType").text(),
                subjects,
                root.get("predicate").object(),
                signers);
    }

    private static Digest sha256(JsonMember member) {
        String hex = member.text();
        if (hex.length() != 64 || !hex.chars().allMatch(c -> "0123456789abcdef".indexOf(c) >= 0)) {
            throw member.wrong("must have 64 lower-case hexadecimal digits");
        }
        return Digest.parse("sha256:" + hex);
    }

    private static VerificationException tooFew(
            Envelope envelope, Set<Digest> signers, Collection<PublicKey> trusted, int threshold) {
        Set<Digest> known = Envelope.keyIds(trusted);
        boolean isBroken = known.stream()
                .filter(key -> !signers.contains(key))
                .anyMatch(key -> envelope.signatures().stream()
                        .anyMatch(signature -> signature.keyId().equals(key.toString())));
        if (isBroken) {
            return new VerificationException(
                    Reason.INVALID_SIGNATURE,
                    "attestation must be signed over its content by the key that it names, but is not: one of them was"
                            + " altered; fetch it again");
        }
        return new VerificationException(
                Reason.UNTRUSTED_KEY,
                "attestation must be signed by " + threshold + " of the " + known.size()
                        + " keys that are trusted for it, but is by " + signers.size()
                        + "; have it signed by others of them, or trust its signers");
    }

    /** Writes one object. */
    static Bytes json(Members members) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonMapper().createGenerator(out)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array cannot fail to be written", e);
        }
        return Bytes.of(out.toByteArray());
    }
}
