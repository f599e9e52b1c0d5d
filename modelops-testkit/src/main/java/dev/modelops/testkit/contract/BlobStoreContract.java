package dev.modelops.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link BlobStore} must do, one test for each clause. Extend it and say how a store is made, as {@link
 * LogStoreContract} shows.
 *
 * <p>Where the interface leaves a choice, the contract settles it: content that cannot be read to its end is a {@link
 * StorageException} with the {@link IOException} as its cause, and an unchecked exception of the content's stream passes
 * through; an interrupted caller either gets its work done or a {@link StorageException}, keeps its interrupt status, and
 * harms nobody else.
 *
 * <p>Stores that the methods of this class return are closed after each test.
 */
@DisplayName("A blob store")
public abstract class BlobStoreContract {
    private static final int PATIENCE_SECONDS = 60;
    private static final int AGEING_MILLIS = 10_000;

    private static final Bytes CONTENT = Bytes.ofUtf8("some content");
    private static final Digest DIGEST = Digest.sha256Of(CONTENT);
    private static final Bytes OTHER_CONTENT = Bytes.ofUtf8("other content");
    private static final Digest OTHER_DIGEST = Digest.sha256Of(OTHER_CONTENT);

    private final List<BlobStore> opened = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private BlobStore store;

    /** Creates the contract test. */
    protected BlobStoreContract() {}

    /**
     * Creates an empty store on a storage of its own. Called once for each test, before anything else.
     *
     * @return the store
     */
    protected abstract BlobStore createStore();

    /**
     * Opens another store on the storage that {@link #createStore} made last. With {@link StoreAbility#SHARED} it is
     * called while others are open; with {@link StoreAbility#DURABLE}, after all were closed. Without both it is not
     * called.
     *
     * @return the store
     */
    protected abstract BlobStore reopen();

    /**
     * Returns what the store can do; all of it, unless overridden.
     *
     * @return the abilities
     */
    protected Set<StoreAbility> abilities() {
        return EnumSet.allOf(StoreAbility.class);
    }

    /**
     * Returns the length of the largest blob that is put, which should exceed every buffer in the way.
     *
     * @return bytes; 48 MiB, unless overridden
     */
    protected long largeLength() {
        return 48L << 20;
    }

    @BeforeEach
    final void createEmptyStore() {
        store = track(createStore());
    }

    @AfterEach
    final void closeEverything() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("a call on the store has not returned")
                .isTrue();
        opened.forEach(BlobStore::close);
    }

    @Test
    void contentThatWasPutIsReadBack() throws IOException {
        byte[] everyByte = new byte[256];
        for (int i = 0; i < everyByte.length; i++) {
            everyByte[i] = (byte) i;
        }
        for (Bytes content :
                List.of(CONTENT, Bytes.of(new byte[1]), Bytes.of(everyByte), Bytes.of(new byte[100_000]))) {
            Digest digest = Digest.sha256Of(content);
            store.put(digest, stream(content));
            assertThat(read(store, digest)).isEqualTo(content);
        }
    }

    @Test
    void emptyContentIsContent() throws IOException {
        Bytes empty = Bytes.of(new byte[0]);
        Digest digest = Digest.sha256Of(empty);
        assertThat(store.contains(digest)).isFalse();

        store.put(digest, stream(empty));

        assertThat(store.contains(digest)).isTrue();
        assertThat(read(store, digest)).isEqualTo(empty);
    }

    @Test
    void contentThatIsNotThereIsNotFound() {
        store.put(OTHER_DIGEST, stream(OTHER_CONTENT));

        assertNotThere(DIGEST);
    }

    @Test
    void puttingAgainChangesNothing() throws IOException {
        store.put(DIGEST, stream(CONTENT));
        store.put(DIGEST, stream(CONTENT));

        assertThat(read(store, DIGEST)).isEqualTo(CONTENT);
        assertThat(store.delete(DIGEST)).isTrue();
        assertNotThere(DIGEST);
    }

    @Test
    void contentIsReadToItsEndEachTimeAndNotClosed() throws IOException {
        for (int i = 0; i < 2; i++) {
            Watched content = new Watched(stream(CONTENT));
            store.put(DIGEST, content);
            assertThat(content.read()).isEqualTo(-1);
            assertThat(content.closed).isFalse();
        }
    }

    @Test
    void contentThatArrivesByteByByteIsStoredWhole() throws IOException {
        store.put(DIGEST, new FilterInputStream(stream(CONTENT)) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return super.read(buffer, offset, Math.min(1, length));
            }
        });

        assertThat(read(store, DIGEST)).isEqualTo(CONTENT);
    }

    @Test
    void contentWithAnotherDigestIsRefusedAndNotStored() {
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> store.put(DIGEST, stream(OTHER_CONTENT)));

        assertNotThere(DIGEST);
        assertNotThere(OTHER_DIGEST);
    }

    @Test
    void contentWithAnotherDigestIsRefusedWhereTheRightOneIsThere() throws IOException {
        store.put(DIGEST, stream(CONTENT));

        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> store.put(DIGEST, stream(OTHER_CONTENT)));

        assertThat(read(store, DIGEST)).isEqualTo(CONTENT);
    }

    @Test
    void contentThatCannotBeReadToItsEndIsNotStored() {
        IOException broken = new IOException("the source broke off");

        assertThatThrownBy(() -> store.put(DIGEST, breakingOff(broken)))
                .isInstanceOf(StorageException.class)
                .hasCause(broken);

        assertNotThere(DIGEST);
        assertNotThere(Digest.sha256Of(half(CONTENT)));
    }

    @Test
    void anUncheckedExceptionOfTheContentPassesThroughAndNothingIsStored() {
        RuntimeException cancelled = new RuntimeException("cancelled");

        assertThatThrownBy(() -> store.put(DIGEST, breakingOff(cancelled))).isSameAs(cancelled);

        assertNotThere(DIGEST);
        assertNotThere(Digest.sha256Of(half(CONTENT)));
    }

    @Test
    void contentIsNotThereBeforeItIsThereWhole() throws IOException {
        BlobStore other = another();
        Bytes content = Bytes.of(new byte[300_000]);
        Digest digest = Digest.sha256Of(content);
        List<Boolean> seen = new ArrayList<>();

        store.put(digest, new FilterInputStream(stream(content)) {
            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                seen.add(store.contains(digest));
                seen.add(other.contains(digest));
                seen.add(listed(other).containsKey(digest));
                return super.read(buffer, offset, Math.min(length, 50_000));
            }
        });

        assertThat(seen).isNotEmpty().containsOnly(false);
        assertThat(read(other, digest)).isEqualTo(content);
    }

    @Test
    void everyOpenReadsFromTheBeginning() throws IOException {
        store.put(DIGEST, stream(CONTENT));
        try (InputStream first = store.open(DIGEST)) {
            assertThat(first.readNBytes(4)).isEqualTo(Arrays.copyOf(CONTENT.toByteArray(), 4));
            assertThat(read(store, DIGEST)).isEqualTo(CONTENT);
        }
    }

    @Test
    void deletedContentIsGoneAndOtherContentIsNot() throws IOException {
        store.put(DIGEST, stream(CONTENT));
        store.put(OTHER_DIGEST, stream(OTHER_CONTENT));

        assertThat(store.delete(DIGEST)).isTrue();

        assertNotThere(DIGEST);
        assertThat(read(store, OTHER_DIGEST)).isEqualTo(OTHER_CONTENT);
    }

    @Test
    void deletedContentCanBePutAgain() throws IOException {
        store.put(DIGEST, stream(CONTENT));
        assertThat(store.delete(DIGEST)).isTrue();

        store.put(DIGEST, stream(CONTENT));

        assertThat(read(store, DIGEST)).isEqualTo(CONTENT);
    }

    @Test
    void largeContentIsStreamed() throws IOException {
        Digest digest = digest(new Generated(largeLength()));

        store.put(digest, new Generated(largeLength()));

        try (InputStream content = store.open(digest)) {
            assertThat(digest(content)).isEqualTo(digest);
        }
    }

    @Test
    void theSameContentCanBePutByManyAtOnce() throws IOException {
        List<BlobStore> stores = List.of(store, another());
        int writers = 4;
        CyclicBarrier start = new CyclicBarrier(writers);
        Digest digest = digest(new Generated(500_000));

        List<Future<Boolean>> puts = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            BlobStore each = stores.get(i % 2);
            puts.add(threads.submit(() -> {
                start.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                each.put(digest, new Generated(500_000));
                return each.contains(digest);
            }));
        }

        assertThat(puts).allMatch(BlobStoreContract::await);
        try (InputStream content = store.open(digest)) {
            assertThat(digest(content)).isEqualTo(digest);
        }
    }

    @Test
    void differentContentCanBePutByManyAtOnce() {
        List<BlobStore> stores = List.of(store, another());
        List<Future<Boolean>> puts = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            puts.add(threads.submit(() -> {
                for (int j = 0; j < 10; j++) {
                    Bytes content = Bytes.ofUtf8(number + ":" + j + "x".repeat(20_000));
                    stores.get(number % 2).put(Digest.sha256Of(content), stream(content));
                    assertThat(read(stores.get((number + 1) % 2), Digest.sha256Of(content)))
                            .isEqualTo(content);
                }
                return true;
            }));
        }

        assertThat(puts).allMatch(BlobStoreContract::await);
    }

    @Test
    void everythingThereIsListedOnceWithItsLength() {
        Map<Digest, Long> put = new HashMap<>();
        for (int i = 1; i <= 30; i++) {
            Bytes content = Bytes.of(new byte[i * i * i]);
            put.put(Digest.sha256Of(content), (long) content.length());
            store.put(Digest.sha256Of(content), stream(content));
        }

        assertThat(listed(store)).isEqualTo(put);
        assertThat(listed(another())).isEqualTo(put);
    }

    @Test
    void whatWasDeletedIsNotListed() {
        store.put(DIGEST, stream(CONTENT));
        store.put(OTHER_DIGEST, stream(OTHER_CONTENT));
        assertThat(store.delete(DIGEST)).isTrue();

        assertThat(listed(store)).containsOnlyKeys(OTHER_DIGEST);
    }

    @Test
    void contentThatWasJustPutIsListedAsYoung() {
        store.put(DIGEST, stream(CONTENT));

        List<StoredBlob> blobs = new ArrayList<>();
        store.list(blobs::add);

        assertThat(blobs).hasSize(1);
        assertThat(blobs.get(0).age())
                .as("the age by the store's own clock of what was put just now")
                .isLessThan(Duration.ofHours(1));
    }

    @Test
    void contentGrowsOld() throws InterruptedException {
        store.put(DIGEST, stream(CONTENT));
        Duration first = age(DIGEST);

        Duration next = first;
        for (int i = 0; i < AGEING_MILLIS / 10 && next.equals(first); i++) {
            Thread.sleep(10);
            next = age(DIGEST);
        }
        assertThat(next).as("the age a while later").isGreaterThan(first);
    }

    @Test
    void anExceptionOfTheVisitorEndsTheListingAndPassesThrough() {
        store.put(DIGEST, stream(CONTENT));
        store.put(OTHER_DIGEST, stream(OTHER_CONTENT));
        RuntimeException enough = new RuntimeException("enough");
        List<StoredBlob> visited = new ArrayList<>();

        assertThatThrownBy(() -> store.list(blob -> {
                    visited.add(blob);
                    throw enough;
                }))
                .isSameAs(enough);

        assertThat(visited).hasSize(1);
    }

    @Test
    void theVisitorMayDeleteWhatItVisits() {
        store.put(DIGEST, stream(CONTENT));
        store.put(OTHER_DIGEST, stream(OTHER_CONTENT));

        store.list(blob -> assertThat(store.delete(blob.digest())).isTrue());

        assertThat(listed(store)).isEmpty();
    }

    @Test
    void otherDigestsThanSha256AreRefused() {
        Digest digest = new Digest("blake3", DIGEST.value());

        assertThatIllegalArgumentException().isThrownBy(() -> store.put(digest, stream(CONTENT)));
        assertThatIllegalArgumentException().isThrownBy(() -> closeStream(store.open(digest)));
        assertThatIllegalArgumentException().isThrownBy(() -> store.contains(digest));
        assertThatIllegalArgumentException().isThrownBy(() -> store.delete(digest));
    }

    @Test
    void anInterruptedCallerHarmsNobodyElse() throws IOException {
        BlobStore other = another();
        store.put(OTHER_DIGEST, stream(OTHER_CONTENT));

        AtomicReference<Boolean> done = new AtomicReference<>();
        Boolean statusKept = await(threads.submit(() -> {
            Thread.currentThread().interrupt();
            try {
                store.put(DIGEST, stream(CONTENT));
                done.set(true);
            } catch (StorageException e) {
                done.set(false);
            }
            boolean keptByPut = Thread.interrupted();
            Thread.currentThread().interrupt();
            try (InputStream content = store.open(OTHER_DIGEST)) {
                assertThat(content.read()).isNotNegative();
            } catch (StorageException | IOException e) {
                assertThat(Thread.currentThread().isInterrupted()).isTrue();
            }
            return keptByPut && Thread.interrupted();
        }));

        assertThat(statusKept).as("the interrupt status was kept").isTrue();
        assertThat(store.contains(DIGEST)).isEqualTo(done.get());
        for (BlobStore each : List.of(store, other)) {
            each.put(DIGEST, stream(CONTENT));
            assertThat(read(each, DIGEST)).isEqualTo(CONTENT);
            assertThat(read(each, OTHER_DIGEST)).isEqualTo(OTHER_CONTENT);
        }
    }

    @Test
    void aClosedStoreRefusesItsWork() throws IOException {
        store.put(DIGEST, stream(CONTENT));
        close(store);

        if (abilities().contains(StoreAbility.CLOSING)) {
            assertClosed(() -> store.put(DIGEST, stream(CONTENT)));
            assertClosed(() -> closeStream(store.open(DIGEST)));
            assertClosed(() -> store.contains(DIGEST));
            assertClosed(() -> store.delete(DIGEST));
            assertClosed(() -> listed(store));
        } else {
            assertThat(read(store, DIGEST)).isEqualTo(CONTENT);
        }
    }

    @Test
    void aSecondCloseDoesNothing() {
        close(store);

        assertThatCode(store::close).doesNotThrowAnyException();
    }

    @Test
    void closingOneStoreLeavesTheOthersOpen() throws IOException {
        Assumptions.assumeTrue(
                abilities().contains(StoreAbility.SHARED),
                "the store does not claim to be shared (StoreAbility.SHARED)");
        BlobStore other = another();

        close(store);

        other.put(DIGEST, stream(CONTENT));
        assertThat(read(other, DIGEST)).isEqualTo(CONTENT);
    }

    @Test
    void whatWasPutIsThereAfterReopening() throws IOException {
        Assumptions.assumeTrue(
                abilities().contains(StoreAbility.DURABLE), "the store does not claim to last (StoreAbility.DURABLE)");
        store.put(DIGEST, stream(CONTENT));
        store.put(OTHER_DIGEST, stream(OTHER_CONTENT));
        assertThat(store.delete(OTHER_DIGEST)).isTrue();
        close(store);

        BlobStore again = track(reopen());

        assertThat(read(again, DIGEST)).isEqualTo(CONTENT);
        assertThat(again.contains(OTHER_DIGEST)).isFalse();
    }

    private BlobStore track(BlobStore created) {
        opened.add(created);
        return created;
    }

    private void close(BlobStore open) {
        opened.remove(open);
        open.close();
    }

    private BlobStore another() {
        return abilities().contains(StoreAbility.SHARED) ? track(reopen()) : store;
    }

    private Duration age(Digest digest) {
        List<Duration> ages = new ArrayList<>();
        store.list(blob -> {
            if (blob.digest().equals(digest)) {
                ages.add(blob.age());
            }
        });
        return ages.get(0);
    }

    private void assertNotThere(Digest digest) {
        assertThat(store.contains(digest)).isFalse();
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> closeStream(store.open(digest)));
        assertThat(store.delete(digest)).isFalse();
    }

    private static void assertClosed(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StorageException.class);
    }

    private static void closeStream(InputStream content) throws IOException {
        content.close();
    }

    private static Bytes read(BlobStore store, Digest digest) throws IOException {
        try (InputStream content = store.open(digest)) {
            return Bytes.of(content.readAllBytes());
        }
    }

    private static Map<Digest, Long> listed(BlobStore store) {
        Map<Digest, Long> lengths = new HashMap<>();
        store.list(blob -> assertThat(lengths.put(blob.digest(), blob.length()))
                .as(blob.digest() + " is listed once")
                .isNull());
        return lengths;
    }

    private static InputStream stream(Bytes content) {
        return new ByteArrayInputStream(content.toByteArray());
    }

    private static Bytes half(Bytes content) {
        return Bytes.of(Arrays.copyOf(content.toByteArray(), content.length() / 2));
    }

    private static InputStream breakingOff(Exception failure) {
        return new SequenceInputStream(stream(half(CONTENT)), new InputStream() {
            @Override
            public int read() throws IOException {
                if (failure instanceof IOException checked) {
                    throw checked;
                }
                throw (RuntimeException) failure;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return read();
            }
        });
    }

    private static Digest digest(InputStream content) throws IOException {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                sha256.update(buffer, 0, n);
            }
            return Digest.sha256(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("a call on the store failed or did not return", e);
        }
    }

    /** Content of any length that is never in memory whole. */
    private static final class Generated extends InputStream {
        private final long length;
        private long position;

        Generated(long length) {
            this.length = length;
        }

        @Override
        public int read() {
            return position < length ? (int) (position++ * 31 % 251) : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int wanted) {
            int n = (int) Math.min(wanted, length - position);
            for (int i = 0; i < n; i++) {
                buffer[offset + i] = (byte) (position++ * 31 % 251);
            }
            return n > 0 || wanted == 0 ? n : -1;
        }
    }

    private static final class Watched extends FilterInputStream {
        private boolean closed;

        Watched(InputStream content) {
            super(content);
        }

        @Override
        public void close() throws IOException {
            closed = true;
            super.close();
        }
    }
}
