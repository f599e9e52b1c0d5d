package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.base.Throwables;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.AuditReport;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.signing.PolicyEnvelope;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.PolicySets;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.storage.InMemoryBlobStore;
import dev.modelops.core.internal.storage.InMemoryLogStore;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.Signer;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePVector;

/** A log opened from a snapshot is the log that a replay opens; whatever is wrong with the snapshot is noticed. */
class SnapshotOpeningTest {
    private final LogStore records = new InMemoryLogStore();
    private final BlobStore blobs = new InMemoryBlobStore();
    private final Storage storage = new Storage(records, blobs);

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        await(
                "no thread of the library is left",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("modelops-")));
    }

    private Ledger open(LongLog log) {
        return open(log, storage);
    }

    private static Ledger open(LongLog log, Storage storage) {
        Ledger ledger = Ledger.openFromSnapshot(storage, log.key(), null);
        assertThat(ledger.fault()).isNull();
        assertThat(ledger.tip().state().size()).isEqualTo(log.state().size());
        return ledger;
    }

    private void requireReplayed(LongLog log) {
        requireReplayed(log, storage);
    }

    private static void requireReplayed(LongLog log, Storage storage) {
        Ledger ledger = open(log, storage);
        assertThat(ledger.unproven()).isNull();
        assertThat(ledger.tip().state()).isEqualTo(log.state());
    }

    private void requireFrom(LongLog log, long size) {
        Ledger ledger = open(log);
        assertThat(Objects.requireNonNull(ledger.unproven()).size()).isEqualTo(size);
        assertThat(ledger.tip().state()).isEqualTo(log.state());
    }

    private static LongLog snapshotted(Storage storage) {
        LongLog log = LongLog.in(storage, 3).growTo(900);
        log.store(log.snapshot());
        return log.growTo(1200).checkpoint();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255, 256, 257, 1000, 2048, 2900})
    void everythingIsAsItIsAfterAReplay(int size) {
        LongLog log = LongLog.in(storage, size).growTo(size);
        log.store(log.snapshot());
        log.growTo(3000).checkpoint().growTo(3100);
        Ledger ledger = open(log);
        Ledger replayed = Ledger.open(storage, log.key(), null);
        assertThat(ledger.unproven()).isNotNull();
        assertThat(replayed.unproven()).isNull();
        assertThat(ledger.tip().state()).isEqualTo(replayed.tip().state());
        assertThat(ledger.tip().policy().digest())
                .isEqualTo(replayed.tip().policy().digest());
        assertThat(ledger.tip().frontier().root())
                .isEqualTo(replayed.tip().frontier().root());
        for (int at : new int[] {1, 2, 200, 255, 256, 257, 511, 900, 999, 1000, 1001, 2047, 2901, 3000, 3100}) {
            assertThat(ledger.tree().root(at)).isEqualTo(replayed.tree().root(at));
            assertThat(ledger.tree().frontier(at).root())
                    .isEqualTo(replayed.tree().root(at));
            assertThat(Merkle.verifyInclusion(
                            at - 1,
                            3100,
                            Merkle.leafHash(ledger.body(at - 1)),
                            ledger.tree().inclusionProof(at - 1, 3100),
                            replayed.tip().frontier().root()))
                    .isTrue();
            assertThat(ledger.stateAt(at)).isEqualTo(replayed.stateAt(at));
            assertThat(ledger.entry(at - 1).id())
                    .isEqualTo(replayed.entry(at - 1).id());
        }
        RegistryState[] folded = {RegistryState.empty()};
        ledger.scan(0, 3100, (entry, body) -> {
            folded[0] = Fold.apply(folded[0], entry);
            return true;
        });
        assertThat(folded[0]).isEqualTo(ledger.tip().state());
    }

    @Test
    void theNewestSnapshotUnderTheCheckpointIsTaken() {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        log.store(log.snapshot());
        log.growTo(700);
        log.store(log.snapshot());
        log.growTo(900).checkpoint().growTo(1000);
        log.store(log.snapshot());
        log.growTo(1100);
        requireFrom(log, 700);
        log.checkpoint();
        requireFrom(log, 1000);
    }

    @Test
    void aLogWithoutASnapshotIsReplayed() {
        requireReplayed(LongLog.in(storage, 1).growTo(600).checkpoint());
    }

    @Test
    void aByteChangedAnywhereInTheBlobIsNoticed() {
        LongLog log = snapshotted(storage);
        Random random = new Random(5);
        for (int round = 0; round < 150; round++) {
            double place = random.nextDouble();
            byte flip = (byte) (1 << random.nextInt(8));
            requireReplayed(log, altered(bytes -> {
                if (bytes.length > 10_000) {
                    bytes[(int) (place * bytes.length)] ^= flip;
                }
                return bytes;
            }));
        }
    }

    @Test
    void aBlobCutShortAnywhereOrMadeLongerIsNoticed() {
        LongLog log = snapshotted(storage);
        Random random = new Random(5);
        for (int round = 0; round < 60; round++) {
            double part = round == 0 ? 0 : round == 1 ? 1.00001 : random.nextDouble();
            requireReplayed(log, altered(bytes -> {
                int length = part > 1 ? bytes.length + 1 : (int) (bytes.length * part);
                return bytes.length > 10_000 ? Arrays.copyOf(bytes, length) : bytes;
            }));
        }
    }

    @Test
    void aMissingBlobIsNoticedAndAnOlderOneTaken() {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        Digest older = log.store(log.snapshot()).digest();
        log.growTo(700);
        Digest newer = log.store(log.snapshot()).digest();
        log.growTo(900).checkpoint();
        blobs.delete(newer);
        requireFrom(log, 400);
        blobs.delete(older);
        requireReplayed(log);
    }

    @Test
    void aBlobStoreThatFailsCostsOnlyTime() {
        LongLog log = snapshotted(storage);
        requireReplayed(log, altered(bytes -> {
            if (bytes.length > 10_000) {
                throw new StorageException("the store of blobs is away");
            }
            return bytes;
        }));
    }

    @Test
    void aSnapshotOfAVersionThatThisReleaseDoesNotKnowIsPassedOver() {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        log.store(log.snapshot());
        log.growTo(700);
        Snapshot.Encoded later = log.snapshot().encode();
        blobs.put(later.digest(), later.open());
        log.name(later.digest(), 700, Snapshot.VERSION + 1, GovernedLog.WRITER);
        log.growTo(800).checkpoint();
        requireFrom(log, 400);
    }

    @Test
    void aBlobOfAnotherVersionThanTheEntrySaysIsNoticed() throws IOException {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        byte[] bytes;
        try (InputStream in = log.snapshot().encode().open()) {
            bytes = in.readAllBytes();
        }
        bytes[8]++;
        Digest digest = Digest.sha256Of(Bytes.of(bytes));
        blobs.put(digest, new ByteArrayInputStream(bytes));
        log.name(digest, 400, Snapshot.VERSION, GovernedLog.WRITER);
        requireReplayed(log.growTo(500).checkpoint());
    }

    @Test
    void aSnapshotOfAnotherLogIsNoticed() {
        LongLog other = LongLog.in(new Storage(new InMemoryLogStore(), blobs), "example.org/other", 1)
                .growTo(400);
        LongLog log = LongLog.in(storage, 1).growTo(450);
        log.store(other.snapshot());
        requireReplayed(log.growTo(500).checkpoint());
    }

    @Test
    void aSnapshotOfAForkOfTheLogIsNoticed() {
        LongLog fork = LongLog.in(new Storage(new InMemoryLogStore(), blobs), 2).growTo(400);
        LongLog log = LongLog.in(storage, 1).growTo(450);
        log.store(fork.snapshot());
        requireReplayed(log.growTo(500).checkpoint());
    }

    @Test
    void aSnapshotOfMoreEntriesThanComeBeforeIsNoticed() {
        LongLog longer =
                LongLog.in(new Storage(new InMemoryLogStore(), blobs), 1).growTo(600);
        LongLog log = LongLog.in(storage, 1).growTo(400);
        Snapshot.Encoded encoded = longer.snapshot().encode();
        blobs.put(encoded.digest(), encoded.open());
        log.name(encoded.digest(), 600, Snapshot.VERSION, GovernedLog.WRITER);
        log.name(encoded.digest(), 400, Snapshot.VERSION, GovernedLog.WRITER);
        requireReplayed(log.growTo(700).checkpoint());
    }

    @Test
    void anEntryThatNoEnrolledWriterSealedIsNotBelieved() {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        Snapshot.Encoded encoded = log.snapshot().encode();
        blobs.put(encoded.digest(), encoded.open());
        log.name(encoded.digest(), 400, Snapshot.VERSION, TestKeys.seeded(99).ed25519("stranger"));
        requireReplayed(log.growTo(500).checkpoint());
    }

    @Test
    void aSnapshotIsProvenInTheBackground() throws InterruptedException {
        LongLog log = snapshotted(storage);
        Ledger ledger = open(log);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the snapshot is proven", () -> ledger.unproven() == null);
            assertThat(ledger.fault()).isNull();
        }
        assertThat(ledger.sync().state()).isEqualTo(log.state());
    }

    @Test
    void aSnapshotThatTheEntriesDoNotLeadToStopsTheLog() throws InterruptedException {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        log.store(log.snapshot(withAnAdministratorMore(log.state())));
        log.growTo(500).checkpoint();
        Ledger ledger = open(log);
        assertThat(ledger.tip().state().rolesOf(GovernedLog.STRANGER)).contains(Role.ADMIN);
        List<ModelOpsException> told = new ArrayList<>();
        ledger.follow(new Ledger.Follower() {
            @Override
            public void advanced(Tip tip, List<Entry> entries, List<Bytes> bodies) {
                throw new AssertionError("nothing was appended");
            }

            @Override
            public void failed(ModelOpsException fault) {
                told.add(fault);
            }
        });
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the lie is found", () -> ledger.fault() != null);
        }
        assertThat(ledger.fault())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("entry 400")
                .hasMessageContaining("delete the blob");
        assertThat(told).hasSize(1);
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(ledger::sync);
    }

    @Test
    void verifyingNamesASnapshotThatTheEntriesDoNotLeadTo() {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        log.store(log.snapshot());
        log.growTo(450);
        long lie = log.state().size();
        RegistryState claimed = withAnAdministratorMore(log.state());
        log.growTo(470);
        log.store(log.snapshot(claimed));
        log.growTo(500).checkpoint();
        try (StoreInspection inspection = StoreInspection.open(storage, log.key())) {
            assertThat(inspection.audit().verify(Progress.NONE).findings())
                    .filteredOn(finding -> finding.message().contains("snapshot"))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.kind()).isEqualTo(AuditReport.Kind.STATE);
                        assertThat(finding.index()).hasValue(lie + 20);
                    });
        }
    }

    @Test
    void theStateOfThePastDoesNotDependOnWhatIsStillKept() throws ReflectiveOperationException {
        LongLog log = snapshotted(storage);
        Ledger ledger = open(log);
        RegistryState before = ledger.stateAt(1100);
        Field kept = Ledger.class.getDeclaredField("kept");
        kept.setAccessible(true);
        ((Map<?, ?>) kept.get(ledger)).values().forEach(one -> ((SoftReference<?>) one).clear());
        assertThat(ledger.stateAt(1100)).isEqualTo(before);
        assertThat(ledger.stateAt(1199).size()).isEqualTo(1199);
    }

    @Test
    void afterTheBlobOfALieIsDeletedTheLogOpensFromItsEntries() {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        Digest lie =
                log.store(log.snapshot(withAnAdministratorMore(log.state()))).digest();
        log.growTo(500).checkpoint();
        blobs.delete(lie);
        requireReplayed(log);
    }

    @Test
    void anOldEntryThatWasAlteredStopsTheLogToo() throws InterruptedException {
        LongLog log = snapshotted(storage);
        Storage changed = reading(found -> found.index() == 300 ? alteredRecord(found) : found);
        Ledger ledger = open(log, changed);
        assertThat(ledger.unproven()).isNotNull();
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the altered entry is found", () -> ledger.fault() != null);
        }
        assertThat(ledger.fault()).isInstanceOf(IntegrityException.class).hasMessageContaining("altered");
    }

    @Test
    void aStoreThatIsAwayForAWhileOnlyDelaysTheProof() throws InterruptedException {
        LongLog log = snapshotted(storage);
        AtomicInteger failures = new AtomicInteger();
        Storage shaky = reading(found -> {
            if (found.index() == 5 && failures.getAndIncrement() % 2 == 1 && failures.get() < 4) {
                throw new StorageException("the store is away");
            }
            return found;
        });
        Ledger ledger = open(log, shaky);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the snapshot is proven", () -> ledger.unproven() == null);
        }
        assertThat(failures).hasValueGreaterThan(1);
        assertThat(ledger.fault()).isNull();
    }

    /** Returns a log with a snapshot that lies. */
    private LongLog lying() {
        LongLog log = LongLog.in(storage, 1).growTo(400);
        log.store(log.snapshot(withAnAdministratorMore(log.state())));
        return log.growTo(500).checkpoint();
    }

    @Test
    void aStoreThatFailsWhileTheLieIsComparedDoesNotSaveIt() throws InterruptedException {
        LongLog log = lying();
        AtomicInteger failures = new AtomicInteger();
        Storage shaky = new Storage(
                wrapped(LogStore.class, records, "read", found -> {
                    // Only the first entry is read alone.
                    if (((List<?>) found).size() == 1 && failures.getAndDecrement() > 0) {
                        throw new StorageException("the store is away");
                    }
                    return found;
                }),
                blobs);
        Ledger ledger = open(log, shaky);
        failures.set(1);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the lie is found", () -> ledger.fault() != null);
        }
        assertThat(failures).hasValueLessThan(1);
        assertThat(ledger.fault()).hasMessageContaining("entry 400").hasMessageContaining("delete the blob");
    }

    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, AssertionError.class, StackOverflowError.class})
    void aProofThatEndsInAnyOtherWayStopsTheLog(Class<? extends Throwable> kind) throws Exception {
        LongLog log = lying();
        Throwable failure = kind.getDeclaredConstructor().newInstance();
        AtomicBoolean armed = new AtomicBoolean();
        Storage odd = reading(found -> {
            if (found.index() == 5 && armed.get()) {
                Throwables.throwIfUnchecked(failure);
            }
            return found;
        });
        Ledger ledger = open(log, odd);
        armed.set(true);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the log is stopped", () -> ledger.fault() != null);
        }
        assertThat(ledger.fault())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("could not be proven")
                .hasCause(failure);
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(ledger::sync);
    }

    @Test
    void aStoreThatKeepsFailingIsReportedUntilTheProofGoesOn() throws InterruptedException {
        LongLog log = snapshotted(storage);
        AtomicBoolean away = new AtomicBoolean();
        Storage failing = reading(found -> {
            if (found.index() == 5 && away.get()) {
                throw new StorageException("the store is away");
            }
            return found;
        });
        Ledger ledger = open(log, failing);
        away.set(true);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1, 10_000, Duration.ZERO)) {
            await("it is overdue", proving::isOverdue);
            assertThat(ledger.unproven()).isNotNull();
            away.set(false);
            await("the snapshot is proven", () -> ledger.unproven() == null);
            await("it is not overdue", () -> !proving.isOverdue());
        }
        assertThat(ledger.fault()).isNull();
    }

    @Test
    void aStoreThatFailedOnceIsNotReportedAsOneThatKeepsFailing() throws InterruptedException {
        LongLog log = snapshotted(storage);
        AtomicInteger reads = new AtomicInteger();
        AtomicBoolean away = new AtomicBoolean();
        Storage failing = reading(found -> {
            if (found.index() == 5 && away.get()) {
                reads.incrementAndGet();
                throw new StorageException("the store is away");
            }
            return found;
        });
        Ledger ledger = open(log, failing);
        away.set(true);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("it failed twice", () -> reads.get() == 2);
            assertThat(proving.isOverdue()).isFalse();
        }
    }

    private static final Signer POLICY_PUBLISHER = TestKeys.seeded(5).ed25519("policy publisher");
    private static final PolicySet FIRST_SET = policies(1);
    private static final PolicySet SECOND_SET = policies(2);

    private static PolicySet policies(int spaces) {
        return new PolicySet("{\"templates\":{},\"staticPolicies\":{},\"templateLinks\":[]}" + " ".repeat(spaces));
    }

    private static Bytes signed(PolicySet set, long revision) {
        return PolicyEnvelope.sign(set, revision, POLICY_PUBLISHER);
    }

    private static Bytes unsigned(PolicySet set, long revision) {
        return PolicyEnvelope.sign(set, revision, TestKeys.seeded(99).ed25519("stranger"));
    }

    private LongLog ofSignedPolicies() {
        return LongLog.in(storage, genesis -> genesis.policyPublisher(POLICY_PUBLISHER.publicKey()));
    }

    @Test
    void aSignatureThatCouldNotBeReadAtFirstIsCheckedAllTheSame() throws InterruptedException {
        LongLog log = ofSignedPolicies().install(FIRST_SET, unsigned(FIRST_SET, 2));
        log.install(SECOND_SET, signed(SECOND_SET, 3)).register("risk", 20);
        log.store(log.snapshot());
        log.checkpoint();
        AtomicBoolean away = new AtomicBoolean();
        Storage shaky = new Storage(records, wrapped(BlobStore.class, blobs, "open", found -> {
            if (away.getAndSet(false)) {
                throw new StorageException("the store of blobs is away");
            }
            return found;
        }));
        Ledger ledger = open(log, shaky);
        assertThat(ledger.unproven()).isNotNull();
        away.set(true);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the proof ends", () -> ledger.fault() != null || ledger.unproven() == null);
        }
        assertThat(away).isFalse();
        assertThat(ledger.fault())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(FIRST_SET.digest() + " came into force without a signature that holds");
    }

    @Test
    void thePolicySetInForceMustBeSignedBeforeTheSnapshotIsBelieved() {
        LongLog log = ofSignedPolicies().install(FIRST_SET, unsigned(FIRST_SET, 2));
        log.store(log.snapshot());
        log.checkpoint();
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Ledger.openFromSnapshot(storage, log.key(), null))
                .withMessageContaining("without a signature that holds");
    }

    @Test
    void aPolicySetThatOnlyTheSnapshotPutsIntoForceIsNotBelieved() {
        LongLog log = ofSignedPolicies();
        Bytes document = Bytes.ofUtf8(FIRST_SET.document());
        blobs.put(FIRST_SET.digest(), new ByteArrayInputStream(document.toByteArray()));
        RegistryState state = log.state();
        PolicyRevision first = state.policySets().current();
        PolicyRevision other = new PolicyRevision(
                first.number(),
                FIRST_SET.digest(),
                first.proposer(),
                first.installer(),
                first.reason(),
                first.at(),
                first.position());
        log.store(log.snapshot(new RegistryState(
                state.size(),
                state.time(),
                state.foundingOrNull(),
                state.models(),
                state.registrations(),
                state.imports(),
                state.grants(),
                new PolicySets(TreePVector.singleton(other), HashTreePMap.empty()),
                state.texts(),
                state.deliveries(),
                state.commands())));
        log.checkpoint();
        requireReplayed(log);
    }

    @Test
    void signedPolicySetsAndTheFirstAreNoHindrance() throws InterruptedException {
        LongLog log = ofSignedPolicies();
        log.store(log.snapshot());
        log.checkpoint();
        requireFrom(log, 1);
        log.install(FIRST_SET, signed(FIRST_SET, 2));
        long size = log.state().size();
        log.store(log.snapshot());
        log.checkpoint();
        requireFrom(log, size);
        Ledger ledger = open(log);
        try (Snapshots proving = new Snapshots(ledger, blobs, null, 1)) {
            await("the snapshot is proven", () -> ledger.unproven() == null);
        }
        assertThat(ledger.fault()).isNull();
    }

    @Test
    void closingEndsAProofUnderWay() throws InterruptedException {
        LongLog log = LongLog.in(storage, 2).growTo(4000);
        log.store(log.snapshot());
        log.growTo(4100).checkpoint();
        AtomicInteger read = new AtomicInteger();
        Storage counted = reading(found -> {
            read.incrementAndGet();
            return found;
        });
        Ledger ledger = open(log, counted);
        int before = read.get();
        Snapshots proving = new Snapshots(ledger, blobs, null, 1);
        await("the proof has begun", () -> read.get() > before);
        proving.close();
        int after = read.get();
        assertThat(ledger.fault()).isNull();
        assertThat(after - before).isLessThanOrEqualTo(4100 + 300);
        proving.close();
        assertThat(read).hasValue(after);
    }

    private static RegistryState withAnAdministratorMore(RegistryState state) {
        return new RegistryState(
                state.size(),
                state.time(),
                state.foundingOrNull(),
                state.models(),
                state.registrations(),
                state.imports(),
                state.grants().plus(GovernedLog.STRANGER, Set.of(Role.ADMIN)),
                state.policySets(),
                state.texts(),
                state.deliveries(),
                state.commands());
    }

    private static LogRecord alteredRecord(LogRecord found) {
        byte[] bytes = found.body().toByteArray();
        bytes[bytes.length - 5] ^= 1;
        return new LogRecord(found.index(), Bytes.of(bytes));
    }

    /** The storage with other content in its blobs than was put. */
    private Storage altered(UnaryOperator<byte[]> change) {
        return new Storage(records, wrapped(BlobStore.class, blobs, "open", found -> {
            try (InputStream in = (InputStream) found) {
                return new ByteArrayInputStream(change.apply(in.readAllBytes()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    /** The storage with other records than were appended. */
    private Storage reading(UnaryOperator<LogRecord> change) {
        return new Storage(
                wrapped(
                        LogStore.class,
                        records,
                        "read",
                        found -> ((List<?>) found)
                                .stream().map(LogRecord.class::cast).map(change).toList()),
                blobs);
    }

    private static <T> T wrapped(Class<T> type, T whole, String method, UnaryOperator<Object> change) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, called, args) -> {
            try {
                Object result = called.invoke(whole, args);
                return called.getName().equals(method) ? change.apply(result) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never came true: " + what);
            }
            Thread.sleep(5);
        }
    }
}
