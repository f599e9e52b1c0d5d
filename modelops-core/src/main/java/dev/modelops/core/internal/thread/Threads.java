package dev.modelops.core.internal.thread;

import dev.modelops.ModelOps;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and ends threads that keep no process alive. */
public final class Threads {
    private static final Logger LOG = LoggerFactory.getLogger(ModelOps.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Threads() {}

    /** Returns one thread that does what is given to it in turn, and nothing that waits once it is shut down. */
    public static ScheduledThreadPoolExecutor one(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, name);
            created.setDaemon(true);
            return created;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        return executor;
    }

    /** Ends it when what it does is done, and says so if that takes too long. */
    public static void end(ScheduledThreadPoolExecutor executor) {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.error("a thread of the library did not end; a listener, a policy or the store does not return");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
