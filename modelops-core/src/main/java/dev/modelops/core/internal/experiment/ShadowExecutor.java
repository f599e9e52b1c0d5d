package dev.modelops.core.internal.experiment;

import dev.modelops.serving.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a challenger beside the champion, so that it can do no harm: the caller makes one offer, which never waits and never
 * throws; what cannot be taken is dropped and counted. The challenger runs on few threads of its own, each with a deadline
 * and a limited share of a processor; while it keeps failing, it is not asked. What it throws, of any kind, is a result.
 *
 * <p>A challenger that ignores its interruption keeps its thread: Java has no way to take it back. No more than these threads
 * can be lost, they are daemons, and {@link #close} says which they are.
 */
public final class ShadowExecutor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowExecutor.class);
    private static final long WATCH_NANOS = 1_000_000;
    private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Deployment.Shadow settings;
    private final LongSupplier ticker;
    private final Listener listener;
    private final BlockingQueue<Task> queue;
    private final Breaker breaker;
    private final List<Worker> workers = new ArrayList<>();
    private final Thread watcher;
    private final LongAdder full = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder uncopied = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder late = new LongAdder();
    private volatile boolean closed;

    /** How it went with a case. */
    public enum Result {
        /** The challenger answered in time. */
        ANSWERED,
        /** It threw something. */
        FAILED,
        /** It took longer than its deadline. */
        LATE
    }

    /** Is told how it went, on the challenger's thread; what it throws is logged. */
    public interface Listener {
        /**
         * Takes what came of a case.
         *
         * @param result how it went
         * @param answer what the challenger answered, if it did so in time
         * @param thrown what it threw, if it did
         */
        void finished(Result result, @Nullable Object answer, @Nullable Throwable thrown);
    }

    /**
     * What was counted.
     *
     * @param answered how many cases were answered in time
     * @param failed of how many the challenger threw something
     * @param late how many took too long
     * @param full how many were dropped since too many waited
     * @param refused how many were dropped since the challenger kept failing, or after closing
     * @param uncopied how many were dropped since their input could not be copied
     */
    public record Numbers(long answered, long failed, long late, long full, long refused, long uncopied) {
        /** Returns how many cases were dropped. */
        public long dropped() {
            return full + refused + uncopied;
        }
    }

    private record Task(Callable<?> call) {}

    private final class Worker extends Thread {
        /** When the present case has taken too long, by the ticker. */
        private long deadline;

        private boolean working;
        private boolean overdue;

        Worker(int number) {
            super("modelops-shadow-" + number);
            setDaemon(true);
            setPriority(MIN_PRIORITY);
        }

        @Override
        public void run() {
            while (!closed) {
                Task task;
                try {
                    task = queue.take();
                } catch (InterruptedException e) {
                    continue;
                }
                long began = ticker.getAsLong();
                work(task, began);
                rest(ticker.getAsLong() - began);
            }
        }

        private void work(Task task, long began) {
            begin(began);
            Object answer = null;
            Throwable thrown = null;
            try {
                answer = task.call().call();
            } catch (Throwable e) {
                // Whatever a challenger throws, even an Error, is its result and nobody else's trouble.
                thrown = e;
            }
            boolean interrupted = end();
            boolean tooLate = interrupted
                    || ticker.getAsLong() - began > settings.deadline().toNanos();
            Result result = tooLate ? Result.LATE : thrown == null ? Result.ANSWERED : Result.FAILED;
            switch (result) {
                case ANSWERED -> answered.increment();
                case FAILED -> failed.increment();
                case LATE -> late.increment();
            }
            if (result == Result.ANSWERED) {
                breaker.succeeded();
            } else if (!interrupted) {
                breaker.failed(ticker.getAsLong());
            }
            try {
                listener.finished(result, result == Result.ANSWERED ? answer : null, thrown);
            } catch (Throwable e) {
                LOG.warn("What came of a challenger's case could not be taken", e);
            }
        }

        private synchronized void begin(long began) {
            deadline = began + settings.deadline().toNanos();
            working = true;
            overdue = false;
        }

        /** Tells whether the case was interrupted for taking too long. */
        private synchronized boolean end() {
            working = false;
            // An interruption that came too late for the case must not meet the next one.
            Thread.interrupted();
            return overdue;
        }

        private synchronized void interruptIfOverdue(long now) {
            if (working && !overdue && now - deadline > 0) {
                overdue = true;
                breaker.failed(now);
                interrupt();
            }
        }

        private synchronized boolean isLost() {
            return working && overdue;
        }

        private void rest(long worked) {
            long rest = (long) Math.min(Long.MAX_VALUE / 4.0, worked / settings.share() - worked);
            long until = System.nanoTime() + rest;
            while (rest > 0 && !closed && until - System.nanoTime() > 0) {
                LockSupport.parkNanos(until - System.nanoTime());
                Thread.interrupted();
            }
        }
    }

    /**
     * Starts the threads.
     *
     * @param ticker the time in nanoseconds, from any origin
     */
    public ShadowExecutor(Deployment.Shadow settings, LongSupplier ticker, Listener listener) {
        this.settings = settings;
        this.ticker = ticker;
        this.listener = listener;
        queue = new ArrayBlockingQueue<>(settings.waiting());
        breaker = new Breaker(settings.failures(), settings.pause().toNanos());
        for (int i = 0; i < settings.threads(); i++) {
            workers.add(new Worker(i));
        }
        watcher = new Thread(this::watch, "modelops-shadow-watcher");
        watcher.setDaemon(true);
        workers.forEach(Thread::start);
        watcher.start();
    }

    /**
     * Offers a case whose input nobody will change; never waits, never throws.
     *
     * @return whether it was taken
     */
    public boolean offer(Callable<?> challenger) {
        return offerCopied(() -> challenger);
    }

    /**
     * Offers a case whose input must be copied first, since the challenger, or the caller later on, may change it. It is copied
     * here, but only if the case will be taken.
     *
     * @param copied copies the input and returns the call with the copy
     * @return whether it was taken
     */
    public boolean offerCopied(Supplier<? extends Callable<?>> copied) {
        if (closed) {
            refused.increment();
            return false;
        }
        if (queue.remainingCapacity() == 0) {
            full.increment();
            return false;
        }
        if (!breaker.permits(ticker.getAsLong())) {
            refused.increment();
            return false;
        }
        Task task;
        try {
            task = new Task(copied.get());
        } catch (Throwable e) {
            // The champion has answered; nothing that goes wrong from here on is the caller's.
            breaker.abandon();
            uncopied.increment();
            return false;
        }
        if (!queue.offer(task)) {
            breaker.abandon();
            full.increment();
            return false;
        }
        return true;
    }

    /** Tells whether a caller may have the challenger answer in its own thread; who is told so must say how that went. */
    public boolean permits() {
        return !closed && breaker.permits(ticker.getAsLong());
    }

    /** Takes note that the challenger answered a caller. */
    public void succeeded() {
        breaker.succeeded();
    }

    /** Takes note that the challenger failed a caller. */
    public void failed() {
        breaker.failed(ticker.getAsLong());
    }

    private void watch() {
        long pause = Math.max(WATCH_NANOS, Math.min(settings.deadline().toNanos() / 4, 100 * WATCH_NANOS));
        while (!closed) {
            LockSupport.parkNanos(pause);
            workers.forEach(worker -> worker.interruptIfOverdue(ticker.getAsLong()));
        }
    }

    /** Returns what was counted so far. */
    public Numbers numbers() {
        return new Numbers(answered.sum(), failed.sum(), late.sum(), full.sum(), refused.sum(), uncopied.sum());
    }

    /** Tells whether the challenger is asked at present. */
    public boolean isAsking() {
        return !closed && breaker.state() != Breaker.State.OPEN;
    }

    /** Returns how many threads are held by cases that ignore their interruption. */
    public int lost() {
        return (int) workers.stream().filter(Worker::isLost).count();
    }

    /** Ends the threads: what waits is dropped, what runs is interrupted. Names the threads that did not end in time. */
    @Override
    public void close() {
        closed = true;
        queue.clear();
        LockSupport.unpark(watcher);
        workers.forEach(Thread::interrupt);
        long until = System.nanoTime() + CLOSING_NANOS;
        boolean interrupted = false;
        for (Thread thread : workers) {
            while (thread.isAlive() && until - System.nanoTime() > 0) {
                try {
                    thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
                } catch (InterruptedException e) {
                    interrupted = true;
                    break;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        List<String> left =
                workers.stream().filter(Thread::isAlive).map(Thread::getName).toList();
        if (!left.isEmpty()) {
            LOG.error(
                    "A challenger did not return when it was interrupted; its threads {} are lost until it does", left);
        }
    }
}
