package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A signed envelope (DSSE, version 1), taken apart but not believed. */
record Envelope(String payloadType, Bytes payload, List<Signature> signatures) {
    static final int MAX_SIGNATURES = 16;

    Envelope {
        signatures = List.copyOf(signatures);
    }

    /** One signature, with the name that it gives its key: a hint for messages, empty if there is none. */
    record Signature(Bytes value, String keyId) {}

    static Envelope read(JsonMember member, int maxBytes, int maxSignatureBytes) {
        member.onlyWith(Set.of("payload", "payloadType", "signatures"));
        List<Signature> signatures = new ArrayList<>();
        for (JsonMember item : member.get("signatures").items(1, MAX_SIGNATURES)) {
            item.onlyWith(Set.of("sig", "keyid"));
            JsonMember keyId = item.find("keyid");
            boolean isNamed = keyId != null && !keyId.value().isNull();
            signatures.add(new Signature(
                    item.get("sig").base64(maxSignatureBytes),
                    isNamed ? item.get("keyid").text() : ""));
        }
        return new Envelope(
                member.get("payloadType").text(), member.get("payload").base64(maxBytes), signatures);
    }

    /**
     * Signs a payload.
     *
     * @throws SigningException if the signer's private key is not that of its public key
     */
    static Envelope sign(String payloadType, Bytes payload, Signer signer, String keyId) {
        return new Envelope(payloadType, payload, List.of()).signedBy(signer, keyId);
    }

    /** Returns the text that names a signer's key in an envelope. */
    static String keyId(Signer signer) {
        return Crypto.keyDigest(signer.publicKey()).toString();
    }

    /** Returns the envelope with one signature more. */
    Envelope signedBy(Signer signer, String keyId) {
        Bytes signed = Bytes.of(signed());
        Bytes signature = signer.sign(signed);
        if (!Crypto.verify(signer.publicKey(), signed.toByteArray(), signature.toByteArray())) {
            throw new SigningException("signer must sign with the private key that belongs to its public key, but its"
                    + " signature does not verify; check which key it uses");
        }
        List<Signature> all = new ArrayList<>(signatures);
        all.add(new Signature(signature, keyId));
        return new Envelope(payloadType, payload, all);
    }

    /** Tells whether a key made one of the signatures. */
    boolean isSignedBy(PublicKey key) {
        byte[] signed = signed();
        return signatures.stream()
                .anyMatch(signature ->
                        Crypto.verify(key, signed, signature.value().toByteArray()));
    }

    /** Returns which of these keys made signatures; a key that is given or has signed twice, once. */
    Set<Digest> signers(Collection<PublicKey> keys) {
        return keys.stream()
                .filter(key -> Crypto.algorithmOf(key).isPresent() && isSignedBy(key))
                .map(Crypto::keyDigest)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Returns the digests that name those of these keys with which envelopes are verified. */
    static Set<Digest> keyIds(Collection<PublicKey> keys) {
        return keys.stream()
                .filter(key -> Crypto.algorithmOf(key).isPresent())
                .map(Crypto::keyDigest)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Writes the members, inside an object that was begun. */
    void write(JsonGenerator json) throws IOException {
        json.writeStringField("payload", payload.toBase64());
        json.writeStringField("payloadType", payloadType);
        json.writeArrayFieldStart("signatures");
        for (Signature signature : signatures) {
            json.writeStartObject();
            json.writeStringField("sig", signature.value().toBase64());
            json.writeStringField("keyid", signature.keyId());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private byte[] signed() {
        return Dsse.encode(payloadType, payload.toByteArray());
    }
}
