package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.BlobSweep;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orphans are removed, and nothing that an entry names ever is. */
class BlobSweepTest {
    private static final Duration GRACE = Duration.ofDays(2);
    private static final Bytes ORPHAN = Bytes.ofUtf8("left behind");

    @TempDir
    Path dir;

    private final AtomicReference<Runnable> beforeAppend = new AtomicReference<>(() -> {});
    private final InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
    private Storage inner;
    private OldBlobs blobs;
    private Storage storage;
    private LogKey key;
    private ModelOps ops;

    @BeforeEach
    void open() {
        inner = Storages.inMemory();
        key = ModelOps.create(inner, Site.genesis());
        blobs = new OldBlobs(inner.blobs());
        storage = new Storage(hooked(inner.log()), blobs);
        ops = Site.opening(storage, key).memory(memory).start();
    }

    @AfterEach
    void close() throws InterruptedException {
        ops.close();
        Site.requireNoThreads();
    }

    private LogStore hooked(LogStore log) {
        return (LogStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LogStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("append")) {
                        beforeAppend.getAndSet(() -> {}).run();
                    }
                    try {
                        return method.invoke(log, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private StoreInspection inspection() {
        var unused = ops.as(Site.AUDITOR).audit().checkpoint();
        return StoreInspection.open(new Storage(inner.log(), blobs), key, memory);
    }

    private BlobSweep sweep() {
        try (StoreInspection inspection = inspection()) {
            return BlobSweep.run(inspection, GRACE, Progress.NONE);
        }
    }

    private Digest put(Bytes content) {
        Digest digest = Digest.sha256Of(content);
        blobs.put(digest, new ByteArrayInputStream(content.toByteArray()));
        return digest;
    }

    private Set<Digest> there() {
        Set<Digest> digests = new HashSet<>();
        blobs.list(blob -> digests.add(blob.digest()));
        return digests;
    }

    private void requireSound() {
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void onlyWhatNoEntryNamesIsRemoved() {
        ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
        var evidence = Site.registry(ops, Site.VERA).attach(ref, "report", Bytes.ofUtf8("the evidence"));
        Site.install(ops, Site.policies("a.second"));
        Set<Digest> named = there();
        Digest orphan = put(ORPHAN);
        blobs.everythingIsOld();

        BlobSweep swept = sweep();

        assertThat(swept.isDryRun()).isFalse();
        assertThat(swept.orphans()).containsExactly(orphan);
        assertThat(swept.orphanCount()).isEqualTo(1);
        assertThat(swept.orphanBytes()).isEqualTo(ORPHAN.length());
        assertThat(swept.kept()).isEqualTo(named.size());
        assertThat(there()).isEqualTo(named).contains(evidence.digest());
        requireSound();
        assertThat(sweep().orphans()).isEmpty();
    }

    @Test
    void aDryRunSaysTheSameAndRemovesNothing() {
        Site.register(ops, dir, "risk", 1);
        Digest orphan = put(ORPHAN);
        blobs.everythingIsOld();
        Set<Digest> before = there();

        try (StoreInspection inspection = inspection()) {
            BlobSweep found = BlobSweep.dryRun(inspection, GRACE, Progress.NONE);
            assertThat(found.isDryRun()).isTrue();
            assertThat(found.orphans()).containsExactly(orphan);
        }

        assertThat(there()).isEqualTo(before);
        assertThat(sweep().orphans()).containsExactly(orphan);
    }

    @Test
    void youngBlobsAreSpared() {
        Digest orphan = put(ORPHAN);

        BlobSweep swept = sweep();

        assertThat(swept.orphans()).isEmpty();
        assertThat(swept.young()).isEqualTo(1);
        assertThat(blobs.contains(orphan)).isTrue();
    }

    @Test
    void whatARefusedRegistrationLeftIsAnOrphan() {
        beforeAppend.set(() -> {
            throw new IllegalStateException("the process dies here");
        });
        assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> Site.register(ops, dir, "risk", 1));
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> Site.registry(ops, Site.STRANGER).register(Site.spec(dir, "risk", 2)));
        blobs.everythingIsOld();

        assertThat(sweep().orphanCount()).isPositive();
        Site.register(ops, dir, "risk", 3);
        requireSound();
    }

    /** An orphan of a month ago is registered: the upload finds it there, the sweep takes it, then the entry is appended. */
    @Test
    void aRegistrationThatFindsAnOrphanJustBeforeItIsSweptLosesNothing() {
        VersionSpec spec = Site.spec(dir, "risk", 1);
        beforeAppend.set(() -> {
            throw new IllegalStateException("the process dies here");
        });
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> Site.registry(ops, Site.ADA).register(spec));
        blobs.everythingIsOld();
        List<BlobSweep> sweeps = new ArrayList<>();
        beforeAppend.set(() -> sweeps.add(sweep()));

        ModelVersion version = Site.registry(ops, Site.ADA).register(spec);

        assertThat(sweeps).hasSize(1);
        assertThat(sweeps.get(0).orphanCount()).isPositive();
        assertThat(blobs.contains(version.bundle())).isTrue();
        requireSound();
    }

    @Test
    void evidenceAndPoliciesThatAreSweptBeforeTheirEntryAreThereAfterIt() {
        ModelRef ref = Site.register(ops, dir, "risk", 1).ref();
        put(Bytes.ofUtf8("the evidence"));
        blobs.everythingIsOld();
        List<BlobSweep> sweeps = new ArrayList<>();
        beforeAppend.set(() -> sweeps.add(sweep()));

        var unused = Site.registry(ops, Site.VERA).attach(ref, "report", Bytes.ofUtf8("the evidence"));
        requireSound();

        put(Bytes.ofUtf8(Site.policies("a.second").document()));
        blobs.everythingIsOld();
        beforeAppend.set(() -> sweeps.add(sweep()));
        Site.install(ops, Site.policies("a.second"));

        assertThat(sweeps).hasSize(2).allMatch(swept -> swept.orphanCount() == 1);
        requireSound();
    }

    /** The entry comes between the moment the sweep has read the log and the moment it would remove the blob. */
    @Test
    void aBlobThatIsNamedWhileTheSweepIsUnderWayIsKept() {
        VersionSpec spec = Site.spec(dir, "risk", 1);
        beforeAppend.set(() -> {
            throw new IllegalStateException("the process dies here");
        });
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> Site.registry(ops, Site.ADA).register(spec));
        Digest orphan = put(ORPHAN);
        blobs.everythingIsOld();

        Storage sweeping = new Storage(hooked(inner.log()), blobs);
        var unused = ops.as(Site.AUDITOR).audit().checkpoint();
        List<ModelVersion> registered = new ArrayList<>();
        BlobSweep swept;
        try (StoreInspection inspection = StoreInspection.open(sweeping, key, memory)) {
            beforeAppend.set(() -> registered.add(Site.registry(ops, Site.ADA).register(spec)));
            swept = BlobSweep.run(inspection, GRACE, Progress.NONE);
        }

        assertThat(registered).hasSize(1);
        assertThat(swept.orphans()).containsExactly(orphan);
        requireSound();
    }

    /** The lock is lost after the first removal: what comes then must find all the rest. */
    @Test
    void withoutTheLockNothingMoreIsRemoved() {
        VersionSpec spec = brokenOff();
        Digest orphan = put(ORPHAN);
        blobs.everythingIsOld();
        LostLock lost = new LostLock();
        blobs.afterDelete =
                digest -> lost.now(() -> Site.registry(ops, Site.ADA).register(spec));

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> sweep(lost))
                .withMessage("the connection was lost");

        assertThat(blobs.deleted).containsExactly(orphan);
        requireSound();
    }

    /** The lock is lost while a removal is under way, and an entry comes that names this very blob. */
    @Test
    void aBlobThatIsNamedDuringItsRemovalIsToldLoudly() {
        VersionSpec spec = brokenOff();
        Digest weights = weights(spec);
        LostLock lost = new LostLock();
        blobs.beforeDelete = digest -> {
            if (digest.equals(weights)) {
                lost.now(() -> Site.registry(ops, Site.ADA).register(spec));
            }
        };

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> sweep(lost))
                .withMessageContaining(weights.toString())
                .withMessageNotContaining("More may be named")
                .havingCause()
                .withMessage("the connection was lost");

        assertThat(lost.isLost).isTrue();
        assertThat(blobs.deleted).endsWith(weights);
        assertThat(blobs.contains(weights)).isFalse();
    }

    /** A removal that fails may have been done. */
    @Test
    void aRemovalThatFailsCountsAsBegun() {
        VersionSpec spec = brokenOff();
        Digest weights = weights(spec);
        LostLock lost = new LostLock();
        blobs.beforeDelete = digest -> {
            if (digest.equals(weights)) {
                lost.now(() -> Site.registry(ops, Site.ADA).register(spec));
                throw new StorageException("no answer came");
            }
        };

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> sweep(lost))
                .withMessageContaining(weights.toString())
                .havingCause()
                .withMessage("no answer came");
    }

    /** The bundle that is named is what is removed, so its files cannot be told. */
    @Test
    void aBundleThatIsNamedDuringItsRemovalIsToldToo() {
        Bytes signature = signature(Site.spec(dir, "risk", 1));
        VersionSpec spec = Site.spec(dir, "risk", 1).bundle(signature);
        Digest bundle = put(signature);
        blobs.everythingIsOld();
        LostLock lost = new LostLock();
        blobs.beforeDelete =
                digest -> lost.now(() -> Site.registry(ops, Site.ADA).register(spec));

        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> sweep(lost))
                .withMessageContaining(bundle.toString())
                .withMessageContaining("More may be named");
    }

    @Test
    void ifTheLogCannotBeReadEitherWhatWasBegunIsNamed() {
        put(ORPHAN);
        blobs.everythingIsOld();
        LostLock lost = new LostLock();
        blobs.beforeDelete = digest -> lost.now(() -> lost.isAway = true);

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> sweep(lost))
                .withMessageContaining(Digest.sha256Of(ORPHAN).toString())
                .withMessageContaining("is not known");
    }

    @Test
    void fewAreRemovedUnderOneLock() {
        for (int i = 0; i < 9; i++) {
            put(Bytes.ofUtf8("orphan " + i));
        }
        blobs.everythingIsOld();
        assertThat(deletedAtEachLock()).containsExactly(0, 4, 8);
    }

    @Test
    void onlyOneIsRemovedUnderOneLockWhereThatIsSlow() {
        put(ORPHAN);
        put(Bytes.ofUtf8("another"));
        blobs.everythingIsOld();
        blobs.beforeDelete = digest -> Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(1_100));
        assertThat(deletedAtEachLock()).containsExactly(0, 1);
    }

    private List<Integer> deletedAtEachLock() {
        List<Integer> deletedAtLock = new ArrayList<>();
        var unused = ops.as(Site.AUDITOR).audit().checkpoint();
        LogStore watched = watched(inner.log(), () -> deletedAtLock.add(blobs.deleted.size()));
        try (StoreInspection inspection = StoreInspection.open(new Storage(watched, blobs), key, memory)) {
            assertThat(BlobSweep.run(inspection, GRACE, Progress.NONE).orphanCount())
                    .isEqualTo(blobs.deleted.size());
        }
        return deletedAtLock;
    }

    private VersionSpec brokenOff() {
        VersionSpec spec = Site.spec(dir, "risk", 1);
        beforeAppend.set(() -> {
            throw new IllegalStateException("the process dies here");
        });
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> Site.registry(ops, Site.ADA).register(spec));
        blobs.everythingIsOld();
        return spec;
    }

    private static Digest weights(VersionSpec spec) {
        try {
            return Digest.sha256Of(Bytes.of(Files.readAllBytes(spec.files().resolve("weights.txt"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Bytes signature(VersionSpec spec) {
        Path file = dir.resolve("elsewhere.sig");
        var unused = ModelSignatures.sign(spec.files(), file, Site.KEYS.ecdsa("publisher"), Progress.NONE);
        try {
            return Bytes.of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BlobSweep sweep(LostLock lost) {
        var unused = ops.as(Site.AUDITOR).audit().checkpoint();
        try (StoreInspection inspection = StoreInspection.open(new Storage(lost.store(), blobs), key, memory)) {
            return BlobSweep.run(inspection, GRACE, Progress.NONE);
        }
    }

    private LogStore watched(LogStore log, Runnable beforeEachAppend) {
        return (LogStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LogStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("append")) {
                        beforeEachAppend.run();
                    }
                    return invoke(log, method, arguments);
                });
    }

    private static @Nullable Object invoke(Object on, Method method, @Nullable Object[] arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** The log as a sweep sees it whose transaction the database has ended, at a moment of the test's choice. */
    private final class LostLock {
        private boolean isLost;
        private boolean isAway;

        /** Loses the lock, once, and does then what others did not get to do before. */
        void now(Runnable then) {
            if (!isLost) {
                isLost = true;
                then.run();
            }
        }

        LogStore store() {
            return (LogStore) Proxy.newProxyInstance(
                    getClass().getClassLoader(), new Class<?>[] {LogStore.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("append")) {
                            // Not locked at all, so that others can append once it counts as lost.
                            return ((LogStore.Work<?>) arguments[0]).run(transaction());
                        }
                        if (isAway) {
                            throw new StorageException("the connection was refused");
                        }
                        return invoke(inner.log(), method, arguments);
                    });
        }

        private LogStore.Transaction transaction() {
            return (LogStore.Transaction) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {LogStore.Transaction.class},
                    (proxy, method, arguments) -> {
                        if (isLost) {
                            throw new StorageException("the connection was lost");
                        }
                        return switch (method.getName()) {
                            case "head" -> inner.log().head();
                            case "read" -> inner.log().read((long) arguments[0], (int) arguments[1]);
                            default -> throw new AssertionError("a sweep has no use for " + method);
                        };
                    });
        }
    }

    @Test
    void anOlderCopyOfTheLogIsNotSwept() {
        Storage copy = Storages.inMemory();
        LogKey other = ModelOps.create(copy, Site.genesis());
        assertThat(other).isEqualTo(key);
        Site.register(ops, dir, "risk", 1);
        blobs.everythingIsOld();
        Set<Digest> before = there();
        inspection().close();

        try (StoreInspection restored = StoreInspection.open(new Storage(copy.log(), blobs), key, memory)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> BlobSweep.run(restored, GRACE, Progress.NONE));
        }
        assertThat(there()).isEqualTo(before);
    }

    @Test
    void withoutARememberedCheckpointNothingIsSwept() {
        try (StoreInspection inspection = StoreInspection.open(storage, key)) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> BlobSweep.run(inspection, GRACE, Progress.NONE))
                    .withMessageContaining("no checkpoint");
        }
    }

    @Test
    void aSignatureThatCannotBeReadStopsTheSweep() {
        ModelVersion version = Site.register(ops, dir, "risk", 1);
        put(ORPHAN);
        blobs.everythingIsOld();
        assertThat(blobs.delete(version.bundle())).isTrue();
        Set<Digest> before = there();

        assertThatExceptionOfType(RuntimeException.class).isThrownBy(this::sweep);

        assertThat(there()).isEqualTo(before);
    }

    @Test
    void aGracePeriodUnderAnHourIsRefused() {
        try (StoreInspection inspection = inspection()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BlobSweep.run(inspection, Duration.ofMinutes(59), Progress.NONE));
        }
    }

    /** Blobs that can be made to look a month old. */
    private static final class OldBlobs implements BlobStore {
        private final BlobStore blobs;
        private final Set<Digest> old = ConcurrentHashMap.newKeySet();
        private final List<Digest> deleted = new CopyOnWriteArrayList<>();
        private Consumer<Digest> beforeDelete = digest -> {};
        private Consumer<Digest> afterDelete = digest -> {};

        OldBlobs(BlobStore blobs) {
            this.blobs = blobs;
        }

        void everythingIsOld() {
            blobs.list(blob -> old.add(blob.digest()));
        }

        @Override
        public void put(Digest digest, InputStream content) {
            blobs.put(digest, content);
        }

        @Override
        public InputStream open(Digest digest) {
            return blobs.open(digest);
        }

        @Override
        public boolean contains(Digest digest) {
            return blobs.contains(digest);
        }

        @Override
        public boolean delete(Digest digest) {
            beforeDelete.accept(digest);
            old.remove(digest);
            boolean wasThere = blobs.delete(digest);
            deleted.add(digest);
            afterDelete.accept(digest);
            return wasThere;
        }

        @Override
        public void list(Consumer<? super StoredBlob> visitor) {
            List<StoredBlob> all = new ArrayList<>();
            blobs.list(blob -> all.add(new StoredBlob(
                    blob.digest(), blob.length(), old.contains(blob.digest()) ? Duration.ofDays(30) : blob.age())));
            Digest first = Digest.sha256Of(ORPHAN);
            all.sort(Comparator.comparing(blob -> !blob.digest().equals(first)));
            all.forEach(visitor);
        }

        @Override
        public void close() {
            blobs.close();
        }
    }
}
