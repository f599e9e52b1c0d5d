package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.testkit.fixtures.MutableClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecencyTest {
    private static final Instant START = Instant.parse("2030-01-01T09:00:00Z");
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final MutableClock clock = MutableClock.at(START);
    private Duration ticks = Duration.ofNanos(Long.MAX_VALUE).minusSeconds(30);
    private final Recency recency = new Recency(clock, () -> ticks.toNanos(), GRACE);

    /** Lets time pass as a machine at work sees it. */
    private void pass(Duration time) {
        ticks = Duration.ofNanos(ticks.toNanos() + time.toNanos());
        clock.set(clock.instant().plus(time));
    }

    @Test
    void ageIsCountedFromBeforeTheHeadWasRead() {
        Recency.Moment before = recency.moment();
        pass(Duration.ofMinutes(3));
        recency.proved(before);

        assertThat(recency.age()).isEqualTo(Duration.ofMinutes(3));
        assertThat(recency.last().at()).isEqualTo(START);
    }

    @Test
    void anOlderProofThatEndsLaterCountsForNothing() {
        Recency.Moment slow = recency.moment();
        pass(Duration.ofMinutes(1));
        recency.proved(recency.moment());
        recency.proved(slow);

        assertThat(recency.age()).isZero();
    }

    @Test
    void aClockSetBackDoesNotMakeTheStateYounger() {
        pass(Duration.ofMinutes(10));
        clock.set(START.minus(Duration.ofDays(1)));

        assertThat(recency.age()).isEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void timeThatTheTickerSleptThroughCounts() {
        pass(GRACE.plusNanos(1));
        clock.advance(Duration.ofHours(8));

        assertThat(recency.age()).isEqualTo(Duration.ofHours(8).plus(GRACE).plusNanos(1));
    }

    @Test
    void aClockSetForwardCountsForNothingRightAfterAProof() {
        pass(GRACE);
        clock.advance(Duration.ofDays(1));

        assertThat(recency.age()).isEqualTo(GRACE);
        recency.proved(recency.moment());
        pass(Duration.ofMinutes(1));
        assertThat(recency.age()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void whatFailedIsForgottenWithTheNextProof() {
        recency.failed("gone");
        assertThat(recency.trouble()).isEqualTo("gone");
        recency.proved(recency.moment());
        assertThat(recency.trouble()).isEmpty();
    }

    @Test
    void aPastMomentIsAsOldAsTheClockSays() {
        recency.begin(recency.moment(START.minus(Duration.ofMinutes(7))));
        assertThat(recency.age()).isEqualTo(Duration.ofMinutes(7));
        pass(Duration.ofMinutes(1));
        assertThat(recency.age()).isEqualTo(Duration.ofMinutes(8));
        recency.begin(recency.moment(clock.instant().plusSeconds(1)));
        assertThat(recency.age()).isZero();
    }
}
