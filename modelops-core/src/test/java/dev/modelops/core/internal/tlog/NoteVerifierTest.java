package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.crypto.Crypto;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoteVerifierTest {
    private static final String VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    @ParameterizedTest
    @ValueSource(
            strings = {
                VKEY,
                "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
                "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
                "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
                "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
            })
    void publishedKeysAreReadAndWrittenAlike(String vkey) {
        NoteVerifier verifier = NoteVerifier.parse(vkey);
        assertThat(verifier.vkey()).isEqualTo(vkey);
        assertThat(vkey).startsWith(verifier.name() + "+" + verifier.keyIdHex() + "+");
        assertThat(NoteVerifier.of(verifier.name(), verifier.publicKey())).isEqualTo(verifier);
        assertThat(new LogKey(verifier.vkey()).origin()).isEqualTo(verifier.name());
    }

    @Test
    void keyIdIsTheNumberThatItsDigitsSay() {
        assertThat(NoteVerifier.parse(VKEY).keyId()).isEqualTo(0xc74f20a3);
    }

    @Test
    void noPartOfAKeyIsAKey() {
        for (int from = 0; from < VKEY.length(); from++) {
            for (int to = from; to <= VKEY.length(); to++) {
                if (to - from < VKEY.length()) {
                    assertRefused(VKEY.substring(from, to));
                }
            }
        }
    }

    @Test
    void keyWithAnyCharacterChangedIsRefused() {
        for (int i = 0; i < VKEY.length(); i++) {
            for (char c : new char[] {(char) (VKEY.charAt(i) + 1), '+', ' ', 'A', '\n', '\u00a0', '\ud800', '='}) {
                if (c != VKEY.charAt(i)) {
                    assertRefused(VKEY.substring(0, i) + c + VKEY.substring(i + 1));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "++",
                // The key one byte too long, and a type that is not Ed25519, each with the right id.
                "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
                "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                // A witness key, type 0x04.
                "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
                "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW+",
                "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
                "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "Peter\u2003Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            })
    void malformedKeysAreRefused(String vkey) {
        assertRefused(vkey);
    }

    @Test
    void overlongKeyIsRefused() {
        assertRefused("a".repeat(5000) + VKEY);
    }

    @Test
    void onlyEd25519KeysVerifyNotes() throws Exception {
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp256r1"));
        PublicKey p256 = ec.generateKeyPair().getPublic();
        PublicKey ed448 =
                KeyPairGenerator.getInstance("Ed448").generateKeyPair().getPublic();
        assertThatIllegalArgumentException().isThrownBy(() -> NoteVerifier.of("name", p256));
        assertThatIllegalArgumentException().isThrownBy(() -> NoteVerifier.of("name", ed448));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a+b", "a\tb", "a\nb", "a\u00a0b", "a\u0085b", "a\u2028b", "a\u3000b", "\ud800"})
    void namesThatANoteCannotHoldAreRefused(String name) {
        PublicKey key = NoteVerifier.parse(VKEY).publicKey();
        assertThatIllegalArgumentException().isThrownBy(() -> NoteVerifier.of(name, key));
    }

    @Test
    void keysOfTheJavaRuntimeAndOfBouncyCastleAreAlike() throws Exception {
        PublicKey key =
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
        NoteVerifier verifier = NoteVerifier.of("a", key);
        assertThat(verifier).isEqualTo(NoteVerifier.of("a", Crypto.publicKey(key.getEncoded())));
        assertThat(NoteVerifier.parse(verifier.vkey())).isEqualTo(verifier).hasToString(verifier.vkey());
    }

    @Test
    void signaturesOfAnotherLengthOrTextDoNotVerify() {
        NoteSigner signer = TestLog.signer("a", 7);
        byte[] text = "text\n".getBytes(StandardCharsets.UTF_8);
        byte[] signature = SignedNote.parse(signer.sign("text\n"))
                .signatures()
                .get(0)
                .signature()
                .toByteArray();
        assertThat(signer.verifier().verify(text, signature)).isTrue();
        assertThat(signer.verifier().verify("texT\n".getBytes(StandardCharsets.UTF_8), signature))
                .isFalse();
        assertThat(signer.verifier().verify(text, new byte[0])).isFalse();
        assertThat(signer.verifier().verify(text, Arrays.copyOf(signature, 63))).isFalse();
        assertThat(signer.verifier().verify(text, Arrays.copyOf(signature, 65))).isFalse();
        for (int i = 0; i < 64; i++) {
            byte[] changed = signature.clone();
            changed[i] ^= 0x10;
            assertThat(signer.verifier().verify(text, changed)).isFalse();
        }
    }

    private static void assertRefused(String vkey) {
        assertThatIllegalArgumentException().as(vkey).isThrownBy(() -> NoteVerifier.parse(vkey));
    }
}
