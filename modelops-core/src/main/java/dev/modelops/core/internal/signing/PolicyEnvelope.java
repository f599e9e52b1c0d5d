package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.security.PublicKey;
import java.util.Collection;
import java.util.Set;

/**
 * A policy set with its revision in a signed envelope: DSSE, by Ed25519, over a JSON object with the members {@code digest},
 * {@code document} and {@code revision}.
 */
public record PolicyEnvelope(PolicySet policies, long revision, Digest publisher) {
    /** The payload type, exactly. */
    public static final String PAYLOAD_TYPE = "application/vnd.modelops.policy-bundle.v1+json";

    /** How long a bundle may be. */
    public static final int MAX_BYTES = 32 * 1024 * 1024;

    private static final int MAX_SIGNATURE_BYTES = 64;

    /**
     * Signs a policy set.
     *
     * @throws IllegalArgumentException if the revision is not positive or the set too large
     * @throws SigningException if the key is not Ed25519 or could not be used
     */
    public static Bytes sign(PolicySet policies, long revision, Signer signer) {
        if (revision < 1) {
            throw new IllegalArgumentException("revision must be at least 1, but was " + revision);
        }
        if (signer.algorithm() != SignatureAlgorithm.ED25519) {
            throw new SigningException("policy bundles are signed with Ed25519, but the key is " + signer.algorithm()
                    + "; generate an Ed25519 key for publishing policies");
        }
        Bytes payload = Attested.json(json -> {
            json.writeStringField("digest", policies.digest().toString());
            json.writeStringField("document", policies.document());
            json.writeNumberField("revision", revision);
        });
        String keyId = Envelope.keyId(signer);
        Bytes bundle = Attested.json(Envelope.sign(PAYLOAD_TYPE, payload, signer, keyId)::write);
        if (bundle.length() > MAX_BYTES) {
            throw new IllegalArgumentException("a policy bundle must have at most " + MAX_BYTES
                    + " bytes, but would have " + bundle.length() + "; make the policy set smaller");
        }
        return bundle;
    }

    /**
     * Verifies a bundle: nothing of its payload is looked at before a trusted key vouches for it.
     *
     * @throws VerificationException if it is not well formed, not signed by a trusted key, or contradicts itself
     */
    public static PolicyEnvelope verify(Bytes bundle, Collection<PublicKey> trusted) {
        Envelope envelope = Envelope.read(
                JsonMember.parse(Reason.MALFORMED_BUNDLE, "policy bundle", bundle, MAX_BYTES),
                MAX_BYTES,
                MAX_SIGNATURE_BYTES);
        String type = envelope.payloadType();
        if (!type.equals(PAYLOAD_TYPE)) {
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "policy bundle must have the payload type " + PAYLOAD_TYPE + ", but has " + Names.quote(type)
                            + "; sign the policy set with this version of the library");
        }
        Digest publisher = publisher(envelope, trusted);
        JsonMember content = JsonMember.parse(
                        Reason.INVALID_STATEMENT,
                        "the signed content of the policy bundle",
                        envelope.payload(),
                        MAX_BYTES)
                .onlyWith(Set.of("digest", "document", "revision"));
        PolicySet policies = new PolicySet(content.get("document").text());
        JsonMember digest = content.get("digest");
        if (!digest.text().equals(policies.digest().toString())) {
            throw digest.wrong(
                    "must be that of the document, " + policies.digest() + ", but is " + Names.quote(digest.text()));
        }
        JsonMember revision = content.get("revision");
        if (!revision.value().isIntegralNumber()
                || !revision.value().canConvertToLong()
                || revision.value().longValue() < 1) {
            throw revision.wrong("must be a whole number from 1");
        }
        return new PolicyEnvelope(policies, revision.value().longValue(), publisher);
    }

    private static Digest publisher(Envelope envelope, Collection<PublicKey> trusted) {
        boolean isNamed = false;
        for (PublicKey key : trusted) {
            Digest digest = Crypto.keyDigest(key);
            if (envelope.isSignedBy(key)) {
                return digest;
            }
            isNamed |= envelope.signatures().stream()
                    .anyMatch(signature -> signature.keyId().equals(digest.toString()));
        }
        throw isNamed
                ? new VerificationException(
                        Reason.INVALID_SIGNATURE,
                        "the signature of the policy bundle must be over its content, but is not: one of them was"
                                + " altered; fetch the bundle again")
                : new VerificationException(
                        Reason.UNTRUSTED_KEY,
                        "the policy bundle must be signed by one of the " + trusted.size()
                                + " policy publishers that are trusted here, but was signed by "
                                + envelope.signatures().stream()
                                        .map(signature -> Names.quote(signature.keyId()))
                                        .toList()
                                + "; have a policy publisher sign it");
    }
}
