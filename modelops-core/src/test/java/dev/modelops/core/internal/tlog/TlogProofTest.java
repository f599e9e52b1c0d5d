package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlogProofTest {
    private final TestLog log = new TestLog(300);
    private final NoteVerifier key = log.signer.verifier();

    @Test
    void receiptHasTheFormOfTheSpecification() {
        List<byte[]> proof = log.tree.inclusionProof(5, 7);
        assertThat(log.receipt(5, 7))
                .isEqualTo("c2sp.org/tlog-proof@v1\nindex 5\n" + NoteSyntax.base64(proof.get(0)) + "\n"
                        + NoteSyntax.base64(proof.get(1)) + "\n" + NoteSyntax.base64(proof.get(2)) + "\n\n"
                        + log.checkpoint(7));
        assertThat(log.receipt(0, 1)).isEqualTo("c2sp.org/tlog-proof@v1\nindex 0\n\n" + log.checkpoint(1));
    }

    @Test
    void receiptsOfEveryEntryVerify() {
        for (int index = 0; index < 300; index++) {
            TlogProof receipt = TlogProof.parse(log.receipt(index, 300));
            assertThat(receipt.verify(log.entries.get(index), key)).isEqualTo(log.body(300));
            assertThat(receipt.index()).isEqualTo(index);
            assertThat(receipt.hashes()).hasSameSizeAs(log.tree.inclusionProof(index, 300));
            assertThat(receipt.checkpoint()).hasToString(log.checkpoint(300));
        }
    }

    @Test
    void entryThatIsNotTheOneIsRefused() {
        TlogProof receipt = TlogProof.parse(log.receipt(5, 300));
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> receipt.verify(log.entries.get(6), key))
                .withMessageContaining("index 5");
    }

    @Test
    void receiptOfAnotherLogIsRefused() {
        TlogProof receipt = TlogProof.parse(log.receipt(5, 300));
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> receipt.verify(
                        log.entries.get(5), TestLog.signer(TestLog.ORIGIN, 2).verifier()))
                .withMessageContaining("must be signed by");
        CheckpointBody foreign = new CheckpointBody("example.org/foreign", 300, log.tree.root(300));
        TlogProof signedForAnother =
                TlogProof.parse(TlogProof.format(5, log.tree.inclusionProof(5, 300), log.signer.sign(foreign.text())));
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> signedForAnother.verify(log.entries.get(5), key))
                .withMessageContaining("example.org/foreign");
    }

    @Test
    void keySignedTextThatIsNoCheckpointIsRefused() {
        String receipt = "c2sp.org/tlog-proof@v1\nindex 0\n\n" + log.signer.sign("hello\n");
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> TlogProof.parse(receipt).verify(log.entries.get(0), key));
    }

    @Test
    void everyWrongProofIsRefused() {
        List<byte[]> proof = log.tree.inclusionProof(5, 300);
        List<UnaryOperator<List<byte[]>>> changes = List.of(
                hashes -> hashes.subList(1, hashes.size()),
                hashes -> hashes.subList(0, hashes.size() - 1),
                hashes -> {
                    hashes.add(log.leaves.get(0));
                    return hashes;
                },
                hashes -> {
                    Collections.swap(hashes, 0, 1);
                    return hashes;
                },
                hashes -> List.of());
        for (UnaryOperator<List<byte[]>> change : changes) {
            String text = TlogProof.format(5, change.apply(new ArrayList<>(proof)), log.checkpoint(300));
            assertThatExceptionOfType(NoteException.class)
                    .isThrownBy(() -> TlogProof.parse(text).verify(log.entries.get(5), key));
        }
        for (long index : new long[] {0, 4, 6, 255, 299}) {
            String text = TlogProof.format(index, proof, log.checkpoint(300));
            assertThatExceptionOfType(NoteException.class)
                    .isThrownBy(() -> TlogProof.parse(text).verify(log.entries.get(5), key));
        }
    }

    @Test
    void extraDataIsPassedOver() {
        String receipt = log.receipt(5, 300).replace("\nindex", "\nextra aGVsbG8=\nindex");
        assertThat(TlogProof.parse(receipt).verify(log.entries.get(5), key)).isEqualTo(log.body(300));
    }

    @Test
    void extensionLinesAndOtherSignaturesAreAllowed() {
        String note =
                log.signer.sign(log.body(300).text() + "extension\n") + "— witness.example AAAAAAECAwQFBgcICQ==\n";
        String receipt = TlogProof.format(5, log.tree.inclusionProof(5, 300), note);
        assertThat(TlogProof.parse(receipt).verify(log.entries.get(5), key)).isEqualTo(log.body(300));
        String altered = receipt.replace("extension", "extensiom");
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> TlogProof.parse(altered).verify(log.entries.get(5), key));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n",
                "c2sp.org/tlog-proof@v1\n\n",
                "c2sp.org/tlog-proof@v1\nindex 0\n",
                "c2sp.org/tlog-proof@v1\nindex 0\n\n",
                "c2sp.org/tlog-proof@v1\nindex 0\n\ntext\n",
                "c2sp.org/tlog-proof@v2\nindex 0\n\nNOTE",
                " c2sp.org/tlog-proof@v1\nindex 0\n\nNOTE",
                "\n\nc2sp.org/tlog-proof@v1\nindex 0\n\nNOTE",
                "c2sp.org/tlog-proof@v1\n\nindex 0\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex \n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex -1\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex 00\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex 0\nindex 0\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex 0\nextra AA==\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nextra AA==\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nextra AA==\nextra AA==\nindex 0\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nextra\nindex 0\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nextra A\nindex 0\n\nNOTE",
                "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nNOTE",
                "c2sp.org/tlog-proof@v1\r\nindex 0\n\nNOTE",
            })
    void malformedReceiptsAreRefused(String form) {
        String receipt = form.replace("NOTE", log.checkpoint(1));
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> TlogProof.parse(receipt).verify(log.entries.get(0), key));
    }

    @Test
    void receiptHasNoMoreHashesThanATreeCanHaveLevels() {
        String hash = NoteSyntax.base64(log.leaves.get(0)) + "\n";
        String form = "c2sp.org/tlog-proof@v1\nindex 0\n%s\n" + log.checkpoint(1);
        assertThat(TlogProof.parse(form.formatted(hash.repeat(63))).hashes()).hasSize(63);
        for (int count : new int[] {64, 65, 70, 5000}) {
            assertThatExceptionOfType(NoteException.class)
                    .isThrownBy(() -> TlogProof.parse(form.formatted(hash.repeat(count))));
        }
    }

    @Test
    void receiptsOverAMebibyteAreRefused() {
        for (int length : new int[] {1 << 19, 1 << 20}) {
            String extra = "\nextra " + "AAAA".repeat(length / 4) + "\nindex";
            String receipt = log.receipt(5, 300).replace("\nindex", extra);
            if (length == 1 << 19) {
                assertThat(TlogProof.parse(receipt).index()).isEqualTo(5);
            } else {
                assertThatExceptionOfType(NoteException.class).isThrownBy(() -> TlogProof.parse(receipt));
            }
        }
    }

    @Test
    void receiptThatCouldNotBeReadIsNotMade() {
        List<byte[]> proof = log.tree.inclusionProof(5, 7);
        assertThatIllegalArgumentException().isThrownBy(() -> TlogProof.format(-1, proof, log.checkpoint(7)));
        assertThatIllegalArgumentException().isThrownBy(() -> TlogProof.format(7, proof, log.checkpoint(7)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlogProof.format(5, List.of(new byte[31]), log.checkpoint(7)));
        assertThatIllegalArgumentException().isThrownBy(() -> TlogProof.format(5, proof, "no note"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TlogProof.format(5, proof, log.signer.sign("no checkpoint\n")));
    }
}
