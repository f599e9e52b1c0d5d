package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Assurance;
import dev.modelops.CommandId;
import dev.modelops.Identity;
import dev.modelops.Principal;
import dev.modelops.VersionConflictException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.Delivery;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Records how far sinks of notifications got. Nobody's act: it says what this process did, not what anybody may. */
public final class Deliveries {
    private static final Principal LIBRARY = Principal.of("modelops", "notifications");

    private final Committer committer;
    private final Supplier<CommandId> ids;

    Deliveries(Committer committer, Supplier<CommandId> ids) {
        this.committer = committer;
        this.ids = ids;
    }

    /** Records a sink, from the present end of the log on, unless the log has it already. */
    public void begin(String sink, String process) {
        var unused = committer.submit(new Record() {
            @Override
            @Nullable Delivery next(Map<String, Delivery> known, long size) {
                if (known.containsKey(sink)) {
                    return null;
                }
                if (known.size() >= Delivery.MOST_SINKS) {
                    throw new VersionConflictException("this log has " + known.size()
                            + " sinks of notifications, the most it can have; use the name of one of them");
                }
                return Delivery.from(size, process);
            }

            @Override
            String sink() {
                return sink;
            }
        });
    }

    /** Takes a sink over for a process, unless it got further meanwhile. Tells whether it did. */
    public boolean claim(String sink, Delivery expected, String process) {
        return record(sink, expected::equals, expected.heldBy(process), List.of());
    }

    /**
     * Records how far a process got with a sink, unless another took it over. Tells whether it did.
     *
     * @param next under that process, or under none if it lets go
     * @param givenUp the indexes of what was given up since it was last recorded
     */
    public boolean record(String sink, String process, Delivery next, List<Long> givenUp) {
        return record(sink, known -> known.holder().equals(process), next, givenUp);
    }

    private boolean record(String sink, Predicate<Delivery> fits, Delivery next, List<Long> givenUp) {
        return committer.submit(new Record() {
            @Override
            @Nullable Delivery next(Map<String, Delivery> known, long size) {
                Delivery present = known.get(sink);
                return present != null && fits.test(present) ? next : null;
            }

            @Override
            String sink() {
                return sink;
            }

            @Override
            List<Long> givenUp() {
                return givenUp;
            }
        });
    }

    private abstract class Record implements Command<Boolean> {
        private final CommandId id = ids.get();

        /** Returns what is to be recorded, or null if nothing is. */
        abstract @Nullable Delivery next(Map<String, Delivery> known, long size);

        abstract String sink();

        List<Long> givenUp() {
            return List.of();
        }

        @Override
        public CommandId id() {
            return id;
        }

        @Override
        public Verdict<Boolean> decide(Moment moment) {
            Delivery next =
                    next(moment.tip().state().deliveries(), moment.tip().state().size());
            if (next == null) {
                return new Settled<>(false);
            }
            ObjectNode data =
                    Entry.payload(new Identity(LIBRARY, Assurance.ASSERTED, Set.of()), Set.of(), id, null, null);
            next.write(sink(), givenUp(), data);
            return new Append<>(EntryType.NOTIFICATIONS_DELIVERED, null, data, done -> true);
        }

        @Override
        public Boolean recognise(Entry done, Moment moment) {
            throw new IllegalStateException("a delivery has no identity to recognise");
        }
    }
}
