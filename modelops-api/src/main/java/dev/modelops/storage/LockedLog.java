package dev.modelops.storage;

import dev.modelops.ModelOpsException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A log as work sees it that holds its head: checks what is appended, and keeps it until the work has ended well. */
final class LockedLog implements LogStore.Transaction {
    private final LogStore store;
    private final LogHead locked;
    private LogStore.@Nullable Batch batch;
    private @Nullable ModelOpsException broken;
    private boolean over;

    LockedLog(LogStore store, LogHead locked) {
        this.store = store;
        this.locked = locked;
    }

    <R> R run(LogStore.Work<R> work, Consumer<? super LogStore.Batch> writer) {
        R result;
        try {
            result = work.run(this);
            requireOpen();
        } finally {
            over = true;
        }
        if (batch != null) {
            writer.accept(batch);
        }
        return result;
    }

    @Override
    public LogHead head() {
        requireOpen();
        return locked;
    }

    @Override
    public List<LogRecord> read(long from, int limit) {
        return asked(() -> store.read(from, limit));
    }

    @Override
    public List<LogSeal> seals(long from, int limit) {
        return asked(() -> store.seals(from, limit));
    }

    @Override
    public void append(List<LogRecord> records, LogSeal seal, LogHead head) {
        requireOpen();
        if (batch != null) {
            throw new IllegalStateException("a transaction appends at most one batch");
        }
        batch = new LogStore.Batch(locked, records, seal, head);
    }

    private <R> R asked(Supplier<R> question) {
        requireOpen();
        try {
            return question.get();
        } catch (ModelOpsException e) {
            broken = e;
            throw e;
        }
    }

    private void requireOpen() {
        if (over) {
            throw new IllegalStateException("the transaction is over; it may only be used within its work");
        }
        if (broken != null) {
            throw broken;
        }
    }
}
