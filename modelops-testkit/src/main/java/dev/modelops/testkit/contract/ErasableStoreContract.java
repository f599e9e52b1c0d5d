package dev.modelops.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ErasableStore} must do, one test for each clause. Extend it and say how a store is made, as {@link
 * LogStoreContract} shows. That nothing of what was erased is left on the medium is for the store's own tests: only they
 * know where to look.
 *
 * <p>Stores that the methods of this class return are closed after each test.
 */
@DisplayName("A store of erasable texts")
public abstract class ErasableStoreContract {
    private static final int PATIENCE_SECONDS = 60;

    private static final Bytes CONTENT = Bytes.ofUtf8("some content");
    private static final Digest DIGEST = Digest.sha256Of(CONTENT);
    private static final Bytes OTHER_CONTENT = Bytes.ofUtf8("other content");
    private static final Digest OTHER_DIGEST = Digest.sha256Of(OTHER_CONTENT);

    private final List<ErasableStore> opened = new CopyOnWriteArrayList<>();
    private ErasableStore store;

    /** Creates the contract test. */
    protected ErasableStoreContract() {}

    /**
     * Creates an empty store on a storage of its own. Called once for each test, before anything else.
     *
     * @return the store
     */
    protected abstract ErasableStore createStore();

    /**
     * Opens another store on the storage that {@link #createStore} made last. With {@link StoreAbility#SHARED} it is
     * called while others are open; with {@link StoreAbility#DURABLE}, after all were closed. Without both it is not
     * called.
     *
     * @return the store
     */
    protected abstract ErasableStore reopen();

    /**
     * Returns what the store can do; all of it, unless overridden.
     *
     * @return the abilities
     */
    protected Set<StoreAbility> abilities() {
        return EnumSet.allOf(StoreAbility.class);
    }

    @BeforeEach
    final void createEmptyStore() {
        store = track(createStore());
    }

    @AfterEach
    final void closeEverything() {
        opened.forEach(ErasableStore::close);
    }

    @Test
    void contentThatWasPutIsFound() {
        Map<Digest, Bytes> contents = new LinkedHashMap<>();
        byte[] everyByte = new byte[256];
        for (int i = 0; i < everyByte.length; i++) {
            everyByte[i] = (byte) i;
        }
        for (Bytes content : List.of(
                CONTENT, Bytes.of(new byte[1]), Bytes.of(everyByte), Bytes.of(new byte[ErasableStore.MOST_BYTES]))) {
            contents.put(Digest.sha256Of(content), content);
        }
        store.put(contents);
        contents.forEach((digest, content) -> assertThat(store.find(digest)).contains(content));
    }

    @Test
    void contentThatIsNotThereIsNotFound() {
        put(CONTENT);
        assertThat(store.find(OTHER_DIGEST)).isEmpty();
    }

    @Test
    void puttingAgainChangesNothing() {
        put(CONTENT);
        store.put(Map.of(DIGEST, CONTENT, OTHER_DIGEST, OTHER_CONTENT));
        assertThat(store.find(DIGEST)).contains(CONTENT);
        assertThat(listed()).containsOnlyKeys(DIGEST, OTHER_DIGEST);
    }

    @Test
    void contentWithAnotherDigestIsRefusedWithAllThatCameWithIt() {
        Map<Digest, Bytes> contents = new LinkedHashMap<>();
        contents.put(OTHER_DIGEST, OTHER_CONTENT);
        contents.put(DIGEST, OTHER_CONTENT);
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> store.put(contents));
        assertThat(store.find(DIGEST)).isEmpty();
        assertThat(store.find(OTHER_DIGEST)).isEmpty();
    }

    @Test
    void contentOfNoOrTooManyBytesIsRefused() {
        for (Bytes content : List.of(Bytes.ofUtf8(""), Bytes.of(new byte[ErasableStore.MOST_BYTES + 1]))) {
            assertThatIllegalArgumentException().isThrownBy(() -> store.put(Map.of(Digest.sha256Of(content), content)));
            assertThat(store.find(Digest.sha256Of(content))).isEmpty();
        }
    }

    @Test
    void erasedContentIsGoneAndOtherContentIsNot() {
        store.put(Map.of(DIGEST, CONTENT, OTHER_DIGEST, OTHER_CONTENT));
        assertThat(store.erase(DIGEST)).isTrue();
        assertThat(store.find(DIGEST)).isEmpty();
        assertThat(store.find(OTHER_DIGEST)).contains(OTHER_CONTENT);
    }

    @Test
    void erasingWhatIsNotThereSaysSoAndNoMore() {
        assertThat(store.erase(DIGEST)).isFalse();
        put(CONTENT);
        assertThat(store.erase(DIGEST)).isTrue();
        assertThat(store.erase(DIGEST)).isFalse();
    }

    @Test
    void erasedContentCanBePutAgain() {
        put(CONTENT);
        store.erase(DIGEST);
        put(CONTENT);
        assertThat(store.find(DIGEST)).contains(CONTENT);
    }

    @Test
    void everythingThereIsListedOnceWithItsLength() {
        Map<Digest, Long> expected = new HashMap<>();
        Map<Digest, Bytes> contents = new HashMap<>();
        for (int i = 0; i < 2500; i++) {
            Bytes content = Bytes.ofUtf8("content " + i);
            contents.put(Digest.sha256Of(content), content);
            expected.put(Digest.sha256Of(content), (long) content.length());
        }
        store.put(contents);
        assertThat(listed()).isEqualTo(expected);
    }

    @Test
    void whatWasErasedIsNotListed() {
        store.put(Map.of(DIGEST, CONTENT, OTHER_DIGEST, OTHER_CONTENT));
        store.erase(DIGEST);
        assertThat(listed()).containsOnlyKeys(OTHER_DIGEST);
    }

    @Test
    void contentThatWasJustPutIsListedAsYoung() {
        put(CONTENT);
        store.list(text -> assertThat(text.age()).isLessThan(Duration.ofMinutes(10)));
    }

    @Test
    void anExceptionOfTheVisitorEndsTheListingAndPassesThrough() {
        store.put(Map.of(DIGEST, CONTENT, OTHER_DIGEST, OTHER_CONTENT));
        List<StoredBlob> visited = new ArrayList<>();
        IllegalStateException own = new IllegalStateException("enough");
        assertThatThrownBy(() -> store.list(text -> {
                    visited.add(text);
                    throw own;
                }))
                .isSameAs(own);
        assertThat(visited).hasSize(1);
        assertThat(listed()).hasSize(2);
    }

    @Test
    void theVisitorMayEraseWhatItVisits() {
        store.put(Map.of(DIGEST, CONTENT, OTHER_DIGEST, OTHER_CONTENT));
        store.list(text -> assertThat(store.erase(text.digest())).isTrue());
        assertThat(listed()).isEmpty();
    }

    @Test
    void otherDigestsThanSha256AreRefused() {
        Digest other = new Digest("blake3", Bytes.of(new byte[32]));
        assertThatIllegalArgumentException().isThrownBy(() -> store.put(Map.of(other, CONTENT)));
        assertThatIllegalArgumentException().isThrownBy(() -> store.find(other));
        assertThatIllegalArgumentException().isThrownBy(() -> store.erase(other));
    }

    @Test
    void theSameContentCanBePutByManyAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> puts = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Bytes own = Bytes.ofUtf8("own " + i);
                puts.add(threads.submit(() -> store.put(Map.of(DIGEST, CONTENT, Digest.sha256Of(own), own))));
            }
            for (Future<?> put : puts) {
                put.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(store.find(DIGEST)).contains(CONTENT);
        assertThat(listed()).hasSize(41);
    }

    @Test
    void whatOneStoreErasesNoOtherFinds() {
        require(StoreAbility.SHARED);
        put(CONTENT);
        assertThat(store.find(DIGEST)).contains(CONTENT);
        ErasableStore second = track(reopen());
        assertThat(second.find(DIGEST)).contains(CONTENT);
        assertThat(second.erase(DIGEST)).isTrue();
        assertThat(store.find(DIGEST)).isEmpty();
        assertThat(listed()).isEmpty();
    }

    @Test
    void whatWasPutOrErasedIsSoAfterReopening() {
        require(StoreAbility.DURABLE);
        store.put(Map.of(DIGEST, CONTENT, OTHER_DIGEST, OTHER_CONTENT));
        store.erase(DIGEST);
        store.close();
        store = track(reopen());
        assertThat(store.find(DIGEST)).isEmpty();
        assertThat(store.find(OTHER_DIGEST)).contains(OTHER_CONTENT);
    }

    @Test
    void aClosedStoreRefusesItsWork() {
        put(CONTENT);
        store.close();
        store.close();
        if (!abilities().contains(StoreAbility.CLOSING)) {
            assertThat(store.find(DIGEST)).contains(CONTENT);
            put(OTHER_CONTENT);
            assertThat(listed()).containsOnlyKeys(DIGEST, OTHER_DIGEST);
            return;
        }
        assertThatThrownBy(() -> put(OTHER_CONTENT)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> store.find(DIGEST)).isInstanceOf(StorageException.class);
        assertThatThrownBy(() -> store.erase(DIGEST)).isInstanceOf(StorageException.class);
        assertThatThrownBy(this::listed).isInstanceOf(StorageException.class);
    }

    private void put(Bytes content) {
        store.put(Map.of(Digest.sha256Of(content), content));
    }

    private Map<Digest, Long> listed() {
        Map<Digest, Long> found = new HashMap<>();
        store.list(text -> assertThat(found.put(text.digest(), text.length()))
                .as("listed twice")
                .isNull());
        return found;
    }

    private ErasableStore track(ErasableStore one) {
        opened.add(one);
        return one;
    }

    private void require(StoreAbility ability) {
        Assumptions.assumeTrue(abilities().contains(ability), () -> "the store is not " + ability);
    }
}
