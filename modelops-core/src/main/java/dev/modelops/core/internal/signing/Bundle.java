package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.Bytes;
import dev.modelops.InvalidModelException;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Sigstore bundle with a model signature, taken apart but not believed: only {@link PublisherTrust} says what it is worth.
 * Written by the key and certificate methods of OpenSSF Model Signing v1.0, read of every method.
 */
public final class Bundle {
    /** The media type, exactly. */
    public static final String MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /** How long a bundle may be. */
    public static final int MAX_BYTES = 64 * 1024 * 1024;

    private static final String MEDIA_TYPES = "application/vnd.dev.sigstore.bundle";
    private static final int MAX_CERTIFICATES = 10;
    private static final int MAX_LOG_ENTRIES = 100;
    private static final int MAX_CERTIFICATE_BYTES = 64 * 1024;
    private static final int MAX_SIGNATURE_BYTES = 1024;
    private static final int MAX_TIMESTAMPS = 16;

    private final Bytes json;
    private final Method method;
    private final @Nullable KeyHint key;
    private final List<X509Certificate> certificates;
    private final Envelope envelope;
    private final List<Bytes> timestamps;
    private final @Nullable Instant provenTime;
    private final List<Note> notes;

    private Bundle(
            Bytes json,
            Method method,
            @Nullable KeyHint key,
            List<X509Certificate> certificates,
            Envelope envelope,
            List<Bytes> timestamps,
            @Nullable Instant provenTime,
            List<Note> notes) {
        this.json = json;
        this.method = method;
        this.key = key;
        this.certificates = List.copyOf(certificates);
        this.envelope = envelope;
        this.timestamps = List.copyOf(timestamps);
        this.provenTime = provenTime;
        this.notes = List.copyOf(notes);
    }

    /** How a model was signed. */
    public enum Method {
        /** With a key that verifiers know. */
        KEY("publicKey"),
        /** With a key that certificates vouch for. */
        CERTIFICATE("x509CertificateChain"),
        /** With a short-lived certificate and an entry in a transparency log. */
        SIGSTORE("certificate");

        private final String member;

        Method(String member) {
            this.member = member;
        }
    }

    /** What a bundle of the key method says of its key: either part may be missing. */
    record KeyHint(@Nullable String pemDigest, @Nullable PublicKey publicKey) {
        boolean isEmpty() {
            return pemDigest == null && publicKey == null;
        }

        /** Tells whether the bundle says it was made with this key. */
        boolean names(PublicKey candidate) {
            if (pemDigest != null) {
                return pemDigest.equals(Pem.hint(candidate));
            }
            return publicKey != null && Arrays.equals(Crypto.encoded(publicKey), Crypto.encoded(candidate));
        }
    }

    /**
     * Takes a bundle apart.
     *
     * @throws VerificationException with {@code MALFORMED_BUNDLE}, or {@code UNSUPPORTED} for methods and versions that are
     *     not read here
     */
    public static Bundle parse(Bytes json) {
        JsonMember root = JsonMember.parse(Reason.MALFORMED_BUNDLE, "signature bundle", json, MAX_BYTES)
                .onlyWith(Set.of("mediaType", "verificationMaterial", "dsseEnvelope"));
        String mediaType = root.get("mediaType").text();
        if (!mediaType.equals(MEDIA_TYPE)) {
            throw new VerificationException(
                    mediaType.startsWith(MEDIA_TYPES) ? Reason.UNSUPPORTED : Reason.MALFORMED_BUNDLE,
                    "signature bundle must have the media type " + MEDIA_TYPE + ", but has " + Names.quote(mediaType)
                            + "; sign the model anew with a current tool");
        }
        List<Note> notes = new ArrayList<>();
        JsonMember material = root.get("verificationMaterial").object();
        Method method = method(material);
        List<Bytes> timestamps = List.of();
        if (method != Method.SIGSTORE) {
            noteUnread(material, notes);
            timestamps = timestamps(material);
            if (!timestamps.isEmpty()) {
                notes.add(new Note(Note.Code.TIMESTAMPS_NOT_EXAMINED, "timestamps are present and were not examined"));
            }
        }
        Envelope envelope = Envelope.read(root.get("dsseEnvelope"), MAX_BYTES, MAX_SIGNATURE_BYTES);
        JsonMember given = material.get(method.member);
        return new Bundle(
                json,
                method,
                method == Method.KEY ? keyHint(given.object(), notes) : null,
                switch (method) {
                    case KEY -> List.of();
                    case CERTIFICATE -> certificates(given);
                    case SIGSTORE -> List.of(certificate(given));
                },
                envelope,
                timestamps,
                null,
                notes);
    }

    /**
     * Signs a manifest by the key method, or the certificate method if the signer has certificates.
     *
     * @param stamps each returns a timestamp of the signature that it is given
     * @return the bundle as JSON, with the members in a fixed order
     * @throws SigningException if the signer cannot sign models
     * @throws InvalidModelException if the model has too many or too long names for one bundle
     */
    public static Bytes sign(FileManifest manifest, Signer signer, List<UnaryOperator<Bytes>> stamps) {
        if (!PublisherTrust.FOR_MODELS.contains(signer.algorithm())) {
            String found = signer.algorithm() == SignatureAlgorithm.ED25519
                    ? "Ed25519"
                    : signer.algorithm().name().replace('_', '-');
            throw new SigningException("model signatures need an EC key on P-256, P-384 or P-521 (OpenSSF Model Signing"
                    + " v1.0), but the key is " + found + "; generate an EC key for publishing");
        }
        Bytes payload = Statement.write(manifest);
        Envelope envelope = Envelope.sign(Dsse.IN_TOTO, payload, signer, "");
        Bytes signature = envelope.signatures().get(0).value();
        Bytes bundle = write(
                signer,
                envelope,
                stamps.stream().map(stamp -> stamp.apply(signature)).toList());
        if (bundle.length() > MAX_BYTES) {
            throw new InvalidModelException("signature bundle must have at most " + MAX_BYTES
                    + " bytes, but would have " + bundle.length() + "; pack the model into fewer files");
        }
        return bundle;
    }

    /** Signs a manifest without timestamps. */
    public static Bytes sign(FileManifest manifest, Signer signer) {
        return sign(manifest, signer, List.of());
    }

    /** Returns the bundle as it came. */
    public Bytes json() {
        return json;
    }

    /** Returns how the model was signed, by what came along. */
    public Method method() {
        return method;
    }

    /** Returns the kind of statement the bundle claims to hold. */
    public String predicateType() {
        return Statement.predicateType(this);
    }

    /** Returns the hexadecimal digest by which the bundle names its key, or null. */
    public @Nullable String keyHint() {
        return key == null ? null : key.pemDigest();
    }

    Optional<KeyHint> key() {
        return Optional.ofNullable(key);
    }

    /** Returns the certificates that came along, the signer's own first; empty for the key method. */
    public List<X509Certificate> certificates() {
        return certificates;
    }

    /**
     * Returns this bundle with the time that its timestamps prove, where it has any.
     *
     * @param anchors the certificates of time-stamping authorities to trust
     * @throws VerificationException with {@code UNTRUSTED_TIMESTAMP} if none of them holds
     */
    Bundle timedBy(Collection<X509Certificate> anchors) {
        if (timestamps.isEmpty() || anchors.isEmpty()) {
            return this;
        }
        if (envelope.signatures().size() != 1) {
            throw new VerificationException(
                    Reason.UNTRUSTED_TIMESTAMP,
                    "timestamps must be of the one signature of a bundle, but it has "
                            + envelope.signatures().size());
        }
        List<Note> told = new ArrayList<>(notes);
        told.removeIf(note -> note.code() == Note.Code.TIMESTAMPS_NOT_EXAMINED);
        List<VerificationException> failures = new ArrayList<>();
        Rfc3161.Stamp earliest = null;
        for (Bytes timestamp : timestamps) {
            try {
                Rfc3161.Stamp stamp =
                        Rfc3161.verify(timestamp, envelope.signatures().get(0).value(), anchors);
                earliest = earliest == null || stamp.time().isBefore(earliest.time()) ? stamp : earliest;
            } catch (VerificationException e) {
                failures.add(e);
            }
        }
        if (earliest == null) {
            throw failures.get(0);
        }
        told.add(new Note(
                Note.Code.TIMESTAMP_VERIFIED,
                "the signature was there at " + earliest.time()
                        + (earliest.accuracy().isZero() ? "" : ", give or take " + earliest.accuracy())
                        + ", by the word of "
                        + Names.quote(
                                earliest.authority().getSubjectX500Principal().getName())
                        + (certificates.isEmpty() ? "" : "; certificates were judged at that time")));
        failures.forEach(e -> told.add(new Note(Note.Code.TIMESTAMP_NOT_ACCEPTED, "a further " + e.getMessage())));
        return new Bundle(json, method, key, certificates, envelope, timestamps, earliest.time(), told);
    }

    /** Returns a time at which the signature is proven to have been there, if there is one. */
    public Optional<Instant> provenTime() {
        return Optional.ofNullable(provenTime);
    }

    String payloadType() {
        return envelope.payloadType();
    }

    Bytes payload() {
        return envelope.payload();
    }

    List<Note> notes() {
        return notes;
    }

    /** Tells whether a key made one of the signatures. */
    boolean isSignedBy(PublicKey candidate, Leniency leniency) {
        return envelope.isSignedBy(candidate) || (leniency.oldStatements() && isSignedByMistakenEncoding(candidate));
    }

    private boolean isSignedByMistakenEncoding(PublicKey candidate) {
        if (!payloadType().equals(Dsse.IN_TOTO) || !Statement.isOld(this)) {
            return false;
        }
        byte[] body = payload().toByteArray();
        return envelope.signatures().stream()
                .map(signature -> signature.value().toByteArray())
                .anyMatch(signature -> method == Method.CERTIFICATE
                        ? OldEncoding.isSignedWithSha256(candidate, body, signature)
                        : Crypto.verify(candidate, OldEncoding.encode(body), signature));
    }

    private static void noteUnread(JsonMember material, List<Note> notes) {
        JsonMember log = material.find("tlogEntries");
        if (log != null && !log.items(0, MAX_LOG_ENTRIES).isEmpty()) {
            notes.add(new Note(
                    Note.Code.LOG_ENTRIES_NOT_EXAMINED, "transparency log entries are present and were not examined"));
        }
    }

    private static List<Bytes> timestamps(JsonMember material) {
        JsonMember data = material.find("timestampVerificationData");
        JsonMember stamps =
                data == null || data.value().isNull() ? null : data.object().find("rfc3161Timestamps");
        return stamps == null
                ? List.of()
                : stamps.items(0, MAX_TIMESTAMPS).stream()
                        .map(stamp -> stamp.object().get("signedTimestamp").base64(Rfc3161.MAX_BYTES))
                        .toList();
    }

    private static Method method(JsonMember material) {
        List<Method> methods = Stream.of(Method.values())
                .filter(method -> material.has(method.member))
                .toList();
        if (methods.size() != 1) {
            throw material.wrong("must have exactly one of publicKey, x509CertificateChain and certificate, but has "
                    + methods.size());
        }
        if (methods.get(0) == Method.SIGSTORE) {
            var unused = material.get("tlogEntries").items(1, MAX_LOG_ENTRIES);
        }
        return methods.get(0);
    }

    private static KeyHint keyHint(JsonMember publicKey, List<Note> notes) {
        JsonMember hint = publicKey.find("hint");
        JsonMember raw = publicKey.find("rawBytes");
        if (hint == null && raw == null) {
            throw publicKey.wrong("must have a hint");
        }
        String pemDigest = hint == null || hint.text().isEmpty() ? null : hint.text();
        PublicKey key = raw == null ? null : rawKey(raw);
        if (pemDigest == null) {
            notes.add(
                    key == null
                            ? new Note(Note.Code.KEY_HINT_EMPTY, "key hint is empty")
                            : new Note(Note.Code.KEY_IN_FULL, "key is given in full instead of by its hint"));
        }
        return new KeyHint(pemDigest, key);
    }

    private static PublicKey rawKey(JsonMember raw) {
        try {
            return Pem.publicKey(raw.base64(MAX_CERTIFICATE_BYTES).toUtf8());
        } catch (SigningException e) {
            throw raw.wrong("must be a public key in PEM: " + e.getMessage());
        }
    }

    private static List<X509Certificate> certificates(JsonMember chain) {
        return chain.object().get("certificates").items(1, MAX_CERTIFICATES).stream()
                .map(Bundle::certificate)
                .toList();
    }

    private static X509Certificate certificate(JsonMember certificate) {
        JsonMember raw = certificate.object().get("rawBytes");
        byte[] der = raw.base64(MAX_CERTIFICATE_BYTES).toByteArray();
        try {
            Certificate parsed =
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            if (parsed instanceof X509Certificate x509 && Arrays.equals(x509.getEncoded(), der)) {
                return x509;
            }
        } catch (CertificateException | RuntimeException e) {
            throw raw.wrong("must be an X.509 certificate in DER: " + Names.printable(String.valueOf(e.getMessage())));
        }
        throw raw.wrong("must be one X.509 certificate in DER and nothing else");
    }

    private static Bytes write(Signer signer, Envelope envelope, List<Bytes> timestamps) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonMapper().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("mediaType", MEDIA_TYPE);
            json.writeObjectFieldStart("verificationMaterial");
            if (signer.certificateChain().isEmpty()) {
                json.writeObjectFieldStart("publicKey");
                json.writeStringField("hint", Pem.hint(signer.publicKey()));
            } else {
                json.writeObjectFieldStart("x509CertificateChain");
                writeCertificates(json, signer.certificateChain());
            }
            json.writeEndObject();
            json.writeArrayFieldStart("tlogEntries");
            json.writeEndArray();
            if (!timestamps.isEmpty()) {
                writeTimestamps(json, timestamps);
            }
            json.writeEndObject();
            json.writeObjectFieldStart("dsseEnvelope");
            envelope.write(json);
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a byte array cannot fail to be written", e);
        }
        return Bytes.of(out.toByteArray());
    }

    private static void writeTimestamps(JsonGenerator json, List<Bytes> timestamps) throws IOException {
        json.writeObjectFieldStart("timestampVerificationData");
        json.writeArrayFieldStart("rfc3161Timestamps");
        for (Bytes timestamp : timestamps) {
            json.writeStartObject();
            json.writeStringField("signedTimestamp", timestamp.toBase64());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeCertificates(JsonGenerator json, List<X509Certificate> chain) throws IOException {
        json.writeArrayFieldStart("certificates");
        for (X509Certificate certificate : chain) {
            json.writeStartObject();
            try {
                json.writeStringField(
                        "rawBytes", Bytes.of(certificate.getEncoded()).toBase64());
            } catch (CertificateException e) {
                throw new SigningException("the signer's certificate could not be encoded", e);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
