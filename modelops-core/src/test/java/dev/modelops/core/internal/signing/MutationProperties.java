package dev.modelops.core.internal.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.modelops.Bytes;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.signing.VerificationException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mutants of bundles, notes, receipts, envelopes, certificates and timestamps: whatever is accepted says what the original
 * says, by the same signers, whatever is refused is refused with an exception of its own, and none asks for memory without
 * bound. {@code -Dmodelops.mutants=100000} makes so many of each instead of some, {@code -Dmodelops.mutants.seed} begins
 * elsewhere, and {@code -Dmodelops.mutants.keep=FILE} keeps the shortest mutant for each kind of answer, in the form of the
 * corpus.
 */
class MutationProperties {
    private static final int SEEDS = 10;
    private static final long MUTANTS = Long.getLong("modelops.mutants", 1500);
    private static final long FIRST_SEED = Long.getLong("modelops.mutants.seed", 20261123);

    /** Far above what any of these inputs needs, and far below what a few bytes could be made to ask for. */
    private static final long MOST_ALLOCATED = 32L * 1024 * 1024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Map<MutationTarget, Object> MEANINGS = new EnumMap<>(MutationTarget.class);
    private static final List<byte[]> VALID =
            Arrays.stream(MutationTarget.values()).map(MutationTarget::valid).toList();

    static Stream<Arguments> seeds() {
        return Arrays.stream(MutationTarget.values())
                .flatMap(target -> LongStream.range(0, SEEDS).mapToObj(n -> Arguments.of(target, FIRST_SEED + n)));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("seeds")
    void noMutantThatIsAcceptedSaysAnythingElse(MutationTarget target, long seed) throws IOException {
        Object meaning = MEANINGS.computeIfAbsent(target, one -> one.meaning(one.valid()));
        Mutator mutator = new Mutator(seed, VALID);
        Map<String, byte[]> kept = new TreeMap<>();
        for (long i = 0; i < MUTANTS / SEEDS; i++) {
            byte[] valid = target.valid();
            byte[] mutant = switch ((int) (i % 3)) {
                case 0 -> mutator.bytes(valid);
                case 1 -> target.mutated(mutator, valid);
                default -> target.mutated(mutator, mutator.bytes(valid));
            };
            String answer = answer(target, mutant, meaning);
            kept.merge(answer, mutant, (one, other) -> one.length <= other.length ? one : other);
        }
        keep(target, kept);
    }

    private static String answer(MutationTarget target, byte[] mutant, Object meaning) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            Object found = target.meaning(mutant);
            assertThat(found).as("%s %s", target, encoded(mutant)).isEqualTo(meaning);
            return MutationCorpusTest.ACCEPTED;
        } catch (VerificationException | NoteException | MutationTarget.IncompleteNoteException e) {
            assertThat(e.getMessage()).as("%s %s", target, encoded(mutant)).isNotBlank();
            return MutationCorpusTest.answer(e);
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(target + " failed untyped on " + encoded(mutant), e);
        } finally {
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                    .as("%s %s", target, encoded(mutant))
                    .isLessThan(MOST_ALLOCATED);
        }
    }

    private static Object encoded(byte[] mutant) {
        return new Object() {
            @Override
            public String toString() {
                return Bytes.of(mutant).toBase64();
            }
        };
    }

    private static void keep(MutationTarget target, Map<String, byte[]> kept) throws IOException {
        String file = System.getProperty("modelops.mutants.keep", "");
        if (file.isEmpty()) {
            return;
        }
        Path path = Path.of(file);
        Map<String, String> lines = new TreeMap<>();
        if (Files.exists(path)) {
            Files.readAllLines(path).forEach(line -> lines.put(line.substring(0, line.lastIndexOf(' ')), line));
        }
        kept.forEach((answer, mutant) -> {
            String key = target + " " + answer;
            lines.merge(
                    key,
                    key + " " + Bytes.of(mutant).toBase64(),
                    (one, other) -> Stream.of(one, other)
                            .min(Comparator.comparingInt(String::length))
                            .orElseThrow());
        });
        Files.write(path, lines.values());
    }
}
