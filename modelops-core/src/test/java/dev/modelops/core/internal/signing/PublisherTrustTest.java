package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.OmsRule.BUNDLE_SHAPE;
import static dev.modelops.core.internal.signing.OmsRule.KEY_HINT;
import static dev.modelops.core.internal.signing.OmsRule.KEY_ID;
import static dev.modelops.core.internal.signing.OmsRule.LOG_ENTRIES;
import static dev.modelops.core.internal.signing.OmsRule.NAMES;
import static dev.modelops.core.internal.signing.OmsRule.ONE_SUBJECT;
import static dev.modelops.core.internal.signing.OmsRule.ORDER_OF_CHECKS;
import static dev.modelops.core.internal.signing.OmsRule.RESOURCES_SORTED;
import static dev.modelops.core.internal.signing.OmsRule.RESOURCE_MEMBERS;
import static dev.modelops.core.internal.signing.OmsRule.ROOT_DIGEST;
import static dev.modelops.core.internal.signing.OmsRule.SHARDS_OR_REFUSAL;
import static dev.modelops.core.internal.signing.OmsRule.STATEMENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile mirror, and what a careless or hostile publisher with a trusted key, can write into a bundle. */
class PublisherTrustTest {
    private static final KeyPair KEYS = TestPki.keys("secp256r1");
    private static final Signer SIGNER = Crypto.signer(KEYS.getPrivate(), KEYS.getPublic(), List.of());
    private static final PublicKey KEY = KEYS.getPublic();
    private static final KeyPair OTHER_KEYS = TestPki.keys("secp256r1");
    private static final Signer OTHER = Crypto.signer(OTHER_KEYS.getPrivate(), OTHER_KEYS.getPublic(), List.of());

    @TempDir
    Path folder;

    private Bytes bundle = Bytes.ofUtf8("");

    @BeforeEach
    void sign() {
        bundle = Models.sign(Models.folder(folder), SIGNER);
    }

    @Test
    void anHonestBundleVerifies() {
        VerifiedStatement statement = verified(bundle);

        assertThat(statement.root())
                .isEqualTo(Models.hash(folder.resolve("model")).root());
        assertThat(statement.subjectDigest()).isEqualTo(statement.root());
        assertThat(statement.signer()).isEqualTo(Crypto.keyDigest(KEY));
        assertThat(statement.notes()).isEmpty();
        assertThat(statement.allowSymlinks()).isFalse();
        assertThat(Models.hash(folder.resolve("model")).compare(statement.files()))
                .isEmpty();
    }

    @Test
    void signingTwiceGivesTheSamePayload() {
        Path model = folder.resolve("model");

        assertThat(Bundle.parse(Models.sign(model, SIGNER)).payload())
                .isEqualTo(Bundle.parse(bundle).payload());
    }

    @Test
    void anEd25519KeyCannotSignModels() throws Exception {
        KeyPair keys = java.security.KeyPairGenerator.getInstance("Ed25519", Crypto.BOUNCY_CASTLE)
                .generateKeyPair();
        Signer signer = Crypto.signer(keys.getPrivate(), keys.getPublic(), List.of());

        assertThatThrownBy(() -> Models.sign(folder.resolve("model"), signer))
                .isInstanceOf(SigningException.class)
                .hasMessageContaining("EC key");
        assertRefused(bundle, keys.getPublic(), Reason.UNTRUSTED_KEY);
    }

    @Test
    void aSignerWhoseKeysDoNotBelongTogetherIsFoundOut() {
        Signer mixed = Crypto.signer(KEYS.getPrivate(), OTHER_KEYS.getPublic(), List.of());

        assertThatThrownBy(() -> Models.sign(folder.resolve("model"), mixed)).isInstanceOf(SigningException.class);
    }

    @Test
    void anUntrustedKeyIsToldFromABrokenSignature() {
        assertRefused(bundle, OTHER.publicKey(), Reason.UNTRUSTED_KEY);
        assertRefused(Models.rawSignature(bundle, new byte[] {1, 2, 3}), KEY, Reason.INVALID_SIGNATURE);
        assertThatThrownBy(() -> PublisherTrust.of(List.of(), List.of()).verify(Bundle.parse(bundle), TestPki.NOW))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNTRUSTED_KEY));
    }

    @Covers(ORDER_OF_CHECKS)
    @Test
    void theSignatureIsCheckedBeforeTheStatementIsRead() {
        Bytes garbage = Models.edited(
                bundle,
                root -> envelope(root).put("payload", Bytes.ofUtf8("not json").toBase64()));

        assertRefused(garbage, KEY, Reason.INVALID_SIGNATURE);
        assertThatThrownBy(() -> PublisherTrust.readUnauthenticated(Bundle.parse(garbage)))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_STATEMENT));
    }

    @Covers(KEY_HINT)
    @Test
    void oneOfSeveralTrustedKeysIsFoundByItsHint() {
        PublisherTrust trust = PublisherTrust.of(List.of(OTHER.publicKey(), KEY), List.of());

        assertThat(trust.verify(Bundle.parse(bundle), TestPki.NOW).signer()).isEqualTo(Crypto.keyDigest(KEY));
    }

    @Test
    void aHintThatNamesAnotherTrustedKeyIsAnInvalidSignature() {
        Bytes renamed = Models.edited(bundle, root -> publicKey(root).put("hint", Pem.hint(OTHER.publicKey())));
        PublisherTrust trust = PublisherTrust.of(List.of(OTHER.publicKey(), KEY), List.of());

        assertThatThrownBy(() -> trust.verify(Bundle.parse(renamed), TestPki.NOW))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_SIGNATURE));
    }

    @Covers(KEY_HINT)
    @Test
    void theHintIsOfThePemTextAndNotOfTheDer() {
        Bytes der = Models.edited(
                bundle,
                root -> publicKey(root).put("hint", Crypto.keyDigest(KEY).toHex()));

        assertRefused(der, KEY, Reason.UNTRUSTED_KEY);
    }

    @Covers(KEY_HINT)
    @Test
    void theOldFormWithTheKeyInFullIsAcceptedWithANote() {
        String pem = Bytes.ofUtf8(Pem.write(KEY)).toBase64();
        Bytes old = Models.edited(bundle, root -> {
            publicKey(root).remove("hint");
            publicKey(root).put("rawBytes", pem).put("keyDetails", "PKIX_ECDSA_P256_SHA_256");
        });

        assertThat(verified(old).notes()).anyMatch(note -> note.message().contains("in full"));
        assertRefused(old, OTHER.publicKey(), Reason.UNTRUSTED_KEY);
    }

    @Test
    void withoutAHintEveryTrustedKeyIsTried() {
        Bytes nameless = Models.edited(bundle, root -> publicKey(root).put("hint", ""));
        PublisherTrust trust = PublisherTrust.of(List.of(OTHER.publicKey(), KEY), List.of());

        assertThat(trust.verify(Bundle.parse(nameless), TestPki.NOW).signer()).isEqualTo(Crypto.keyDigest(KEY));
        assertRefused(nameless, OTHER.publicKey(), Reason.INVALID_SIGNATURE);
    }

    /** The key of the test, over P-256 with its parameters spelled out and the generator multiplied. */
    private static PublicKey spelledOut(BigInteger times) throws Exception {
        var curve = SECNamedCurves.getByName("secp256r1");
        var generator = curve.getG().multiply(times).normalize();
        var spelled = new java.security.spec.ECParameterSpec(
                new java.security.spec.EllipticCurve(
                        new java.security.spec.ECFieldFp(
                                curve.getCurve().getField().getCharacteristic()),
                        curve.getCurve().getA().toBigInteger(),
                        curve.getCurve().getB().toBigInteger()),
                new java.security.spec.ECPoint(
                        generator.getAffineXCoord().toBigInteger(),
                        generator.getAffineYCoord().toBigInteger()),
                curve.getN(),
                1);
        return java.security.KeyFactory.getInstance("EC", Crypto.BOUNCY_CASTLE)
                .generatePublic(new java.security.spec.ECPublicKeySpec(
                        ((java.security.interfaces.ECPublicKey) KEY).getW(), spelled));
    }

    @Test
    void anotherCurveWithTheSameOrderIsNotTheCurve() throws Exception {
        // Whoever picks the generator can sign for any key.
        PublicKey key = spelledOut(BigInteger.TWO);

        assertThat(Crypto.algorithmOf(KEY)).contains(SignatureAlgorithm.ECDSA_P256);
        assertThat(Crypto.algorithmOf(key)).isEmpty();
        assertThat(Crypto.keyDigest(key)).isNotEqualTo(Crypto.keyDigest(KEY));
    }

    @Test
    void aKeyHasOneDigestHoweverItIsWritten() throws Exception {
        PublicKey key = spelledOut(BigInteger.ONE);

        assertThat(key.getEncoded()).isNotEqualTo(KEY.getEncoded());
        assertThat(Crypto.keyDigest(key)).isEqualTo(Crypto.keyDigest(KEY));
        assertThat(Crypto.keyDigest(Crypto.publicKey(key.getEncoded()))).isEqualTo(Crypto.keyDigest(KEY));
        assertThat(Pem.write(key)).isEqualTo(Pem.write(KEY));
    }

    @Test
    void signaturesOutOfRangeNeverVerify() {
        BigInteger n = SECNamedCurves.getByName("secp256r1").getN();
        List<BigInteger> values = List.of(BigInteger.ZERO, BigInteger.ONE, n.subtract(BigInteger.ONE), n, n.negate());
        for (BigInteger r : values) {
            for (BigInteger s : values) {
                assertRefused(Models.rawSignature(bundle, der(r, s)), KEY, Reason.INVALID_SIGNATURE);
            }
        }
    }

    @Test
    void onlyTheDerFormOfASignatureVerifiesAndItsMirrorImageDoesToo() throws Exception {
        byte[] good = Base64.getDecoder()
                .decode(Models.JSON
                        .readTree(bundle.toByteArray())
                        .at("/dsseEnvelope/signatures/0/sig")
                        .asText());
        var sequence = org.bouncycastle.asn1.ASN1Sequence.getInstance(good);
        BigInteger r = ASN1Integer.getInstance(sequence.getObjectAt(0)).getValue();
        BigInteger s = ASN1Integer.getInstance(sequence.getObjectAt(1)).getValue();
        BigInteger n = SECNamedCurves.getByName("secp256r1").getN();

        assertThat(verified(Models.rawSignature(bundle, der(r, n.subtract(s)))).root())
                .isEqualTo(verified(bundle).root());
        assertRefused(Models.rawSignature(bundle, der(r.add(n), s)), KEY, Reason.INVALID_SIGNATURE);
        assertRefused(Models.rawSignature(bundle, der(r, s.add(n))), KEY, Reason.INVALID_SIGNATURE);
        byte[] longer = java.util.Arrays.copyOf(good, good.length + 1);
        assertRefused(Models.rawSignature(bundle, longer), KEY, Reason.INVALID_SIGNATURE);
        byte[] plain = new byte[64];
        byte[] rs = r.toByteArray();
        System.arraycopy(rs, Math.max(0, rs.length - 32), plain, 0, 32);
        assertRefused(Models.rawSignature(bundle, plain), KEY, Reason.INVALID_SIGNATURE);
    }

    @Test
    void aSecondSignatureIsEnoughAndMoreDoNoHarm() {
        Bytes two = Models.edited(
                bundle,
                root -> ((ArrayNode) envelope(root).get("signatures"))
                        .insertObject(0)
                        .put("sig", "AAAA"));

        assertThat(verified(two).root()).isEqualTo(verified(bundle).root());
    }

    @Covers(KEY_ID)
    @ParameterizedTest
    @ValueSource(strings = {"absent", "null", "empty", "text"})
    void theKeyIdMayBeAnythingAndMeansNothing(String form) {
        Bytes edited = Models.edited(bundle, root -> {
            ObjectNode signature = (ObjectNode) envelope(root).at("/signatures/0");
            switch (form) {
                case "absent" -> signature.remove("keyid");
                case "null" -> signature.putNull("keyid");
                case "empty" -> signature.put("keyid", "");
                default -> signature.put("keyid", Pem.hint(OTHER.publicKey()));
            }
        });

        assertThat(verified(edited).signer()).isEqualTo(Crypto.keyDigest(KEY));
    }

    @Covers(LOG_ENTRIES)
    @Test
    void logEntriesMayBeAbsentAndAreNotedWhenPresent() {
        Bytes absent = Models.edited(bundle, root -> material(root).remove("tlogEntries"));
        Bytes present = Models.edited(
                bundle, root -> material(root).putArray("tlogEntries").addObject());

        assertThat(verified(absent).notes()).isEmpty();
        assertThat(verified(present).notes()).anyMatch(note -> note.message().contains("log entries"));
    }

    @Covers(RESOURCES_SORTED)
    @Test
    void resourcesInAnotherOrderVerifyWithANoteAndTheSameIdentity() {
        Bytes reversed = Models.restated(bundle, SIGNER, statement -> {
            ArrayNode resources = Models.resources(statement);
            List<JsonNode> items = new ArrayList<>();
            resources.forEach(items::add);
            java.util.Collections.reverse(items);
            resources.removeAll().addAll(items);
            Models.fixRoot(statement);
        });

        VerifiedStatement statement = verified(reversed);

        assertThat(statement.notes()).anyMatch(note -> note.message().contains("order"));
        assertThat(statement.root()).isEqualTo(verified(bundle).root());
        assertThat(statement.subjectDigest()).isNotEqualTo(statement.root());
        assertThat(statement.files()).isEqualTo(verified(bundle).files());
    }

    @Covers(RESOURCE_MEMBERS)
    @Test
    void harmlessDeparturesAreNoted() {
        Bytes links = Models.restated(
                bundle, SIGNER, statement -> Models.serialization(statement).put("allow_symlinks", true));
        Bytes members = Models.restated(
                bundle,
                SIGNER,
                statement -> ((ObjectNode) Models.resources(statement).get(0)).put("size", 5));
        Bytes dot = Models.restated(bundle, SIGNER, statement -> {
            ArrayNode resources = Models.resources(statement);
            resources.remove(2);
            resources.remove(1);
            ((ObjectNode) resources.get(0)).put("name", ".");
            Models.fixRoot(statement);
        });

        assertThat(verified(links).allowSymlinks()).isTrue();
        assertThat(verified(links).notes()).anyMatch(note -> note.message().contains("symbolic links"));
        assertThat(verified(members).notes()).isEmpty();
        assertThat(verified(dot).notes()).anyMatch(note -> note.message().contains("'.'"));
    }

    static Stream<Arguments> brokenBundles() {
        return Stream.of(
                broken("no media type", root -> root.remove("mediaType")),
                broken("another media type", root -> root.put("mediaType", "application/json")),
                broken("another member", root -> root.put("messageSignature", "")),
                broken("material is a string", root -> root.put("verificationMaterial", "x")),
                broken("no method", root -> material(root).remove("publicKey")),
                broken("two methods", root -> material(root).putObject("x509CertificateChain")),
                broken("key is null", root -> material(root).putNull("publicKey")),
                broken("key without a hint", root -> publicKey(root).remove("hint")),
                broken("hint is a number", root -> publicKey(root).put("hint", 1)),
                broken("raw key is garbage", root -> publicKey(root).put("rawBytes", "AAAA")),
                broken("log entries are null", root -> material(root).putNull("tlogEntries")),
                broken("log entries are an object", root -> material(root).putObject("tlogEntries")),
                broken("envelope is an array", root -> root.putArray("dsseEnvelope")),
                broken("envelope with another member", root -> envelope(root).put("x", 1)),
                broken("no payload", root -> envelope(root).remove("payload")),
                broken("empty payload", root -> envelope(root).put("payload", "")),
                broken("payload type is null", root -> envelope(root).putNull("payloadType")),
                broken("no signatures", root -> envelope(root).putArray("signatures")),
                broken("17 signatures", root -> {
                    ArrayNode signatures = envelope(root).putArray("signatures");
                    for (int i = 0; i < 17; i++) {
                        signatures.addObject().put("sig", "AAAA");
                    }
                }),
                broken(
                        "signature with another member",
                        root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("cert", "")),
                broken(
                        "signature is empty",
                        root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("sig", "")),
                broken(
                        "key id is a number",
                        root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("keyid", 1)),
                broken("half a padding", root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("sig", "AA=")),
                broken("spare bits", root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("sig", "AAB=")),
                broken("two alphabets", root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("sig", "A-/A")),
                broken(
                        "line break",
                        root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("sig", "AAAA\nAAAA")));
    }

    @Covers(BUNDLE_SHAPE)
    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenBundles")
    void aBrokenBundleIsRefused(String what, Consumer<ObjectNode> edit) {
        assertRefused(Models.edited(bundle, edit), KEY, Reason.MALFORMED_BUNDLE);
    }

    @Covers(BUNDLE_SHAPE)
    @Test
    void otherVersionsOfTheBundleAreUnsupported() {
        Bytes old = Models.edited(
                bundle, root -> root.put("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.1"));

        assertRefused(old, KEY, Reason.UNSUPPORTED);
    }

    static Stream<Arguments> brokenTexts() {
        return Stream.of(
                text("empty", t -> ""),
                text("not json", t -> "model"),
                text("an array", t -> "[" + t + "]"),
                text("a second document", t -> t + "{}"),
                text("cut short", t -> t.substring(0, t.length() - 1)),
                text("duplicate member", t -> t.replaceFirst("\\{", "{\"mediaType\":\"x\",")),
                text("duplicate payload", t -> t.replaceFirst("\"payload\"", "\"payload\":\"AAAA\",\"payload\"")),
                text("duplicate by escape", t -> t.replaceFirst("\\{", "{\"\\\\u006dediaType\":\"x\",")),
                text("comment", t -> "/* */" + t),
                text("byte order mark", t -> "\uFEFF" + t),
                text("trailing comma", t -> t.substring(0, t.length() - 1) + ",}"),
                text("deep nesting", t -> t.replaceFirst("\\[\\]", "[".repeat(100_000) + "]".repeat(100_000))),
                text("unclosed nesting", t -> "[".repeat(1_000_000)),
                text("unclosed objects", t -> "{\"a\":".repeat(100_000)),
                text("huge number", t -> t.replaceFirst("\\[\\]", "[" + "9".repeat(100_000) + "]")),
                text("huge exponent", t -> t.replaceFirst("\\[\\]", "[1e999999999999999999999999999999999]")),
                text("not a number", t -> t.replaceFirst("\\[\\]", "[NaN]")),
                text("long member name", t -> t.replaceFirst("\\{", "{\"" + "a".repeat(100_000) + "\":1,")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenTexts")
    void trickyJsonIsRefused(String what, UnaryOperator<String> edit) {
        assertRefused(Bytes.ofUtf8(edit.apply(bundle.toUtf8())), KEY, Reason.MALFORMED_BUNDLE);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        byte[] bytes = bundle.toByteArray();
        bytes[bytes.length / 2] = (byte) 0xC0;

        assertRefused(Bytes.of(bytes), KEY, Reason.MALFORMED_BUNDLE);
        assertRefused(
                Bytes.of(bundle.toUtf8().getBytes(java.nio.charset.StandardCharsets.UTF_16)),
                KEY,
                Reason.MALFORMED_BUNDLE);
    }

    @Test
    void aBundleOverTheLimitIsRefusedUnread() {
        assertRefused(Bytes.of(new byte[Bundle.MAX_BYTES + 1]), KEY, Reason.MALFORMED_BUNDLE);
    }

    static Stream<Arguments> brokenStatements() {
        return Stream.of(
                statement("another type", s -> s.put("_type", "https://in-toto.io/Statement/v0.1")),
                statement("no type", s -> s.remove("_type")),
                statement("another predicate", s -> s.put("predicateType", "https://slsa.dev/provenance/v1")),
                statement("another member", s -> s.put("x", 1)),
                statement("no predicate", s -> s.remove("predicate")),
                statement("no subject", s -> s.putArray("subject")),
                statement("two subjects", s -> ((ArrayNode) s.get("subject")).add(s.at("/subject/0"))),
                statement("nameless subject", s -> ((ObjectNode) s.at("/subject/0")).put("name", "")),
                statement(
                        "subject without sha256",
                        s -> ((ObjectNode) s.at("/subject/0"))
                                .putObject("digest")
                                .put("sha512", "00")),
                statement("another root", s -> ((ObjectNode) s.at("/subject/0/digest")).put("sha256", "0".repeat(64))),
                statement(
                        "root in upper case",
                        s -> ((ObjectNode) s.at("/subject/0/digest"))
                                .put(
                                        "sha256",
                                        s.at("/subject/0/digest/sha256")
                                                .asText()
                                                .toUpperCase(java.util.Locale.ROOT))),
                statement("order changed under the root", s -> {
                    ArrayNode resources = Models.resources(s);
                    resources.add(resources.remove(0));
                }),
                statement("no resources", s -> {
                    Models.resources(s).removeAll();
                    Models.fixRoot(s);
                }),
                statement("resource is a string", s -> Models.resources(s).add("x")),
                statement("resource without digest", s -> resource(s).remove("digest")),
                statement("resource without algorithm", s -> resource(s).remove("algorithm")),
                statement("other algorithm than hash type", s -> resource(s).put("algorithm", "blake3")),
                statement("digest too short", s -> {
                    resource(s).put("digest", "00");
                    Models.fixRoot(s);
                }),
                statement("digest too long", s -> {
                    resource(s).put("digest", "0".repeat(66));
                    Models.fixRoot(s);
                }),
                statement("digest in upper case", s -> {
                    resource(s).put("digest", "A".repeat(64));
                    Models.fixRoot(s);
                }),
                statement("digest with other digits", s -> resource(s).put("digest", "\u0660".repeat(64))),
                statement("duplicate name", s -> {
                    Models.resources(s).add(resource(s).deepCopy());
                    Models.fixRoot(s);
                }),
                statement("file that is a folder", s -> {
                    Models.resources(s).add(resource(s).deepCopy().put("name", "config.json/inside"));
                    Models.fixRoot(s);
                }),
                statement("file that is a folder, further off", s -> {
                    Models.resources(s).add(resource(s).deepCopy().put("name", "config.json/a/b"));
                    Models.resources(s).add(resource(s).deepCopy().put("name", "config.json!"));
                    Models.fixRoot(s);
                }),
                statement("another member in the predicate", s -> ((ObjectNode) s.get("predicate")).put("x", 1)),
                statement(
                        "another member in serialization",
                        s -> Models.serialization(s).put("x", 1)),
                statement("unknown method", s -> Models.serialization(s).put("method", "lines")),
                statement("no method", s -> Models.serialization(s).remove("method")),
                statement("unknown hash", s -> Models.serialization(s).put("hash_type", "md5")),
                statement("no symlink policy", s -> Models.serialization(s).remove("allow_symlinks")),
                statement("symlink policy as text", s -> Models.serialization(s).put("allow_symlinks", "false")),
                statement("shard size with files", s -> Models.serialization(s).put("shard_size", 1)),
                statement(
                        "ignoring everything",
                        s -> Models.serialization(s).putArray("ignore_paths").add(".")),
                statement(
                        "ignoring the parent",
                        s -> Models.serialization(s).putArray("ignore_paths").add("../x")),
                statement(
                        "ignoring a signed file",
                        s -> Models.serialization(s).putArray("ignore_paths").add("weights.bin")),
                statement(
                        "ignoring the folder of a signed file",
                        s -> Models.serialization(s).putArray("ignore_paths").add("sub")),
                statement("ignore paths are text", s -> Models.serialization(s).put("ignore_paths", "x")));
    }

    @Covers({STATEMENT, RESOURCE_MEMBERS, ONE_SUBJECT, ROOT_DIGEST})
    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenStatements")
    void aTrustedKeyDoesNotMakeABrokenStatementGood(String what, Consumer<ObjectNode> edit) {
        assertRefused(Models.restated(bundle, SIGNER, edit), KEY, Reason.INVALID_STATEMENT);
    }

    @Covers(NAMES)
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/x",
                "x/",
                "a//b",
                ".",
                "..",
                "./a",
                "a/.",
                "a/./b",
                "../x",
                "a/../b",
                "a/..",
                "nul\0",
                "a\\b",
                "C:\\x",
                "\\\\server\\x",
                "\uD800"
            })
    void namesThatAreNotPlainRelativePathsAreRefused(String name) {
        Bytes renamed = Models.restated(bundle, SIGNER, statement -> {
            resource(statement).put("name", "placeholder-name");
            Models.fixRoot(statement);
        });
        String escaped = name.replace("\\", "\\\\").replace("\0", "\\u0000").replace("\uD800", "\\ud800");
        Bytes payload = Bytes.ofUtf8(Bundle.parse(renamed).payload().toUtf8().replace("placeholder-name", escaped));

        assertRefused(Models.resigned(bundle, SIGNER, Dsse.IN_TOTO, payload), KEY, Reason.INVALID_STATEMENT);
    }

    @Test
    void duplicateMembersInTheStatementAreRefused() {
        String payload = Bundle.parse(bundle).payload().toUtf8();
        Bytes doubled = Bytes.ofUtf8(payload.replaceFirst("\"predicate\":", "\"predicate\":{},\"predicate\":"));

        assertRefused(Models.resigned(bundle, SIGNER, Dsse.IN_TOTO, doubled), KEY, Reason.INVALID_STATEMENT);
    }

    @Covers(STATEMENT)
    @Test
    void anotherPayloadTypeIsRefusedThoughItsSignatureIsGood() {
        Bytes payload = Bundle.parse(bundle).payload();

        assertRefused(Models.resigned(bundle, SIGNER, "application/json", payload), KEY, Reason.INVALID_STATEMENT);
        assertRefused(
                Models.edited(bundle, root -> envelope(root).put("payloadType", "application/json")),
                KEY,
                Reason.INVALID_SIGNATURE);
    }

    @Test
    void anotherSpacingOfTheSamePayloadIsNotWhatWasSigned() {
        Bytes payload = Bundle.parse(bundle).payload();
        Bytes spaced = Models.edited(
                bundle,
                root -> envelope(root)
                        .put("payload", Bytes.ofUtf8(payload.toUtf8() + " ").toBase64()));

        assertRefused(spaced, KEY, Reason.INVALID_SIGNATURE);
    }

    static Stream<Arguments> laterForms() {
        return Stream.of(
                statement("the first predicate", s -> s.put("predicateType", "https://model_signing/Digests/v0.1")),
                statement("a later predicate", s -> s.put("predicateType", "https://model_signing/signature/v2.0")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("laterForms")
    void formsThatAreNotReadHereAreSaidToBeUnsupported(String what, Consumer<ObjectNode> edit) {
        assertRefused(Models.restated(bundle, SIGNER, edit), KEY, Reason.UNSUPPORTED);
    }

    @Covers(SHARDS_OR_REFUSAL)
    @ParameterizedTest
    @CsvSource({"SHA256, 4, shards", "BLAKE2B, 0, blake2b", "BLAKE3, 0, blake3"})
    void theRegistrySaysThatItKeepsNoOtherFormsThanWholeFilesBySha256(FileHash hash, long shardSize, String named) {
        Bundle other = Bundle.parse(
                Bundle.sign(Models.hash(folder.resolve("model"), new Serialization(hash, shardSize)), SIGNER));

        for (ThrowingCallable use : List.<ThrowingCallable>of(
                () -> PublisherTrust.verifyWith(other, KEY), () -> PublisherTrust.readUnauthenticated(other))) {
            assertThatThrownBy(use).isInstanceOfSatisfying(VerificationException.class, e -> {
                assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED);
                assertThat(e).hasMessageContaining(named);
            });
        }
    }

    @Test
    void theOldSignatureOverTheWrongEncodingIsSaidToBeUnsupported() {
        Bytes old = Models.edited(
                Models.restated(bundle, SIGNER, s -> s.put("predicateType", "https://model_signing/Digests/v0.1")),
                root -> ((ObjectNode) envelope(root).at("/signatures/0")).put("sig", "AAAA"));

        assertRefused(old, KEY, Reason.UNSUPPORTED);
    }

    @Test
    void anUnknownPublishersClaimsCanBeReadButHaveAnotherType() {
        Bytes theirs = Models.sign(folder.resolve("model"), OTHER);

        UnauthenticatedStatement claims = PublisherTrust.readUnauthenticated(Bundle.parse(theirs));

        assertRefused(theirs, KEY, Reason.UNTRUSTED_KEY);
        assertThat(claims.root()).isEqualTo(verified(bundle).root());
        assertThat(claims.files()).isEqualTo(verified(bundle).files());
        assertThat(VerifiedStatement.class.isAssignableFrom(UnauthenticatedStatement.class))
                .isFalse();
    }

    @Test
    void anotherModelsBundleDoesNotFit() {
        Path other = folder.resolve("other");
        Models.file(other, "weights.bin", "other weights");
        Models.file(other, "config.json", "{}");
        Models.file(other, "sub/tokenizer.txt", "tokens");
        VerifiedStatement statement = verified(Models.sign(other, SIGNER));

        assertThat(Models.hash(folder.resolve("model")).compare(statement.files()))
                .hasValueSatisfying(rejected -> assertThat(rejected.reason()).isEqualTo(Reason.CONTENT_MISMATCH));
    }

    @Test
    void manyFilesVerifyInOneBundle() {
        Digest digest = Digest.sha256Of(Bytes.ofUtf8("x"));
        Bytes many = Models.restated(bundle, SIGNER, statement -> {
            ArrayNode resources = Models.resources(statement).removeAll();
            for (int i = 100_000; i < 150_000; i++) {
                resources
                        .addObject()
                        .put("name", "folder/with/a/name/file-" + i)
                        .put("digest", digest.toHex())
                        .put("algorithm", "sha256");
            }
            Models.fixRoot(statement);
        });

        assertThat(verified(many).files()).hasSize(50_000);
        assertThat(verified(many).notes()).isEmpty();
    }

    private static VerifiedStatement verified(Bytes bundle) {
        return PublisherTrust.verifyWith(Bundle.parse(bundle), KEY);
    }

    private static void assertRefused(Bytes bundle, PublicKey key, Reason reason) {
        assertThatThrownBy(() -> PublisherTrust.verifyWith(Bundle.parse(bundle), key))
                .isInstanceOfSatisfying(
                        VerificationException.class,
                        e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    private static byte[] der(BigInteger r, BigInteger s) {
        try {
            return new DERSequence(new ASN1Integer[] {new ASN1Integer(r), new ASN1Integer(s)}).getEncoded();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static ObjectNode material(ObjectNode root) {
        return (ObjectNode) root.get("verificationMaterial");
    }

    private static ObjectNode publicKey(ObjectNode root) {
        return (ObjectNode) root.at("/verificationMaterial/publicKey");
    }

    private static ObjectNode envelope(ObjectNode root) {
        return (ObjectNode) root.get("dsseEnvelope");
    }

    private static ObjectNode resource(ObjectNode statement) {
        return (ObjectNode) Models.resources(statement).get(0);
    }

    private static Arguments broken(String what, Consumer<ObjectNode> edit) {
        return arguments(what, edit);
    }

    private static Arguments statement(String what, Consumer<ObjectNode> edit) {
        return arguments(what, edit);
    }

    private static Arguments text(String what, UnaryOperator<String> edit) {
        return arguments(what, edit);
    }
}
