package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Reason;
import dev.sigstore.KeylessVerificationException;
import dev.sigstore.KeylessVerifier;
import dev.sigstore.TrustedRootProvider;
import dev.sigstore.VerificationOptions;
import dev.sigstore.bundle.BundleParseException;
import dev.sigstore.fulcio.client.FulcioVerificationException;
import dev.sigstore.rekor.client.RekorEntry;
import dev.sigstore.strings.StringMatcher;
import dev.sigstore.trustroot.SigstoreConfigurationException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTF8String;

/**
 * Whose keyless signatures are believed: those of one identity, by the word of the certificate authority and the transparency
 * log that a trusted root names. Asks nobody over the network. The only class that needs sigstore-java.
 */
public final class KeylessTrust implements BundleTrust {
    /** Where Fulcio notes who vouched for the signer's name. */
    private static final String PROVIDER = "1.3.6.1.4.1.57264.1.8";

    private static final String PROVIDER_UNTIL_2022 = "1.3.6.1.4.1.57264.1.1";

    private final KeylessVerifier verifier;
    private final VerificationOptions.CertificateMatcher matcher;
    private final String expected;

    /**
     * Creates the trust.
     *
     * @throws SigningException if the trusted root cannot be read
     */
    public KeylessTrust(Path trustedRoot, String identity, String identityProvider) {
        verifier = verifier(trustedRoot);
        matcher = VerificationOptions.CertificateMatcher.fulcio()
                .subjectAlternativeName(StringMatcher.string(identity))
                .issuer(StringMatcher.string(identityProvider))
                .build();
        expected = Names.quote(identity) + " of " + Names.quote(identityProvider);
    }

    @Override
    public Approval judge(Bundle bundle, Leniency leniency) {
        if (bundle.method() != Bundle.Method.SIGSTORE) {
            throw new VerificationException(
                    Reason.UNSUPPORTED,
                    "model must have a keyless signature, but was signed with "
                            + (bundle.method() == Bundle.Method.KEY ? "a key" : "a certificate of another kind")
                            + "; verify it by that");
        }
        dev.sigstore.bundle.Bundle same = read(bundle.json());
        requireSamePayload(bundle, same);
        byte[] subject =
                Statement.read(bundle, leniency).subjectDigest().value().toByteArray();
        X509Certificate leaf =
                (X509Certificate) same.getCertPath().getCertificates().get(0);
        try {
            verifier.verify(subject, same, VerificationOptions.empty());
        } catch (KeylessVerificationException e) {
            throw refused(e);
        } catch (RuntimeException e) {
            throw malformed("keyless signature could not be examined: " + said(e));
        }
        requireProvenTime(same, leaf);
        requireIdentity(leaf);
        List<Note> notes = same.getEntries().size() == 1
                ? List.of()
                : List.of(new Note(
                        Note.Code.LOG_ENTRIES_NOT_EXAMINED,
                        "the first transparency log entry was verified; further ones were not examined"));
        return new Approval(SignedBy.key(Crypto.keyDigest(leaf.getPublicKey())), notes);
    }

    private static KeylessVerifier verifier(Path trustedRoot) {
        if (!Files.isRegularFile(trustedRoot)) {
            throw new SigningException("trusted root must be a file, but there is none at " + trustedRoot
                    + "; get trusted_root.json from the operator of the Sigstore instance");
        }
        try {
            return KeylessVerifier.builder()
                    .trustedRootProvider(TrustedRootProvider.from(trustedRoot))
                    .build();
        } catch (SigstoreConfigurationException | GeneralSecurityException | RuntimeException e) {
            throw new SigningException(
                    "trusted root must be a trusted_root.json of Sigstore, but " + trustedRoot + " could not be read: "
                            + e.getMessage(),
                    e);
        }
    }

    private static dev.sigstore.bundle.Bundle read(Bytes json) {
        try {
            return dev.sigstore.bundle.Bundle.from(new StringReader(json.toUtf8()));
        } catch (BundleParseException | RuntimeException e) {
            throw malformed("keyless signature bundle could not be read: " + said(e));
        }
    }

    /** Two parsers read the bundle; what one verifies must be what the other goes by. */
    private static void requireSamePayload(Bundle bundle, dev.sigstore.bundle.Bundle same) {
        boolean isSame = same.getDsseEnvelope()
                .filter(envelope -> envelope.getPayloadType().equals(bundle.payloadType())
                        && Arrays.equals(envelope.getPayload(), bundle.payload().toByteArray()))
                .isPresent();
        if (!isSame) {
            throw malformed("signature bundle must be readable in one way only, but can be read in two");
        }
    }

    /** Returns what the other library says of what came from outside. */
    private static String said(Exception e) {
        return Names.printable(String.valueOf(e.getMessage()));
    }

    private static VerificationException malformed(String message) {
        return new VerificationException(
                Reason.MALFORMED_BUNDLE, message + "; fetch the model with its signature anew");
    }

    private static VerificationException refused(KeylessVerificationException e) {
        return e.getCause() instanceof FulcioVerificationException
                ? new VerificationException(
                        Reason.UNTRUSTED_CERTIFICATE,
                        "certificate of the keyless signature must be issued under the trusted root, but: " + said(e))
                : new VerificationException(
                        Reason.INVALID_SIGNATURE,
                        "keyless signature must match its statement and its entry in the transparency log, but: "
                                + said(e) + "; do not use the model, and fetch it with its signature anew");
    }

    /**
     * Such a certificate lives for minutes, and its key may be found later: only a time that the log or a timestamp
     * authority signed tells that it was used while it lived. sigstore-java 2.0.0 verifies either if it is there, but holds
     * the certificate against the latter alone.
     */
    private static void requireProvenTime(dev.sigstore.bundle.Bundle verified, X509Certificate leaf) {
        RekorEntry entry = verified.getEntries().get(0);
        String promise = entry.getVerification().getSignedEntryTimestamp();
        if (promise == null || promise.isEmpty()) {
            if (verified.getTimestamps().isEmpty()) {
                throw new VerificationException(
                        Reason.UNTRUSTED_CERTIFICATE,
                        "something must prove when the keyless signature was made, but it has neither a promise of the"
                                + " transparency log nor a timestamp; sign the model anew with a current client");
            }
            return;
        }
        Instant logged = entry.getIntegratedTimeInstant();
        try {
            leaf.checkValidity(Date.from(logged));
        } catch (CertificateException e) {
            throw new VerificationException(
                    Reason.UNTRUSTED_CERTIFICATE,
                    "keyless signature must be logged while its certificate is valid, from "
                            + leaf.getNotBefore().toInstant() + " until "
                            + leaf.getNotAfter().toInstant() + ", but was at " + logged
                            + "; do not use the model: somebody else may have the key");
        }
    }

    private void requireIdentity(X509Certificate leaf) {
        boolean matches;
        try {
            matches = matcher.test(leaf);
        } catch (RuntimeException e) {
            throw new VerificationException(
                    Reason.UNTRUSTED_CERTIFICATE,
                    "certificate of the keyless signature must name one person or workload, but: " + said(e));
        }
        if (!matches) {
            throw new VerificationException(
                    Reason.UNTRUSTED_CERTIFICATE,
                    "model must be signed by " + expected + ", but was signed by " + signerOf(leaf)
                            + "; check identity and provider, or do not use the model");
        }
    }

    private static String signerOf(X509Certificate leaf) {
        try {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            String name = names == null
                    ? "nobody"
                    : names.stream()
                            .map(value -> Names.quote(String.valueOf(value.get(1))))
                            .collect(Collectors.joining(", "));
            return name + " of " + Names.quote(provider(leaf));
        } catch (CertificateParsingException | IOException | RuntimeException e) {
            return "somebody whose certificate cannot be read";
        }
    }

    private static String provider(X509Certificate leaf) throws IOException {
        byte[] extension = leaf.getExtensionValue(PROVIDER);
        if (extension == null) {
            byte[] old = leaf.getExtensionValue(PROVIDER_UNTIL_2022);
            return old == null
                    ? "an unknown provider"
                    : new String(ASN1OctetString.getInstance(old).getOctets(), StandardCharsets.UTF_8);
        }
        byte[] text = ASN1OctetString.getInstance(extension).getOctets();
        return ASN1UTF8String.getInstance(ASN1Primitive.fromByteArray(text)).getString();
    }
}
