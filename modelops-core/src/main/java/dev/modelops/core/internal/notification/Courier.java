package dev.modelops.core.internal.notification;

import dev.modelops.Bytes;
import dev.modelops.ModelName;
import dev.modelops.core.internal.governor.Deliveries;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.Delivery;
import dev.modelops.monitoring.Notification;
import dev.modelops.monitoring.NotificationSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log for one sink on a thread of its own, and delivers while it is this process that does. What of a model could
 * not be delivered waits in the log, and so does all of that model after it; the others go on.
 */
final class Courier {
    private static final Logger LOG = LoggerFactory.getLogger(Courier.class);
    private static final long FOREVER = TimeUnit.DAYS.toNanos(1);
    private static final long MOST_TROUBLE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int RECORD_AFTER = 10_000;

    private final String name;
    private final Set<Notification.Kind> kinds;
    private final Set<String> types;
    private final NotificationSink sink;
    private final Ledger ledger;
    private final Deliveries deliveries;
    private final String holder;
    private final Outbox.Pace pace;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private final Object calling = new Object();
    private boolean isCalling;
    private volatile boolean ending;
    private volatile long wokenAt;

    /** What follows is the thread's own. */
    private final Progress progress = new Progress();

    private final Vigil vigil;

    /** Models that are behind. */
    private static final class Lane {
        private long next;
        private int attempts;
        private long dueAt = System.nanoTime();

        Lane(long next) {
            this.next = next;
        }
    }

    Courier(
            String name,
            Set<Notification.Kind> kinds,
            NotificationSink sink,
            Ledger ledger,
            Deliveries deliveries,
            String holder,
            Outbox.Pace pace) {
        this.name = name;
        this.kinds = kinds;
        this.types = kinds.stream().map(Notification.Kind::type).collect(Collectors.toUnmodifiableSet());
        this.sink = sink;
        this.ledger = ledger;
        this.deliveries = deliveries;
        this.holder = holder;
        this.pace = pace;
        this.vigil = new Vigil();
        this.thread = new Thread(this::run, "modelops-notify-" + name);
        this.thread.setDaemon(true);
        this.wokenAt = ledger.tip().state().size();
    }

    void start() {
        thread.start();
    }

    /** Takes note that the log moved on, and wakes the thread if that concerns it. */
    void advanced(List<Entry> entries, long size) {
        boolean concerns = size - wokenAt >= RECORD_AFTER;
        for (Entry entry : entries) {
            concerns |= types.contains(entry.typeName())
                    || entry.type() == EntryType.NOTIFICATIONS_DELIVERED
                            && name.equals(entry.find("sink"))
                            && !holder.equals(entry.find("holder"));
        }
        if (concerns) {
            wokenAt = size;
            wake.release();
        }
    }

    /** Begins to end. */
    void end() {
        ending = true;
        wake.release();
    }

    /** Waits for the end, and interrupts a sink that does not come to it. */
    void join() {
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(pace.grace().toMillis());
            if (thread.isAlive()) {
                synchronized (calling) {
                    if (isCalling) {
                        thread.interrupt();
                    }
                }
                thread.join(2 * pace.grace().toMillis());
            }
            if (thread.isAlive()) {
                LOG.error("the thread of sink '{}' did not end; the sink or the store does not return", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long trouble = 0;
        while (!ending) {
            long pause;
            try {
                pause = step();
                trouble = 0;
            } catch (RuntimeException | Error e) {
                if (trouble == 0 && !ending) {
                    LOG.warn("deliveries to sink '{}' wait: {}", name, e.toString());
                }
                trouble = Math.min(
                        MOST_TROUBLE_NANOS,
                        Math.max(2 * trouble, pace.firstPause().toNanos()));
                pause = trouble;
            }
            if (trouble == 0) {
                pause(pause);
            } else {
                // The log moving on does not mend what is wrong.
                long until = System.nanoTime() + pause;
                while (!ending && System.nanoTime() - until < 0) {
                    pause(until - System.nanoTime());
                }
            }
        }
        letGo();
    }

    private void pause(long nanos) {
        try {
            if (nanos > 0 && wake.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
                wake.drainPermits();
            }
        } catch (InterruptedException e) {
            LOG.debug("the thread of sink '{}' was interrupted between deliveries", name, e);
        }
    }

    /** Delivers what is due, and returns how long there is nothing to do unless the log moves on. */
    private long step() {
        Delivery known = known();
        if (!known.holder().equals(holder)) {
            progress.isHeld = false;
            return vigil.keep(known);
        }
        if (!progress.isHeld) {
            progress.begin(known);
        }
        return progress.go();
    }

    private Delivery known() {
        Delivery known = ledger.tip().state().deliveries().get(name);
        if (known == null) {
            throw new IllegalStateException("sink '" + name + "' is not in the log");
        }
        return known;
    }

    private void letGo() {
        try {
            if (known().holder().equals(holder)) {
                if (!progress.isHeld) {
                    progress.begin(known());
                }
                var unused = progress.record("");
            }
        } catch (RuntimeException | Error e) {
            LOG.warn(
                    "how far sink '{}' got could not be recorded, so its last notifications may come again: {}",
                    name,
                    e.toString());
        }
    }

    /** Calls the sink. Tells whether it took the notification. */
    private boolean call(Notification notification, int attempt) {
        synchronized (calling) {
            isCalling = true;
        }
        try {
            sink.deliver(notification);
            return true;
        } catch (Exception | Error e) {
            LOG.warn(
                    "sink '{}' did not take the notification of position {}, attempt {}: {}",
                    name,
                    notification.position(),
                    attempt,
                    e.toString());
            return false;
        } finally {
            synchronized (calling) {
                isCalling = false;
            }
            // A sink that was interrupted, or interrupts itself, must not end what the thread does next.
            var unused = Thread.interrupted();
        }
    }

    private static boolean isDue(long at) {
        return System.nanoTime() - at >= 0;
    }

    /** How far this process got. */
    private final class Progress {
        private final Map<ModelName, Lane> lanes = new TreeMap<>();
        private final List<Long> givenUp = new ArrayList<>();
        private long upTo;
        private long recordedUpTo;
        private boolean isHeld;
        private boolean isChanged;
        private long recordAt = System.nanoTime();

        void begin(Delivery known) {
            Map<ModelName, Lane> before = Map.copyOf(lanes);
            lanes.clear();
            givenUp.clear();
            known.behind().forEach((model, next) -> {
                Lane lane = new Lane(next);
                Lane same = before.get(model);
                if (same != null && same.next == next) {
                    lane.attempts = same.attempts;
                }
                lanes.put(model, lane);
            });
            upTo = known.upTo();
            recordedUpTo = upTo;
            isChanged = false;
            isHeld = true;
        }

        long go() {
            if (!recordIfDue()) {
                return 0;
            }
            for (ModelName model : List.copyOf(lanes.keySet())) {
                Lane lane = lanes.get(model);
                if (lane != null && isDue(lane.dueAt) && isHeld && !ending) {
                    catchUp(model, lane);
                }
            }
            long size = ledger.tip().state().size();
            if (upTo < size && isHeld && !ending) {
                ledger.scan(upTo, size, this::take);
            }
            if (!isHeld || !recordIfDue()) {
                return 0;
            }
            long pause = isChanged ? recordAt - System.nanoTime() : FOREVER;
            for (Lane lane : lanes.values()) {
                pause = Math.min(pause, lane.dueAt - System.nanoTime());
            }
            return pause;
        }

        /** So many models behind: it is the sink that fails. */
        private boolean isFull() {
            return lanes.size() >= Delivery.MOST_BEHIND;
        }

        private boolean take(Entry entry, Bytes body) {
            Notification.Kind kind = Notices.kind(entry, kinds);
            if (kind != null && isFull()) {
                return false;
            }
            Notification notification = kind == null ? null : notification(kind, entry, body);
            if (notification != null && !lanes.containsKey(notification.model())) {
                if (isLost()) {
                    return false;
                }
                isChanged = true;
                Lane lane = new Lane(entry.index());
                if (!call(notification, 1) && !failed(lane, entry.index())) {
                    lanes.put(notification.model(), lane);
                }
            }
            upTo = entry.index() + 1;
            if (upTo - recordedUpTo >= RECORD_AFTER) {
                isChanged = true;
            }
            return recordIfDue() && !ending;
        }

        private void catchUp(ModelName model, Lane lane) {
            boolean[] failed = {false};
            ledger.scan(lane.next, upTo, (entry, body) -> {
                Notification.Kind kind = Notices.kind(entry, kinds);
                Notification notification = kind == null ? null : notification(kind, entry, body);
                if (notification != null && notification.model().equals(model)) {
                    if (isLost()) {
                        return false;
                    }
                    if (!call(notification, lane.attempts + 1) && !failed(lane, entry.index())) {
                        failed[0] = true;
                        return false;
                    }
                    isChanged = true;
                    lane.attempts = 0;
                }
                lane.next = entry.index() + 1;
                return recordIfDue() && !ending;
            });
            if (!failed[0] && lane.next >= upTo) {
                lanes.remove(model);
                isChanged = true;
            }
        }

        /** Tells whether another process delivers by now. */
        private boolean isLost() {
            isHeld = known().holder().equals(holder);
            return !isHeld;
        }

        /** Notes an attempt that failed. Tells whether it was the last. */
        private boolean failed(Lane lane, long index) {
            lane.attempts++;
            if (lane.attempts >= pace.attempts()) {
                LOG.error(
                        "sink '{}' did not take the notification of position {} in {} attempts; it is not told of it any"
                                + " more",
                        name,
                        index + 1,
                        lane.attempts);
                givenUp.add(index);
                return true;
            }
            lane.dueAt = System.nanoTime() + pauseAfter(lane.attempts);
            return false;
        }

        private long pauseAfter(int attempts) {
            Duration doubled = pace.firstPause().multipliedBy(1L << Math.min(attempts - 1, 30));
            return (doubled.compareTo(pace.mostPause()) < 0 ? doubled : pace.mostPause()).toNanos();
        }

        private @Nullable Notification notification(Notification.Kind kind, Entry entry, Bytes body) {
            try {
                return Notices.of(kind, entry, body);
            } catch (IllegalArgumentException e) {
                LOG.error("sink '{}' cannot be told of entry {}, which cannot be read", name, entry.index(), e);
                return null;
            }
        }

        /** Records how far the sink got if it is time to. Tells whether to go on. */
        private boolean recordIfDue() {
            return !isChanged || !isDue(recordAt) || record(holder);
        }

        private boolean record(String by) {
            Delivery known = known();
            Map<ModelName, Long> behind = new TreeMap<>();
            lanes.forEach((model, lane) -> {
                if (lane.next < upTo) {
                    behind.put(model, lane.next);
                }
            });
            long last = known.lastDropped();
            for (long index : givenUp) {
                last = Math.max(last, index + 1);
            }
            Delivery next = new Delivery(upTo, HashTreePMap.from(behind), by, known.dropped() + givenUp.size(), last);
            isHeld = deliveries.record(name, holder, next, givenUp);
            recordAt = System.nanoTime() + pace.record().toNanos();
            if (isHeld) {
                isChanged = false;
                recordedUpTo = upTo;
                givenUp.clear();
            }
            return isHeld;
        }
    }

    /** Watches over what another process should deliver. */
    private final class Vigil {
        private @Nullable Delivery seen;
        private long since;
        private long looked;
        private boolean isPending;
        private Duration patience = pace.patience();

        /** Takes over where nothing moves, and returns how long to wait for that. */
        long keep(Delivery known) {
            Delivery before = seen;
            if (!known.equals(before)) {
                if (before != null && !known.isAsFarAs(before)) {
                    patience = pace.patience();
                }
                seen = known;
                isPending = false;
            }
            boolean wasPending = isPending;
            isPending = !known.behind().isEmpty() || isPending(known.upTo());
            if (!isPending) {
                return FOREVER;
            }
            if (!wasPending) {
                since = System.nanoTime();
            }
            if (!known.holder().isEmpty()) {
                long left = since + patience.toNanos() - System.nanoTime();
                if (left > 0) {
                    return left;
                }
                LOG.warn("sink '{}' gets nothing from the process that should deliver to it; this one does now", name);
                Duration doubled = patience.multipliedBy(2);
                patience = doubled.compareTo(pace.mostPause()) < 0 ? doubled : pace.mostPause();
            }
            var unused = deliveries.claim(name, known, holder);
            isPending = false;
            return 0;
        }

        private boolean isPending(long upTo) {
            long size = ledger.tip().state().size();
            boolean[] found = {false};
            looked = Math.max(looked, upTo);
            if (looked < size) {
                ledger.scan(looked, size, (entry, body) -> {
                    found[0] = Notices.kind(entry, kinds) != null;
                    if (!found[0]) {
                        looked = entry.index() + 1;
                    }
                    return !found[0] && !ending;
                });
            }
            return found[0];
        }
    }
}
