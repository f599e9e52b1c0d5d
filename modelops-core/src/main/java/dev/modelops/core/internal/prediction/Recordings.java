package dev.modelops.core.internal.prediction;

import dev.modelops.ClosedException;
import dev.modelops.core.internal.thread.Threads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The recorders of one log, and the thread that makes segments for them, begun with the first. */
public final class Recordings implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);
    private static final long EVERY_MILLIS = 10;

    private final List<Recording> open = new CopyOnWriteArrayList<>();
    private final Duration patience;
    private @Nullable ScheduledThreadPoolExecutor thread;
    private boolean closed;

    /** Creates it without recorders. */
    public Recordings(Duration patience) {
        this.patience = patience;
    }

    synchronized void add(Recording recording) {
        if (closed) {
            throw new ClosedException("the log was closed; open it again to record");
        }
        open.add(recording);
        if (thread == null) {
            thread = Threads.one("modelops-segments");
            var unused = thread.scheduleWithFixedDelay(this::work, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    void remove(Recording recording) {
        open.remove(recording);
    }

    private void work() {
        for (Recording recording : open) {
            try {
                recording.work();
            } catch (RuntimeException | Error e) {
                LOG.error("records could not be gathered", e);
            }
        }
    }

    /** Returns until when the host's patience lasts. */
    long deadline() {
        return System.nanoTime() + patience.toNanos();
    }

    /** Has something done on the thread, and waits for it until then. */
    <T> T call(long deadline, Callable<T> task) throws ExecutionException, TimeoutException {
        ScheduledThreadPoolExecutor executor;
        synchronized (this) {
            executor = thread;
        }
        if (executor == null) {
            throw new RejectedExecutionException();
        }
        Future<T> future = executor.submit(task);
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the recorders that hosts left open. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        // All together wait no longer than the host would wait for one.
        long deadline = deadline();
        open.forEach(recording -> recording.close(deadline));
        ScheduledThreadPoolExecutor executor;
        synchronized (this) {
            executor = thread;
        }
        if (executor != null) {
            executor.shutdownNow();
            try {
                if (!executor.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                    LOG.error("the thread that records predictions did not end; the store does not return");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
