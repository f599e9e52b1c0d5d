package dev.modelops.monitoring;

import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells others what happened to models. The log is the outbox: what is to be told is read from it, how far each sink got is
 * recorded in it, so nothing is lost when a process ends, and any process that opens a sink of the same name goes on.
 *
 * <p>A notification is delivered at least once, and those of one model in the order of the log. One that cannot be delivered
 * holds up those of its model only; it is tried again after pauses that grow from a second to an hour, for about a day, and
 * then dropped, which is recorded and logged. Of the processes that have opened a sink, one delivers; another takes its
 * place once it ends, or makes no progress for half a minute. Safe for use by many threads.
 */
public interface Notifications {
    /**
     * Opens a sink. Of a new one the name is recorded, and what happens from now on is delivered; an old one is told of what
     * it has not been told of yet.
     *
     * @param name names the sink in the log, in every process that delivers to it: 1 to 64 characters a-z, 0-9, dot, hyphen
     *     or underscore, beginning with a letter or digit
     * @param kinds what to tell of; what is not among them when its turn comes is not delivered later
     * @param sink takes the notifications, on a thread of its own
     * @return the open sink
     * @throws dev.modelops.ReadOnlyException if the log was opened without a writer
     * @throws dev.modelops.VersionConflictException if this process has the sink open already, or the log has 256 others
     * @throws dev.modelops.storage.StorageException if the name is new and cannot be recorded
     */
    Subscription deliver(String name, Set<Notification.Kind> kinds, NotificationSink sink);

    /**
     * Opens a sink for requests to train a model anew, but for those that were answered meanwhile.
     *
     * @param name as of any sink
     * @param trigger takes the requests, on a thread of its own
     * @return the open sink
     * @throws dev.modelops.ReadOnlyException if the log was opened without a writer
     * @throws dev.modelops.VersionConflictException if this process has the sink open already, or the log has 256 others
     * @throws dev.modelops.storage.StorageException if the name is new and cannot be recorded
     */
    Subscription retrain(String name, RetrainingTrigger trigger);

    /** An open sink. */
    interface Subscription extends AutoCloseable {
        /**
         * Returns how far the sink is known to have got.
         *
         * @return what the log says
         */
        Progress progress();

        /**
         * Ends the deliveries of this process; another may go on with them. A delivery under way has some seconds to end,
         * and is then interrupted.
         */
        @Override
        void close();
    }

    /**
     * How far a sink got.
     *
     * @param position all before it was delivered, but for models that are behind
     * @param behind the models of which a notification could not be delivered yet, and up to where theirs were
     * @param dropped how many notifications were given up
     * @param lastDropped the position of the last that was given up
     */
    record Progress(
            LogPosition position, Map<ModelName, LogPosition> behind, long dropped, Optional<LogPosition> lastDropped) {
        /**
         * Creates the value with a copy of the map.
         *
         * @param position all before it was delivered, but for models that are behind
         * @param behind the models of which a notification could not be delivered yet, and up to where theirs were
         * @param dropped how many notifications were given up
         * @param lastDropped the position of the last that was given up
         */
        public Progress {
            behind = Map.copyOf(behind);
        }
    }
}
