package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mutants of good notes, receipts and keys are refused by the package's own exception, or mean what the original means. */
class TamperProperties {
    private static final int MUTANTS = 60;

    private static final String SPICE = "\n\n \t\r\u0000+=—-0123456789AZaz/é\u00a0\u0085\u2028\ud83d\ude00\uffff";

    private final TestLog log = new TestLog(20);
    private final NoteVerifier key = log.signer.verifier();

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutantOfANoteVerifiesOnlyWithTheSameText(long seed) {
        Random random = new Random(seed);
        String note = log.checkpoint(20) + "— witness.example AAAAAAECAwQFBgcICQ==\n";
        for (int i = 0; i < MUTANTS; i++) {
            String mutant = mutate(note, random);
            try {
                SignedNote parsed = SignedNote.parse(mutant);
                if (!parsed.verifiedBy(Set.of(key)).isEmpty()) {
                    assertThat(parsed.text()).isEqualTo(log.body(20).text());
                    assertThat(CheckpointBody.parse(parsed.text())).isEqualTo(log.body(20));
                }
            } catch (NoteException e) {
                assertThat(e).hasMessageContaining(" ");
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutantOfAReceiptVerifiesOnlyWithTheSameMeaning(long seed) {
        Random random = new Random(seed);
        int index = random.nextInt(20);
        String receipt = log.receipt(index, 20).replace("\nindex", "\nextra aGVsbG8=\nindex");
        TlogProof original = TlogProof.parse(receipt);
        for (int i = 0; i < MUTANTS; i++) {
            String mutant = mutate(receipt, random);
            try {
                TlogProof parsed = TlogProof.parse(mutant);
                assertThat(parsed.verify(log.entries.get(index), key)).isEqualTo(log.body(20));
                assertThat(parsed.index()).isEqualTo(index);
                assertThat(parsed.checkpoint().text())
                        .isEqualTo(original.checkpoint().text());
                assertThat(Arrays.deepEquals(
                                parsed.hashes().toArray(), original.hashes().toArray()))
                        .isTrue();
            } catch (NoteException e) {
                assertThat(e).hasMessageContaining(" ");
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutantOfAnEntryNeverVerifies(long seed) {
        Random random = new Random(seed);
        int index = random.nextInt(20);
        TlogProof receipt = TlogProof.parse(log.receipt(index, 20));
        byte[] entry = log.entries.get(index).clone();
        entry[random.nextInt(entry.length)] ^= (byte) (1 << random.nextInt(8));
        for (byte[] mutant : List.of(entry, Arrays.copyOf(entry, entry.length - 1), new byte[0])) {
            assertThat(Merkle.verifyInclusion(index, 20, Merkle.leafHash(mutant), receipt.hashes(), log.tree.root(20)))
                    .isFalse();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutantOfATextOfACheckpointIsReadOnlyInTheFormItIsWritten(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < MUTANTS; i++) {
            String mutant = mutate(log.body(20).text(), random);
            try {
                CheckpointBody body = CheckpointBody.parse(mutant);
                assertThat(mutant).startsWith(body.text());
            } catch (NoteException e) {
                assertThat(e).hasMessageContaining(" ");
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutantOfAKeyOrATilePathIsReadOnlyInTheFormItIsWritten(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < MUTANTS; i++) {
            String vkey = mutate(key.vkey(), random);
            String path = mutate("tile/1/x001/x234/067.p/89", random);
            try {
                assertThat(NoteVerifier.parse(vkey).vkey()).isEqualTo(vkey).isEqualTo(key.vkey());
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("must");
            }
            try {
                assertThat(TilePath.parse(path)).hasToString(path);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("must");
            }
        }
    }

    private static String mutate(String text, Random random) {
        String mutant = text;
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(mutant.length() + 1);
            int to = Math.min(mutant.length(), at + 1 + random.nextInt(1 + random.nextInt(40)));
            String spice = SPICE.substring(random.nextInt(SPICE.length())).substring(0, 1);
            mutant = switch (random.nextInt(7)) {
                case 0 -> mutant.substring(0, at) + spice + mutant.substring(at);
                case 1 -> mutant.substring(0, at) + mutant.substring(to);
                case 2 -> mutant.substring(0, at) + spice + mutant.substring(Math.min(at + 1, mutant.length()));
                case 3 -> mutant.substring(0, at);
                case 4 -> mutant.substring(0, to) + mutant.substring(at);
                case 5 -> swapLines(mutant, random);
                default ->
                    mutant.substring(0, at) + mutant.substring(at, to).toUpperCase(Locale.ROOT) + mutant.substring(to);
            };
        }
        return mutant;
    }

    private static String swapLines(String text, Random random) {
        String[] lines = text.split("\n", -1);
        int first = random.nextInt(lines.length);
        int second = random.nextInt(lines.length);
        String line = lines[first];
        lines[first] = lines[second];
        lines[second] = line;
        return String.join("\n", lines);
    }
}
