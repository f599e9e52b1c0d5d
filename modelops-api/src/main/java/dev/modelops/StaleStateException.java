package dev.modelops;

import java.time.Duration;
import java.time.Instant;

/**
 * The store has not answered for longer than the bound, so a model that is served might have been revoked since. Calls
 * work again by themselves soon after the store answers.
 */
public final class StaleStateException extends ModelOpsException {
    private static final long serialVersionUID = 1L;

    /** The last moment at which the state was known to be the newest. */
    private final Instant asOf;

    /** How long ago that was. */
    private final Duration age;

    /**
     * Creates a failure.
     *
     * @param freshness how old the state is and why
     * @param bound how old it may be
     */
    public StaleStateException(Freshness freshness, Duration bound) {
        super("the state is that of position " + freshness.position() + ", last known to be the newest at "
                + freshness.asOf() + ", " + freshness.age() + " ago, and may be at most " + bound + " old; "
                + (freshness.trouble().isEmpty()
                        ? "the store has not answered since"
                        : "the store could not be followed since: " + freshness.trouble())
                + "; bring the store back, and calls work again by themselves");
        this.asOf = freshness.asOf();
        this.age = freshness.age();
    }

    /**
     * Returns since when the store has not answered.
     *
     * @return the last moment at which the state was known to be the newest, by the host's clock
     */
    public Instant asOf() {
        return asOf;
    }

    /**
     * Returns how old the state was when the call was refused.
     *
     * @return the age
     */
    public Duration age() {
        return age;
    }
}
