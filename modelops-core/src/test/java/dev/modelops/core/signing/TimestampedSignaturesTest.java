package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.core.internal.signing.TestPki.Identity;
import dev.modelops.core.internal.signing.TestTsa;
import dev.modelops.core.internal.signing.TestTsa.Fault;
import dev.modelops.core.signing.VerificationOptions.Compatibility;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.signing.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Model signatures that a time-stamping authority has seen, and what that is worth. */
class TimestampedSignaturesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant SIGNED = TestPki.START.plusSeconds(3600);
    private static final Instant EXPIRED = TestPki.START.plusSeconds(7200);
    private static final Identity ROOT = TestPki.draft("root").authority(-1).selfSigned();
    private static final Instant BEFORE = TestPki.START.minusSeconds(86_400);
    private static final Identity TSA_ROOT =
            TestPki.draft("tsa root").authority(-1).valid(BEFORE, TestPki.END).selfSigned();
    private static final Identity TSA =
            TestTsa.draft().valid(BEFORE, TestPki.END).issuedBy(TSA_ROOT);
    private static final KeyPair KEYS = TestPki.keys("secp256r1");
    private static final Identity LEAF =
            TestPki.draft("leaf").keys(KEYS).valid(TestPki.START, EXPIRED).issuedBy(ROOT);
    private static final VerificationOptions STAMPED =
            VerificationOptions.STRICT.withTimestampAnchors(Set.of(TSA_ROOT.certificate()));

    @TempDir
    Path dir;

    private final TestTsa tsa = new TestTsa(TSA).stamping(SIGNED);
    private Path model = Path.of("");
    private Path signature = Path.of("");

    @BeforeEach
    void makeModel() throws IOException {
        model = Files.createDirectories(dir.resolve("model"));
        Files.writeString(model.resolve("weights.bin"), "weights");
        signature = dir.resolve("model.sig");
    }

    @AfterEach
    void close() {
        tsa.close();
    }

    private void sign(Identity identity, int stamps) {
        Signer signer = Signers.certified(Signers.of(identity.keys()), List.of(identity.certificate()));
        sign(signer, stamps);
    }

    private void sign(Signer signer, int stamps) {
        ModelSignatures.sign(
                model,
                signature,
                signer,
                SigningOptions.DEFAULT.withTimestampAuthorities(
                        Collections.nCopies(stamps, Timestamps.http(tsa.address()))),
                Progress.NONE);
    }

    private VerificationResult verify(VerificationOptions options) {
        return verify(Verifiers.certificate(List.of(ROOT.certificate()), at(TestPki.NOW)), options);
    }

    private VerificationResult verify(Verifier verifier, VerificationOptions options) {
        return ModelSignatures.verify(model, signature, verifier, options, Progress.NONE);
    }

    private static Clock at(Instant time) {
        return Clock.fixed(time, ZoneOffset.UTC);
    }

    private static void assertRejected(VerificationResult result, Reason reason, String told) {
        assertThat(result).isInstanceOfSatisfying(VerificationResult.Rejected.class, rejected -> {
            assertThat(rejected.reason()).as(rejected.message()).isEqualTo(reason);
            assertThat(rejected.message()).contains(told);
        });
    }

    private void edit(Consumer<ObjectNode> change) {
        try {
            ObjectNode root = (ObjectNode) JSON.readTree(Files.readAllBytes(signature));
            change.accept(root);
            Files.write(signature, JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ArrayNode stamps(ObjectNode root) {
        return (ArrayNode) root.at("/verificationMaterial/timestampVerificationData/rfc3161Timestamps");
    }

    @Test
    void aSignatureOutlivesItsCertificateWhereSomebodyTrustedHasSeenItInTime() {
        sign(LEAF, 1);

        assertThat(verify(STAMPED).orThrow().notes()).singleElement().satisfies(note -> {
            assertThat(note.code()).isEqualTo(Note.Code.TIMESTAMP_VERIFIED);
            assertThat(note.message()).contains(SIGNED.toString(), "PT1S", "'CN=tsa'", "judged at that time");
        });
        assertRejected(verify(VerificationOptions.STRICT), Reason.UNTRUSTED_CERTIFICATE, "valid at " + TestPki.NOW);
    }

    @Test
    void withoutTimestampsOrTrustInThemOneIsJudgedNow() {
        sign(LEAF, 0);
        assertRejected(verify(STAMPED), Reason.UNTRUSTED_CERTIFICATE, "valid at " + TestPki.NOW);

        Identity valid = TestPki.draft("leaf").keys(KEYS).issuedBy(ROOT);
        sign(valid, 1);
        assertThat(verify(VerificationOptions.STRICT).orThrow().notes())
                .singleElement()
                .satisfies(note -> assertThat(note.code()).isEqualTo(Note.Code.TIMESTAMPS_NOT_EXAMINED));
    }

    @ParameterizedTest
    @ValueSource(longs = {-3601, 3601})
    void aTimeOutsideOfTheCertificateIsRefusedAndNothingElseCountsThen(long seconds) {
        tsa.stamping(SIGNED.plusSeconds(seconds));
        sign(LEAF, 1);

        assertRejected(verify(STAMPED), Reason.UNTRUSTED_CERTIFICATE, "valid at " + SIGNED.plusSeconds(seconds));
        assertRejected(
                verify(STAMPED.withCompatibility(Set.of(Compatibility.SIGNING_TIME_UNKNOWN))),
                Reason.UNTRUSTED_CERTIFICATE,
                "");
    }

    @Test
    void aTimeBeforeTheCertificateIsRefusedThoughItIsValidNow() {
        Identity young = TestPki.draft("leaf")
                .keys(KEYS)
                .valid(TestPki.NOW.minusSeconds(60), TestPki.END)
                .issuedBy(ROOT);
        sign(young, 1);

        assertRejected(verify(STAMPED), Reason.UNTRUSTED_CERTIFICATE, "valid at " + SIGNED);
    }

    @Test
    void anAuthorityThatIsNotTrustedIsNoWitness() {
        Identity impostor = TestPki.draft("tsa root").authority(-1).selfSigned();
        tsa.as(TestTsa.draft().issuedBy(impostor), impostor);
        sign(LEAF, 1);

        assertRejected(verify(STAMPED), Reason.UNTRUSTED_TIMESTAMP, "trusted anchor");
        assertRejected(
                verify(VerificationOptions.STRICT.withTimestampAnchors(Set.of(ROOT.certificate()))),
                Reason.UNTRUSTED_TIMESTAMP,
                "trusted anchor");
    }

    @Test
    void anAnchorForTimesVouchesForNoSignerAndTheOtherWayRound() {
        sign(TestPki.draft("leaf").keys(KEYS).issuedBy(TSA_ROOT), 1);
        assertRejected(verify(STAMPED), Reason.UNTRUSTED_CERTIFICATE, "trusted anchor");

        tsa.as(TestTsa.draft().issuedBy(ROOT));
        sign(LEAF, 1);
        assertRejected(verify(STAMPED), Reason.UNTRUSTED_TIMESTAMP, "trusted anchor");
    }

    /** Whoever finds the key of an expired certificate signs anew, and takes a timestamp from an older signature. */
    @Test
    void aTimestampOfAnotherSignatureProvesNothing() {
        sign(LEAF, 1);
        String[] taken = new String[1];
        edit(root -> taken[0] = stamps(root).get(0).get("signedTimestamp").asText());
        sign(LEAF, 0);
        edit(root -> ((ObjectNode) root.get("verificationMaterial"))
                .putObject("timestampVerificationData")
                .putArray("rfc3161Timestamps")
                .addObject()
                .put("signedTimestamp", taken[0]));

        assertRejected(verify(STAMPED), Reason.UNTRUSTED_TIMESTAMP, "something else");
    }

    /** An older, stamped signature beside the new one would lend it its time. */
    @Test
    void aTimestampIsOfTheOneSignatureOrOfNone() {
        sign(LEAF, 1);
        edit(root -> {
            ArrayNode signatures = (ArrayNode) root.at("/dsseEnvelope/signatures");
            signatures.add(signatures.get(0).deepCopy());
        });

        assertRejected(verify(STAMPED), Reason.UNTRUSTED_TIMESTAMP, "one signature");
    }

    @Test
    void oneTimestampThatHoldsIsEnoughAndTheEarliestCounts() {
        sign(LEAF, 2);
        edit(root -> ((ObjectNode) stamps(root).get(0)).put("signedTimestamp", "AAAA"));

        assertThat(verify(STAMPED).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Note.Code.TIMESTAMP_VERIFIED, Note.Code.TIMESTAMP_NOT_ACCEPTED);

        sign(LEAF, 1);
        ArrayNode[] early = new ArrayNode[1];
        edit(root -> early[0] = stamps(root).deepCopy());
        restamp(TestPki.NOW, early[0]);
        assertThat(verify(STAMPED).orThrow().notes())
                .singleElement()
                .satisfies(note -> assertThat(note.message()).contains(SIGNED.toString()));
    }

    /** Puts a later timestamp of the same signature before those that are there. */
    private void restamp(Instant time, ArrayNode early) {
        tsa.stamping(time);
        edit(root -> {
            Bytes value = Bytes.of(java.util.Base64.getDecoder()
                    .decode(root.at("/dsseEnvelope/signatures/0/sig").asText()));
            stamps(root).removeAll();
            stamps(root)
                    .addObject()
                    .put(
                            "signedTimestamp",
                            Timestamps.stamp(value, Timestamps.http(tsa.address()))
                                    .toBase64());
            early.forEach(stamps(root)::add);
        });
    }

    @Test
    void aTimestampOfTheFutureIsRefused() {
        tsa.stamping(TestPki.NOW.plusSeconds(301));
        sign(TestPki.draft("leaf").keys(KEYS).issuedBy(ROOT), 1);
        assertRejected(verify(STAMPED), Reason.UNTRUSTED_TIMESTAMP, "must be of the past");

        tsa.stamping(TestPki.NOW.plusSeconds(299));
        sign(TestPki.draft("leaf").keys(KEYS).issuedBy(ROOT), 1);
        assertThat(verify(STAMPED)).isInstanceOf(VerificationResult.Verified.class);
    }

    @Test
    void aSignatureByKeyIsTimedToo() {
        tsa.stamping(Instant.EPOCH.plusSeconds(1_767_225_600L));
        sign(Signers.of(KEYS), 1);
        Verifier key = Verifiers.key(KEYS.getPublic());

        assertThat(verify(key, STAMPED).orThrow().notes())
                .singleElement()
                .satisfies(note -> assertThat(note.message())
                        .contains("2026-01-01T00:00:00Z")
                        .doesNotContain("certificates"));
        edit(root -> ((ObjectNode) stamps(root).get(0)).put("signedTimestamp", "AAAA"));
        assertRejected(verify(key, STAMPED), Reason.UNTRUSTED_TIMESTAMP, "could not be read");
        assertThat(verify(key, VerificationOptions.STRICT)).isInstanceOf(VerificationResult.Verified.class);
    }

    @Test
    void timestampsThatAreNotWellFormedMakeTheBundleMalformed() throws IOException {
        List<Consumer<ObjectNode>> flaws = List.of(
                root -> stamps(root).add("AAAA"),
                root -> stamps(root).addObject(),
                root -> stamps(root).addObject().put("signedTimestamp", 1),
                root -> stamps(root).addObject().put("signedTimestamp", "*"),
                root -> stamps(root).addObject().put("signedTimestamp", "A".repeat(100_000)),
                root -> Collections.nCopies(16, stamps(root).get(0)).forEach(stamps(root)::add),
                root -> ((ObjectNode) root.at("/verificationMaterial/timestampVerificationData"))
                        .put("rfc3161Timestamps", "AAAA"),
                root -> ((ObjectNode) root.get("verificationMaterial")).put("timestampVerificationData", true));
        for (Consumer<ObjectNode> flaw : flaws) {
            Files.deleteIfExists(signature);
            sign(LEAF, 1);
            edit(flaw);

            assertRejected(verify(STAMPED), Reason.MALFORMED_BUNDLE, "timestampVerificationData");
            assertRejected(verify(VerificationOptions.STRICT), Reason.MALFORMED_BUNDLE, "timestampVerificationData");
        }
        Files.delete(signature);
        sign(TestPki.draft("leaf").keys(KEYS).issuedBy(ROOT), 1);
        for (Consumer<ObjectNode> nothing : List.<Consumer<ObjectNode>>of(
                root -> stamps(root).removeAll(),
                root -> ((ObjectNode) root.at("/verificationMaterial/timestampVerificationData")).removeAll(),
                root -> ((ObjectNode) root.get("verificationMaterial")).putNull("timestampVerificationData"))) {
            edit(nothing);

            assertThat(verify(STAMPED).orThrow().notes()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"REFUSAL", "WRONG_IMPRINT", "SERVER_ERROR"})
    void withoutTheTimestampThatWasAskedForNothingIsSigned(Fault fault) {
        tsa.with(fault);

        assertThatExceptionOfType(SigningException.class).isThrownBy(() -> sign(LEAF, 1));
        assertThat(signature).doesNotExist();
    }

    @Test
    void noMoreAuthoritiesAreAskedThanVerifiersRead() {
        List<TimestampAuthority> many = Collections.nCopies(17, Timestamps.http(tsa.address()));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningOptions.DEFAULT.withTimestampAuthorities(many))
                .withMessageContaining("16");
        sign(LEAF, 16);
        assertThat(verify(STAMPED)).isInstanceOf(VerificationResult.Verified.class);
    }

    @Test
    void noBitOfATimestampCanBeChangedUnnoticed() throws IOException {
        sign(LEAF, 1);
        byte[] good = Files.readAllBytes(signature);
        byte[][] stamp = new byte[1][];
        edit(root -> stamp[0] = java.util.Base64.getDecoder()
                .decode(stamps(root).get(0).get("signedTimestamp").asText()));
        for (int i = 0; i < stamp[0].length; i += 7) {
            byte[] changed = Arrays.copyOf(stamp[0], stamp[0].length);
            changed[i] ^= (byte) (1 << (i % 8));
            Files.write(signature, good);
            edit(root -> ((ObjectNode) stamps(root).get(0))
                    .put("signedTimestamp", Bytes.of(changed).toBase64()));

            VerificationResult result = verify(STAMPED);

            if (result instanceof VerificationResult.Verified verified) {
                assertThat(verified.notes().get(0).message())
                        .as("byte " + i)
                        .contains(SIGNED.toString(), "PT1S", "'CN=tsa'");
            }
        }
    }
}
