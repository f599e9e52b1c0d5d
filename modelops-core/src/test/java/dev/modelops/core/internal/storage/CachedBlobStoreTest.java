package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import dev.modelops.core.storage.Blobs;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedBlobStoreTest {
    private static final Bytes CONTENT = Bytes.ofUtf8("weights".repeat(100));
    private static final Digest DIGEST = Digest.sha256Of(CONTENT);

    @TempDir
    Path folder;

    private final Remote remote = new Remote();
    private BlobStore store;

    @BeforeEach
    void open() {
        store = Blobs.cached(remote, folder, 2_000);
        put(CONTENT);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Digest put(Bytes content) {
        Digest digest = Digest.sha256Of(content);
        store.put(digest, new ByteArrayInputStream(content.toByteArray()));
        return digest;
    }

    private Bytes read(Digest digest) throws IOException {
        try (InputStream content = store.open(digest)) {
            return Bytes.of(content.readAllBytes());
        }
    }

    private Path file(Digest digest) {
        return folder.resolve("sha256")
                .resolve(digest.toHex().substring(0, 2))
                .resolve(digest.toHex().substring(2));
    }

    private Set<Digest> kept() {
        Set<Digest> digests = new HashSet<>();
        try (BlobStore files = Blobs.directory(folder)) {
            files.list(blob -> digests.add(blob.digest()));
        }
        return digests;
    }

    private void isOld(Digest digest, int daysAgo) throws IOException {
        Files.setLastModifiedTime(
                file(digest),
                FileTime.from(Instant.parse("2020-02-01T00:00:00Z").minusSeconds(86_400L * daysAgo)));
    }

    @Test
    void whatWasReadOnceIsReadWithoutTheStoreBehind() throws IOException {
        assertThat(read(DIGEST)).isEqualTo(CONTENT);
        remote.down = true;

        assertThat(read(DIGEST)).isEqualTo(CONTENT);
        assertThat(remote.opened).isEqualTo(1);
    }

    /** Else an upload would be skipped that the store behind needs. */
    @Test
    void whetherABlobIsThereOnlyTheStoreBehindKnows() throws IOException {
        assertThat(read(DIGEST)).isEqualTo(CONTENT);
        remote.down = true;
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> store.contains(DIGEST));

        remote.down = false;
        assertThat(remote.delete(DIGEST)).isTrue();
        assertThat(kept()).containsExactly(DIGEST);
        assertThat(store.contains(DIGEST)).isFalse();

        put(CONTENT);
        assertThat(remote.contains(DIGEST)).isTrue();
    }

    @Test
    void theStoreBehindSeveralFoldersIsFound() {
        try (BlobStore outer = Blobs.cached(store, folder.resolve("outer"), 1)) {
            assertThat(CachedBlobStore.behind(outer)).isSameAs(remote);
        }
        assertThat(CachedBlobStore.behind(remote)).isSameAs(remote);
    }

    @Test
    void whatWasNotReadFailsWithTheStoreBehind() {
        remote.down = true;

        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> read(DIGEST));
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> store.contains(DIGEST));
    }

    @Test
    void everyFlippedByteIsNoticedDroppedAndFetchedAgain() throws IOException {
        byte[] bytes = CONTENT.toByteArray();
        for (int i = 0; i < bytes.length; i += 97) {
            assertThat(read(DIGEST)).isEqualTo(CONTENT);
            byte[] altered = bytes.clone();
            altered[i] ^= 1;
            Files.write(file(DIGEST), altered);

            assertThat(read(DIGEST)).isEqualTo(CONTENT);
            assertThat(Files.readAllBytes(file(DIGEST))).isEqualTo(bytes);
        }
    }

    @Test
    void whatIsTooShortOrTooLongInTheFolderIsNeverHandedOut() throws IOException {
        for (int length : new int[] {0, 1, CONTENT.length() - 1, CONTENT.length() + 1}) {
            assertThat(read(DIGEST)).isEqualTo(CONTENT);
            Files.write(file(DIGEST), Arrays.copyOf(CONTENT.toByteArray(), length));

            assertThat(read(DIGEST)).isEqualTo(CONTENT);
        }
    }

    @Test
    void whatWasAlteredInTheFolderIsNotHandedOutWhileTheStoreIsDown() throws IOException {
        assertThat(read(DIGEST)).isEqualTo(CONTENT);
        Files.writeString(file(DIGEST), "poison");
        remote.down = true;

        assertThat(catchRead()).isInstanceOf(StorageException.class);
        assertThat(file(DIGEST)).doesNotExist();
    }

    private Throwable catchRead() {
        return catchThrowable(() -> read(DIGEST));
    }

    @Test
    void whatComesAlteredOnceIsFetchedAgain() throws IOException {
        remote.alterNext = 1;

        assertThat(read(DIGEST)).isEqualTo(CONTENT);
        assertThat(remote.opened).isEqualTo(2);
        assertThat(kept()).containsExactly(DIGEST);
    }

    @Test
    void whatTheStoreHoldsAlteredIsNeverKept() throws IOException {
        remote.alterNext = 100;

        assertThat(Digest.sha256Of(read(DIGEST))).isNotEqualTo(DIGEST);
        assertThat(kept()).isEmpty();
    }

    @Test
    void whatBreaksOffOnItsWayIsNeverKept() {
        remote.breakOff = true;

        assertThat(catchRead()).isInstanceOf(IOException.class);
        assertThat(kept()).isEmpty();
    }

    @Test
    void whatWasReadLongestAgoMakesRoom() throws IOException {
        Digest second = put(Bytes.of(new byte[600]));
        Digest third = put(Bytes.of(new byte[500]));
        Digest fourth = put(Bytes.of(new byte[800]));
        for (Digest digest : new Digest[] {DIGEST, second, third}) {
            var unused = read(digest);
        }
        isOld(DIGEST, 3);
        isOld(second, 2);
        isOld(third, 1);
        var unused = read(DIGEST);

        assertThat(read(fourth).length()).isEqualTo(800);

        assertThat(kept()).containsExactlyInAnyOrder(DIGEST, third, fourth);
    }

    @Test
    void whatIsLargerThanTheFolderMayHoldIsReadPastIt() throws IOException {
        Bytes large = Bytes.of(new byte[2_001]);
        assertThat(read(DIGEST)).isEqualTo(CONTENT);

        assertThat(read(put(large))).isEqualTo(large);

        assertThat(kept()).containsExactly(DIGEST);
    }

    @Test
    void aFolderThatFailsIsPassedOver() throws IOException {
        assertThat(read(DIGEST)).isEqualTo(CONTENT);
        Files.delete(file(DIGEST));
        Files.createDirectory(file(DIGEST));

        assertThat(read(DIGEST)).isEqualTo(CONTENT);
    }

    @Test
    void whatIsDeletedIsGoneFromTheFolderToo() throws IOException {
        assertThat(read(DIGEST)).isEqualTo(CONTENT);

        assertThat(store.delete(DIGEST)).isTrue();

        assertThat(kept()).isEmpty();
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> read(DIGEST));
    }

    @Test
    void severalStoresMayShareTheFolder() throws IOException {
        assertThat(read(DIGEST)).isEqualTo(CONTENT);
        Remote empty = new Remote();
        empty.down = true;
        try (BlobStore other = Blobs.cached(empty, folder, 2_000);
                InputStream content = other.open(DIGEST)) {
            assertThat(Bytes.of(content.readAllBytes())).isEqualTo(CONTENT);
        }
    }

    /** A store that can be down, alter what it sends, or break off. */
    private static final class Remote implements BlobStore {
        private final BlobStore blobs = new InMemoryBlobStore();
        private boolean down;
        private boolean breakOff;
        private int alterNext;
        private int opened;

        @Override
        public void put(Digest digest, InputStream content) {
            requireUp();
            blobs.put(digest, content);
        }

        @Override
        public InputStream open(Digest digest) {
            requireUp();
            opened++;
            InputStream content = blobs.open(digest);
            if (alterNext > 0) {
                alterNext--;
                return new ByteArrayInputStream(new byte[] {1, 2, 3});
            }
            if (breakOff) {
                return new SequenceInputStream(content, new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("cut");
                    }
                });
            }
            return content;
        }

        @Override
        public boolean contains(Digest digest) {
            requireUp();
            return blobs.contains(digest);
        }

        @Override
        public boolean delete(Digest digest) {
            requireUp();
            return blobs.delete(digest);
        }

        @Override
        public void list(Consumer<? super StoredBlob> visitor) {
            requireUp();
            blobs.list(visitor);
        }

        @Override
        public void close() {
            blobs.close();
        }

        private void requireUp() {
            if (down) {
                throw new StorageException("down");
            }
        }
    }
}
