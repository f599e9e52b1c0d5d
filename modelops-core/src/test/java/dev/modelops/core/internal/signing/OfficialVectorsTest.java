package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.Models.file;
import static dev.modelops.core.internal.signing.OmsRule.BUNDLE_SHAPE;
import static dev.modelops.core.internal.signing.OmsRule.LOG_ENTRIES;
import static dev.modelops.core.internal.signing.OmsRule.REQUIRED_FORMS;
import static dev.modelops.core.internal.signing.OmsRule.ROOT_DIGEST;
import static dev.modelops.core.internal.signing.OmsRule.SCHEMAS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The vectors and schemas of the specification, and a second implementation as the judge of what is written here. */
class OfficialVectorsTest {
    private static final Instant WHEN = Instant.parse("2026-06-01T00:00:00Z");

    @TempDir
    Path folder;

    @Test
    void theKeyVectorVerifies() {
        VerifiedStatement statement = PublisherTrust.verifyWith(vector("valid/key"), vectorKey());

        assertThat(statement.subjectName()).isEqualTo("model");
        assertThat(statement.root().toHex())
                .isEqualTo("92745110b1ab4368471cbe31664e10174e954b113a3df333db860317b2c6dec4");
        assertThat(statement.signer()).isEqualTo(Crypto.keyDigest(vectorKey()));
        assertThat(statement.notes()).isEmpty();
        assertThat(statement.ignorePaths())
                .containsExactly(".git", ".gitattributes", ".github", ".gitignore", "ignore-me");
    }

    @Test
    void theCertificateVectorVerifiesUpToItsIntermediate() {
        Bundle bundle = vector("valid/certificate");
        PublisherTrust trust =
                PublisherTrust.of(List.of(), List.of(bundle.certificates().get(1)));

        assertThat(trust.verify(bundle, WHEN).notes()).isEmpty();
        assertThatThrownBy(() -> PublisherTrust.of(List.of(), List.of()).verify(bundle, WHEN))
                .isInstanceOfSatisfying(
                        VerificationException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED_CERTIFICATE));
    }

    @Covers(ROOT_DIGEST)
    @Test
    void theModelOfTheVectorsHashesToTheirRoot() {
        Path model = folder.resolve("model");
        file(model, "signme-1", "signme-1\n");
        file(model, "signme-2", "signme-2");
        file(model, "ignore-me", "anything");
        file(model, ".git/config", "anything");
        VerifiedStatement statement = PublisherTrust.verifyWith(vector("valid/key"), vectorKey());

        FileManifest manifest = FileManifest.hash(model, Set.of(), statement, Progress.NONE, 1);

        assertThat(manifest.root()).isEqualTo(statement.root());
        assertThat(manifest.compare(statement.files())).isEmpty();
    }

    @Covers({BUNDLE_SHAPE, LOG_ENTRIES})
    @ParameterizedTest
    @CsvSource({
        "invalid/empty, MALFORMED_BUNDLE",
        "invalid/missing-envelope, MALFORMED_BUNDLE",
        "invalid/missing-tlog-entries, MALFORMED_BUNDLE",
        "invalid/missing-verification-material, MALFORMED_BUNDLE"
    })
    void bundlesThatAreInvalidAreRefusedWhenParsed(String name, Reason reason) {
        assertThatThrownBy(() -> vector(name))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void theKeylessVectorIsReadButNeitherAKeyNorACertificateVouchesForIt() {
        Bundle bundle = vector("valid/sigstore");
        PublisherTrust trust = PublisherTrust.of(List.of(vectorKey()), bundle.certificates());

        assertThat(UnauthenticatedStatement.of(bundle).subjectName()).isNotEmpty();
        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> trust.verify(bundle, WHEN), () -> PublisherTrust.readUnauthenticated(bundle))) {
            assertThatThrownBy(use)
                    .isInstanceOfSatisfying(
                            VerificationException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
        }
    }

    @Test
    void theVectorWithAnotherPredicateIsRefused() {
        Bundle bundle = vector("invalid-payload/wrong-predicate");

        assertThatThrownBy(() -> PublisherTrust.verifyWith(bundle, vectorKey()))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_SIGNATURE));
        assertThatThrownBy(() -> PublisherTrust.readUnauthenticated(bundle))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_STATEMENT));
    }

    @Covers({SCHEMAS, REQUIRED_FORMS, BUNDLE_SHAPE})
    @ParameterizedTest
    @EnumSource(
            value = SignatureAlgorithm.class,
            names = {"ECDSA_P256", "ECDSA_P384", "ECDSA_P521"})
    void whatIsWrittenFitsTheSchemasAndTheSecondImplementation(SignatureAlgorithm algorithm) throws Exception {
        var keys = TestPki.keys(curve(algorithm));
        Path model = Models.folder(folder);
        file(model, ".gitignore", "never signed");
        file(model, "sub/.gitignore", "signed");
        Path signature = file(model, "model.sig", "old");
        var root = TestPki.draft("root").authority(-1).selfSigned();
        var leaf = TestPki.draft("leaf").keys(keys).issuedBy(root);
        Signer byKey = Crypto.signer(keys.getPrivate(), keys.getPublic(), List.of());
        Signer byCertificate =
                Crypto.signer(keys.getPrivate(), keys.getPublic(), List.of(leaf.certificate(), root.certificate()));
        FileManifest manifest = Models.hash(model, signature);

        Bytes key = Bundle.sign(manifest, byKey);
        Bytes certificate = Bundle.sign(manifest, byCertificate);
        Bytes stamped;
        try (TestTsa tsa = new TestTsa(TestTsa.draft().issuedBy(root))) {
            stamped = Bundle.sign(
                    manifest, byCertificate, List.of(value -> Rfc3161.ask(value, BigInteger.TEN, tsa::stamp)));
        }

        for (Bytes bundle : List.of(key, certificate, stamped)) {
            JsonNode json = Models.JSON.readTree(bundle.toByteArray());
            JsonNode statement = Models.statement(bundle);
            assertThat(errors("bundle", json)).isEmpty();
            assertThat(errors("envelope", json.get("dsseEnvelope"))).isEmpty();
            assertThat(errors("statement", statement)).isEmpty();
            assertThat(errors("predicate", statement.get("predicate"))).isEmpty();
            assertThat(statement.at("/predicate/serialization/ignore_paths"))
                    .extracting(JsonNode::asText)
                    .containsExactly(".git", ".gitattributes", ".github", ".gitignore", "model.sig");
        }
        assertThat(IndependentVerifier.verifyByKey(model, key.toByteArray(), Crypto.encoded(keys.getPublic())))
                .isEqualTo("ok");
        for (Bytes bundle : List.of(certificate, stamped)) {
            assertThat(IndependentVerifier.verifyByLeaf(model, bundle.toByteArray()))
                    .isEqualTo("ok");
        }
        assertThat(PublisherTrust.verifyWith(Bundle.parse(key), keys.getPublic())
                        .root())
                .isEqualTo(manifest.root());
        assertThat(PublisherTrust.of(List.of(), List.of(root.certificate()))
                        .verify(Bundle.parse(certificate), TestPki.NOW)
                        .root())
                .isEqualTo(manifest.root());
    }

    @ParameterizedTest
    @ValueSource(strings = {"valid/key", "valid/certificate", "valid/sigstore"})
    void theSchemaTestFindsTheValidVectorsValid(String name) throws IOException {
        assertThat(errors("bundle", Models.JSON.readTree(resource("test-vectors/v1.0/" + name + ".bundle.json"))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid/missing-envelope", "invalid/missing-tlog-entries"})
    void theSchemaTestFindsInvalidVectorsInvalid(String name) throws IOException {
        assertThat(errors("bundle", Models.JSON.readTree(resource("test-vectors/v1.0/" + name + ".bundle.json"))))
                .isNotEmpty();
    }

    private static String curve(SignatureAlgorithm algorithm) {
        return switch (algorithm) {
            case ECDSA_P256 -> "secp256r1";
            case ECDSA_P384 -> "secp384r1";
            case ECDSA_P521 -> "secp521r1";
            default -> throw new IllegalArgumentException();
        };
    }

    static List<Error> errors(String level, JsonNode document) {
        Map<String, String> schemas = Map.of(
                "https://model_signing/bundle/v1.0/schema", schema("bundle"),
                "https://model_signing/envelope/v1.0/schema", schema("envelope"),
                "https://model_signing/statement/v1.0/schema", schema("statement"),
                "https://model_signing/predicate/v1.0/schema", schema("predicate"));
        return SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(schemas))
                .getSchema(SchemaLocation.of("https://model_signing/" + level + "/v1.0/schema"))
                .validate(document);
    }

    private static String schema(String level) {
        return new String(resource("schemas/v1.0/" + level + ".schema.json"), StandardCharsets.UTF_8);
    }

    /** The vectors name their key by its hint only; it is that of the certificate vector's first certificate. */
    private static PublicKey vectorKey() {
        return vector("valid/certificate").certificates().get(0).getPublicKey();
    }

    private static Bundle vector(String name) {
        return Bundle.parse(Bytes.of(resource("test-vectors/v1.0/" + name + ".bundle.json")));
    }

    private static byte[] resource(String name) {
        try (InputStream in = OfficialVectorsTest.class.getResourceAsStream("/oms/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
