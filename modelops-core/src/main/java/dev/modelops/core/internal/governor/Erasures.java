package dev.modelops.core.internal.governor;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.state.TextRecords;
import dev.modelops.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes from the store what the log says was erased: whoever recorded an erasure may have died before the removal. A
 * removal that fails is tried again until the log is closed.
 */
public final class Erasures implements Ledger.Follower {
    private static final Logger LOG = LoggerFactory.getLogger(Erasures.class);
    private static final long PAUSE_SECONDS = 10;

    private final Storage storage;
    private final ScheduledExecutorService executor;

    /** Begins with all erasures so far and goes on with those that follow, on an executor that the caller ends. */
    public Erasures(Ledger ledger, Storage storage, ScheduledExecutorService executor) {
        this.storage = storage;
        this.executor = executor;
        ledger.follow(this);
        TextRecords records = ledger.tip().state().texts();
        if (!records.erased().isEmpty()) {
            run(() -> removeAll(records.erased().keySet()));
        }
    }

    @Override
    public void advanced(Tip tip, List<Entry> entries, List<Bytes> bodies) {
        List<Digest> erased = entries.stream()
                .filter(entry -> entry.type() == EntryType.TEXT_ERASED)
                .map(entry -> Digest.parse(entry.get("commitment")))
                .toList();
        if (!erased.isEmpty()) {
            run(() -> erased.forEach(storage.texts()::erase));
        }
    }

    private void removeAll(Set<Digest> erased) {
        List<Digest> left = new ArrayList<>();
        if (storage.keepsTextsAsBlobs()) {
            erased.stream().filter(storage.blobs()::contains).forEach(left::add);
        } else {
            storage.texts().list(text -> {
                if (erased.contains(text.digest())) {
                    left.add(text.digest());
                }
            });
        }
        left.forEach(storage.texts()::erase);
    }

    private void run(Runnable removal) {
        submit(removal, 0);
    }

    private void submit(Runnable removal, long delay) {
        try {
            var unused = executor.schedule(
                    () -> {
                        try {
                            removal.run();
                        } catch (RuntimeException | Error e) {
                            LOG.error(
                                    "texts whose erasure the log records could not be removed from the store; it is"
                                            + " tried again in {} s: {}",
                                    PAUSE_SECONDS,
                                    e.toString());
                            submit(removal, PAUSE_SECONDS);
                        }
                    },
                    delay,
                    TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the log is closed; what is left to be removed is removed when it is opened next");
        }
    }
}
