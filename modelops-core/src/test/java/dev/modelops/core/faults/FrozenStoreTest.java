package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.storage.Storages;
import dev.modelops.serving.ModelHandle;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that answers at once, and shows one process the same log for ever while it goes on for others. */
class FrozenStoreTest {
    @TempDir
    Path dir;

    private final Storage storage = Storages.inMemory();
    private final Frozen seen = new Frozen(storage.log());
    private final InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
    private LogKey key;
    private ModelOps far;
    private ModelRef champion;

    /** A log that does not grow any more. */
    private static final class Frozen implements LogStore {
        private final LogStore log;
        private volatile @Nullable LogHead end;
        private volatile Optional<LogCheckpoint> last = Optional.empty();

        Frozen(LogStore log) {
            this.log = log;
        }

        void freeze() {
            last = log.latestCheckpoint();
            end = log.head();
        }

        private long size() {
            return head().size();
        }

        @Override
        public LogHead head() {
            LogHead frozen = end;
            return frozen == null ? log.head() : frozen;
        }

        @Override
        public List<LogRecord> read(long from, int limit) {
            return from >= size() ? List.of() : log.read(from, (int) Math.min(limit, size() - from));
        }

        @Override
        public List<LogSeal> seals(long from, int limit) {
            return log.seals(from, limit).stream()
                    .filter(seal -> seal.from() < size())
                    .toList();
        }

        @Override
        public <R> R append(Work<R> work) {
            return log.append(work);
        }

        @Override
        public void publish(LogCheckpoint checkpoint) {
            if (end == null) {
                log.publish(checkpoint);
            }
        }

        @Override
        public Optional<LogCheckpoint> latestCheckpoint() {
            return end == null ? log.latestCheckpoint() : last;
        }

        @Override
        public List<LogCheckpoint> checkpoints(long fromSize, int limit) {
            return log.checkpoints(fromSize, limit).stream()
                    .filter(checkpoint -> checkpoint.size() <= size())
                    .toList();
        }

        @Override
        public void close() {
            log.close();
        }
    }

    @BeforeEach
    void begin() {
        key = ModelOps.create(storage, Site.genesis());
        far = Site.opening(storage, key).memory(memory).start();
        champion = Site.promoted(far, dir, 1);
        var unused = far.audit().checkpoint();
    }

    @AfterEach
    void end() throws Exception {
        far.close();
        Site.requireNoThreads();
    }

    private void freezeAndRevoke() {
        seen.freeze();
        Site.registry(far, Site.RITA).revoke(champion, "leaked");
        var unused = far.audit().checkpoint();
    }

    private static ModelHandle<String> open(ModelOps ops) {
        return ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> "model");
    }

    @Test
    void aProcessThatRemembersElsewhereStopsServing() throws Exception {
        try (ModelOps near = Site.opening(new Storage(seen, storage.blobs()), key)
                .memory(memory)
                .start()) {
            ModelHandle<String> handle = open(near);
            assertThat(handle.apply(model -> model).version()).isEqualTo(champion);
            freezeAndRevoke();

            Site.await("the handle refuses", () -> {
                try {
                    handle.apply(model -> model);
                    return false;
                } catch (IntegrityException e) {
                    return true;
                }
            });
            assertThatThrownBy(() -> handle.apply(model -> model)).hasMessageContaining("remembered checkpoint");
            assertThatThrownBy(() -> Site.registry(near, Site.ADA).comment(champion, "x"))
                    .isInstanceOf(IntegrityException.class);
        }
        try (StoreInspection inspection = StoreInspection.open(new Storage(seen, storage.blobs()), key, memory)) {
            assertThatThrownBy(inspection::registry).isInstanceOf(IntegrityException.class);
        }
        assertThatThrownBy(() -> Site.opening(new Storage(seen, storage.blobs()), key)
                        .memory(memory)
                        .start())
                .isInstanceOf(IntegrityException.class);
    }

    /** What memories and witnesses are for: nothing that the store itself holds tells a frozen log from a quiet one. */
    @Test
    void aProcessThatRemembersNothingCannotTellItFromAQuietLog() {
        try (ModelOps near =
                Site.opening(new Storage(seen, storage.blobs()), key).start()) {
            ModelHandle<String> handle = open(near);
            assertThat(handle.apply(model -> model).version()).isEqualTo(champion);
            freezeAndRevoke();
            near.sync();
            assertThat(handle.apply(model -> model).version()).isEqualTo(champion);
            assertThat(near.freshness().isStale()).isFalse();
        }
    }
}
