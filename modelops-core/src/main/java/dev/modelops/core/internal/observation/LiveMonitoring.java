package dev.modelops.core.internal.observation;

import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.prediction.Recordings;
import dev.modelops.core.internal.thread.Threads;
import dev.modelops.storage.BlobStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The monitors of one log, and the thread that gives out what they counted and evaluates, begun with the first. */
public final class LiveMonitoring implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveMonitoring.class);
    private static final long EVERY_MILLIS = 200;

    final Governor governor;
    final Artifacts artifacts;
    final BlobStore blobs;
    final Recordings recordings;
    final Layouts layouts;
    final Supplier<Tip> sync;
    final long node;
    private final AtomicLong sequence = new AtomicLong();
    private final List<LiveMonitor> monitors = new CopyOnWriteArrayList<>();
    private @Nullable ScheduledThreadPoolExecutor thread;
    private boolean closed;

    /**
     * Creates it without monitors.
     *
     * @param sync follows the log to its end
     * @param node the number of this process
     */
    public LiveMonitoring(
            Governor governor,
            Artifacts artifacts,
            BlobStore blobs,
            Recordings recordings,
            Layouts layouts,
            Supplier<Tip> sync,
            long node) {
        this.governor = governor;
        this.artifacts = artifacts;
        this.blobs = blobs;
        this.recordings = recordings;
        this.layouts = layouts;
        this.sync = sync;
        this.node = node;
    }

    LiveMonitor open(Identity identity, ModelName model, Environment environment) {
        synchronized (this) {
            requireOpen();
        }
        LiveMonitor monitor = new LiveMonitor(this, identity, model, environment);
        monitor.learnChampions();
        synchronized (this) {
            if (closed) {
                monitor.close();
                requireOpen();
            }
            monitors.add(monitor);
            if (thread == null) {
                thread = Threads.one("modelops-monitoring");
                var unused =
                        thread.scheduleWithFixedDelay(this::work, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
        return monitor;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the log was closed; open it again to watch its models");
        }
    }

    void remove(LiveMonitor monitor) {
        monitors.remove(monitor);
    }

    /** Returns the next count of a window that this process gives out. */
    long nextSequence() {
        return sequence.getAndIncrement();
    }

    private void work() {
        for (LiveMonitor monitor : monitors) {
            try {
                monitor.work();
            } catch (RuntimeException | Error e) {
                // A periodic task that throws is never run again.
                LOG.error("a monitor could not go on; it is tried again", e);
            }
        }
    }

    /** Gives out what was counted; what is then in the recordings is recorded when these are closed. */
    @Override
    public void close() {
        ScheduledThreadPoolExecutor executor;
        synchronized (this) {
            closed = true;
            executor = thread;
        }
        if (executor != null) {
            Threads.end(executor);
        }
        monitors.forEach(LiveMonitor::shut);
    }
}
