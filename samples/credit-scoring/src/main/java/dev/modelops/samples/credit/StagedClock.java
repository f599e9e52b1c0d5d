package dev.modelops.samples.credit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that the story moves, so that months pass in seconds. */
final class StagedClock extends Clock {
    private volatile Instant now;

    StagedClock(Instant start) {
        this.now = start;
    }

    void moveTo(Instant time) {
        if (time.isBefore(now)) {
            throw new IllegalArgumentException("the clock stands at " + now + " and does not go back to " + time);
        }
        now = time;
    }

    void advance(Duration step) {
        moveTo(now.plus(step));
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
