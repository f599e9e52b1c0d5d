package dev.modelops.core.internal;

import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.core.internal.notification.Outbox;
import java.time.Duration;

/** Opens logs that do often what hosts want done now and then. */
public final class Hurried {
    private Hurried() {}

    /** Starts a log that looks for rows behind the head this often, and keeps a snapshot after so many entries. */
    public static ModelOps start(Opening opening, Duration wholeLook, long snapshot) {
        return LiveModelOps.start(
                opening, System::nanoTime, new LiveModelOps.Pace(wholeLook, snapshot, Outbox.Pace.USUAL));
    }

    /** Starts a log that delivers notifications at such a pace. */
    public static ModelOps start(Opening opening, Outbox.Pace notifications) {
        return LiveModelOps.start(
                opening,
                System::nanoTime,
                new LiveModelOps.Pace(
                        LiveModelOps.Pace.USUAL.wholeLook(), LiveModelOps.Pace.USUAL.snapshot(), notifications));
    }
}
