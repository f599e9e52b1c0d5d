package dev.modelops.core.internal.serving;

import dev.modelops.Freshness;
import dev.modelops.StaleStateException;
import java.time.Duration;
import java.util.function.Supplier;

/** How old the state may be that handles serve by, and what they do beyond that. */
public record Staleness(Supplier<Freshness> freshness, Duration bound, Freshness.Stance stance) {
    boolean isStale() {
        return freshness.get().isStale();
    }

    boolean refuses() {
        return stance == Freshness.Stance.REFUSE;
    }

    StaleStateException refusal() {
        return new StaleStateException(freshness.get(), bound);
    }
}
