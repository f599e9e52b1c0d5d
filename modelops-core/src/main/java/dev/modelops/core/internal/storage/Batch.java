package dev.modelops.core.internal.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import java.util.List;

/** A batch of records that continues a log: what every log store checks before it appends. */
record Batch(List<LogRecord> records, LogSeal seal, LogHead head) {
    static final LogHead EMPTY_LOG = new LogHead(0, Digest.sha256Of(Bytes.of(new byte[0])));

    private static final int MAX_BODY = 65_535;

    Batch {
        records = List.copyOf(records);
    }

    void requireContinues(LogHead before) {
        require(!records.isEmpty(), "a batch must have at least one record");
        long next = before.size();
        for (LogRecord record : records) {
            require(
                    record.index() == next,
                    "a batch must be dense from the head: expected index " + next + ", found " + record.index());
            int length = record.body().length();
            require(
                    isBodyLength(length),
                    "the body of record " + next + " must have 1 to " + MAX_BODY + " bytes, but has " + length);
            next++;
        }
        require(
                seal.from() == before.size() && seal.size() == next,
                "the seal must cover the batch from " + before.size() + " to " + next + ", but covers " + seal.from()
                        + " to " + seal.size());
        require(head.size() == next, "the head must be at " + next + " after the batch, but is at " + head.size());
        require(
                head.root().algorithm().equals("sha256"),
                "the root must be a sha256 digest, but is " + head.root().algorithm());
    }

    static void requireReached(LogCheckpoint checkpoint, LogHead head) {
        require(
                checkpoint.size() >= 0 && checkpoint.size() <= head.size(),
                "a checkpoint must be for a size from 0 to that of the log, " + head.size() + ", but is for "
                        + checkpoint.size());
    }

    static void requireRange(long from, int limit) {
        require(from >= 0, "reading must start at 0 or later, but was asked to start at " + from);
        require(limit >= 1, "the limit must be at least 1, but is " + limit);
    }

    static boolean isBodyLength(int length) {
        return length >= 1 && length <= MAX_BODY;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
