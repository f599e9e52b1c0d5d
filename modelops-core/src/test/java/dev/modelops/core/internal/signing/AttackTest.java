package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.Models.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.SigningOptions;
import dev.modelops.core.signing.VerificationOptions;
import dev.modelops.core.signing.VerificationOptions.Compatibility;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.signing.Verifier;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DSAParameter;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks on signed models, as somebody meets them who verifies one, each with the reason that is told. */
class AttackTest {
    private static final KeyPair KEYS = TestPki.keys("secp256r1");
    private static final Signer SIGNER = Crypto.signer(KEYS.getPrivate(), KEYS.getPublic(), List.of());
    private static final Verifier KEY = Verifiers.key(KEYS.getPublic());
    private static final TestPki.Identity ROOT =
            TestPki.draft("root").authority(-1).selfSigned();
    private static final Clock NOW = Clock.fixed(TestPki.NOW, ZoneOffset.UTC);
    private static final Verifier CERTIFICATE = Verifiers.certificate(List.of(ROOT.certificate()), NOW);
    private static final VerificationOptions STRICT = VerificationOptions.STRICT;

    @TempDir
    Path folder;

    private Path model = Path.of("");
    private Path signature = Path.of("");

    @BeforeEach
    void signModel() {
        model = Models.folder(folder);
        file(model, "empty", "");
        file(model, "other.bin", "WEIGHTS");
        signature = folder.resolve("model.sig");
        ModelSignatures.sign(model, signature, SIGNER, Progress.NONE);
    }

    @ParameterizedTest
    @EnumSource
    void everyThreatHasTests(Threat threat) throws ClassNotFoundException {
        assertThat(threat.tests()).as(threat.attack()).isNotEmpty().doesNotHaveDuplicates();
        for (String test : threat.tests()) {
            String[] parts = test.split("#");
            assertThat(Class.forName("dev.modelops.core." + parts[0]).getDeclaredMethods())
                    .as(test)
                    .anyMatch(method -> method.getName().equals(parts[1])
                            && (method.isAnnotationPresent(Test.class)
                                    || method.isAnnotationPresent(ParameterizedTest.class)));
        }
    }

    /** Something done to a model. */
    private interface Deed {
        void to(Path model) throws IOException;
    }

    static Stream<Arguments> deeds() {
        return Stream.of(
                deed("a byte", Reason.CONTENT_MISMATCH, "'weights.bin'", m -> file(m, "weights.bin", "Weights")),
                deed("a byte more", Reason.CONTENT_MISMATCH, "'weights.bin'", m -> file(m, "weights.bin", "weights ")),
                deed("cut short", Reason.CONTENT_MISMATCH, "'weights.bin'", m -> file(m, "weights.bin", "")),
                deed("no longer empty", Reason.CONTENT_MISMATCH, "'empty'", m -> file(m, "empty", "x")),
                deed("below", Reason.CONTENT_MISMATCH, "'sub/tokenizer.txt'", m -> file(m, "sub/tokenizer.txt", "x")),
                deed("removed", Reason.MISSING_FILE, "'config.json'", m -> Files.delete(m.resolve("config.json"))),
                deed("empty removed", Reason.MISSING_FILE, "'empty'", m -> Files.delete(m.resolve("empty"))),
                deed("renamed", Reason.MISSING_FILE, "'config.json'", m -> move(m, "config.json", "config.yaml")),
                deed(
                        "in other letters",
                        Reason.MISSING_FILE,
                        "'config.json'",
                        m -> move(m, "config.json", "Config.json")),
                deed(
                        "moved down",
                        Reason.MISSING_FILE,
                        "'config.json'",
                        m -> move(m, "config.json", "sub/config.json")),
                deed("swapped", Reason.CONTENT_MISMATCH, "2 files", m -> {
                    move(m, "weights.bin", "third");
                    move(m, "other.bin", "weights.bin");
                    move(m, "third", "other.bin");
                }),
                deed("a folder instead", Reason.MISSING_FILE, "'empty'", m -> {
                    Files.delete(m.resolve("empty"));
                    Files.createDirectory(m.resolve("empty"));
                }),
                deed("added", Reason.UNSIGNED_FILE, "'new.py'", m -> file(m, "new.py", "x")),
                deed("nothing added", Reason.UNSIGNED_FILE, "'__init__.py'", m -> file(m, "__init__.py", "")),
                deed("hidden", Reason.UNSIGNED_FILE, "'.hidden'", m -> file(m, ".hidden", "x")),
                deed("in a hidden folder", Reason.UNSIGNED_FILE, "'.cache/x.py'", m -> file(m, ".cache/x.py", "x")),
                deed("git further down", Reason.UNSIGNED_FILE, "'sub/.git/hooks'", m -> file(m, "sub/.git/hooks", "x")),
                deed("like git", Reason.UNSIGNED_FILE, "'.GIT/x'", m -> file(m, ".GIT/x", "x")),
                deed("like a signature", Reason.UNSIGNED_FILE, "'model.sig'", m -> file(m, "model.sig", "{}")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deeds")
    void whateverIsDoneToTheFilesIsRefusedWithItsReason(String what, Reason reason, String told, Deed deed)
            throws IOException {
        assertThat(verify(KEY, STRICT).orThrow().notes()).isEmpty();

        deed.to(model);

        assertRejected(verify(KEY, STRICT), reason, told);
    }

    /** Publishers may leave paths out, and git's own always are: nobody may take what lies there for signed. */
    @Test
    void whatSignaturesLeaveOutIsToldOf() throws IOException {
        Path cache = model.resolve("cache");
        ModelSignatures.sign(
                model, signature, SIGNER, SigningOptions.DEFAULT.withIgnorePaths(List.of(cache)), Progress.NONE);
        assertThat(verify(KEY, STRICT).orThrow().notes()).isEmpty();
        file(model, "cache/evil.py", "x");
        file(model, ".git/hooks/post-checkout", "x");

        assertThat(verify(KEY, STRICT).orThrow().notes()).singleElement().satisfies(note -> {
            assertThat(note.code()).isEqualTo(Note.Code.IGNORED_PATHS_PRESENT);
            assertThat(note.message()).contains("'.git', 'cache'").contains("not examined");
        });
        assertThat(verify(KEY, STRICT.withIgnorePaths(List.of(cache, model.resolve(".git"))))
                        .orThrow()
                        .notes())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipe", "device", "folder"})
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aSignatureThatIsNoFileIsRefusedAtOnce(String kind) throws Exception {
        Files.delete(signature);
        switch (kind) {
            case "pipe" ->
                assertThat(new ProcessBuilder("mkfifo", signature.toString())
                                .start()
                                .waitFor())
                        .isZero();
            case "device" -> Files.createSymbolicLink(signature, Path.of("/dev/zero"));
            default -> Files.createDirectory(signature);
        }

        assertRejected(verify(KEY, STRICT), Reason.MALFORMED_BUNDLE, "must be a file");
    }

    /** What each leniency opens, and nothing else opens. */
    static Stream<Arguments> departures() throws IOException {
        return Stream.of(
                arguments(Compatibility.OLD_STATEMENTS, Reason.UNSUPPORTED),
                arguments(Compatibility.SHARD_ALGORITHMS, Reason.UNSUPPORTED),
                arguments(Compatibility.SIGNING_TIME_UNKNOWN, Reason.UNTRUSTED_CERTIFICATE));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("departures")
    void noLeniencyOpensWhatAnotherGuards(Compatibility own, Reason otherwise) throws IOException {
        Verifier verifier = own == Compatibility.SIGNING_TIME_UNKNOWN ? CERTIFICATE : KEY;
        Files.write(signature, departing(own).toByteArray());
        Set<Compatibility> others = EnumSet.complementOf(EnumSet.of(own));

        assertThat(verify(verifier, STRICT.withCompatibility(EnumSet.of(own))))
                .isInstanceOf(VerificationResult.Verified.class);
        assertRejected(verify(verifier, STRICT), otherwise, "");
        assertRejected(verify(verifier, STRICT.withCompatibility(others)), otherwise, "");
        Verifier wrong = verifier == KEY ? CERTIFICATE : KEY;
        assertThat(verify(wrong, STRICT.withCompatibility(EnumSet.allOf(Compatibility.class))))
                .isInstanceOf(VerificationResult.Rejected.class);
    }

    private Bytes departing(Compatibility departure) throws IOException {
        Bytes strict = Bytes.of(Files.readAllBytes(signature));
        return switch (departure) {
            case OLD_STATEMENTS -> {
                ObjectNode statement = Models.JSON.createObjectNode();
                statement.put("_type", Statement.TYPE).put("predicateType", Statement.OLD_PREDICATE);
                statement.putObject("predicate");
                ArrayNode subjects = statement.putArray("subject");
                Models.resources(Models.statement(strict)).forEach(resource -> {
                    ObjectNode subject = subjects.addObject()
                            .put("name", resource.get("name").asText());
                    subject.putObject("digest")
                            .put("sha256", resource.get("digest").asText());
                });
                Bytes payload = Bytes.ofUtf8(statement.toString());
                Bytes resigned = Models.resigned(strict, SIGNER, Dsse.IN_TOTO, payload);
                yield Models.rawSignature(
                        resigned,
                        SIGNER.sign(Bytes.of(OldEncoding.encode(payload.toByteArray())))
                                .toByteArray());
            }
            case SHARD_ALGORITHMS -> {
                Bytes shards = Bundle.sign(Models.hash(model, new Serialization(FileHash.SHA256, 5)), SIGNER);
                yield Models.restated(
                        shards,
                        SIGNER,
                        statement -> Models.resources(statement)
                                .forEach(resource -> ((ObjectNode) resource).put("algorithm", "sha256-sharded-5")));
            }
            case SIGNING_TIME_UNKNOWN -> {
                Instant end = TestPki.START.plusSeconds(600);
                yield Models.sign(
                        model,
                        signer(TestPki.draft("leaf")
                                .keys(KEYS)
                                .valid(TestPki.START, end)
                                .issuedBy(ROOT)));
            }
        };
    }

    /** Two characters of text became some hundred bytes of memory each. */
    @Test
    void aBundleOfMyriadsOfEmptyValuesIsNotBuiltInMemory() throws IOException {
        Bytes good = Bytes.of(Files.readAllBytes(signature));
        Bytes many =
                Bytes.ofUtf8(good.toUtf8().replace("\"tlogEntries\":[]", "\"x\":[" + "{},".repeat(5_000_000) + "{}]"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        assertThatThrownBy(() -> Bundle.parse(many))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED_BUNDLE))
                .hasMessageContaining("well-formed");
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20L * many.length());
    }

    /**
     * To check a signature under a DSA key takes a time that the key sets, and a chain can bring such keys: these nine would
     * take minutes on any machine. {@code CertificateTrustTest} has the same without a clock.
     */
    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aCertificateCannotAskForEndlessArithmetic() throws Exception {
        Random random = new Random(20260101);
        byte[] slow = slowCertificate(random);
        Bytes signed =
                Models.sign(model, signer(TestPki.draft("slow").keys(KEYS).selfSigned()));
        byte[] leaf = slowlyIssued(random);
        Bytes bundle = Models.edited(signed, root -> {
            ArrayNode chain =
                    ((ArrayNode) root.at("/verificationMaterial/x509CertificateChain/certificates")).removeAll();
            chain.addObject().put("rawBytes", Bytes.of(leaf).toBase64());
            for (int i = 0; i < 9; i++) {
                chain.addObject().put("rawBytes", Bytes.of(slow).toBase64());
            }
        });
        Files.write(signature, bundle.toByteArray());

        assertRejected(verify(CERTIFICATE, STRICT), Reason.UNTRUSTED_CERTIFICATE, "'CN=slow'");
    }

    private static byte[] slowCertificate(Random random) throws IOException {
        int bits = 455_000;
        BigInteger p = new BigInteger(bits, random).setBit(bits - 1).setBit(0);
        BigInteger q = BigInteger.probablePrime(256, random);
        var parameters = new DSAParameter(p, q, BigInteger.TWO);
        return certificate(
                new SubjectPublicKeyInfo(
                        new AlgorithmIdentifier(X9ObjectIdentifiers.id_dsa, parameters),
                        new ASN1Integer(BigInteger.valueOf(3))),
                random);
    }

    private static byte[] slowlyIssued(Random random) throws IOException {
        return certificate(SubjectPublicKeyInfo.getInstance(KEYS.getPublic().getEncoded()), random);
    }

    private static byte[] certificate(SubjectPublicKeyInfo key, Random random) throws IOException {
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(NISTObjectIdentifiers.dsa_with_sha256);
        V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
        content.setSerialNumber(new ASN1Integer(1));
        content.setSignature(algorithm);
        content.setIssuer(new X500Name("CN=slow"));
        content.setSubject(new X500Name("CN=slow"));
        content.setStartDate(new Time(Date.from(TestPki.START)));
        content.setEndDate(new Time(Date.from(TestPki.END)));
        content.setSubjectPublicKeyInfo(key);
        content.setExtensions(new org.bouncycastle.asn1.x509.Extensions(new org.bouncycastle.asn1.x509.Extension(
                org.bouncycastle.asn1.x509.Extension.keyUsage,
                true,
                new KeyUsage(KeyUsage.digitalSignature).getEncoded())));
        byte[] value = new DERSequence(new ASN1Encodable[] {
                    new ASN1Integer(new BigInteger(250, random)), new ASN1Integer(new BigInteger(250, random))
                })
                .getEncoded();
        return new DERSequence(
                        new ASN1Encodable[] {content.generateTBSCertificate(), algorithm, new DERBitString(value)})
                .getEncoded();
    }

    /** Authorities that issue for code signing alone say so by that usage; their own key still only signs certificates. */
    @Test
    void theKeyOfAnAuthorityDoesNotSignModels() throws IOException {
        TestPki.Identity authority = TestPki.draft("issuer")
                .authority(0)
                .purposes(KeyPurposeId.id_kp_codeSigning)
                .keys(KEYS)
                .issuedBy(ROOT);
        Files.write(signature, Models.sign(model, signer(authority)).toByteArray());

        assertRejected(verify(CERTIFICATE, STRICT), Reason.UNTRUSTED_CERTIFICATE, "digitalSignature");
        Verifier byItself = Verifiers.certificate(List.of(authority.certificate()), NOW);
        assertRejected(verify(byItself, STRICT), Reason.UNTRUSTED_CERTIFICATE, "digitalSignature");
    }

    @Test
    void whatComesFromOutsideStaysInOneLineOfAMessage() throws IOException {
        file(model, "a\nThe model is verified\u2028\u2029\u202e", "x");

        VerificationResult.Rejected rejected = (VerificationResult.Rejected) verify(KEY, STRICT);

        assertThat(rejected.message())
                .contains("a\\u000aThe model is verified\\u2028\\u2029\\u202e")
                .doesNotContain("\n", "\u2028", "\u2029", "\u202e");
    }

    @ParameterizedTest
    @ValueSource(strings = {"geheim", "\"geheim\"", "{\"mediaType\":geheim}", "{\"geheim\":1,\"geheim\":2}"})
    void aFileNamedByMistakeIsNotQuoted(String secret) throws IOException {
        Files.writeString(signature, secret);

        VerificationResult.Rejected rejected = (VerificationResult.Rejected) verify(KEY, STRICT);

        assertThat(rejected.reason()).isEqualTo(Reason.MALFORMED_BUNDLE);
        assertThat(rejected.message()).contains("must be").doesNotContain("geheim");
    }

    /** Its publisher may be trusted, and still nobody should load it without being told. */
    @Test
    void aFileThatCanRunCodeIsToldOfThoughItIsSigned() throws IOException {
        Files.write(model.resolve("model.bin"), CodeFormatTest.bytes("\u0080\u0004\u0095\u000c\u0000"));
        Files.write(model.resolve("sub/net.pt"), CodeFormatTest.zip("net/data.pkl", new byte[9], true));
        for (SigningOptions options : List.of(SigningOptions.DEFAULT, SigningOptions.DEFAULT.withShardSize(1000))) {
            ModelSignatures.sign(model, signature, SIGNER, options, Progress.NONE);

            assertThat(verify(KEY, STRICT).orThrow().notes())
                    .filteredOn(note -> note.code() == Note.Code.CODE_BEARING_FORMAT)
                    .singleElement()
                    .satisfies(note -> assertThat(note.message())
                            .contains("'model.bin', 'sub/net.pt' (Python pickle; archive with a Python pickle")
                            .contains("load it only if you would run a program of whoever signed it"));
        }
    }

    private VerificationResult verify(Verifier verifier, VerificationOptions options) {
        return ModelSignatures.verify(model, signature, verifier, options, Progress.NONE);
    }

    private static Signer signer(TestPki.Identity... chain) {
        return Crypto.signer(
                chain[0].privateKey(),
                chain[0].keys().getPublic(),
                Arrays.stream(chain).map(TestPki.Identity::certificate).toList());
    }

    private static Arguments deed(String what, Reason reason, String told, Deed deed) {
        return arguments(what, reason, told, deed);
    }

    private static void move(Path model, String from, String to) throws IOException {
        Files.move(model.resolve(from), model.resolve(to));
    }

    private static void assertRejected(VerificationResult result, Reason reason, String told) {
        assertThat(result).isInstanceOfSatisfying(VerificationResult.Rejected.class, rejected -> {
            assertThat(rejected.reason()).as(rejected.message()).isEqualTo(reason);
            assertThat(rejected.message()).contains(told);
        });
    }
}
