package dev.modelops.core.internal;

import dev.modelops.Bytes;
import dev.modelops.audit.AuditEntry;
import dev.modelops.core.internal.audit.Entries;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.thread.Threads;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of entries, in order, on one thread. The newest entries wait in memory, so many and no more; a listener
 * that falls behind further is told of the others as they are read from the store again.
 */
final class Listeners implements Ledger.Follower, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final int MOST_WAITING = 1024;
    private static final long PAUSE_MILLIS = 1000;

    private final Ledger ledger;
    private final ScheduledThreadPoolExecutor thread = Threads.one("modelops-listeners");
    private final List<Listening> listeners = new CopyOnWriteArrayList<>();
    private final ArrayDeque<AuditEntry> waiting = new ArrayDeque<>();
    private volatile boolean closed;

    /** The index of the entry to tell next, the end of what is to be told, and whether it is being told. */
    private long next;

    private long end;
    private boolean isTelling;

    private record Listening(Consumer<AuditEntry> listener, long from) {}

    Listeners(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Adds a listener, to be told of what is appended from now on. */
    AutoCloseable add(Consumer<AuditEntry> listener) {
        // Wrapped, so that a listener added twice is removed once.
        Listening one = new Listening(listener::accept, ledger.tip().state().size());
        listeners.add(one);
        return () -> listeners.remove(one);
    }

    @Override
    public synchronized void advanced(Tip tip, List<Entry> entries, List<Bytes> bodies) {
        end = tip.state().size();
        if (listeners.isEmpty() && !isTelling) {
            next = end;
            return;
        }
        if (!isTelling) {
            next = end - entries.size();
        }
        for (int i = Math.max(0, entries.size() - MOST_WAITING); i < entries.size(); i++) {
            if (waiting.size() == MOST_WAITING) {
                waiting.remove();
            }
            waiting.add(Entries.of(entries.get(i), bodies.get(i)));
        }
        if (!isTelling) {
            isTelling = true;
            tellSoon(0);
        }
    }

    private void tellSoon(long millis) {
        try {
            Runnable work = this::tell;
            var unused = thread.schedule(work, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the log moved on while it was closed");
        }
    }

    private void tell() {
        try {
            while (!closed) {
                AuditEntry entry;
                long from;
                long to;
                synchronized (this) {
                    if (next == end) {
                        isTelling = false;
                        return;
                    }
                    entry = take();
                    from = next;
                    to = entry == null ? firstWaiting() : next + 1;
                    next = to;
                }
                if (entry != null) {
                    tell(entry);
                } else {
                    tellMissed(from, to);
                }
            }
        } catch (RuntimeException | Error e) {
            LOG.warn(
                    "listeners could not be told of entries that they were too slow for; it is tried again: {}",
                    e.toString());
            tellSoon(PAUSE_MILLIS);
        }
    }

    /** Takes the next entry if it still waits. The caller holds this. */
    private @Nullable AuditEntry take() {
        return firstWaiting() == next ? waiting.remove() : null;
    }

    private long firstWaiting() {
        AuditEntry first = waiting.peek();
        return first == null ? end : first.position().index();
    }

    private void tellMissed(long from, long to) {
        long[] told = {from};
        try {
            ledger.scan(from, to, (entry, body) -> {
                tell(Entries.of(entry, body));
                told[0]++;
                return !closed;
            });
        } finally {
            synchronized (this) {
                next = told[0];
            }
        }
    }

    private void tell(AuditEntry entry) {
        for (Listening one : listeners) {
            if (entry.position().index() < one.from() || !listeners.contains(one)) {
                continue;
            }
            try {
                one.listener().accept(entry);
            } catch (RuntimeException | Error e) {
                LOG.warn("a listener failed on entry {}", entry.position().index(), e);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        Threads.end(thread);
    }
}
