package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogStore;

/** A log that shares its database with others, so that one question can ask for the heads of all. */
public interface SharedLogStore extends LogStore {
    /** Returns what asks for the heads: the same object for all logs that are opened through one database object. */
    HeadPoller poller();

    /** Returns what the log is called when heads are asked for. */
    String logName();
}
