package dev.modelops.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.core.evidence.Predicate.Resource;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.signing.Signers;
import dev.modelops.registry.Approval.Verdict;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttestationTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TestKeys KEYS = TestKeys.seeded(23);
    private static final Signer SIGNER = KEYS.ed25519("builder");
    private static final Signer SECOND = KEYS.ecdsa("tester");
    private static final Signer STRANGER = KEYS.ed25519("stranger");
    private static final List<PublicKey> TRUSTED = List.of(SIGNER.publicKey(), SECOND.publicKey());
    private static final Digest ARTIFACT = Digest.sha256Of(Bytes.ofUtf8("model"));
    private static final Digest OTHER = Digest.sha256Of(Bytes.ofUtf8("another model"));
    private static final String IN_TOTO = "application/vnd.in-toto+json";
    private static final Instant TIME = Instant.parse("2026-05-01T10:00:00Z");

    private static final Predicate.TestResult PASSED = new Predicate.TestResult(
            Outcome.PASSED, List.of(Resource.of("test.csv", OTHER)), List.of("auc", "bias"), List.of(), List.of());
    private static final Predicate.Approval APPROVAL = new Predicate.Approval(
            "example.org/models",
            ModelRef.of("credit", 3),
            Environment.PRODUCTION,
            Verdict.APPROVED,
            Principal.of("corp", "vera"),
            OTHER,
            Set.of(ARTIFACT, OTHER),
            TIME,
            Optional.of("VR-12"));
    private static final Predicate.Provenance PROVENANCE = Predicate.Provenance.of(
                    Predicate.Provenance.TRAINING, "https://ci.example.org/runner")
            .externalParameters(
                    Map.of("rounds", 100, "rate", 0.1, "early", true, "layers", List.of(8L, Map.of("n", "x"))))
            .internalParameters(Map.of("seed", 7))
            .resolvedDependencies(
                    Resource.of("train.csv", OTHER).at("s3://data/train.csv"),
                    new Resource("", "git+https://example.org/code", Map.of("gitCommit", "ab12")))
            .invocation("run-1", TIME, TIME.plusSeconds(60))
            .byproducts(Resource.of("log.txt", OTHER));

    static Stream<Predicate> predicates() {
        return Stream.of(
                PROVENANCE,
                Predicate.Provenance.of("https://example.org/other", "https://example.org/b"),
                new Predicate.VerificationSummary(
                        "https://example.org/verifier",
                        TIME,
                        "pkg:generic/credit@3",
                        new Resource("", "https://example.org/policy", Map.of("sha256", OTHER.toHex())),
                        List.of(Resource.of("provenance", OTHER)),
                        Outcome.PASSED,
                        List.of("SLSA_BUILD_LEVEL_2"),
                        Optional.of("1.0")),
                PASSED,
                new Predicate.TestResult(Outcome.FAILED, List.of(), List.of(), List.of("slow"), List.of("auc")),
                new Predicate.Release("pkg:generic/credit@3", Optional.of("credit")),
                new Predicate.Release("pkg:generic/credit@3", Optional.empty()),
                new Predicate.BillOfMaterials(Bytes.ofUtf8(
                        "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"n\":1.5}]}")),
                APPROVAL);
    }

    @ParameterizedTest
    @MethodSource("predicates")
    void whatWasStatedIsReadAgain(Predicate predicate) {
        Bytes envelope = Attestation.sign("credit@3", ARTIFACT, predicate, SIGNER);
        assertThat(Attestation.verify(envelope, ARTIFACT, TRUSTED, 1))
                .isEqualTo(new Attestation(ARTIFACT, predicate, Set.of(Crypto.keyDigest(SIGNER.publicKey()))));
        assertThat(Attestation.sign("credit@3", ARTIFACT, predicate, SIGNER)).isEqualTo(envelope);
    }

    @ParameterizedTest
    @EnumSource
    void everyAlgorithmSigns(SignatureAlgorithm algorithm) {
        Signer signer = Signers.generate(algorithm);
        Bytes envelope = Attestation.sign("credit@3", ARTIFACT, PASSED, signer);
        assertThat(Attestation.verify(envelope, ARTIFACT, List.of(signer.publicKey()), 1)
                        .predicate())
                .isEqualTo(PASSED);
        assertRefused(envelope, TRUSTED, 1, Reason.UNTRUSTED_KEY);
    }

    @Test
    void othersCanVerifyAndReadIt() throws Exception {
        Bytes envelope = Attestation.sign("credit@3", ARTIFACT, PASSED, SIGNER);
        byte[] payload = Envelopes.payload(envelope);
        assertThat(new String(payload, StandardCharsets.UTF_8))
                .isEqualTo("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"credit@3\","
                        + "\"digest\":{\"sha256\":\"" + ARTIFACT.toHex() + "\"}}],"
                        + "\"predicateType\":\"https://in-toto.io/attestation/test-result/v0.1\",\"predicate\":{"
                        + "\"result\":\"PASSED\",\"configuration\":[{\"name\":\"test.csv\",\"digest\":{\"sha256\":\""
                        + OTHER.toHex() + "\"}}],\"passedTests\":[\"auc\",\"bias\"],\"warnedTests\":[],"
                        + "\"failedTests\":[]}}");
        JsonNode json = JSON.readTree(envelope.toByteArray());
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(SIGNER.publicKey().getEncoded())));
        verifier.update(Envelopes.encode(IN_TOTO, payload));
        assertThat(verifier.verify(json.path("signatures").path(0).path("sig").binaryValue()))
                .isTrue();
        assertThat(json.path("signatures").path(0).path("keyid").textValue())
                .isEqualTo(Crypto.keyDigest(SIGNER.publicKey()).toString());
    }

    @Test
    void aProvenanceOfAnotherToolIsReadAndWhatIsUnknownIsPassedOver() {
        Bytes envelope = Envelopes.sign(
                IN_TOTO,
                statement(
                        Predicate.Provenance.TYPE,
                        "{\"buildDefinition\":{\"buildType\":\"https://b\",\"externalParameters\":{\"workflow\":{\"ref\":"
                                + "\"main\",\"none\":null},\"n\":[1,2.5,false]},\"unknown\":1},\"runDetails\":{\"builder\":"
                                + "{\"id\":\"https://i\",\"version\":{}},\"metadata\":null},\"more\":[]}"),
                SIGNER);
        assertThat(Attestation.verify(envelope, ARTIFACT, TRUSTED, 1).predicate())
                .isEqualTo(Predicate.Provenance.of("https://b", "https://i")
                        .externalParameters(Map.of("workflow", Map.of("ref", "main"), "n", List.of(1, 2.5, false))));
    }

    @Test
    void aStatementAboutAnotherModelIsRefused() {
        Bytes envelope = Attestation.sign("credit@3", OTHER, PASSED, SIGNER);
        assertThatThrownBy(() -> Attestation.verify(envelope, ARTIFACT, TRUSTED, 1))
                .isInstanceOf(VerificationException.class)
                .hasMessage("attestation must be about " + ARTIFACT + ", but is about " + OTHER
                        + "; it belongs to another model or version");
    }

    @Test
    void theThresholdCountsDistinctKeys() {
        Bytes one = Attestation.sign("credit@3", ARTIFACT, PASSED, SIGNER);
        assertRefused(one, TRUSTED, 2, Reason.UNTRUSTED_KEY);
        Bytes two = Attestation.signAgain(one, SECOND);
        assertThat(Attestation.verify(two, ARTIFACT, TRUSTED, 2).signers())
                .containsExactlyInAnyOrder(Crypto.keyDigest(SIGNER.publicKey()), Crypto.keyDigest(SECOND.publicKey()));
        assertRefused(two, List.of(SIGNER.publicKey(), STRANGER.publicKey()), 2, Reason.UNTRUSTED_KEY);
        assertRefused(two, TRUSTED, 3, Reason.UNTRUSTED_KEY);
        assertThatThrownBy(() -> Attestation.verify(two, ARTIFACT, TRUSTED, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeyCountsOnceHoweverOftenItIsThere() throws Exception {
        String statement = statement(PASSED.type(), "{\"result\":\"PASSED\",\"configuration\":[]}");
        Bytes twice = Envelopes.sign(IN_TOTO, statement, SECOND, SECOND);
        assertThat(Attestation.verify(twice, ARTIFACT, TRUSTED, 1).signers()).hasSize(1);
        assertRefused(twice, TRUSTED, 2, Reason.UNTRUSTED_KEY);
        PublicKey same = KeyFactory.getInstance("EC")
                .generatePublic(new X509EncodedKeySpec(SECOND.publicKey().getEncoded()));
        assertRefused(
                twice, List.of(SECOND.publicKey(), same, compressed(SECOND.publicKey())), 2, Reason.UNTRUSTED_KEY);
        Bytes renamed = edited(twice, envelope -> {
            ((ObjectNode) envelope.path("signatures").path(0)).put("keyid", "one");
            ((ObjectNode) envelope.path("signatures").path(1)).put("keyid", "two");
        });
        assertRefused(renamed, TRUSTED, 2, Reason.UNTRUSTED_KEY);
        assertThatThrownBy(() -> Attestation.signAgain(twice, SECOND)).isInstanceOf(SigningException.class);
    }

    @Test
    void whatIsToBeSignedAgainMustBeAnAttestation() {
        assertThatThrownBy(() -> Attestation.signAgain(Bytes.ofUtf8("{}"), SIGNER))
                .isInstanceOf(VerificationException.class);
        Bytes other = Envelopes.sign("text/plain", statement(PASSED.type(), "{}"), SIGNER);
        assertThatThrownBy(() -> Attestation.signAgain(other, SECOND)).isInstanceOf(VerificationException.class);
    }

    @Test
    void aKeyIdIsNoReasonToTrust() throws Exception {
        Bytes envelope = edited(
                Attestation.sign("credit@3", ARTIFACT, PASSED, STRANGER),
                json -> ((ObjectNode) json.path("signatures").path(0))
                        .put("keyid", Crypto.keyDigest(SIGNER.publicKey()).toString()));
        assertRefused(envelope, TRUSTED, 1, Reason.INVALID_SIGNATURE);
        for (String keyId : new String[] {"", "anything", null}) {
            Bytes good = edited(
                    Attestation.sign("credit@3", ARTIFACT, PASSED, SIGNER),
                    json -> ((ObjectNode) json.path("signatures").path(0)).put("keyid", keyId));
            assertThat(Attestation.verify(good, ARTIFACT, TRUSTED, 1).predicate())
                    .isEqualTo(PASSED);
        }
    }

    static Stream<Arguments> badEnvelopes() {
        String good = Attestation.sign("credit@3", ARTIFACT, PASSED, SIGNER).toUtf8();
        String type = "\"payloadType\":\"application/vnd.in-toto+json\"";
        return Stream.of(
                Arguments.of("not JSON", "model", Reason.MALFORMED_BUNDLE),
                Arguments.of("nothing", "", Reason.MALFORMED_BUNDLE),
                Arguments.of("an array", "[" + good + "]", Reason.MALFORMED_BUNDLE),
                Arguments.of("something after it", good + "{}", Reason.MALFORMED_BUNDLE),
                Arguments.of("an unknown member", good.replace(type, type + ",\"x\":1"), Reason.MALFORMED_BUNDLE),
                Arguments.of("a member twice", good.replace(type, type + "," + type), Reason.MALFORMED_BUNDLE),
                Arguments.of("no signature", good.replaceAll("\\[.*]", "[]"), Reason.MALFORMED_BUNDLE),
                Arguments.of("no payload", good.replaceAll("\"payload\":\"[^\"]*\",", ""), Reason.MALFORMED_BUNDLE),
                Arguments.of("base64 without padding", good.replace("=\"", "\""), Reason.MALFORMED_BUNDLE),
                Arguments.of(
                        "a key id of another kind",
                        good.replaceAll("(keyid\":)\"[^\"]*\"", "$17"),
                        Reason.MALFORMED_BUNDLE),
                Arguments.of(
                        "another payload type",
                        Envelopes.sign("application/json", statement(PASSED.type(), "{}"), SIGNER)
                                .toUtf8(),
                        Reason.UNSUPPORTED),
                Arguments.of(
                        "a payload type changed afterwards",
                        good.replace("in-toto+json", "in-toto+JSON"),
                        Reason.UNSUPPORTED),
                Arguments.of(
                        "many signatures",
                        Envelopes.sign(
                                        IN_TOTO,
                                        "{}",
                                        Stream.generate(() -> SIGNER).limit(17).toArray(Signer[]::new))
                                .toUtf8(),
                        Reason.MALFORMED_BUNDLE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badEnvelopes")
    void anEnvelopeThatIsNotWhatItShouldBeIsRefused(String what, String envelope, Reason reason) {
        assertRefused(Bytes.ofUtf8(envelope), TRUSTED, 1, reason);
    }

    static Stream<Arguments> badStatements() {
        String predicate = "{\"result\":\"PASSED\",\"configuration\":[]}";
        String good = statement(PASSED.type(), predicate);
        String approval = APPROVAL.type();
        String approved = "{\"log\":\"l\",\"version\":\"m@1\",\"environment\":\"production\",\"verdict\":\"APPROVED\","
                + "\"by\":\"corp:vera\",\"policy\":\"" + OTHER + "\",\"evidence\":[],\"decidedOn\":\"" + TIME + "\"}";
        return Stream.of(
                Arguments.of("another statement", good.replace("Statement/v1", "Statement/v0.1")),
                Arguments.of("no predicate", good.replace("\"predicate\":", "\"other\":")),
                Arguments.of("no subject", good.replaceAll("\"subject\":\\[.*?]", "\"subject\":[]")),
                Arguments.of("only another digest", good.replace("\"sha256\"", "\"sha512\"")),
                Arguments.of(
                        "upper-case digits",
                        good.replace(ARTIFACT.toHex(), ARTIFACT.toHex().toUpperCase(java.util.Locale.ROOT))),
                Arguments.of(
                        "a short digest",
                        good.replace(ARTIFACT.toHex(), ARTIFACT.toHex().substring(2))),
                Arguments.of("a member twice", good.replace("\"predicate\":", "\"predicate\":{},\"predicate\":")),
                Arguments.of(
                        "deep nesting",
                        statement(
                                PASSED.type(),
                                "{\"result\":\"PASSED\",\"configuration\":[],\"x\":" + "[".repeat(64) + "]".repeat(64)
                                        + "}")),
                Arguments.of("a result of another kind", good.replace("PASSED", "passed")),
                Arguments.of("a result without configuration", statement(PASSED.type(), "{\"result\":\"PASSED\"}")),
                Arguments.of(
                        "success with a failure",
                        statement(
                                PASSED.type(),
                                "{\"result\":\"PASSED\",\"configuration\":[],\"failedTests\":[\"auc\"]}")),
                Arguments.of(
                        "a warning of a verifier",
                        statement(
                                Predicate.VerificationSummary.TYPE,
                                "{\"verifier\":{\"id\":\"v\"},\"timeVerified\":\"" + TIME
                                        + "\",\"resourceUri\":\"r\",\"policy\":{\"uri\":\"p\"},\"verificationResult\":\"WARNED\"}")),
                Arguments.of(
                        "a resource without content",
                        statement(PASSED.type(), "{\"result\":\"PASSED\",\"configuration\":[{}]}")),
                Arguments.of(
                        "a release without version",
                        statement(Predicate.Release.TYPE, "{\"purl\":\"pkg:generic/credit\"}")),
                Arguments.of(
                        "a time of another form", statement(approval, approved.replace(TIME.toString(), "yesterday"))),
                Arguments.of(
                        "an approval for nowhere", statement(approval, approved.replace("production", "Production!"))),
                Arguments.of("an approval of nobody", statement(approval, approved.replace("corp:vera", ""))),
                Arguments.of(
                        "an approval with more",
                        statement(approval, approved.replace("\"log\"", "\"until\":1,\"log\""))),
                Arguments.of(
                        "an approval without policy",
                        statement(approval, approved.replaceAll("\"policy\":\"[^\"]*\",", ""))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badStatements")
    void aSignedStatementThatIsNotWhatItShouldBeIsRefused(String what, String statement) {
        assertRefused(Envelopes.sign(IN_TOTO, statement, SIGNER), TRUSTED, 1, Reason.INVALID_STATEMENT);
    }

    @Test
    void aPredicateOfAnotherTypeIsRefusedAsSuch() {
        for (String type : List.of(
                "https://slsa.dev/provenance/v0.2", "https://model_signing/signature/v1.0", PASSED.type() + "/")) {
            assertRefused(
                    Envelopes.sign(IN_TOTO, statement(type, "{\"result\":\"PASSED\",\"configuration\":[]}"), SIGNER),
                    TRUSTED,
                    1,
                    Reason.UNSUPPORTED);
        }
        Bytes confused = Envelopes.sign(IN_TOTO, statement(PROVENANCE.type(), "{\"result\":\"PASSED\"}"), SIGNER);
        assertRefused(confused, TRUSTED, 1, Reason.INVALID_STATEMENT);
    }

    @Test
    void everyFlippedBitIsFoundOrChangesNothing() {
        Random random = new Random(5);
        byte[] good = Attestation.signAgain(Attestation.sign("credit@3", ARTIFACT, PROVENANCE, SIGNER), SECOND)
                .toByteArray();
        for (int i = 0; i < 3000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                assertThat(Attestation.verify(Bytes.of(bad), ARTIFACT, TRUSTED, 1)
                                .predicate())
                        .isEqualTo(PROVENANCE);
            } catch (VerificationException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void whatContradictsItselfCannotBeStated() {
        assertThatThrownBy(
                        () -> new Predicate.TestResult(Outcome.WARNED, List.of(), List.of(), List.of(), List.of("auc")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> PROVENANCE.invocation("run", TIME, TIME.minusSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Resource("", "", Map.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Predicate.Release("pkg:generic/credit", Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        Map<String, Object> itself = new HashMap<>();
        itself.put("again", itself);
        for (Map<String, Object> bad :
                List.of(itself, Map.<String, Object>of("x", Double.NaN), Map.<String, Object>of("x", new Object()))) {
            assertThatThrownBy(() -> PROVENANCE.externalParameters(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Attestation.sign("m", new Digest("blake3", Bytes.of(new byte[32])), PASSED, SIGNER))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSignerWithAnotherPrivateKeyIsFoundOut() {
        Signer wrong = new Signer() {
            @Override
            public SignatureAlgorithm algorithm() {
                return SignatureAlgorithm.ED25519;
            }

            @Override
            public PublicKey publicKey() {
                return SIGNER.publicKey();
            }

            @Override
            public Bytes sign(Bytes message) {
                return STRANGER.sign(message);
            }
        };
        assertThatThrownBy(() -> Attestation.sign("credit@3", ARTIFACT, PASSED, wrong))
                .isInstanceOf(SigningException.class);
    }

    @Test
    void approvalsFitTheirPublishedSchema() throws Exception {
        Bytes envelope = Attestation.sign("credit@3", ARTIFACT, APPROVAL, SIGNER);
        JsonNode predicate = JSON.readTree(Envelopes.payload(envelope)).path("predicate");
        assertThat(errors(predicate)).isEmpty();
        for (String name :
                List.of("log", "version", "environment", "verdict", "by", "policy", "evidence", "decidedOn")) {
            ObjectNode without = predicate.deepCopy();
            without.remove(name);
            assertThat(errors(without)).as(name).isNotEmpty();
            assertRefused(
                    Envelopes.sign(IN_TOTO, statement(APPROVAL.type(), without.toString()), SIGNER),
                    TRUSTED,
                    1,
                    Reason.INVALID_STATEMENT);
        }
        assertThat(errors(((ObjectNode) predicate.deepCopy()).put("more", 1))).isNotEmpty();
        assertThat(errors(((ObjectNode) predicate.deepCopy()).put("verdict", "MAYBE")))
                .isNotEmpty();
    }

    private static List<String> errors(JsonNode predicate) {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(Predicate.Approval.schema(), InputFormat.JSON)
                .validate(predicate.toString(), InputFormat.JSON)
                .stream()
                .map(Object::toString)
                .toList();
    }

    private static String statement(String predicateType, String predicate) {
        return "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"m\",\"digest\":{\"sha256\":\""
                + ARTIFACT.toHex() + "\"}}],\"predicateType\":\"" + predicateType + "\",\"predicate\":" + predicate
                + "}";
    }

    private interface Edit {
        void of(ObjectNode envelope);
    }

    private static Bytes edited(Bytes envelope, Edit edit) throws Exception {
        ObjectNode json = (ObjectNode) JSON.readTree(envelope.toByteArray());
        edit.of(json);
        return Bytes.ofUtf8(json.toString());
    }

    /** Another way to write the same EC key. */
    private static PublicKey compressed(PublicKey key) throws Exception {
        var info = org.bouncycastle.asn1.x509.SubjectPublicKeyInfo.getInstance(key.getEncoded());
        byte[] point = org.bouncycastle.asn1.x9.ECNamedCurveTable.getByName("secp256r1")
                .getCurve()
                .decodePoint(info.getPublicKeyData().getBytes())
                .getEncoded(true);
        byte[] der = new org.bouncycastle.asn1.x509.SubjectPublicKeyInfo(info.getAlgorithm(), point).getEncoded();
        java.security.interfaces.ECPublicKey same = (java.security.interfaces.ECPublicKey)
                KeyFactory.getInstance("EC", Crypto.BOUNCY_CASTLE).generatePublic(new X509EncodedKeySpec(der));
        return new CompressedKey(same, der);
    }

    private record CompressedKey(java.security.interfaces.ECPublicKey key, byte[] der)
            implements java.security.interfaces.ECPublicKey {
        @Override
        public java.security.spec.ECPoint getW() {
            return key.getW();
        }

        @Override
        public java.security.spec.ECParameterSpec getParams() {
            return key.getParams();
        }

        @Override
        public String getAlgorithm() {
            return "EC";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return der.clone();
        }
    }

    private static void assertRefused(Bytes envelope, List<PublicKey> trusted, int threshold, Reason reason) {
        assertThat(catchThrowableOfType(
                        VerificationException.class, () -> Attestation.verify(envelope, ARTIFACT, trusted, threshold)))
                .isNotNull()
                .extracting(VerificationException::reason)
                .isEqualTo(reason);
    }
}
