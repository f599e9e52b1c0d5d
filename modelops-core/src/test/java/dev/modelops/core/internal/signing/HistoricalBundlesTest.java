package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.Models.file;
import static dev.modelops.core.internal.signing.OmsRule.CERTIFICATES;
import static dev.modelops.core.internal.signing.OmsRule.KEY_HINT;
import static dev.modelops.core.internal.signing.OmsRule.KEY_ID;
import static dev.modelops.core.internal.signing.OmsRule.LOG_ENTRIES;
import static dev.modelops.core.internal.signing.OmsRule.MATERIAL_FITS_METHOD;
import static dev.modelops.core.internal.signing.OmsRule.OLD_PREDICATE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.ModelVerifier.Tolerance;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Note.Code;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles of every release of the reference client from v0.2.0 to v1.1.0. */
class HistoricalBundlesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-12-01T00:00:00Z"), ZoneOffset.UTC);
    private static final PublisherTrust TRUST = PublisherTrust.of(
            List.of(Pem.publicKey(text("signing-key-pub.pem"))), Pem.certificates(text("ca-cert.pem")));
    private static final Leniency OLD = new Leniency(true, false, false);

    @TempDir
    Path folder;

    @Covers({KEY_HINT, KEY_ID, LOG_ENTRIES, OLD_PREDICATE})
    @ParameterizedTest
    @CsvSource({
        "v0.3.1-certificate, false, ",
        "v1.0.0-certificate, false, ",
        "v1.0.1-certificate, false, ",
        "v1.1.0-certificate, false, ",
        "v1.0.1-elliptic-key, true, KEY_IN_FULL",
        "v1.1.0-elliptic-key, true, ",
    })
    void foldersVerifyWithoutAnyLeniency(String name, boolean newLine, Code note) {
        Path model = model(newLine ? "signme-1\n" : "signme-1");
        file(model, "model.sig", bundle(name).toUtf8());

        VerificationResult.Verified verified =
                verify(model, name, Tolerance.STRICT).orThrow();

        assertThat(verified.files()).extracting(SignedFile::name).containsExactly("signme-1", "signme-2");
        assertThat(verified.notes()).extracting(Note::code).isEqualTo(note == null ? List.of() : List.of(note));
        file(model, "signme-2", "signme-3");
        assertRejected(verify(model, name, Tolerance.STRICT), Reason.CONTENT_MISMATCH);
    }

    @Covers(OLD_PREDICATE)
    @ParameterizedTest
    @ValueSource(strings = {"v0.3.1-elliptic-key", "v1.0.0-elliptic-key"})
    void singleFilesAreListedAsADotWithTheKeyInFull(String name) {
        Path model = model("signme-1\n").resolve("signme-1");

        assertThat(verify(model, name, Tolerance.STRICT).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Code.KEY_IN_FULL, Code.SINGLE_FILE_AS_DOT);
        assertRejected(verify(model.resolveSibling("signme-2"), name, Tolerance.STRICT), Reason.CONTENT_MISMATCH);
        assertRejected(verify(folder.resolve("model"), name, Tolerance.STRICT), Reason.MISSING_FILE);
    }

    @Covers(OLD_PREDICATE)
    @Test
    void theFirstReleaseIsReadOnlyWhereThatIsAskedFor() {
        Path model = model("signme-1");
        Tolerance tolerance = new Tolerance(Set.of(), true, false, false, OLD);

        assertThat(verify(model, "v0.2.0-certificate", tolerance).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Code.OLD_STATEMENT);
        assertRejected(verify(model, "v0.2.0-certificate", Tolerance.STRICT), Reason.UNSUPPORTED);
        file(model, "signme-3", "x");
        assertRejected(verify(model, "v0.2.0-certificate", tolerance), Reason.UNSIGNED_FILE);
        file(model, "signme-1", "x");
        assertRejected(verify(model, "v0.2.0-certificate", tolerance), Reason.CONTENT_MISMATCH);
    }

    @Test
    void aByteOfTheFirstReleaseCannotBeChanged() {
        Path model = model("signme-1");
        Bytes changed = Models.edited(bundle("v0.2.0-certificate"), root -> {
            ObjectNode envelope = (ObjectNode) root.get("dsseEnvelope");
            String payload = new String(
                    java.util.Base64.getDecoder().decode(envelope.get("payload").asText()),
                    java.nio.charset.StandardCharsets.UTF_8);
            envelope.put(
                    "payload",
                    Bytes.ofUtf8(payload.replace("Unused, just", "Unused, Just"))
                            .toBase64());
        });

        assertRejected(
                verifier().verify(model, changed, new Tolerance(Set.of(), true, false, false, OLD), Progress.NONE),
                Reason.INVALID_SIGNATURE);
    }

    /** Otherwise whoever got somebody to sign the mistaken encoding could pass it off as a statement of today. */
    @Covers(OLD_PREDICATE)
    @Test
    void theMistakenEncodingCountsForOldStatementsOnly() {
        var keys = TestPki.keys("secp384r1");
        Signer signer = Crypto.signer(keys.getPrivate(), keys.getPublic(), List.of());
        Path model = model("signme-1");
        Bytes honest = Models.sign(model, signer);
        Bytes payload = Bundle.parse(honest).payload();
        String old = "{\"_type\":\"" + Statement.TYPE + "\",\"predicateType\":\"" + Statement.OLD_PREDICATE
                + "\",\"predicate\":{},\"subject\":[{\"name\":\"signme-1\",\"digest\":{\"sha256\":\"" + "0".repeat(64)
                + "\"}}]}";
        ModelVerifier verifier = new ModelVerifier(PublisherTrust.of(List.of(keys.getPublic()), List.of()), CLOCK, 1);
        Tolerance tolerance = new Tolerance(Set.of(), true, false, false, OLD);

        assertThat(verifier.verify(model, honest, tolerance, Progress.NONE))
                .isInstanceOf(VerificationResult.Verified.class);
        assertRejected(
                verifier.verify(model, mistaken(honest, signer, payload), tolerance, Progress.NONE),
                Reason.INVALID_SIGNATURE);
        assertRejected(
                verifier.verify(model, mistaken(honest, signer, Bytes.ofUtf8(old)), tolerance, Progress.NONE),
                Reason.CONTENT_MISMATCH);
        assertRejected(
                verifier.verify(model, mistaken(honest, signer, Bytes.ofUtf8(old)), Tolerance.STRICT, Progress.NONE),
                Reason.UNSUPPORTED);
    }

    @Test
    void theMistakenEncodingPrintsBytesAsPythonDoes() {
        assertThat(printed("a\tb\n\r\\\u00e9\u007f")).isEqualTo("b'a\\tb\\n\\r\\\\\\xc3\\xa9\\x7f'");
        assertThat(printed("say \"x\"")).isEqualTo("b'say \"x\"'");
        assertThat(printed("it's")).isEqualTo("b\"it's\"");
        assertThat(printed("it's \"x\"")).isEqualTo("b'it\\'s \"x\"'");
    }

    @Covers({LOG_ENTRIES, MATERIAL_FITS_METHOD})
    @ParameterizedTest
    @ValueSource(strings = {"v0.3.1-sigstore", "v1.1.0-sigstore"})
    void keylessBundlesNeedAnotherVerifierButCanBeLookedAt(String name) {
        Bundle bundle = Bundle.parse(bundle(name));

        assertThat(bundle.method()).isEqualTo(Bundle.Method.SIGSTORE);
        assertThat(UnauthenticatedStatement.of(bundle).files()).hasSize(2);
        assertRejected(verify(model("signme-1"), name, Tolerance.STRICT), Reason.UNSUPPORTED);
        Bytes unlogged = Models.edited(
                bundle(name), root -> ((ObjectNode) root.get("verificationMaterial")).putArray("tlogEntries"));
        assertRejected(verifier().verify(model("signme-1"), unlogged, Progress.NONE), Reason.MALFORMED_BUNDLE);
    }

    @Covers(CERTIFICATES)
    @Test
    void anExpiredCertificateIsJudgedAtItsStartOnlyWhereThatIsAskedFor() {
        Path model = model("signme-1");
        Clock late = Clock.fixed(Instant.parse("2040-01-01T00:00:00Z"), ZoneOffset.UTC);
        Clock early = Clock.fixed(Instant.parse("2020-01-01T00:00:00Z"), ZoneOffset.UTC);
        Bytes bundle = bundle("v1.1.0-certificate");
        Tolerance unknown = new Tolerance(Set.of(), true, false, false, new Leniency(false, false, true));

        assertRejected(
                new ModelVerifier(TRUST, late, 1).verify(model, bundle, Tolerance.STRICT, Progress.NONE),
                Reason.UNTRUSTED_CERTIFICATE);
        assertThat(new ModelVerifier(TRUST, late, 1)
                        .verify(model, bundle, unknown, Progress.NONE)
                        .orThrow()
                        .notes())
                .extracting(Note::code)
                .containsExactly(Code.SIGNING_TIME_UNKNOWN);
        assertThat(verify(model, "v1.1.0-certificate", unknown).orThrow().notes())
                .isEmpty();
        assertRejected(
                new ModelVerifier(TRUST, early, 1).verify(model, bundle, unknown, Progress.NONE),
                Reason.UNTRUSTED_CERTIFICATE);
        assertRejected(
                new ModelVerifier(PublisherTrust.of(List.of(), List.of()), late, 1)
                        .verify(model, bundle, unknown, Progress.NONE),
                Reason.UNTRUSTED_CERTIFICATE);
    }

    private static String printed(String payload) {
        byte[] bytes = Bytes.ofUtf8(payload).toByteArray();
        String text = Bytes.of(OldEncoding.encode(bytes)).toUtf8();
        String start = "DSSEV1 28 " + Dsse.IN_TOTO + " " + bytes.length + " ";
        assertThat(text).startsWith(start);
        return text.substring(start.length());
    }

    private static Bytes mistaken(Bytes bundle, Signer signer, Bytes payload) {
        Bytes signature = signer.sign(Bytes.of(OldEncoding.encode(payload.toByteArray())));
        return Models.edited(bundle, root -> {
            ObjectNode envelope = (ObjectNode) root.get("dsseEnvelope");
            envelope.put("payload", payload.toBase64());
            ((ObjectNode) envelope.at("/signatures/0")).put("sig", signature.toBase64());
        });
    }

    private Path model(String first) {
        Path model = folder.resolve("model");
        file(model, "signme-1", first);
        file(model, "signme-2", "signme-2");
        return model;
    }

    private static ModelVerifier verifier() {
        return new ModelVerifier(TRUST, CLOCK, 2);
    }

    private static VerificationResult verify(Path model, String name, Tolerance tolerance) {
        return verifier().verify(model, bundle(name), tolerance, Progress.NONE);
    }

    private static void assertRejected(VerificationResult result, Reason reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .as(rejected.message())
                                .isEqualTo(reason));
    }

    private static Bytes bundle(String name) {
        return Bytes.ofUtf8(text(name + ".bundle.json"));
    }

    private static String text(String name) {
        try (InputStream in = HistoricalBundlesTest.class.getResourceAsStream("/oms-history/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return Bytes.of(in.readAllBytes()).toUtf8();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
