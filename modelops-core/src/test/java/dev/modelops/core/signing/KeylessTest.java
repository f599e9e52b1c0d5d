package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.signing.Verifier;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against bundles that the reference client made on Sigstore's public instance, and without any network. */
class KeylessTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String IDENTITY = "stefanb@us.ibm.com";
    private static final String PROVIDER = "https://sigstore.verify.ibm.com/oauth2";

    @TempDir
    static Path trust;

    private static Verifier verifier;

    @TempDir
    Path folder;

    private Path model;

    @BeforeAll
    static void trustThePublicInstance() throws IOException {
        verifier = Verifiers.keyless(trustedRoot(root -> {}), IDENTITY, PROVIDER);
    }

    @BeforeEach
    void writeModel() throws IOException {
        model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("signme-1"), "signme-1");
        Files.writeString(model.resolve("signme-2"), "signme-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"v0.3.1", "v1.0.0", "v1.0.1", "v1.1.0"})
    void bundlesOfEveryReleaseVerifyOffline(String release) {
        VerificationResult.Verified verified = verify(bundle(release)).orThrow();

        assertThat(verified.root().toHex())
                .isEqualTo("61d4849d9d90076d6215f4d525f13d6574af8e3f67aef3e6f36fc40a14fdd226");
        assertThat(verified.files()).extracting(file -> file.name()).containsExactly("signme-1", "signme-2");
    }

    @ParameterizedTest
    @CsvSource({
        "someone@example.com, https://sigstore.verify.ibm.com/oauth2",
        "stefanb@us.ibm.com, https://accounts.google.com",
        "stefanb@us.ibm.co, https://sigstore.verify.ibm.com/oauth2",
        "Stefanb@us.ibm.com, https://sigstore.verify.ibm.com/oauth2",
        ".*, .*",
        "'', ''"
    })
    void onlyTheVeryIdentityOfTheVeryProviderCounts(String identity, String provider) throws IOException {
        VerificationResult result = Verifiers.keyless(trustedRoot(root -> {}), identity, provider)
                .verify(model, bundle("v1.1.0"), Progress.NONE);

        assertRejected(
                result,
                Reason.UNTRUSTED_CERTIFICATE,
                "must be signed by '" + identity + "' of '" + provider + "', but was signed by '" + IDENTITY + "' of '"
                        + PROVIDER + "'");
    }

    @Test
    void filesMustBeTheSignedOnes() throws IOException {
        Files.writeString(model.resolve("signme-2"), "signme-3");
        assertRejected(verify(bundle("v1.1.0")), Reason.CONTENT_MISMATCH, "signme-2");
        Files.delete(model.resolve("signme-2"));
        assertRejected(verify(bundle("v1.1.0")), Reason.MISSING_FILE, "signme-2");
        Files.writeString(model.resolve("signme-2"), "signme-2");
        Files.writeString(model.resolve("more"), "x");
        assertRejected(verify(bundle("v1.1.0")), Reason.UNSIGNED_FILE, "more");
    }

    @Test
    void theStatementMustBeTheOneThatWasSignedAndLogged() {
        JsonNode other = json(bundle("v1.0.1"));
        for (Consumer<ObjectNode> change : List.<Consumer<ObjectNode>>of(
                root -> envelope(root).set("payload", other.at("/dsseEnvelope/payload")),
                root -> envelope(root).set("signatures", other.at("/dsseEnvelope/signatures")),
                root -> root.set("dsseEnvelope", other.get("dsseEnvelope")),
                root -> material(root).set("tlogEntries", other.at("/verificationMaterial/tlogEntries")),
                root -> material(root).set("certificate", other.at("/verificationMaterial/certificate")),
                root -> logEntry(root).put("canonicalizedBody", "e30="),
                root -> logEntry(root).put("integratedTime", "1760062341"),
                root -> logEntry(root).remove("inclusionProof"),
                root -> ((ArrayNode) envelope(root).get("signatures"))
                        .add(envelope(root).at("/signatures/0").deepCopy()))) {
            Bytes bundle = changed(change);
            VerificationResult result = verify(bundle);

            assertThat(result)
                    .as(bundle.toUtf8())
                    .isInstanceOfSatisfying(
                            VerificationResult.Rejected.class,
                            rejected -> assertThat(rejected.reason())
                                    .isIn(Reason.INVALID_SIGNATURE, Reason.MALFORMED_BUNDLE));
        }
        assertRejected(verify(changed(root -> material(root).remove("tlogEntries"))), Reason.MALFORMED_BUNDLE, "tlog");
        assertRejected(
                verify(changed(root -> material(root).putArray("tlogEntries"))), Reason.MALFORMED_BUNDLE, "tlog");
        assertRejected(
                verify(changed(root -> envelope(root).put("payloadType", "text/plain"))),
                Reason.INVALID_STATEMENT,
                "payload type");
    }

    @Test
    void aBundleThatTwoParsersReadDifferentlyIsRefused() {
        for (Consumer<ObjectNode> change : List.<Consumer<ObjectNode>>of(
                root -> root.set("dsse_envelope", root.get("dsseEnvelope")),
                root -> envelope(root).set("payload_type", envelope(root).get("payloadType")),
                root -> root.putObject("messageSignature"))) {
            assertRejected(verify(changed(change)), Reason.MALFORMED_BUNDLE, "");
        }
    }

    /** One changed character in each text of a bundle: at its start, in the middle, at its end. */
    @Test
    void noSingleChangeMakesAnotherStatementPass() {
        JsonNode original = json(bundle("v1.1.0"));
        List<String> places = new ArrayList<>();
        texts(original, "", places);
        assertThat(places).hasSizeGreaterThan(20);
        List<String> accepted = new ArrayList<>();
        for (String place : places) {
            String text = original.at(place).asText();
            for (int at : new int[] {0, text.length() / 2, text.length() - 1}) {
                char replaced = text.charAt(at) == 'A' ? 'B' : 'A';
                String mutant = text.substring(0, at) + replaced + text.substring(at + 1);
                VerificationResult result = verify(changed(root -> put(root, place, mutant)));
                if (result instanceof VerificationResult.Verified) {
                    accepted.add(place);
                }
            }
        }
        assertThat(accepted)
                .as("sigstore-java knows the kind of an entry by the entry itself")
                .allMatch(place -> place.contains("/kindVersion/"));
    }

    /** Whoever finds the key of a certificate that lived for minutes can have another model logged, but only later. */
    @Test
    void aKeyFoundAfterItsCertificateExpiredSignsNothing() throws Exception {
        long valid = logEntry((ObjectNode) json(bundle("v1.1.0")))
                .get("integratedTime")
                .asLong();
        OwnLog log = new OwnLog();
        Path root = trustedRoot(log::replaceIn);

        assertThat(by(root, log.logged(bundle("v1.1.0"), valid))).isInstanceOf(VerificationResult.Verified.class);
        assertRejected(
                by(root, log.logged(bundle("v1.1.0"), valid + 3600)),
                Reason.UNTRUSTED_CERTIFICATE,
                "must be logged while its certificate is valid");
        assertRejected(
                by(root, log.logged(bundle("v1.1.0"), valid - 3600)),
                Reason.UNTRUSTED_CERTIFICATE,
                "must be logged while its certificate is valid");
    }

    @Test
    void somethingMustProveWhenItWasSigned() {
        for (Consumer<ObjectNode> change : List.<Consumer<ObjectNode>>of(
                root -> logEntry(root).remove("inclusionPromise"),
                root -> logEntry(root).putObject("inclusionPromise"),
                root -> logEntry(root).remove(List.of("inclusionPromise", "integratedTime")))) {
            assertThat(verify(changed(change))).isInstanceOf(VerificationResult.Verified.class);
            assertThat(verify(changed(change.andThen(root -> material(root).remove("timestampVerificationData")))))
                    .isInstanceOf(VerificationResult.Rejected.class);
        }
    }

    /** A transparency log with one entry, which logs what an attacker hands in. */
    private static final class OwnLog {
        private static final String HOST = "log.example.org";

        private final java.security.KeyPair keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
        private final byte[] key = keys.getPublic().getEncoded();
        private final Bytes id = dev.modelops.Digest.sha256Of(Bytes.of(key)).value();

        void replaceIn(ObjectNode trustedRoot) {
            ObjectNode log = trustedRoot.putArray("tlogs").addObject().put("baseUrl", "https://" + HOST);
            log.put("hashAlgorithm", "SHA2_256");
            log.putObject("publicKey")
                    .put("rawBytes", Bytes.of(key).toBase64())
                    .put("keyDetails", "PKIX_ECDSA_P256_SHA_256")
                    .putObject("validFor")
                    .put("start", "2021-01-12T11:53:27.000Z");
            log.putObject("logId").put("keyId", id.toBase64());
        }

        Bytes logged(Bytes bundle, long second) throws IOException {
            ObjectNode root = (ObjectNode) json(bundle);
            material(root).remove("timestampVerificationData");
            ObjectNode entry = logEntry(root);
            String body = entry.get("canonicalizedBody").asText();
            entry.put("logIndex", "0").put("integratedTime", Long.toString(second));
            entry.putObject("logId").put("keyId", id.toBase64());
            entry.putObject("inclusionPromise")
                    .put(
                            "signedEntryTimestamp",
                            sign("{\"body\":\"" + body + "\",\"integratedTime\":" + second + ",\"logID\":\""
                                            + id.toHex() + "\",\"logIndex\":0}")
                                    .toBase64());
            byte[] content = java.util.Base64.getDecoder().decode(body);
            byte[] leaf = new byte[content.length + 1];
            System.arraycopy(content, 0, leaf, 1, content.length);
            String hash = dev.modelops.Digest.sha256Of(Bytes.of(leaf)).value().toBase64();
            String head = HOST + "\n1\n" + hash + "\n";
            Bytes signature = sign(head);
            byte[] signed = java.util.Arrays.copyOf(id.toByteArray(), 4 + signature.length());
            System.arraycopy(signature.toByteArray(), 0, signed, 4, signature.length());
            ObjectNode proof = entry.putObject("inclusionProof")
                    .put("logIndex", "0")
                    .put("rootHash", hash)
                    .put("treeSize", "1");
            proof.putArray("hashes");
            proof.putObject("checkpoint")
                    .put(
                            "envelope",
                            head + "\n\u2014 " + HOST + " " + Bytes.of(signed).toBase64() + "\n");
            return Bytes.of(JSON.writeValueAsBytes(root));
        }

        private Bytes sign(String text) {
            return Signers.of(keys).sign(Bytes.ofUtf8(text));
        }
    }

    @Test
    void furtherLogEntriesAreNotTakenForVerified() {
        Bytes two = changed(root -> ((ArrayNode) material(root).get("tlogEntries"))
                .add(logEntry(root).deepCopy()));

        assertThat(verify(two).orThrow().notes())
                .extracting(VerificationResult.Note::code)
                .containsExactly(VerificationResult.Note.Code.LOG_ENTRIES_NOT_EXAMINED);
        assertThat(verify(bundle("v1.1.0")).orThrow().notes()).isEmpty();
    }

    @Test
    void theTrustedRootDecidesWhoIsBelieved() throws IOException {
        Path noAuthority = trustedRoot(root -> root.putArray("certificateAuthorities"));
        Path noLog = trustedRoot(root -> root.putArray("tlogs"));
        Path endedAuthority = trustedRoot(root -> root.get("certificateAuthorities")
                .forEach(authority -> ((ObjectNode) authority.get("validFor")).put("end", "2021-03-08T00:00:00Z")));

        assertRejected(by(noAuthority), Reason.UNTRUSTED_CERTIFICATE, "trusted root");
        assertRejected(by(endedAuthority), Reason.UNTRUSTED_CERTIFICATE, "trusted root");
        assertRejected(by(noLog), Reason.INVALID_SIGNATURE, "transparency log");
    }

    @Test
    void aTrustedRootThatCannotBeReadIsRefusedAtOnce() throws IOException {
        for (String text : List.of("", "garbage", "[]", "{\"tlogs\": 3}", "\0")) {
            Path file = Files.writeString(folder.resolve("root.json"), text);
            assertThatThrownBy(() -> Verifiers.keyless(file, IDENTITY, PROVIDER))
                    .as(text)
                    .isInstanceOf(SigningException.class)
                    .hasMessageContaining("trusted_root.json");
        }
        assertThatThrownBy(() -> Verifiers.keyless(folder, IDENTITY, PROVIDER))
                .isInstanceOf(SigningException.class)
                .hasMessageContaining("there is none at");
    }

    @Test
    void noMethodPassesForAnother() throws IOException {
        Path signature = folder.resolve("key.sig");
        var keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
        ModelSignatures.sign(model, signature, Signers.of(keys), Progress.NONE);

        assertRejected(verify(Bytes.of(Files.readAllBytes(signature))), Reason.UNSUPPORTED, "with a key");
        assertRejected(
                Verifiers.key(keys.getPublic()).verify(model, bundle("v1.1.0"), Progress.NONE),
                Reason.UNSUPPORTED,
                "keyless");
    }

    @Test
    void optionsHoldForKeylessBundlesToo() throws IOException {
        Path signature =
                Files.write(model.resolve("other.sig"), bundle("v0.3.1").toByteArray());
        Files.writeString(model.resolve("more"), "x");

        VerificationResult strict =
                ModelSignatures.verify(model, signature, verifier, VerificationOptions.STRICT, Progress.NONE);
        VerificationResult lenient = ModelSignatures.verify(
                model, signature, verifier, VerificationOptions.STRICT.withIgnoreUnsignedFiles(true), Progress.NONE);

        assertRejected(strict, Reason.UNSIGNED_FILE, "more");
        assertThat(lenient).isInstanceOf(VerificationResult.Verified.class);
    }

    /** As in a host that did not add the optional dependency. */
    @Test
    void withoutSigstoreTheFailureNamesIt() throws Exception {
        URL[] without = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("sigstore-java"))
                .map(KeylessTest::url)
                .toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(without, ClassLoader.getPlatformClassLoader())) {
            Class<?> verifiers = loader.loadClass(Verifiers.class.getName());
            Object file = trustedRoot(root -> {});

            assertThatThrownBy(() -> verifiers
                            .getMethod("keyless", Path.class, String.class, String.class)
                            .invoke(null, file, IDENTITY, PROVIDER))
                    .isInstanceOf(InvocationTargetException.class)
                    .cause()
                    .satisfies(e -> assertThat(e.getClass().getName()).isEqualTo(SigningException.class.getName()))
                    .hasMessageMatching(
                            "keyless signatures are verified with sigstore-java, which is not on the class path"
                                    + " or module path \\(dev/sigstore/\\S+ is missing\\); add dev\\.sigstore:sigstore-java:2\\.0\\.0");
            Object key = loader.loadClass(Keys.class.getName())
                    .getMethod("publicKey", String.class)
                    .invoke(
                            null,
                            Keys.publicKeyPem(
                                    Keys.generate(SignatureAlgorithm.ECDSA_P256).getPublic()));
            assertThat(verifiers.getMethod("key", java.security.PublicKey.class).invoke(null, key))
                    .isNotNull();
        }
        assertThat(System.getProperty("java.class.path")).contains("sigstore-java-2.0.0.jar");
    }

    private VerificationResult verify(Bytes bundle) {
        return verifier.verify(model, bundle, Progress.NONE);
    }

    private VerificationResult by(Path trustedRoot) {
        return by(trustedRoot, bundle("v1.1.0"));
    }

    private VerificationResult by(Path trustedRoot, Bytes bundle) {
        return Verifiers.keyless(trustedRoot, IDENTITY, PROVIDER).verify(model, bundle, Progress.NONE);
    }

    private static void assertRejected(VerificationResult result, Reason reason, String part) {
        assertThat(result).isInstanceOfSatisfying(VerificationResult.Rejected.class, rejected -> {
            assertThat(rejected.reason()).as(rejected.message()).isEqualTo(reason);
            assertThat(rejected.message()).contains(part);
        });
    }

    private static Path trustedRoot(Consumer<ObjectNode> change) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(resource("/sigstore/trusted_root.json"));
        change.accept(root);
        return Files.write(Files.createTempFile(trust, "root", ".json"), JSON.writeValueAsBytes(root));
    }

    private static Bytes changed(Consumer<ObjectNode> change) {
        try {
            ObjectNode root = (ObjectNode) json(bundle("v1.1.0"));
            change.accept(root);
            return Bytes.of(JSON.writeValueAsBytes(root));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void texts(JsonNode node, String place, List<String> places) {
        if (node instanceof TextNode text) {
            if (!text.asText().isEmpty()) {
                places.add(place);
            }
        } else if (node instanceof ObjectNode object) {
            object.properties().forEach(member -> texts(member.getValue(), place + "/" + member.getKey(), places));
        } else {
            for (int i = 0; i < node.size(); i++) {
                texts(node.get(i), place + "/" + i, places);
            }
        }
    }

    private static void put(ObjectNode root, String place, String text) {
        int slash = place.lastIndexOf('/');
        JsonNode parent = root.at(place.substring(0, slash));
        String last = place.substring(slash + 1);
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(last), TextNode.valueOf(text));
        } else {
            ((ObjectNode) parent).put(last, text);
        }
    }

    private static ObjectNode envelope(ObjectNode root) {
        return (ObjectNode) root.get("dsseEnvelope");
    }

    private static ObjectNode material(ObjectNode root) {
        return (ObjectNode) root.get("verificationMaterial");
    }

    private static ObjectNode logEntry(ObjectNode root) {
        return (ObjectNode) material(root).at("/tlogEntries/0");
    }

    private static JsonNode json(Bytes bundle) {
        try {
            return JSON.readTree(bundle.toByteArray());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Bytes bundle(String release) {
        return Bytes.of(resource("/oms-history/" + release + "-sigstore.bundle.json"));
    }

    private static byte[] resource(String name) {
        try (InputStream in = KeylessTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
