package dev.modelops.core.internal.prediction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.Storage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class SegmentTest {
    @Test
    void millionsOfEmptyLinesInAFewBytesAreNotTakenApart() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        byte[] lines = "\n".repeat(Segment.MOST_BYTES).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(lines);
        }
        Digest digest = Digest.sha256Of(Bytes.of(packed.toByteArray()));
        Segment segment = new Segment(
                Segment.Kind.PREDICTIONS,
                digest,
                packed.size(),
                lines.length,
                10,
                digest,
                Instant.EPOCH,
                Instant.EPOCH,
                "0000000000000001",
                0,
                9);
        try (Storage storage = Storages.inMemory()) {
            storage.blobs().put(digest, new ByteArrayInputStream(packed.toByteArray()));
            var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> segment.lines(storage.blobs()))
                    .withMessageContaining("other records");
            assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8L * Segment.MOST_BYTES);
        }
    }
}
