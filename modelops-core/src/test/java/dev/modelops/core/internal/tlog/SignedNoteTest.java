package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Bytes;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedNoteTest {
    /** The example of Go's sumdb/note. */
    private static final String PETER_TEXT =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

    private static final String PETER_NOTE = PETER_TEXT
            + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static final String PETER_SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    private static final NoteVerifier PETER =
            NoteVerifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");

    private final NoteSigner signer = TestLog.signer("example.org/log", 1);
    private final NoteSigner other = TestLog.signer("example.org/other", 2);

    @Test
    void publishedNoteOfGoVerifies() {
        SignedNote note = SignedNote.parse(PETER_NOTE);
        assertThat(note.text()).isEqualTo(PETER_TEXT);
        assertThat(note).hasToString(PETER_NOTE);
        assertThat(note.signatures()).singleElement().satisfies(signature -> {
            assertThat(signature.name()).isEqualTo("PeterNeumann");
            assertThat(signature.keyId()).isEqualTo(0xc74f20a3);
            assertThat(signature.signature().length()).isEqualTo(64);
        });
        assertThat(note.verifiedBy(Set.of(PETER))).containsExactly(PETER);
    }

    @Test
    void publishedNoteOfGoIsSignedToTheByte() {
        byte[] typedSeed = Base64.getDecoder().decode(PETER_SEED);
        NoteSigner peter = new NoteSigner("PeterNeumann", TestLog.ed25519(Arrays.copyOfRange(typedSeed, 1, 33)));
        assertThat(peter.verifier()).isEqualTo(PETER);
        assertThat(peter.sign(PETER_TEXT)).isEqualTo(PETER_NOTE);
    }

    @Test
    void publishedNoteOfTheSpecificationVerifies() {
        NoteVerifier key = NoteVerifier.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
        SignedNote note = SignedNote.parse("This is an example message.\n\n— example.com/foo"
                + " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n");
        assertThat(note.verifiedBy(Set.of(key))).containsExactly(key);
        assertThat(note.text()).isEqualTo("This is an example message.\n");
    }

    @Test
    void exampleWithEmptyLinesInItsTextIsSplitAtTheLastOne() {
        SignedNote note = SignedNote.parse("uno\ndue:\n\ntre.\n\n— quasimodo.example/salvatore"
                + " NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n");
        assertThat(note.text()).isEqualTo("uno\ndue:\n\ntre.\n");
        assertThat(note.verifiedBy(Set.of(PETER))).isEmpty();
    }

    /** Checkpoints of the Go checksum database, whose origin is no URL and not the name of its key. */
    @ParameterizedTest
    @CsvSource({
        "6476701, mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=,"
                + " Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=",
        "3935567, SapHtgdNCeF00Cx8kqztePV24kgzNg++Xovae42HAMw=,"
                + " Az3grsm7Wm4CVNR1RHq9BFnu9jzcRlU2uw7lr0gfUWgO6+rqPNjT+fUTl9gH0NRTgdwW9nItuQSMbhSaLCsk8YeYSAs=",
        "65209736, 5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=,"
                + " Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=",
    })
    void checkpointsOfTheGoChecksumDatabaseVerify(long size, String root, String signature) {
        NoteVerifier key = NoteVerifier.parse("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8");
        SignedNote note = SignedNote.parse(
                "go.sum database tree\n" + size + "\n" + root + "\n\n— sum.golang.org " + signature + "\n");
        assertThat(note.verifiedBy(List.of(PETER, key))).containsExactly(key);
        CheckpointBody body = CheckpointBody.parse(note.text());
        assertThat(body.origin()).isEqualTo("go.sum database tree");
        assertThat(body.size()).isEqualTo(size);
        assertThat(body.text()).isEqualTo(note.text());

        SignedNote altered = SignedNote.parse(note.toString().replace("\n" + size + "\n", "\n" + (size + 1) + "\n"));
        assertThatExceptionOfType(NoteException.class).isThrownBy(() -> altered.verifiedBy(Set.of(key)));
    }

    @Test
    void textWithSpecialCharactersIsSignedAsItIs() {
        String text = "\n\n— no signature x08go\n\n\u00fcber \ud83d\ude00 \u007f\n\n";
        SignedNote note = SignedNote.parse(signer.sign(text));
        assertThat(note.text()).isEqualTo(text);
        assertThat(note.verifiedBy(Set.of(signer.verifier()))).containsExactly(signer.verifier());
    }

    @Test
    void unknownKeysAreIgnoredEvenWhereTheyShareNameOrId() {
        String note = signer.sign("text\n");
        NoteVerifier sameName = TestLog.signer("example.org/log", 3).verifier();
        assertThat(SignedNote.parse(note).verifiedBy(Set.of(sameName, PETER, other.verifier())))
                .isEmpty();
        String sameId = note.replace("— example.org/log ", "— example.org/lug ");
        assertThat(SignedNote.parse(sameId).verifiedBy(Set.of(signer.verifier())))
                .isEmpty();
        assertThat(SignedNote.parse(note).verifiedBy(Set.of())).isEmpty();
    }

    @Test
    void oneFalseSignatureOfAKnownKeySpoilsTheNote() {
        String note = signer.sign("text\n");
        String forged = note + signatureLine(other.sign("another text\n"));
        assertThat(SignedNote.parse(forged).verifiedBy(Set.of(signer.verifier())))
                .containsExactly(signer.verifier());
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> SignedNote.parse(forged).verifiedBy(Set.of(signer.verifier(), other.verifier())))
                .withMessageContaining(other.verifier().name())
                .withMessageContaining(other.verifier().keyIdHex());
    }

    @Test
    void keysThatCollideInNameAndIdAreToldApartByTheirSignatures() {
        NoteSigner first = TestLog.signer("example.org/log", 47931);
        NoteSigner second = TestLog.signer("example.org/log", 74761);
        assertThat(first.verifier().keyId()).isEqualTo(second.verifier().keyId());
        SignedNote note = SignedNote.parse(first.sign("text\n"));
        assertThat(note.verifiedBy(List.of(first.verifier(), first.verifier()))).containsExactly(first.verifier());
        assertThatExceptionOfType(NoteException.class).isThrownBy(() -> note.verifiedBy(Set.of(second.verifier())));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> note.verifiedBy(List.of(first.verifier(), second.verifier())));
    }

    @Test
    void everyKnownKeyThatSignedIsNamed() {
        String note = signer.sign("text\n") + signatureLine(other.sign("text\n"));
        assertThat(SignedNote.parse(note).verifiedBy(Set.of(signer.verifier(), other.verifier(), PETER)))
                .containsExactlyInAnyOrder(signer.verifier(), other.verifier());
        String twice = note + signatureLine(note);
        assertThat(SignedNote.parse(twice).verifiedBy(Set.of(other.verifier()))).containsExactly(other.verifier());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "\n\n",
                "text\n",
                "text\n\n",
                "text\n— a AAAAAAA=\n",
                "text\n\n— a AAAAAAA=",
                "text\n\n— a AAAAAAA=\n\n",
                "text\n\n- a AAAAAAA=\n",
                "text\n\n—a AAAAAAA=\n",
                "text\n\n—  AAAAAAA=\n",
                "text\n\n— a  AAAAAAA=\n",
                "text\n\n— a\n",
                "text\n\n— a \n",
                "text\n\n— a AAAAAA==\n",
                "text\n\n— a AAAAAAA\n",
                "text\n\n— a AAAAAAB=\n",
                "text\n\n— a AAAA_AA=\n",
                "text\n\n— a AAAAAAA= \n",
                "text\n\n— a+b AAAAAAA=\n",
                "text\n\n— a\u00a0b AAAAAAA=\n",
                "text\n\n— a AAAAAAA=\nmore\n",
                "text\r\n\r\n— a AAAAAAA=\r\n",
                "te\txt\n\n— a AAAAAAA=\n",
                "te\u0000xt\n\n— a AAAAAAA=\n",
                "te\ud800xt\n\n— a AAAAAAA=\n",
                "te\udc00\ud800xt\n\n— a AAAAAAA=\n",
                "text\n\n— \udc00 AAAAAAA=\n",
            })
    void malformedNotesAreRefused(String note) {
        assertThatExceptionOfType(NoteException.class).isThrownBy(() -> SignedNote.parse(note));
    }

    @Test
    void theShortestNoteIsRead() {
        SignedNote note = SignedNote.parse("\n\n— a AAAAAAA=\n");
        assertThat(note.text()).isEqualTo("\n");
        assertThat(note.signatures()).containsExactly(new SignedNote.NoteSignature("a", 0, Bytes.of(new byte[1])));
    }

    @Test
    void aHundredSignaturesAreReadAndNotOneMore() {
        String line = "— a AAAAAAA=\n";
        assertThat(SignedNote.parse("text\n\n" + line.repeat(100)).signatures()).hasSize(100);
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> SignedNote.parse("text\n\n" + line.repeat(101)))
                .withMessageContaining("100");
    }

    @Test
    void notesOverAMebibyteAreRefused() {
        String tail = "\n\n— a AAAAAAA=\n";
        int room = (1 << 20) - tail.length();
        assertThat(SignedNote.parse("x".repeat(room) + tail).text()).hasSize(room + 1);
        assertThatExceptionOfType(NoteException.class).isThrownBy(() -> SignedNote.parse("x".repeat(room + 1) + tail));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "te\txt\n", "te\rxt\n", "\ud800\n"})
    void textsThatANoteCannotHoldAreNotSigned(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> signer.sign(text));
    }

    @Test
    void signerWhosePublicKeyIsAnotherOnesIsFoundOut() {
        Signer honest = TestLog.ed25519(new byte[32]);
        PublicKey wrongKey = other.verifier().publicKey();
        Signer mismatched = new Signer() {
            @Override
            public SignatureAlgorithm algorithm() {
                return SignatureAlgorithm.ED25519;
            }

            @Override
            public PublicKey publicKey() {
                return wrongKey;
            }

            @Override
            public Bytes sign(Bytes message) {
                return honest.sign(message);
            }
        };
        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> new NoteSigner("a", mismatched).sign("text\n"))
                .withMessageContaining("does not verify");
    }

    private static String signatureLine(String note) {
        return note.substring(note.lastIndexOf("\n\n") + 2);
    }
}
