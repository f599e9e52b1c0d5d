package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogHead;
import dev.modelops.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that asks a store for the heads of all the logs that are followed in it, with one question at a time: soon
 * again after a head moved, and less and less often while none does. The thread begins with the first follower and ends
 * with the last.
 */
public final class HeadPoller {
    private static final Logger LOG = LoggerFactory.getLogger(HeadPoller.class);
    private static final Duration LEAST = Duration.ofMillis(10);
    private static final Duration MOST_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Heads heads;
    private final List<Following> followers = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Guarded by the lock, as is what follows. */
    private @Nullable Thread thread;

    private boolean awake;

    /** Where heads are read. */
    @FunctionalInterface
    public interface Heads {
        /** Reads the heads of some logs, in one question. */
        Map<String, LogHead> read(Set<String> logs);
    }

    /** Told of the head of one log, on the polling thread. Must be quick. */
    public interface Follower {
        /** Takes note that the head is about to be read. */
        void asking();

        /** Takes note of the head, and tells whether it moved. */
        boolean answered(LogHead head);

        /** Takes note that the head could not be read. */
        void failed(Throwable reason);
    }

    /** One who follows a log. Closing it ends the calls. */
    public final class Following implements AutoCloseable {
        private final String log;
        private final Duration interval;
        private final Follower follower;

        private Following(String log, Duration interval, Follower follower) {
            this.log = log;
            this.interval = interval;
            this.follower = follower;
        }

        @Override
        public void close() {
            end(this);
        }
    }

    /** Asks through what is given. */
    public HeadPoller(Heads heads) {
        this.heads = heads;
    }

    /** Begins to follow a log, asking at least once in an interval. */
    public Following follow(String log, Duration interval, Follower follower) {
        Following following = new Following(log, interval, follower);
        lock.lock();
        try {
            followers.add(following);
            if (thread == null) {
                thread = new Thread(this::run, "modelops-heads");
                thread.setDaemon(true);
                thread.start();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return following;
    }

    /** Asks at once: something may have been appended. */
    public void wake() {
        lock.lock();
        try {
            awake = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end(Following following) {
        Thread last = null;
        lock.lock();
        try {
            if (followers.remove(following) && followers.isEmpty()) {
                last = thread;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (last != null && last != Thread.currentThread()) {
            try {
                last.join(PATIENCE.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (last.isAlive() && followers.isEmpty()) {
                LOG.error("the thread that reads heads did not end; the store does not return");
            }
        }
    }

    private void run() {
        Duration pause = LEAST;
        while (await(pause)) {
            pause = next(pause, ask(), interval());
        }
    }

    private Duration interval() {
        return followers.stream()
                .map(following -> following.interval)
                .min(Duration::compareTo)
                .orElse(LEAST);
    }

    /** Waits before the next question, and tells whether anybody still wants it asked. */
    private boolean await(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (!followers.isEmpty() && !awake && left > 0) {
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    LOG.warn("the thread that reads heads was interrupted; it goes on until nobody follows");
                    left = 0;
                }
            }
            awake = false;
            if (followers.isEmpty()) {
                thread = null;
                return false;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** What came of a question. */
    enum Outcome {
        MOVED,
        SAME,
        FAILED
    }

    /** Returns how long to wait after a question. */
    static Duration next(Duration pause, Outcome outcome, Duration interval) {
        Duration most =
                outcome == Outcome.FAILED && interval.compareTo(MOST_AFTER_FAILURE) < 0 ? MOST_AFTER_FAILURE : interval;
        Duration next = outcome == Outcome.MOVED
                ? LEAST
                : outcome == Outcome.FAILED && pause.compareTo(interval) < 0 ? interval : pause.multipliedBy(2);
        return next.compareTo(most) < 0 ? next : most;
    }

    private Outcome ask() {
        List<Following> asked = new ArrayList<>(followers);
        Map<String, LogHead> answers;
        try {
            asked.forEach(following -> following.follower.asking());
            answers = heads.read(asked.stream().map(following -> following.log).collect(Collectors.toSet()));
        } catch (RuntimeException | Error e) {
            asked.forEach(following -> failed(following, e));
            return Outcome.FAILED;
        }
        Outcome outcome = Outcome.SAME;
        for (Following following : asked) {
            LogHead head = answers.get(following.log);
            if (head == null) {
                failed(
                        following,
                        new StorageException("log '" + following.log
                                + "' is no longer in the store; check that it is the right store"));
            } else if (followers.contains(following) && answered(following, head)) {
                outcome = Outcome.MOVED;
            }
        }
        return outcome;
    }

    private static boolean answered(Following following, LogHead head) {
        try {
            return following.follower.answered(head);
        } catch (RuntimeException | Error e) {
            LOG.error("a log could not be followed", e);
            return false;
        }
    }

    private static void failed(Following following, Throwable reason) {
        try {
            following.follower.failed(reason);
        } catch (RuntimeException | Error e) {
            LOG.error("a log could not be followed", e);
        }
    }
}
