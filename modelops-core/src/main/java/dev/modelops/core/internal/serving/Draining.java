package dev.modelops.core.internal.serving;

import dev.modelops.Environment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Models that were given up and must be closed, once no call uses them any more. Of one thread alone. */
final class Draining<T> {
    private static final Logger LOG = LoggerFactory.getLogger(LiveHandle.class);
    private static final Duration LEAK = Duration.ofMinutes(1);

    private final Environment environment;
    private final List<Loaded<T>> models = new ArrayList<>();

    Draining(Environment environment) {
        this.environment = environment;
    }

    /** Gives up a model: it gives out no more leases. */
    void add(Loaded<T> old, Instant now) {
        if (old.leases != null) {
            old.leases.retire();
            old.retired = now;
            models.add(old);
        }
    }

    boolean isEmpty() {
        return models.isEmpty();
    }

    /** Closes those that no call uses any more. */
    void closeIdle(Instant now) {
        models.removeIf(old -> {
            if (old.leases == null || !old.leases.isIdle()) {
                if (!old.isLeaked && now.isAfter(old.retired.plus(LEAK))) {
                    old.isLeaked = true;
                    LOG.error(
                            "{} in {} was replaced {} ago and is still in use; it is closed once it is not, never"
                                    + " before: a call does not return",
                            old.ref,
                            environment,
                            LEAK);
                }
                return false;
            }
            try {
                ((AutoCloseable) old.model).close();
            } catch (Exception | Error e) {
                LOG.warn("model {} failed to close", old.ref, e);
            }
            return true;
        });
    }

    /** Returns how many have been in use for so long that they count as leaked. */
    int leaks() {
        return (int) models.stream().filter(old -> old.isLeaked).count();
    }
}
