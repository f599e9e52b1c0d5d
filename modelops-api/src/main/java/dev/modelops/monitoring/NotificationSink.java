package dev.modelops.monitoring;

/** Where notifications go. Implemented by hosts; called by one thread at a time, which is the sink's own. */
@FunctionalInterface
public interface NotificationSink {
    /**
     * Takes a notification, or takes it again: whoever throws, does not return, or loses its process before it was recorded
     * that it had it, is given it once more. Its {@link Notification#id()} tells.
     *
     * @param notification what happened
     * @throws Exception if it could not be taken, so that it comes again, after pauses that grow; that is also how to answer
     *     an interrupt, which comes when the log is closed
     */
    void deliver(Notification notification) throws Exception;
}
