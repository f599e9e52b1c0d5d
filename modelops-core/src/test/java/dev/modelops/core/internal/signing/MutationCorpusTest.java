package dev.modelops.core.internal.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.signing.VerificationException;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Mutants that led somewhere once are judged as they were then; see {@link MutationProperties}. */
class MutationCorpusTest {
    static final String ACCEPTED = "ACCEPTED";

    static Stream<Arguments> corpus() {
        AtomicInteger line = new AtomicInteger();
        return MutationTarget.text("corpus.txt").lines().map(text -> {
            String[] parts = text.split(" ");
            return Arguments.of(
                    line.incrementAndGet(),
                    MutationTarget.valueOf(parts[0]),
                    parts[1],
                    Base64.getDecoder().decode(parts.length > 2 ? parts[2] : ""));
        });
    }

    @ParameterizedTest(name = "line {0}: {1} {2}")
    @MethodSource("corpus")
    void everyMutantIsJudgedAsBefore(int line, MutationTarget target, String expected, byte[] mutant) {
        String judged = judged(target, mutant);

        if (!target.isDer()) {
            assertThat(reason(judged)).isEqualTo(reason(expected));
        } else if (!expected.equals(ACCEPTED)) {
            assertThat(judged).isNotEqualTo(ACCEPTED);
        }
    }

    private static String reason(String answer) {
        return answer.split(":")[0];
    }

    @ParameterizedTest
    @EnumSource
    void theValidInputsAreAcceptedAndTheCorpusHoldsMutantsOfEach(MutationTarget target) {
        assertThat(judged(target, target.valid())).isEqualTo(ACCEPTED);
        assertThat(corpus().filter(arguments -> arguments.get()[1] == target)).hasSizeGreaterThan(2);
    }

    private static String judged(MutationTarget target, byte[] input) {
        try {
            assertThat(target.meaning(input)).isEqualTo(target.meaning(target.valid()));
            return ACCEPTED;
        } catch (VerificationException | NoteException | MutationTarget.IncompleteNoteException e) {
            return answer(e);
        }
    }

    /** Returns the kind of a refusal: its reason and the beginning of its message, without what is of the input. */
    static String answer(RuntimeException e) {
        String reason =
                e instanceof VerificationException known ? known.reason().name() : "REFUSED";
        String message = String.valueOf(e.getMessage())
                .replaceAll(":.*", "")
                .replaceAll("'[^']*'?", "Q")
                .replaceAll("[0-9]+", "N")
                .replaceAll("[^A-Za-z]+", "-");
        return reason + ":" + message.substring(0, Math.min(100, message.length()));
    }
}
