package dev.modelops.audit;

import java.util.Optional;

/**
 * Remembers the newest checkpoint seen, outside the store it is about, so that a store that was cut short, rolled back
 * or replaced is noticed. Implemented by hosts over whatever they trust; what is recalled is verified before it is
 * believed. Must be safe for use by many threads.
 */
public interface CheckpointMemory {
    /**
     * Returns the remembered checkpoint of a log.
     *
     * @param origin the identity of the log
     * @return the signed note, or empty if none was remembered
     */
    Optional<String> recall(String origin);

    /**
     * Remembers a checkpoint in place of the one before. Durable when it returns.
     *
     * @param checkpoint the checkpoint
     */
    void remember(Checkpoint checkpoint);
}
