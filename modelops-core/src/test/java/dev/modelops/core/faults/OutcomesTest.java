package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.prediction.Outcome;
import dev.modelops.core.internal.prediction.Segment.Kind;
import dev.modelops.core.internal.prediction.Segments;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.PredictionLog.Query;
import dev.modelops.serving.PredictionLog.Rules;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.serving.Served;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What came of predictions: told by any process, kept in segments of their own, read in the order of the log. */
class OutcomesTest {
    private static final Principal PIA = Principal.of("example.org", "pia");
    private static final Rules SLOW = Rules.all().segments(1000, Duration.ofHours(1));
    private static final Set<Kind> BOTH = Set.of(Kind.PREDICTIONS, Kind.OUTCOMES);
    private static final long NODE = 0xfedcba9876543210L;

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;
    private ModelOps ops;
    private ModelRef champion;

    @BeforeEach
    void open() {
        folder = dir.resolve("store");
        key = Site.create(folder, Site.genesis().grant(PIA, Role.PRIVACY_OFFICER));
        ops = Site.open(folder, key);
        champion = Site.promoted(ops, dir.resolve("scratch"), 1);
    }

    @AfterEach
    void close() {
        ops.close();
    }

    private static PredictionLog.Recorder recorder(ModelOps of, Environment environment) {
        return of.as(Site.SCORING).predictions().record("risk", environment, SLOW);
    }

    private Prediction prediction(long sequence) {
        return Prediction.of(new Served<>(0.5, champion, Served.By.CHAMPION, NODE, sequence));
    }

    private static String id(long sequence) {
        return String.format("%016x-%016x", NODE, sequence);
    }

    private List<AuditReport.Finding> findings() {
        return ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings();
    }

    /** Reads everything as texts: a prediction as {@code p:} and its count, an outcome with what came of it. */
    private List<String> read(Path store, Environment environment, Set<Kind> kinds, long from) {
        List<String> read = new ArrayList<>();
        try (Storage storage = Storages.existingDirectory(store)) {
            Ledger ledger = Ledger.open(storage, key, null);
            new Segments(ledger, storage.blobs())
                    .read(
                            Site.RISK,
                            environment,
                            kinds,
                            from,
                            ledger.tip().state().size(),
                            new Segments.Reader() {
                                @Override
                                public void prediction(Entry segment, PredictionRecord record) {
                                    read.add("p:"
                                            + Long.parseUnsignedLong(record.id().substring(17), 16));
                                }

                                @Override
                                public void outcome(Entry segment, Outcome outcome) {
                                    read.add(Long.parseUnsignedLong(outcome.id().substring(17), 16) + "="
                                            + outcome.actual());
                                }

                                @Override
                                public void expired(Entry segment, Kind kind) {
                                    read.add("expired " + kind);
                                }
                            });
        }
        return read;
    }

    @Test
    void outcomesOfAnyProcessAreReadInTheOrderOfTheLog() throws IOException {
        long middle;
        try (PredictionLog.Recorder here = recorder(ops, Site.PRODUCTION)) {
            assertThat(here.flush()).isEmpty();
            // Outcomes come after the predictions of the same time, in whichever order they were told.
            assertThat(here.outcome(id(0), 1)).isTrue();
            assertThat(here.record(prediction(0))).isTrue();
            assertThat(here.record(prediction(1))).isTrue();
            middle = here.flush().orElseThrow().position().size();
            assertThat(here.flush().orElseThrow().position().size()).isEqualTo(middle);
        }
        try (ModelOps other = Site.open(folder, key);
                PredictionLog.Recorder there = recorder(other, Site.PRODUCTION)) {
            assertThat(there.outcome(id(1), "repaid late")).isTrue();
            assertThat(there.outcome(id(1), "repaid late")).isTrue();
            assertThat(there.outcome(id(0), -2.5)).isTrue();
        }
        var unused = ops.sync();
        try (PredictionLog.Recorder elsewhere = recorder(ops, Site.STAGING)) {
            assertThat(elsewhere.outcome(id(9), "1")).isTrue();
        }
        assertThat(read(folder, Site.PRODUCTION, BOTH, 0))
                .containsExactly("p:0", "p:1", "0=1", "1=repaid late", "1=repaid late", "0=-2.5");
        assertThat(read(folder, Site.PRODUCTION, Set.of(Kind.PREDICTIONS), 0)).containsExactly("p:0", "p:1");
        assertThat(read(folder, Site.PRODUCTION, BOTH, middle)).hasSize(3).doesNotContain("p:0", "0=1");
        assertThat(read(folder, Site.STAGING, BOTH, 0)).containsExactly("9=1");
        assertThat(findings()).isEmpty();
        // Outcomes are no predictions.
        assertThat(ops.as(Site.AUDITOR).predictions().find(Query.of(Site.RISK)).items())
                .hasSize(2);
        ops.close();
        try (Storage from = Storages.existingDirectory(folder);
                Storage to = Storages.directory(dir.resolve("copy"))) {
            assertThat(StoreTransfer.copy(from, to, key, Progress.NONE).entries())
                    .isPositive();
        }
        assertThat(read(dir.resolve("copy"), Site.PRODUCTION, BOTH, 0)).hasSize(6);
        ops = Site.open(dir.resolve("copy"), key);
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatIsNoOutcomeIsRefusedAndNothingIsTakenOnceClosed() {
        PredictionLog.Recorder recorder = recorder(ops, Site.PRODUCTION);
        assertThatIllegalArgumentException().isThrownBy(() -> recorder.outcome("12", "1"));
        assertThatIllegalArgumentException().isThrownBy(() -> recorder.outcome(id(1), ""));
        assertThatIllegalArgumentException().isThrownBy(() -> recorder.outcome(id(1), Double.NaN));
        recorder.close();
        assertThatExceptionOfType(ClosedException.class).isThrownBy(() -> recorder.outcome(id(1), 1));
        assertThat(read(folder, Site.PRODUCTION, BOTH, 0)).isEmpty();
    }

    @Test
    void anAlteredOrMissingSegmentOfOutcomesIsNoticedUnlessItExpired() throws IOException {
        try (PredictionLog.Recorder recorder = recorder(ops, Site.PRODUCTION)) {
            assertThat(recorder.outcome(id(0), 1)).isTrue();
        }
        String body = ops.as(Site.AUDITOR)
                .audit()
                .get(ops.position().size() - 1)
                .body()
                .toUtf8();
        assertThat(body).contains("\"kind\":\"outcomes\"");
        String hex = body.replaceAll(".*\"segment\":\"sha256:([0-9a-f]{64})\".*", "$1");
        Path blob = folder.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
        byte[] bytes = Files.readAllBytes(blob);
        byte[] other = bytes.clone();
        other[other.length / 2] ^= 1;
        Files.write(blob, other);
        assertThat(findings()).hasSize(1);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> read(folder, Site.PRODUCTION, BOTH, 0))
                .withMessageContaining("verify the log");
        Files.delete(blob);
        assertThat(findings()).hasSize(1);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> read(folder, Site.PRODUCTION, BOTH, 0))
                .withMessageContaining("have not expired");
        Site.registry(ops, PIA).perform(Action.expireRecords(Site.RISK, ops.position(), "retention"));
        assertThat(findings()).isEmpty();
        assertThat(read(folder, Site.PRODUCTION, BOTH, 0)).containsExactly("expired outcomes");
    }

    /** A storage whose blobs are not taken while a test says so. */
    private static Storage wrapped(Storage inner, Runnable before) {
        BlobStore blobs = (BlobStore) Proxy.newProxyInstance(
                OutcomesTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("put")) {
                        before.run();
                    }
                    try {
                        return method.invoke(inner.blobs(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new Storage(inner.log(), blobs, inner.texts());
    }

    @Test
    @Timeout(120)
    void whoClosesARecorderAgainWaitsUntilItsRecordsAreStored() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean slow = new AtomicBoolean();
        Storage inner = Storages.inMemory();
        LogKey there = ModelOps.create(inner, Site.genesis());
        Storage storage = wrapped(inner, () -> {
            if (slow.get()) {
                reached.countDown();
                await(go);
            }
        });
        try (ModelOps other = Site.opening(storage, there).start()) {
            ModelRef ref = Site.promoted(other, dir.resolve("scratch"), 1);
            PredictionLog.Recorder recorder = recorder(other, Site.PRODUCTION);
            assertThat(recorder.record(Prediction.of(new Served<>("", ref, Served.By.CHAMPION, NODE, 1))))
                    .isTrue();
            slow.set(true);
            Thread first = new Thread(recorder::close);
            first.start();
            assertThat(reached.await(60, TimeUnit.SECONDS))
                    .as("the first close stores")
                    .isTrue();
            List<Integer> seen = new ArrayList<>();
            Thread second = new Thread(() -> {
                recorder.close();
                seen.add(other.as(Site.AUDITOR)
                        .predictions()
                        .find(Query.of(Site.RISK))
                        .items()
                        .size());
            });
            second.start();
            Site.await(
                    "the second to wait",
                    () -> second.getState() == Thread.State.BLOCKED || second.getState() == Thread.State.TERMINATED);
            go.countDown();
            first.join();
            second.join();
            assertThat(seen).containsExactly(1);
        }
    }

    @Test
    @Timeout(120)
    void closingTheLogWaitsForAllRecordersTogetherNoLongerThanForOne() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicBoolean hangs = new AtomicBoolean();
        Storage inner = Storages.inMemory();
        LogKey there = ModelOps.create(inner, Site.genesis());
        Storage storage = wrapped(inner, () -> {
            if (hangs.get()) {
                await(never);
                throw new StorageException("away");
            }
        });
        ModelRef ref;
        try (ModelOps patient = Site.opening(inner, there).start()) {
            ref = Site.promoted(patient, dir.resolve("scratch"), 1);
        }
        ModelOps other =
                Site.opening(storage, there).patience(Duration.ofSeconds(2)).start();
        for (int i = 0; i < 100; i++) {
            PredictionLog.Recorder recorder = recorder(other, Site.PRODUCTION);
            assertThat(recorder.record(Prediction.of(new Served<>("", ref, Served.By.CHAMPION, NODE, i))))
                    .isTrue();
        }
        hangs.set(true);
        // A hundred recorders of two parts each would take 400 seconds one after another.
        other.close();
        never.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            var unused = latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
