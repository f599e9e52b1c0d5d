package dev.modelops.core.internal.notification;

import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ReadOnlyException;
import dev.modelops.VersionConflictException;
import dev.modelops.core.internal.governor.Deliveries;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.state.Delivery;
import dev.modelops.monitoring.Notification;
import dev.modelops.monitoring.NotificationSink;
import dev.modelops.monitoring.Notifications;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gives each sink that this process opened a courier, and wakes them when the log moves on. */
public final class Outbox implements Notifications, Ledger.Follower, AutoCloseable {
    private final Ledger ledger;
    private final @Nullable Deliveries deliveries;
    private final Supplier<CommandId> ids;
    private final Pace pace;
    private final Map<String, Courier> couriers = new ConcurrentHashMap<>();
    private boolean closed;

    /**
     * How long deliveries wait for each other.
     *
     * @param record between records of how far a sink got
     * @param patience before what another process should deliver is taken over; doubles as long as that brings nothing
     * @param firstPause before a delivery that failed is tried again; doubles
     * @param mostPause the longest pause of both
     * @param attempts after so many, a notification is given up
     * @param grace how long a delivery under way may go on when its sink is closed, before it is interrupted
     */
    public record Pace(
            Duration record, Duration patience, Duration firstPause, Duration mostPause, int attempts, Duration grace) {
        /** The pace of all logs but those of tests: attempts go on for about a day. */
        public static final Pace USUAL = new Pace(
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofHours(1),
                36,
                Duration.ofSeconds(5));
    }

    /** Creates an outbox; without what records deliveries, no sink can be opened. */
    public Outbox(Ledger ledger, @Nullable Deliveries deliveries, Supplier<CommandId> ids, Pace pace) {
        this.ledger = ledger;
        this.deliveries = deliveries;
        this.ids = ids;
        this.pace = pace;
    }

    @Override
    public Subscription deliver(String name, Set<Notification.Kind> kinds, NotificationSink sink) {
        if (deliveries == null) {
            throw new ReadOnlyException(
                    "the log was opened without a writer key, so it could not be recorded how far sink" + " '" + name
                            + "' got; open it with writer(...), or listen to it");
        }
        String valid = Delivery.requireName(name);
        if (kinds.isEmpty()) {
            throw new IllegalArgumentException("sink '" + name + "' is to be told of nothing; name at least one kind");
        }
        String holder = ids.get().value();
        if (!ledger.tip().state().deliveries().containsKey(valid)) {
            deliveries.begin(valid, holder);
        }
        Courier courier = new Courier(valid, Set.copyOf(kinds), sink, ledger, deliveries, holder, pace);
        synchronized (this) {
            if (closed) {
                throw new ClosedException("the log was closed; open it again to use it");
            }
            if (couriers.putIfAbsent(valid, courier) != null) {
                throw new VersionConflictException(
                        "sink '" + valid + "' is open in this process already; close it first, or choose another name");
            }
            courier.start();
        }
        return new Open(valid, courier);
    }

    @Override
    public void advanced(Tip tip, List<Entry> entries, List<Bytes> bodies) {
        for (Courier courier : couriers.values()) {
            courier.advanced(entries, tip.state().size());
        }
    }

    /** Ends all deliveries, each as its sink lets it. */
    @Override
    public void close() {
        List<Courier> open;
        synchronized (this) {
            closed = true;
            open = new ArrayList<>(couriers.values());
        }
        open.forEach(Courier::end);
        open.forEach(Courier::join);
    }

    private final class Open implements Subscription {
        private final String name;
        private final Courier courier;

        Open(String name, Courier courier) {
            this.name = name;
            this.courier = courier;
        }

        @Override
        public Progress progress() {
            Delivery delivery = ledger.tip().state().deliveries().get(name);
            if (delivery == null) {
                throw new IllegalStateException("sink '" + name + "' was recorded, but the log does not have it");
            }
            Map<ModelName, LogPosition> behind = new HashMap<>();
            delivery.behind().forEach((model, upTo) -> behind.put(model, LogPosition.of(upTo)));
            return new Progress(
                    LogPosition.of(delivery.upTo()),
                    behind,
                    delivery.dropped(),
                    delivery.dropped() == 0 ? Optional.empty() : Optional.of(LogPosition.of(delivery.lastDropped())));
        }

        @Override
        public void close() {
            courier.end();
            courier.join();
            couriers.remove(name, courier);
        }
    }
}
