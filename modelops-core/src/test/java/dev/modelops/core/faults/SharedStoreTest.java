package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.storage.HeadPoller;
import dev.modelops.core.internal.storage.SharedLogStore;
import dev.modelops.core.storage.Storages;
import dev.modelops.serving.ModelHandle;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many logs in one database. */
class SharedStoreTest {
    private static final int LOGS = 20;

    @TempDir
    Path dir;

    private final Map<String, LogStore> logs = new HashMap<>();
    private final AtomicInteger questions = new AtomicInteger();
    private final HeadPoller poller = new HeadPoller(asked -> {
        questions.incrementAndGet();
        Map<String, LogHead> heads = new HashMap<>();
        asked.forEach(log -> heads.put(log, logs.get(log).head()));
        return heads;
    });

    /** One log of many, which counts what it is asked by itself. */
    private final class One implements SharedLogStore {
        private final String name;
        private final LogStore store;
        private final AtomicInteger asked = new AtomicInteger();

        One(String name) {
            this.name = name;
            this.store = logs.get(name);
        }

        @Override
        public HeadPoller poller() {
            return poller;
        }

        @Override
        public String logName() {
            return name;
        }

        @Override
        public LogHead head() {
            asked.incrementAndGet();
            return store.head();
        }

        @Override
        public List<LogRecord> read(long from, int limit) {
            asked.incrementAndGet();
            return store.read(from, limit);
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            return store.seals(from, limit);
        }

        @Override
        public <R> R append(Work<R> work) {
            return store.append(work);
        }

        @Override
        public void publish(LogCheckpoint checkpoint) {
            store.publish(checkpoint);
        }

        @Override
        public Optional<LogCheckpoint> latestCheckpoint() {
            return store.latestCheckpoint();
        }

        @Override
        public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
            return store.checkpoints(fromSize, limit);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    @Test
    void manyLogsOfOneStoreAreFollowedByOneQuestion() throws Exception {
        List<Storage> storages = new ArrayList<>();
        List<LogKey> keys = new ArrayList<>();
        List<One> ones = new ArrayList<>();
        List<ModelOps> near = new ArrayList<>();
        try {
            for (int log = 0; log < LOGS; log++) {
                Storage storage = Storages.inMemory();
                storages.add(storage);
                keys.add(ModelOps.create(storage, Site.genesis()));
                logs.put("log-" + log, storage.log());
            }
            for (int log = 0; log < LOGS; log++) {
                One one = new One("log-" + log);
                ones.add(one);
                near.add(Site.opening(new Storage(one, storages.get(log).blobs()), keys.get(log))
                        .start());
            }
            try (ModelOps far = Site.opening(storages.get(3), keys.get(3)).start()) {
                ModelRef ref = Site.promoted(far, dir, 1);
                ModelHandle<String> handle =
                        near.get(3).as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> "model");
                Site.await("it serves", () -> handle.version().isPresent());
                Site.registry(far, Site.RITA).revoke(ref, "leaked");
                Site.await("it refuses", () -> handle.version().isEmpty());
            }
            Map<Integer, Integer> before = new HashMap<>();
            for (int log = 0; log < LOGS; log++) {
                before.put(log, ones.get(log).asked.get());
            }
            int asked = questions.get();
            Site.await("the poller asked on", () -> questions.get() > asked + 20);
            for (int log = 0; log < LOGS; log++) {
                assertThat(ones.get(log).asked.get() - before.get(log))
                        .as("questions by log %s alone", log)
                        .isLessThan(4);
                assertThat(near.get(log).freshness().isStale()).isFalse();
            }
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().equals("modelops-heads")))
                    .hasSize(1);
        } finally {
            near.forEach(ModelOps::close);
        }
        Site.requireNoThreads();
    }
}
