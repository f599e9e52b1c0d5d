package dev.modelops.core.internal.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.monitoring.WindowHistory.Added;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Windows put together from parts. */
class WindowHistoryTest {
    private static final Layout LAYOUT =
            new Layout(Monitored.spec(1, 1, Check.of(Statistic.PSI, "income", .1)), Monitored.PROFILE);

    @Test
    void partsInAnyOrderAndTwiceMakeTheSameWindows() {
        List<Window> parts = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 12; i++) {
            parts.add(Monitored.window(LAYOUT, i % 3, 20, random, 0));
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            order.add(i % 12);
        }
        List<Window> expected = null;
        for (int round = 0; round < 5; round++) {
            WindowHistory history = new WindowHistory(10);
            int known = 0;
            for (int part : order) {
                known += history.add("part " + part, parts.get(part)) == Added.KNOWN ? 1 : 0;
            }
            assertThat(known).isEqualTo(12);
            if (expected == null) {
                expected = history.latest(2, 3);
                assertThat(expected).extracting(Window::predictions).containsExactly(80L, 80L, 80L);
            }
            assertThat(history.latest(2, 3)).isEqualTo(expected);
            Collections.shuffle(order, random);
        }
    }

    @Test
    void onlyTheLatestAreKept() {
        WindowHistory history = new WindowHistory(2);
        Random random = new Random(2);
        for (long index : new long[] {5, 6, 7}) {
            assertThat(history.add("p" + index, Monitored.window(LAYOUT, index, 5, random, 0)))
                    .isEqualTo(Added.NEW);
        }

        assertThat(history.latest(9, 5)).extracting(Window::index).containsExactly(6L, 7L);
        assertThat(history.latest(6, 5)).extracting(Window::index).containsExactly(6L);
        assertThat(history.latest(9, 1)).extracting(Window::index).containsExactly(7L);
        assertThat(history.add("late", Monitored.window(LAYOUT, 5, 5, random, 0)))
                .isEqualTo(Added.TOO_OLD);
        assertThat(history.tooOld()).isEqualTo(1);
    }

    @Test
    void aPartOfAnotherMonitorIsRefusedAndChangesNothing() {
        WindowHistory history = new WindowHistory(2);
        Window window = Monitored.window(LAYOUT, 1, 5, new Random(3), 0);
        Layout other = new Layout(Monitored.spec(1, 1, Check.of(Statistic.PSI, "income", .2)), Monitored.PROFILE);
        history.add("a", window);

        assertThatThrownBy(() -> history.add("b", Monitored.window(other, 1, 5, new Random(3), 0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(history.latest(1, 1)).containsExactly(window);
        assertThat(history.add("b", window)).isEqualTo(Added.NEW);
    }
}
