package dev.modelops.core.internal;

import dev.modelops.ModelOps;
import dev.modelops.Opening;
import java.time.Duration;

/** Opens logs that look for rows behind the head more often than hosts want it. */
public final class FrequentLooks {
    private FrequentLooks() {}

    /** Starts what an opening describes. */
    public static ModelOps start(Opening opening, Duration every) {
        return LiveModelOps.start(opening, System::nanoTime, every);
    }
}
