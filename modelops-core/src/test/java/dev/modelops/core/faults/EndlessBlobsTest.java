package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.VerificationException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store that hands out content without end in place of what it was asked for. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EndlessBlobsTest {
    private static final long MIB = 1024 * 1024;

    @TempDir
    Path dir;

    private static final class Endless extends AlterableBlobs {
        final AtomicLong given = new AtomicLong();
        private final Set<Digest> without = ConcurrentHashMap.newKeySet();

        Endless(BlobStore blobs) {
            super(blobs);
        }

        void end(Digest digest) {
            without.add(digest);
        }

        @Override
        public InputStream open(Digest digest) {
            if (!without.contains(digest)) {
                return super.open(digest);
            }
            return new InputStream() {
                @Override
                public int read() {
                    given.incrementAndGet();
                    return 0;
                }

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    given.addAndGet(length);
                    return length;
                }
            };
        }
    }

    @Test
    void noMoreIsReadThanCanBelongToTheModel() throws Exception {
        Storage stored = Storages.inMemory();
        Endless blobs = new Endless(stored.blobs());
        Storage storage = new Storage(stored.log(), blobs);
        LogKey key = ModelOps.create(storage, Site.genesis());
        try (ModelOps ops = Site.opening(storage, key).start()) {
            ModelRef ref = Site.promoted(ops, dir, 1);
            ModelVersion version = Site.registry(ops, Site.ADA).get(ref);
            Path there = dir.resolve("there");
            Site.registry(ops, Site.ADA).download(ref, there, dir.resolve("there.sig"), Progress.NONE);
            try (Stream<Path> files = Files.walk(there)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    blobs.end(Digest.sha256Of(Bytes.of(Files.readAllBytes(file))));
                }
            }

            assertThatThrownBy(() -> Site.registry(ops, Site.ADA)
                            .download(ref, dir.resolve("again"), dir.resolve("again.sig"), Progress.NONE))
                    .isInstanceOf(VerificationException.class)
                    .hasMessageContaining("was altered in the store");
            assertThat(dir.resolve("again")).doesNotExist();
            assertThat(blobs.given).hasValueLessThan(version.byteCount() + MIB);

            ModelHandle<String> handle =
                    ops.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, artifact -> "model");
            assertThatThrownBy(() -> handle.apply(model -> model)).isInstanceOf(VerificationException.class);
            handle.close();

            blobs.end(version.bundle());
            assertThatThrownBy(() -> Site.registry(ops, Site.ADA)
                            .download(ref, dir.resolve("third"), dir.resolve("third.sig"), Progress.NONE))
                    .isInstanceOf(ModelOpsException.class)
                    .hasMessageContaining("is not the registered one");
            assertThat(blobs.given).as("signatures are read up to a limit").hasValueLessThan(200 * MIB);
        }
        Site.requireNoThreads();
    }
}
