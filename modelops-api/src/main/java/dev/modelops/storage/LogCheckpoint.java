package dev.modelops.storage;

/**
 * A published checkpoint as stored.
 *
 * @param size the log size it covers
 * @param note the checkpoint, a signed note (C2SP tlog-checkpoint)
 */
public record LogCheckpoint(long size, String note) {}
