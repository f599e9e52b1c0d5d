package dev.modelops.core.signing;

import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.Pkcs11;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Uses a PKCS#11 token and prints what came of it. A process of its own, as the library under it finds its tokens by an
 * environment variable.
 */
final class TokenProcess {
    static final char[] PIN = "tell-nobody-4711".toCharArray();
    static final char[] WRONG_PIN = "not-the-pin-0815".toCharArray();

    private TokenProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path configuration = Path.of(arguments[0]);
        Path model = Path.of(arguments[1]);
        refused("wrong PIN", () -> Signers.pkcs11(configuration, WRONG_PIN, "alone"));
        refused("empty token", () -> Signers.pkcs11(configuration, PIN, "alone"));
        fill(configuration);
        for (String alias : new String[] {"alone", "chained"}) {
            Signer signer = Signers.pkcs11(configuration, PIN, alias);
            print(
                    alias,
                    signer.algorithm() + ", certificates "
                            + signer.certificateChain().size() + ", signed " + timesSigned(signer));
            Files.writeString(model.resolveSibling(alias + ".pub"), Keys.publicKeyPem(signer.publicKey()));
            var unused = ModelSignatures.sign(model, model.resolveSibling(alias + ".sig"), signer, Progress.NONE);
        }
        refused("no such key", () -> Signers.pkcs11(configuration, PIN, "nobody"));
        refused("RSA", () -> Signers.pkcs11(configuration, PIN, "rsa"));
        print(
                "registered",
                String.valueOf(java.util.Arrays.stream(Security.getProviders())
                        .anyMatch(provider -> provider.getName().startsWith("SunPKCS11-"))));
    }

    private static void fill(Path configuration) throws Exception {
        Provider provider = Pkcs11.provider(configuration);
        KeyStore store = Pkcs11.keys(provider, configuration, PIN);
        var alone = TestPki.draft("alone").selfSigned();
        store.setKeyEntry("alone", alone.privateKey(), null, new Certificate[] {alone.certificate()});
        var root = TestPki.draft("root").authority(-1).selfSigned();
        var leaf = TestPki.draft("leaf").keys(TestPki.keys("secp384r1")).issuedBy(root);
        store.setKeyEntry(
                "chained", leaf.privateKey(), null, new Certificate[] {leaf.certificate(), root.certificate()});
        var rsa = TestPki.draft("rsa").keys(TestPki.rsa(2048)).selfSigned();
        store.setKeyEntry("rsa", rsa.privateKey(), null, new Certificate[] {rsa.certificate()});
    }

    /** By many threads at once, as a signer must allow. */
    private static int timesSigned(Signer signer) {
        AtomicInteger good = new AtomicInteger();
        IntStream.range(0, 32).parallel().forEach(i -> {
            Bytes message = Bytes.ofUtf8("message " + i);
            Bytes signature = signer.sign(message);
            if (Crypto.verify(signer.publicKey(), message.toByteArray(), signature.toByteArray())) {
                good.incrementAndGet();
            }
        });
        return good.get();
    }

    private static void refused(String what, Runnable act) {
        try {
            act.run();
            print(what, "accepted");
        } catch (SigningException e) {
            print(what, Secrets.everything(e));
        }
    }

    private static void print(String what, String found) {
        System.out.println(what + ": " + found.replace('\n', ' '));
    }
}
