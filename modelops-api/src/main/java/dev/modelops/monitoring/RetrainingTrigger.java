package dev.modelops.monitoring;

/**
 * Begins the training of a model, wherever that is done. Implemented by hosts; called by one thread at a time. What comes
 * back is registered like any version, {@linkplain dev.modelops.registry.VersionSpec#answering in answer} to the request,
 * and serves nobody before it is approved and promoted.
 */
@FunctionalInterface
public interface RetrainingTrigger {
    /**
     * Takes a request, or takes it again, as {@link NotificationSink#deliver} does.
     *
     * @param request what is to be trained, why, and on what
     * @throws Exception if it could not be taken, so that it comes again
     */
    void request(RetrainingRequest request) throws Exception;
}
