package dev.modelops.core.internal.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.core.internal.experiment.OutcomeJoin.Coverage;
import dev.modelops.core.internal.experiment.OutcomeJoin.Joined;
import dev.modelops.core.internal.experiment.OutcomeJoin.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Outcomes and their predictions. */
class OutcomeJoinTest {
    private static final Instant START = Instant.parse("2026-11-23T00:00:00Z");

    private final OutcomeJoin<String> join = new OutcomeJoin<>(3, Duration.ofHours(2), Duration.ofHours(10));

    private static Instant hour(double hours) {
        return START.plusMillis((long) (hours * 3_600_000));
    }

    @Test
    void anOutcomeFindsItsPredictionOnce() {
        join.predicted("a", "champion", "row a", hour(0));

        Joined<String> joined = join.outcome("a", 1, hour(1));

        assertThat(joined).isEqualTo(new Joined<>(State.MATCHED, "a", 1, "row a"));
        assertThat(joined.counts()).isTrue();
        assertThat(join.outcome("a", 1, hour(1)).state()).isEqualTo(State.DUPLICATE);
        Joined<String> other = join.outcome("a", 0, hour(1));
        assertThat(other.state()).isEqualTo(State.CONFLICTING);
        assertThat(other.counts()).isFalse();
        Coverage coverage = join.coverage("champion");
        assertThat(coverage.matched()).isEqualTo(1);
        assertThat(coverage.duplicates()).isEqualTo(1);
        assertThat(coverage.conflicting()).isEqualTo(1);
        assertThat(coverage.delays().get(21)).isEqualTo(1);
    }

    @Test
    void aLateOutcomeCountsAndIsSaidToBeLate() {
        join.predicted("a", "champion", "row a", hour(0));

        assertThat(join.outcome("a", 1, hour(2.5))).isEqualTo(new Joined<>(State.LATE, "a", 1, "row a"));
        assertThat(join.coverage("champion").late()).isEqualTo(1);
    }

    @Test
    void anOutcomeMayComeBeforeItsPrediction() {
        assertThat(join.outcome("a", 1, hour(0)).state()).isEqualTo(State.EARLY);
        assertThat(join.outcome("a", 1, hour(0)).state()).isEqualTo(State.DUPLICATE);
        assertThat(join.outcome("a", 0, hour(0)).state()).isEqualTo(State.CONFLICTING);

        assertThat(join.predicted("a", "champion", "row a", hour(.1)))
                .isEqualTo(new Joined<>(State.MATCHED, "a", 1, "row a"));
        assertThat(join.outcome("a", 1, hour(1)).state()).isEqualTo(State.DUPLICATE);
        assertThat(join.waiting()).isZero();
    }

    @Test
    void whatWaitedTooLongIsGivenUpAndCounted() {
        join.predicted("a", "champion", "row a", hour(0));
        join.outcome("stray", 1, hour(0));
        join.expire(hour(9.9));
        assertThat(join.waiting()).isEqualTo(1);

        join.expire(hour(10.1));

        assertThat(join.waiting()).isZero();
        assertThat(join.unmatched()).isEqualTo(1);
        assertThat(join.coverage("champion").expired()).isEqualTo(1);
        Joined<String> joined = join.outcome("a", 1, hour(10.2));
        assertThat(joined.state()).isEqualTo(State.EXPIRED);
        assertThat(joined.counts()).isFalse();
    }

    @Test
    void noMoreIsKeptThanThereIsRoomFor() {
        for (int i = 0; i < 100; i++) {
            join.predicted("p" + i, "champion", "row", hour(i / 100.0));
            join.outcome("stray" + i, 1, hour(i / 100.0));
            assertThat(join.waiting()).isLessThanOrEqualTo(3);
        }

        assertThat(join.coverage("champion").expired()).isEqualTo(97);
        assertThat(join.unmatched()).isEqualTo(97);
        assertThat(join.outcome("p99", 1, hour(1)).state()).isEqualTo(State.MATCHED);
        assertThat(join.outcome("p96", 1, hour(1)).state()).isEqualTo(State.EXPIRED);
        assertThat(join.outcome("p95", 1, hour(1)).state()).isEqualTo(State.EXPIRED);
        assertThat(join.outcome("p94", 1, hour(1)).state()).isEqualTo(State.EARLY);
        // Nothing is known of it any more, not even that it was.
        assertThat(join.outcome("p1", 1, hour(1)).state()).isEqualTo(State.EARLY);
    }

    @Test
    void coverageIsToldByGroup() {
        join.predicted("a", "champion", "row", hour(0));
        join.predicted("b", "challenger", "row", hour(0));
        join.outcome("a", 1, hour(1));

        assertThat(join.coverage("champion").share()).isEqualTo(1);
        assertThat(join.coverage("challenger").share()).isZero();
        assertThat(join.coverage("nobody").predicted()).isZero();
    }

    @Test
    void groupsAreFew() {
        for (int i = 0; i < 1000; i++) {
            join.predicted("p" + i, "group" + i, "row", hour(0));
        }

        assertThatThrownBy(() -> join.predicted("x", "one more", "row", hour(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("groups");
        join.predicted("x", "group7", "row", hour(0));
        assertThat(join.coverage("group7").predicted()).isEqualTo(2);
    }

    @Test
    void anIdIsUsedOnce() {
        join.predicted("a", "champion", "row", hour(0));
        assertThatThrownBy(() -> join.predicted("a", "champion", "row", hour(0)))
                .isInstanceOf(IllegalArgumentException.class);
        join.outcome("a", 1, hour(1));
        assertThatThrownBy(() -> join.predicted("a", "champion", "row", hour(0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> join.outcome("a", Double.NaN, hour(1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyPredictionIsMatchedExpiredOrWaitingWhateverComes() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            OutcomeJoin<Integer> any = new OutcomeJoin<>(5, Duration.ofMinutes(30), Duration.ofHours(1));
            long counted = 0;
            int next = 0;
            for (int step = 0; step < 300; step++) {
                Instant now = START.plusSeconds(step * 60L);
                if (random.nextBoolean()) {
                    Joined<Integer> joined = any.predicted("p" + next, "g", next, now);
                    counted += joined != null && joined.counts() ? 1 : 0;
                    next++;
                } else {
                    Joined<Integer> joined = any.outcome("p" + Math.max(0, next + 2 - random.nextInt(8)), 1, now);
                    counted += joined.counts() ? 1 : 0;
                    assertThat(joined.counts()).isEqualTo(joined.kept() != null);
                }
            }
            Coverage coverage = any.coverage("g");
            assertThat(coverage.predicted()).isEqualTo(next);
            assertThat(coverage.matched()).isEqualTo(counted);
            assertThat(coverage.matched() + coverage.expired() + any.waiting()).isEqualTo(next);
        }
    }
}
