package dev.modelops.storage;

/**
 * A writer's signature over the batch of records it appended in one transaction.
 *
 * @param from the index of the batch's first record
 * @param size the size of the log after the batch
 * @param note the seal, a signed note (C2SP signed-note)
 */
public record LogSeal(long from, long size, String note) {}
