package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
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

    private static void assertFails(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String part) {
        assertThatThrownBy(call).isInstanceOf(SigningException.class).hasMessageContaining(part);
    }
}
