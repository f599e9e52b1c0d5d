package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.storage.StorageException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.assertj.core.api.ThrowableAssert;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignersTest {
    private static final Bytes MESSAGE = Bytes.ofUtf8("message");
    private static final char[] PASSWORD = "correct horse".toCharArray();
    private static final char[] WRONG = "battery staple".toCharArray();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(SignatureAlgorithm.class)
    void generatedKeysSurviveTheirPem(SignatureAlgorithm algorithm) throws Exception {
        KeyPair keys = Keys.generate(algorithm);
        Path file = Files.writeString(folder.resolve("key.pem"), Keys.privateKeyPem(keys));

        Signer signer = Signers.pem(file);

        assertThat(signer.algorithm()).isEqualTo(algorithm);
        assertThat(Keys.publicKeyPem(signer.publicKey())).isEqualTo(Keys.publicKeyPem(keys.getPublic()));
        assertThat(Keys.publicKeyPem(Keys.publicKey(Keys.publicKeyPem(keys.getPublic()))))
                .isEqualTo(Keys.publicKeyPem(keys.getPublic()))
                .endsWith("-----END PUBLIC KEY-----\n")
                .doesNotContain("\r");
        assertSigns(signer);
        assertSigns(Signers.of(keys));
        assertThat(Signers.generate(algorithm).algorithm()).isEqualTo(algorithm);
        assertThat(signer.toString())
                .doesNotContain(Keys.privateKeyPem(keys).lines().toList().get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void keysInTheSecFormAreReadWithAndWithoutTheirCurveBefore(String curve) throws Exception {
        KeyPair keys = TestPki.keys(curve);
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(new PemObject(
                    "EC PRIVATE KEY",
                    PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded())
                            .parsePrivateKey()
                            .toASN1Primitive()
                            .getEncoded()));
        }
        byte[] name = org.bouncycastle.asn1.x9.ECNamedCurveTable.getOID(curve).getEncoded();
        String parameters = "-----BEGIN EC PARAMETERS-----\n"
                + Base64.getEncoder().encodeToString(name) + "\n-----END EC PARAMETERS-----\n";

        assertSigns(Signers.pem(text.toString()));
        assertSigns(Signers.pem(parameters + text));
        assertThat(Keys.publicKeyPem(Signers.pem(text.toString()).publicKey()))
                .isEqualTo(Keys.publicKeyPem(keys.getPublic()));
    }

    @Test
    void keysOfTheRuntimesOwnProviderAreTaken() throws Exception {
        assertSigns(Signers.of(KeyPairGenerator.getInstance("Ed25519", "SunEC").generateKeyPair()));
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "SunEC");
        generator.initialize(384);
        assertSigns(Signers.of(generator.generateKeyPair()));
    }

    /** The runtime's own provider is as strict as OpenSSL 3.0 is. */
    @ParameterizedTest
    @EnumSource(value = SignatureAlgorithm.class, mode = EnumSource.Mode.MATCH_NONE, names = "ML_DSA_.*")
    void whatIsWrittenIsReadByOthers(SignatureAlgorithm algorithm) throws Exception {
        KeyPair keys = Keys.generate(algorithm);
        KeyFactory factory =
                KeyFactory.getInstance(algorithm == SignatureAlgorithm.ED25519 ? "Ed25519" : "EC", "SunEC");
        var encrypted = new EncryptedPrivateKeyInfo(content(Keys.privateKeyPem(keys, PASSWORD)));
        Cipher cipher = Cipher.getInstance("PBEWithHmacSHA256AndAES_256", "SunJCE");
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance("PBEWithHmacSHA256AndAES_256", "SunJCE")
                        .generateSecret(new PBEKeySpec(PASSWORD)),
                encrypted.getAlgParameters());

        PrivateKey clear = factory.generatePrivate(new PKCS8EncodedKeySpec(content(Keys.privateKeyPem(keys))));
        PrivateKey opened = factory.generatePrivate(encrypted.getKeySpec(cipher));

        assertSigns(Signers.of(new KeyPair(keys.getPublic(), clear)));
        assertSigns(Signers.of(new KeyPair(keys.getPublic(), opened)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sec1.pem",
                "sec1-with-parameters.pem",
                "pkcs8.pem",
                "pkcs8-aes256.pem",
                "pkcs8-aes128-sha1.pem",
                "pkcs8-scrypt.pem",
                "pkcs8-des3.pem",
                "pkcs8-pbe1.pem",
                "legacy-aes256.pem",
                "legacy-des3.pem",
                "openssl3.p12",
                "openssl-legacy.p12"
            })
    void keysThatOpenSslWroteAreRead(String name) throws Exception {
        Path file = resource(name);
        char[] password = "correct-horse".toCharArray();
        boolean store = name.endsWith(".p12");
        boolean locked = name.contains("-") && !name.startsWith("sec1");

        Signer signer =
                store ? Signers.pkcs12(file, password) : locked ? Signers.pem(file, password) : Signers.pem(file);

        assertThat(Keys.publicKeyPem(signer.publicKey())).isEqualTo(Files.readString(resource("public.pem")));
        assertSigns(signer);
        if (store) {
            assertFails(() -> Signers.pkcs12(file, WRONG), "check the password");
        } else if (locked) {
            assertFails(() -> Signers.pem(file, WRONG), "check the password");
            assertFails(() -> Signers.pem(file), "give its password");
        }
    }

    @Test
    void keyPairsAreWrittenForTheirOwnerAloneAndOverNothing() throws Exception {
        KeyPair keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
        Path secret = folder.resolve("release.pem");
        Path open = folder.resolve("release.pub");

        Keys.store(keys, secret, open);

        assertThat(Files.getPosixFilePermissions(secret)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.readString(secret)).isEqualTo(Keys.privateKeyPem(keys));
        assertThat(Files.readString(open)).isEqualTo(Keys.publicKeyPem(keys.getPublic()));
        String before = Files.readString(secret);
        Path other = folder.resolve("other");
        assertFails(() -> Keys.store(keys, secret, other), "never overwritten");
        assertFails(() -> Keys.store(keys, other, open), "never overwritten");
        assertFails(() -> Keys.store(keys, other, other), "two files");
        assertFails(() -> Keys.store(keys, new char[0], other, folder.resolve("other.pub")), "must not be empty");
        assertThatThrownBy(() -> Keys.store(keys, folder.resolve("none/key"), other))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("folder");
        assertThat(other).doesNotExist();
        assertThat(Files.readString(secret)).isEqualTo(before);
        Files.createSymbolicLink(other, folder.resolve("elsewhere"));
        assertFails(() -> Keys.store(keys, other, folder.resolve("x.pub")), "never overwritten");
        assertThat(folder.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void certificatesAreAddedToAnySigner() {
        var root = TestPki.draft("root").authority(-1).selfSigned();
        var leaf = TestPki.draft("leaf").issuedBy(root);
        Signer bare = Signers.of(leaf.keys());

        Signer certified = Signers.certified(bare, List.of(leaf.certificate(), root.certificate()));

        assertThat(certified.certificateChain()).containsExactly(leaf.certificate(), root.certificate());
        assertThat(certified.algorithm()).isEqualTo(bare.algorithm());
        assertSigns(certified);
        assertFails(
                () -> Signers.certified(bare, List.of(root.certificate(), leaf.certificate())), "first certificate");
        assertFails(() -> Signers.certified(bare, List.of()), "there is none");
    }

    @Test
    void tokensThatCannotBeReachedAreRefused() throws Exception {
        char[] pin = {'1'};
        Path library = Files.writeString(folder.resolve("library.so"), "no library");

        assertFails(() -> Signers.pkcs11(folder.resolve("none.cfg"), pin, "a"), "there is none at");
        assertFails(() -> Signers.pkcs11(folder, pin, "a"), "there is none at");
        assertFails(() -> Signers.pkcs11(configuration("garbage"), pin, "a"), "the lines name, library");
        assertFails(
                () -> Signers.pkcs11(configuration("name = a\nlibrary = /nowhere/a.so\nslot = 0\n"), pin, "a"),
                "/nowhere/a.so");
        assertFails(
                () -> Signers.pkcs11(configuration("name = a\nlibrary = " + library + "\n"), pin, "a"),
                "check library and slot");
    }

    /** Marks passwords and keys, and looks for the marks wherever a log might show something. */
    @Test
    void nothingSecretIsInFailuresOrTexts() throws Exception {
        String password = "marked-password-8c41";
        KeyPair keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
        String clear = Keys.privateKeyPem(keys);
        String locked = Keys.privateKeyPem(keys, password.toCharArray());
        List<String> marks = List.of(
                password,
                clear.lines().toList().get(1),
                clear.lines().toList().get(2),
                ((ECPrivateKey) keys.getPrivate()).getS().toString(),
                ((ECPrivateKey) keys.getPrivate()).getS().toString(16));
        Path store = folder.resolve("key.p12");
        writeStore(store, password.toCharArray());
        List<Path> files = List.of(
                Files.writeString(folder.resolve("locked"), locked),
                Files.writeString(folder.resolve("cut"), clear.substring(0, clear.length() - 40)),
                Files.writeString(folder.resolve("bare"), clear.lines().toList().get(1)),
                Files.writeString(folder.resolve("spoilt"), clear.replace('M', '%')),
                Files.writeString(folder.resolve("type"), clear.replace("PRIVATE", "SECRET")),
                Files.writeString(folder.resolve("twice"), clear + clear),
                Files.writeString(
                        folder.resolve("legacy"), clear.replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\n")),
                store);

        for (Path file : files) {
            for (ThrowableAssert.ThrowingCallable act : List.<ThrowableAssert.ThrowingCallable>of(
                    () -> Signers.pem(file),
                    () -> Signers.pem(file, (password + "x").toCharArray()),
                    () -> Signers.pem(file, new char[0]),
                    () -> Signers.pkcs12(file, (password + "x").toCharArray()),
                    () -> Signers.pkcs12(file, password.toCharArray(), "nobody"),
                    () -> Signers.pkcs11(file, password.toCharArray(), "release"),
                    () -> Keys.publicKey(Files.readString(file, StandardCharsets.ISO_8859_1)),
                    () -> Keys.certificates(Files.readString(file, StandardCharsets.ISO_8859_1)))) {
                assertThatThrownBy(act)
                        .isInstanceOf(SigningException.class)
                        .satisfies(e -> assertThat(Secrets.everything(e)).doesNotContain(marks));
            }
        }
        Signer signer = Signers.of(keys);
        assertThat(List.of(
                        signer.toString(),
                        Signers.certified(signer, selfSigned(keys)).toString()))
                .allSatisfy(text -> assertThat(text).doesNotContain(marks).contains("sha256:"));
    }

    @Test
    void encryptedKeysNeedTheirPassword() throws Exception {
        KeyPair keys = TestPki.keys("secp256r1");
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(new JcaPKCS8Generator(
                    keys.getPrivate(),
                    new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                            .setProvider(Crypto.BOUNCY_CASTLE)
                            .setPassword(PASSWORD)
                            .build()));
        }
        Path file = Files.writeString(folder.resolve("key.pem"), text.toString());

        assertSigns(Signers.pem(file, PASSWORD));
        assertFails(() -> Signers.pem(file, WRONG), "check the password");
        assertFails(() -> Signers.pem(file), "give its password");
    }

    @Test
    void thePublicKeyIsDerivedAndNotTakenFromTheText() throws Exception {
        KeyPair keys = TestPki.keys("secp256r1");
        KeyPair other = TestPki.keys("secp256r1");
        var forged = new org.bouncycastle.asn1.sec.ECPrivateKey(
                256,
                ((java.security.interfaces.ECPrivateKey) keys.getPrivate()).getS(),
                org.bouncycastle.asn1.x509.SubjectPublicKeyInfo.getInstance(
                                other.getPublic().getEncoded())
                        .getPublicKeyData(),
                org.bouncycastle.asn1.sec.SECObjectIdentifiers.secp256r1);
        String pem = "-----BEGIN EC PRIVATE KEY-----\n" + Base64.getEncoder().encodeToString(forged.getEncoded())
                + "\n-----END EC PRIVATE KEY-----\n";

        assertThat(Keys.publicKeyPem(Signers.pem(pem).publicKey())).isEqualTo(Keys.publicKeyPem(keys.getPublic()));
    }

    @Test
    void keysThatDoNotBelongTogetherAreRefused() {
        KeyPair mixed = new KeyPair(
                TestPki.keys("secp256r1").getPublic(), TestPki.keys("secp256r1").getPrivate());

        assertFails(() -> Signers.of(mixed), "belong together");
        assertFails(
                () -> Signers.of(new KeyPair(
                        TestPki.keys("secp384r1").getPublic(),
                        TestPki.keys("secp256r1").getPrivate())),
                "");
    }

    @Test
    void otherKindsOfKeysAreRefused() throws Exception {
        KeyPair rsa = TestPki.rsa(2048);
        KeyPair curve = TestPki.keys("secp256k1");

        assertFails(() -> Signers.pem(Keys.privateKeyPem(rsa)), "P-256");
        assertFails(() -> Signers.pem(Keys.privateKeyPem(curve)), "P-256");
        assertFails(() -> Signers.of(rsa), "P-256");
        assertFails(() -> Signers.of(curve), "P-256");
        assertFails(() -> Keys.publicKey(pem("PUBLIC KEY", curve.getPublic().getEncoded())), "P-256");
        assertFails(() -> Keys.publicKey(pem("PUBLIC KEY", rsa.getPublic().getEncoded())), "EC");
    }

    @Test
    void textThatHoldsNoKeyIsRefusedWithoutBeingQuoted() {
        String secret = "MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY";
        for (String text : List.of(
                "",
                secret,
                "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----\n",
                "-----BEGIN EC PRIVATE KEY-----\n" + secret + "\n-----END EC PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\n" + secret,
                "-----BEGIN PRIVATE KEY-----\n%%%%\n-----END PRIVATE KEY-----\n",
                pem("PUBLIC KEY", TestPki.keys("secp256r1").getPublic().getEncoded()),
                Keys.privateKeyPem(TestPki.keys("secp256r1")) + Keys.privateKeyPem(TestPki.keys("secp256r1")),
                "x".repeat(2_000_000))) {
            assertThatThrownBy(() -> Signers.pem(text))
                    .isInstanceOf(SigningException.class)
                    .hasMessageNotContaining(secret)
                    .hasNoCause();
            assertThatThrownBy(() -> Keys.certificates(text)).isInstanceOf(SigningException.class);
        }
        assertFails(() -> Keys.publicKey(Keys.privateKeyPem(TestPki.keys("secp256r1"))), "PUBLIC KEY");
        assertFails(() -> Keys.publicKey(""), "0 blocks");
        assertFails(() -> Signers.pem(folder.resolve("nowhere")), "there is none");
    }

    @Test
    void certificatesMustBeForTheKey() throws Exception {
        var root = TestPki.draft("root").authority(-1).selfSigned();
        var leaf = TestPki.draft("leaf").issuedBy(root);
        Path key = Files.writeString(folder.resolve("key.pem"), Keys.privateKeyPem(leaf.keys()));
        Path chain = Files.writeString(
                folder.resolve("chain.pem"),
                pem("CERTIFICATE", leaf.certificate().getEncoded())
                        + pem("CERTIFICATE", root.certificate().getEncoded()));
        Path wrong = Files.writeString(
                folder.resolve("wrong.pem"),
                pem("CERTIFICATE", root.certificate().getEncoded()));

        assertThat(Signers.pem(key, chain).certificateChain()).containsExactly(leaf.certificate(), root.certificate());
        assertFails(() -> Signers.pem(key, wrong), "first certificate");
        assertFails(() -> Signers.pem(key, key), "CERTIFICATE");
    }

    @Test
    void keyStoresAreOpenedByPasswordAndAlias() throws Exception {
        var root = TestPki.draft("root").authority(-1).selfSigned();
        var leaf = TestPki.draft("leaf").issuedBy(root);
        var alone = TestPki.draft("alone").selfSigned();
        Path one = store("one.p12", "release", leaf, leaf.certificate(), root.certificate());
        Path selfSigned = store("self.p12", "ci", alone, alone.certificate());

        assertThat(Signers.pkcs12(one, PASSWORD).certificateChain())
                .containsExactly(leaf.certificate(), root.certificate());
        assertSigns(Signers.pkcs12(one, PASSWORD));
        assertSigns(Signers.pkcs12(one, PASSWORD, "release"));
        assertThat(Signers.pkcs12(selfSigned, PASSWORD).certificateChain()).isEmpty();
        assertFails(() -> Signers.pkcs12(one, WRONG), "check the password");
        assertFails(() -> Signers.pkcs12(one, PASSWORD, "nobody"), "release");
        assertFails(() -> Signers.pkcs12(folder.resolve("nowhere"), PASSWORD), "there is none");
        assertFails(() -> Signers.pkcs12(Files.writeString(folder.resolve("x"), "garbage"), PASSWORD), "PKCS#12");
        assertFails(() -> Signers.pkcs12(Files.writeString(folder.resolve("e"), ""), PASSWORD), "PKCS#12");
    }

    @Test
    void theAliasMustBeNamedWhereThereAreSeveral() throws Exception {
        var first = TestPki.draft("first").selfSigned();
        var second = TestPki.draft("second").selfSigned();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("a", first.privateKey(), PASSWORD, new Certificate[] {first.certificate()});
        store.setKeyEntry("b", second.privateKey(), PASSWORD, new Certificate[] {second.certificate()});
        store.setCertificateEntry("c", first.certificate());
        Path file = folder.resolve("two.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }

        assertFails(() -> Signers.pkcs12(file, PASSWORD), "a, b");
        assertThat(Keys.publicKeyPem(Signers.pkcs12(file, PASSWORD, "b").publicKey()))
                .isEqualTo(Keys.publicKeyPem(second.keys().getPublic()));
        assertFails(() -> Signers.pkcs12(file, PASSWORD, "c"), "a, b");
    }

    private Path store(String name, String alias, TestPki.Identity identity, Certificate... chain) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(alias, identity.privateKey(), PASSWORD, chain);
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
        return file;
    }

    private Path configuration(String text) throws Exception {
        return Files.writeString(folder.resolve("token.cfg"), text);
    }

    private void writeStore(Path file, char[] password) throws Exception {
        var identity = TestPki.draft("marked").selfSigned();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("release", identity.privateKey(), password, new Certificate[] {identity.certificate()});
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password);
        }
    }

    private static List<X509Certificate> selfSigned(KeyPair keys) {
        return List.of(TestPki.draft("self").keys(keys).selfSigned().certificate());
    }

    private static Path resource(String name) throws Exception {
        URL found = SignersTest.class.getResource("/keys/" + name);
        if (found == null) {
            throw new IllegalArgumentException("no resource " + name);
        }
        return Path.of(found.toURI());
    }

    private static byte[] content(String pem) {
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    }

    private static String pem(String type, byte[] content) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + type
                + "-----\n";
    }

    private static void assertSigns(Signer signer) {
        assertThat(Crypto.verify(
                        signer.publicKey(),
                        MESSAGE.toByteArray(),
                        signer.sign(MESSAGE).toByteArray()))
                .isTrue();
    }

    private static void assertFails(ThrowableAssert.ThrowingCallable call, String part) {
        assertThatThrownBy(call).isInstanceOf(SigningException.class).hasMessageContaining(part);
    }
}
