package dev.modelops.core.internal.serving;

import dev.modelops.Identity;
import dev.modelops.PrincipalSource;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The identity of one handle in a log that takes roles from claims, renewed now and then. What cannot be renewed counts
 * without roles, so that policy refuses it.
 */
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
    private static final Duration MOST_BETWEEN = Duration.ofMinutes(1);

    private final PrincipalSource source;
    private final Identity opened;
    private final long between;
    private final long bound;
    private volatile Identity present;
    private volatile long renewed = System.nanoTime();

    /** Of the serving thread alone. */
    private boolean fails;

    Claims(PrincipalSource source, Identity opened, Duration bound) {
        this.source = source;
        this.opened = opened;
        this.present = opened;
        this.bound = bound.toNanos();
        this.between = Math.min(MOST_BETWEEN.toNanos(), this.bound / 3);
    }

    /** Returns who the handle serves for, with the roles that count now. */
    Identity present() {
        return present;
    }

    /** Asks the source again if it is time, and tells whether the identity changed. Called by the serving thread alone. */
    boolean renew() {
        long now = System.nanoTime();
        if (now - renewed < between) {
            return false;
        }
        Identity next;
        try {
            Identity again = source.renew(opened);
            if (!again.principal().equals(opened.principal())) {
                throw new IllegalStateException("the claims of " + opened.principal() + " were asked for, but those of "
                        + again.principal() + " were given");
            }
            next = again;
            fails = false;
        } catch (RuntimeException | Error e) {
            next = withoutRoles();
            if (!fails) {
                LOG.error(
                        "the claims of {} cannot be renewed; its handles count without roles until they can",
                        opened.principal(),
                        e);
                fails = true;
            }
        }
        synchronized (this) {
            // Compared with what counts by now: it may have expired while the source was asked.
            boolean isOther = !next.equals(present);
            present = next;
            renewed = now;
            return isOther;
        }
    }

    /** Takes the roles away where a source has not answered for too long, and tells whether there were any. */
    synchronized boolean expire() {
        if (System.nanoTime() - renewed < bound || present.claimedRoles().isEmpty()) {
            return false;
        }
        present = withoutRoles();
        return true;
    }

    private Identity withoutRoles() {
        return new Identity(opened.principal(), opened.assurance(), Set.of());
    }
}
