package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import dev.modelops.signing.TrustPolicy.Revocation;
import dev.modelops.signing.TrustPolicy.Role;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A trust policy in a signed envelope: DSSE over a JSON object in the one form that is written here, so that equal policies
 * have equal bytes.
 */
public final class TrustEnvelope {
    /** The payload type, exactly. */
    public static final String PAYLOAD_TYPE = "application/vnd.modelops.trust-policy.v1+json";

    /** How long an envelope may be: it stands in an entry of the log, beside the decision. */
    public static final int MAX_BYTES = 40_000;

    private static final int MAX_SIGNATURE_BYTES = 64;
    private static final int MAX_KEY_BYTES = 4_096;
    private static final int MAX_CERTIFICATE_BYTES = 8_192;
    private static final int MOST = 256;
    private static final String WHAT = "the trust policy";

    private final Envelope envelope;

    private TrustEnvelope(Envelope envelope) {
        this.envelope = envelope;
    }

    /**
     * Signs a policy.
     *
     * @throws IllegalArgumentException if it cannot stand in an entry, or has a key of a kind or form that is not used here
     * @throws SigningException if the key is not Ed25519 or could not be used
     */
    public static Bytes sign(TrustPolicy policy, Signer signer) {
        requireUsable(policy);
        requireRootKey(signer);
        return written(Envelope.sign(PAYLOAD_TYPE, payload(policy), signer, Envelope.keyId(signer)));
    }

    /**
     * Returns an envelope with one signature more, over the same bytes.
     *
     * @throws VerificationException if it holds no trust policy
     * @throws SigningException if the key is not Ed25519, could not be used or has signed already
     */
    public static Bytes signAgain(Bytes envelope, Signer signer) {
        TrustEnvelope read = read(envelope);
        var unused = read.policy();
        requireRootKey(signer);
        if (read.envelope.isSignedBy(signer.publicKey())) {
            throw new SigningException(
                    "a trust policy must be signed by a key once, but this key has signed it already");
        }
        if (read.envelope.signatures().size() == Envelope.MAX_SIGNATURES) {
            throw new SigningException("a trust policy must have at most " + Envelope.MAX_SIGNATURES
                    + " signatures, and has them; it needs no more than the thresholds of root keys");
        }
        return written(read.envelope.signedBy(signer, Envelope.keyId(signer)));
    }

    /**
     * Takes an envelope apart; nothing in it is believed or looked at yet.
     *
     * @throws VerificationException if it is not a well-formed envelope of this kind
     */
    public static TrustEnvelope read(Bytes envelope) {
        Envelope read = Envelope.read(
                JsonMember.parse(Reason.MALFORMED_BUNDLE, "the envelope of " + WHAT, envelope, MAX_BYTES),
                MAX_BYTES,
                MAX_SIGNATURE_BYTES);
        if (!read.payloadType().equals(PAYLOAD_TYPE)) {
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "the envelope of " + WHAT + " must have the payload type " + PAYLOAD_TYPE + ", but has "
                            + Names.quote(read.payloadType()));
        }
        return new TrustEnvelope(read);
    }

    /** Returns which of these keys have signed; a key that signed twice, once. */
    public Set<Digest> signers(Collection<PublicKey> keys) {
        return envelope.signers(keys);
    }

    /**
     * Returns what the envelope holds, whoever signed it.
     *
     * @throws VerificationException if that is not a trust policy in the form that is written here
     */
    public TrustPolicy policy() {
        JsonMember root = JsonMember.parse(Reason.INVALID_STATEMENT, WHAT, envelope.payload(), MAX_BYTES)
                .onlyWith(Set.of("log", "version", "keys", "roles", "authorities", "revoked"));
        List<Key> keys = new ArrayList<>();
        List<Role> roles = new ArrayList<>();
        List<X509Certificate> authorities = new ArrayList<>();
        List<Revocation> revoked = new ArrayList<>();
        TrustPolicy policy;
        try {
            for (JsonMember item : root.get("keys").items(0, MOST)) {
                item.onlyWith(Set.of("key", "owner", "notBefore", "notAfter"));
                keys.add(new Key(
                        key(item.get("key")),
                        optional(item, "owner").map(TrustEnvelope::principal),
                        optional(item, "notBefore").map(TrustEnvelope::time),
                        optional(item, "notAfter").map(TrustEnvelope::time)));
            }
            for (JsonMember item : root.get("roles").items(1, MOST)) {
                item.onlyWith(Set.of("role", "models", "threshold", "keys"));
                roles.add(new Role(
                        item.get("role").text(),
                        item.get("models").text(),
                        (int) item.get("threshold").wholeNumber(MOST),
                        Set.copyOf(item.get("keys").items(0, MOST).stream()
                                .map(TrustEnvelope::digest)
                                .toList())));
            }
            for (JsonMember item : root.get("authorities").items(0, MOST)) {
                authorities.add(certificate(item));
            }
            for (JsonMember item : root.get("revoked").items(0, MOST)) {
                item.onlyWith(Set.of("key", "from", "reason"));
                revoked.add(new Revocation(
                        digest(item.get("key")),
                        optional(item, "from").map(from -> LogPosition.of(from.wholeNumber(Long.MAX_VALUE >> 10))),
                        item.get("reason").text()));
            }
            policy = TrustPolicy.of(
                    root.get("log").text(),
                    (int) root.get("version").wholeNumber(Integer.MAX_VALUE),
                    keys,
                    roles,
                    authorities,
                    revoked);
            requireUsable(policy);
        } catch (IllegalArgumentException e) {
            throw new VerificationException(
                    Reason.INVALID_STATEMENT, WHAT + " must be one that holds together, but is not: " + e.getMessage());
        }
        if (!payload(policy).equals(envelope.payload())) {
            throw new VerificationException(
                    Reason.INVALID_STATEMENT,
                    WHAT + " must be in the one form that this library writes, but is in another; sign it anew");
        }
        return policy;
    }

    private static void requireUsable(TrustPolicy policy) {
        for (Key key : policy.keys()) {
            SignatureAlgorithm algorithm = Crypto.algorithmOf(key.publicKey())
                    .orElseThrow(
                            () -> new IllegalArgumentException("keys must be Ed25519, or EC on P-256, P-384 or P-521,"
                                    + " but one is " + key.publicKey().getAlgorithm()));
            // Another encoding would be another name for the same key.
            if (!Arrays.equals(Crypto.encoded(key.publicKey()), key.publicKey().getEncoded())) {
                throw new IllegalArgumentException("key " + key.id()
                        + " must be encoded with its curve by name and its point in full, but is in another way; read it"
                        + " from a file written by Keys, and name it by that");
            }
            if (policy.root().keys().contains(key.id()) && algorithm != SignatureAlgorithm.ED25519) {
                throw new IllegalArgumentException("root keys must be Ed25519, but " + key.id() + " is " + algorithm);
            }
        }
    }

    private static void requireRootKey(Signer signer) {
        if (signer.algorithm() != SignatureAlgorithm.ED25519) {
            throw new SigningException("trust policies are signed with root keys, which are Ed25519, but the key is "
                    + signer.algorithm());
        }
    }

    private static Bytes payload(TrustPolicy policy) {
        return Attested.json(json -> {
            json.writeStringField("log", policy.log());
            json.writeNumberField("version", policy.version());
            json.writeArrayFieldStart("keys");
            for (Key key : policy.keys()) {
                json.writeStartObject();
                json.writeStringField(
                        "key", Bytes.of(key.publicKey().getEncoded()).toBase64());
                write(json, "owner", key.owner());
                write(json, "notBefore", key.notBefore());
                write(json, "notAfter", key.notAfter());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("roles");
            for (Role role : policy.roles()) {
                json.writeStartObject();
                json.writeStringField("role", role.name());
                json.writeStringField("models", role.models());
                json.writeNumberField("threshold", role.threshold());
                json.writeArrayFieldStart("keys");
                for (String key :
                        role.keys().stream().map(Digest::toString).sorted().toList()) {
                    json.writeString(key);
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("authorities");
            for (X509Certificate authority : policy.authorities()) {
                json.writeString(Bytes.of(encoded(authority)).toBase64());
            }
            json.writeEndArray();
            json.writeArrayFieldStart("revoked");
            for (Revocation revocation : policy.revocations()) {
                json.writeStartObject();
                json.writeStringField("key", revocation.key().toString());
                if (revocation.from().isPresent()) {
                    json.writeNumberField("from", revocation.from().get().size());
                }
                json.writeStringField("reason", revocation.reason());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    private static void write(JsonGenerator json, String name, Optional<?> value) throws IOException {
        if (value.isPresent()) {
            json.writeStringField(name, value.get().toString());
        }
    }

    private static Optional<JsonMember> optional(JsonMember item, String name) {
        return Optional.ofNullable(item.find(name));
    }

    private static PublicKey key(JsonMember item) {
        try {
            return Crypto.publicKey(item.base64(MAX_KEY_BYTES).toByteArray());
        } catch (SigningException e) {
            throw item.wrong("must be a public key: " + e.getMessage());
        }
    }

    private static Principal principal(JsonMember item) {
        try {
            return Principal.parse(item.text());
        } catch (IllegalArgumentException e) {
            throw item.wrong("must be a principal: " + e.getMessage());
        }
    }

    private static Instant time(JsonMember item) {
        try {
            return Instant.parse(item.text());
        } catch (DateTimeException e) {
            throw item.wrong("must be a time such as 2027-01-31T00:00:00Z");
        }
    }

    private static Digest digest(JsonMember item) {
        try {
            return Digest.parse(item.text());
        } catch (IllegalArgumentException e) {
            throw item.wrong("must be a digest: " + e.getMessage());
        }
    }

    private static X509Certificate certificate(JsonMember item) {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(
                            item.base64(MAX_CERTIFICATE_BYTES).toByteArray()));
        } catch (CertificateException e) {
            throw item.wrong("must be an X.509 certificate");
        }
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("an authority is a certificate that has no DER form", e);
        }
    }

    private static Bytes written(Envelope envelope) {
        Bytes written = Attested.json(envelope::write);
        if (written.length() > MAX_BYTES) {
            throw new IllegalArgumentException("a trust policy with its signatures must have at most " + MAX_BYTES
                    + " bytes, to stand in an entry of the log, but would have " + written.length()
                    + "; name fewer keys, or certify them by an authority");
        }
        return written;
    }
}
