package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.CommandId;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.policy.Action;
import dev.modelops.registry.VersionSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the proof of linearizability must notice. The log: register 1, promote 1, register 2, promote 2. */
class HistoryTest {
    private static final List<String> TRUE = List.of(
            "CALL a .",
            "ACK a 2 10 20 .",
            "CALL b .",
            "ACK b 3 30 40 .",
            "CALL c .",
            "ACK c 4 50 60 .",
            "CALL d .",
            "ACK d 5 70 80 .");

    @TempDir
    Path dir;

    private ModelOps ops;
    private final List<Entry> log = new ArrayList<>();

    @BeforeEach
    void actFourTimes() {
        ops = Site.inMemory();
        for (int i = 1; i <= 2; i++) {
            VersionSpec spec = Site.spec(dir, "shared", i).as(CommandId.of(i == 1 ? "a" : "c"));
            ModelRef ref = Site.registry(ops, Site.ADA).register(spec).ref();
            Site.registry(ops, Site.RITA)
                    .perform(Action.promote(ref, Site.STAGING).as(CommandId.of(i == 1 ? "b" : "d")));
        }
        for (long i = 0; i < 5; i++) {
            log.add(Entry.decode(i, ops.as(Site.AUDITOR).audit().get(i).body().toByteArray()));
        }
    }

    @AfterEach
    void close() {
        ops.close();
    }

    @Test
    void aHistoryInTheOrderOfTheLogIsLinearizable() {
        History history = history(TRUE);
        assertThat(history.add("READ 1 45 46 .")).isFalse();
        history.add("READ 2 75 76 .");
        history.add("READ 1 71 79 .");
        history.add("CALL e .");
        history.add("NOT e 81 82 1 2 .");
        history.requireLinearizable(log);
    }

    @Test
    void aReadOfWhatIsOverIsNoticed() {
        requireFault("READ 1 85 86 .");
        requireFault("READ 0 85 86 .");
    }

    @Test
    void aReadOfWhatIsStillToComeIsNoticed() {
        requireFault("READ 2 45 46 .");
    }

    @Test
    void twoReadsInTheWrongOrderOfTimeAreNoticed() {
        History history = history(TRUE);
        history.add("READ 2 71 72 .");
        history.requireLinearizable(log);
        history.add("READ 1 73 74 .");
        assertThatThrownBy(() -> history.requireLinearizable(log)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aReadPlacedBehindOneThatEndedLaterIsNoticed() {
        History history = history(TRUE);
        history.add("READ 2 71 72 .");
        history.add("READ 1 65 77 .");
        history.requireLinearizable(log);
        history.add("READ 1 78 79 .");
        assertThatThrownBy(() -> history.requireLinearizable(log)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aConflictThatWasNoneIsNoticed() {
        requireFault("CALL e .", "NOT e 45 46 1 2 .");
    }

    @Test
    void anActThatOvertakesAnotherIsNoticed() {
        List<String> wrong = new ArrayList<>(TRUE);
        wrong.set(5, "ACK c 4 81 82 .");
        assertThatThrownBy(() -> history(wrong).requireLinearizable(log)).isInstanceOf(AssertionError.class);
    }

    @Test
    void anAnswerTheLogDoesNotHaveIsNoticed() {
        requireFault("CALL e .", "ACK e 6 90 91 .");
        List<String> wrong = new ArrayList<>(TRUE);
        wrong.set(1, "ACK a 3 10 20 .");
        assertThatThrownBy(() -> history(wrong).requireLinearizable(log)).isInstanceOf(AssertionError.class);
    }

    @Test
    void anEntryNobodyCalledForIsNoticed() {
        List<String> wrong = TRUE.subList(0, 6);
        assertThatThrownBy(() -> history(wrong).requireLinearizable(log)).isInstanceOf(AssertionError.class);
    }

    @Test
    void anEntryOfWhatWasAnsweredAsNotDoneIsNoticed() {
        requireFault("FAIL d .");
    }

    @Test
    void anythingBrokenIsNoticedAndALineCutOffIsNot() {
        requireFault("BROKEN e java.lang.NullPointerException .");
        History history = history(TRUE);
        history.add("FAIL d");
        history.requireLinearizable(log);
    }

    private void requireFault(String... lines) {
        History history = history(TRUE);
        history.requireLinearizable(log);
        for (String line : lines) {
            history.add(line);
        }
        assertThatThrownBy(() -> history.requireLinearizable(log)).isInstanceOf(AssertionError.class);
    }

    private static History history(List<String> lines) {
        History history = new History();
        lines.forEach(history::add);
        return history;
    }
}
