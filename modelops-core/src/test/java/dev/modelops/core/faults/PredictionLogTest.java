package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.ClosedException;
import dev.modelops.IntegrityException;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.ReadOnlyException;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.BlobSweep;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.RecordProof;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.Recorded;
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
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions gathered in segments: found, traced, proved, and let go. */
class PredictionLogTest {
    private static final Principal PIA = Principal.of("example.org", "pia");
    private static final Principal LEO = Principal.of("example.org", "leo");
    private static final Rules SLOW = Rules.all().segments(1000, Duration.ofHours(1));
    private static final long NODE = 0x1234567890abcdefL;

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;
    private ModelOps ops;
    private ModelRef champion;

    @BeforeEach
    void open() {
        folder = dir.resolve("store");
        key = Site.create(
                folder, Site.genesis().grant(PIA, Role.PRIVACY_OFFICER).grant(LEO, Role.LEGAL_OFFICER));
        ops = Site.opening(Storages.existingDirectory(folder), key)
                .memory(memory())
                .start();
        champion = Site.promoted(ops, dir.resolve("scratch"), 1);
    }

    @AfterEach
    void close() {
        ops.close();
    }

    private CheckpointMemory memory() {
        return CheckpointMemories.folder(dir.resolve("memory"));
    }

    private PredictionLog predictions() {
        return ops.as(Site.AUDITOR).predictions();
    }

    private PredictionLog.Recorder recorder(Rules rules) {
        return ops.as(Site.SCORING).predictions().record("risk", Site.PRODUCTION, rules);
    }

    private Prediction prediction(long sequence) {
        return Prediction.of(new Served<>(0.5, champion, Served.By.CHAMPION, NODE, sequence))
                .request("R-" + sequence)
                .caller("teller-" + sequence % 3)
                .input(Map.of("income", 52_000 + sequence, "name", "Example", "married", true))
                .output(Map.of("score", 0.25));
    }

    private static String id(long sequence) {
        return String.format("%016x-%016x", NODE, sequence);
    }

    private static Query all() {
        return Query.of(Site.RISK);
    }

    private List<AuditReport.Finding> findings() {
        return ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings();
    }

    private void record(int from, int to) {
        try (PredictionLog.Recorder recorder = recorder(SLOW)) {
            for (int i = from; i < to; i++) {
                assertThat(recorder.record(prediction(i))).isTrue();
            }
        }
    }

    private Recorded expire(long position) {
        return Site.registry(ops, PIA)
                .perform(Action.expireRecords(Site.RISK, dev.modelops.LogPosition.of(position), "retention"));
    }

    @Test
    void whatWasRecordedIsFoundAsItWasInEveryProcess() {
        long before = ops.position().size();
        record(0, 3);
        Recorded recorded;
        try (PredictionLog.Recorder recorder = recorder(SLOW)) {
            assertThat(recorder.flush()).isEmpty();
            assertThat(recorder.record(prediction(3))).isTrue();
            assertThat(predictions().find(all()).items()).hasSize(3);
            recorded = recorder.flush().orElseThrow();
            assertThat(recorder.flush()).contains(recorded);
        }
        assertThat(ops.position().size()).isEqualTo(before + 2);
        assertThat(recorded.type()).isEqualTo("dev.modelops.segment.recorded.v1");
        assertThat(recorded.subject()).isEqualTo("risk");

        PredictionRecord first = predictions().find(all()).items().get(0);
        assertThat(first.id()).isEqualTo(id(0));
        assertThat(first.version()).isEqualTo(champion);
        assertThat(first.by()).isEqualTo(Served.By.CHAMPION);
        assertThat(first.environment()).isEqualTo(Site.PRODUCTION);
        assertThat(first.position().size()).isEqualTo(before);
        assertThat(first.request()).contains("R-0");
        assertThat(first.caller()).contains("teller-0");
        assertThat(first.experiment()).isZero();
        assertThat(first.pairOf()).isEmpty();
        assertThat(first.input()).isEqualTo(Map.of("income", "52000", "name", "Example", "married", "true"));
        assertThat(first.output()).isEqualTo(Map.of("score", "0.25"));
        try (ModelOps other = Site.open(folder, key)) {
            assertThat(other.as(Site.AUDITOR).predictions().find(all()).items())
                    .isEqualTo(predictions().find(all()).items());
        }
        assertThat(findings()).isEmpty();
    }

    @Test
    void conditionsHoldTogetherAndPagesLeaveNothingOut() throws InterruptedException {
        record(0, 5);
        Thread.sleep(2);
        // Records have the time in milliseconds.
        Instant middle = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        record(5, 9);
        ModelRef second = Site.promoted(ops, dir.resolve("scratch"), 2);
        try (PredictionLog.Recorder recorder = recorder(SLOW)) {
            assertThat(recorder.record(Prediction.of(new Served<>("", second, Served.By.CHAMPION, NODE, 9))))
                    .isTrue();
        }
        assertThat(ids(all().id(id(6)))).containsExactly(id(6));
        assertThat(ids(all().request("R-7"))).containsExactly(id(7));
        assertThat(ids(all().request("R-7").id(id(6)))).isEmpty();
        assertThat(ids(all().version(second.version()))).containsExactly(id(9));
        assertThat(ids(all().version(VersionNumber.of(3)))).isEmpty();
        assertThat(ids(all().between(null, middle))).hasSize(5);
        assertThat(ids(all().between(middle, null))).hasSize(5).contains(id(5), id(9));
        assertThat(ids(Query.of(ModelName.of("other")))).isEmpty();
        List<String> paged = new ArrayList<>();
        Page<PredictionRecord> page = predictions().find(all().limit(2));
        while (true) {
            assertThat(page.items()).hasSize(2);
            page.items().forEach(record -> paged.add(record.id()));
            Optional<String> next = page.next();
            if (next.isEmpty()) {
                break;
            }
            record(100, 101);
            page = predictions().find(all().limit(2).after(next.get()));
        }
        assertThat(paged).hasSize(10).doesNotHaveDuplicates();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> predictions().find(all().after("1-2")))
                .withMessageContaining("cursor");
    }

    private List<String> ids(Query query) {
        return predictions().find(query).items().stream()
                .map(PredictionRecord::id)
                .toList();
    }

    @Test
    void oneCallTellsWhichVersionAnsweredWhoApprovedItAndUnderWhichPolicy() {
        record(0, 3);
        ModelRef second = Site.promoted(ops, dir.resolve("scratch"), 2);
        Site.install(ops, Site.policies("gate-extra"));
        try (PredictionLog.Recorder recorder = recorder(SLOW)) {
            assertThat(recorder.record(Prediction.of(new Served<>("", second, Served.By.CHAMPION, NODE, 50))
                            .request("late")))
                    .isTrue();
            assertThat(recorder.record(Prediction.of(new Served<>("", champion, Served.By.CHAMPION, NODE, 51))
                            .request("challenger")))
                    .isTrue();
        }
        PredictionLog.Trace trace = predictions().trace(all().request("R-1")).orElseThrow();
        assertThat(trace.prediction().id()).isEqualTo(id(1));
        assertThat(trace.version().ref()).isEqualTo(champion);
        assertThat(trace.approvals()).singleElement().satisfies(approval -> {
            assertThat(approval.by()).isEqualTo(Site.VERA);
            assertThat(approval.ref()).isEqualTo(champion);
        });
        assertThat(trace.admission().orElseThrow().subject()).isEqualTo(champion.toString());
        assertThat(trace.policy().number()).isEqualTo(1);

        PredictionLog.Trace late = predictions().trace(all().request("late")).orElseThrow();
        assertThat(late.version().ref()).isEqualTo(second);
        assertThat(late.admission().orElseThrow().subject()).isEqualTo(second.toString());
        assertThat(late.policy().number()).isEqualTo(2);
        assertThat(predictions()
                        .trace(all().request("challenger"))
                        .orElseThrow()
                        .admission())
                .isEmpty();
        assertThat(predictions().trace(all().request("none"))).isEmpty();
    }

    @Test
    void aRecordIsProvedByTheKeyOfTheLogAloneAndNoOtherIs() {
        record(0, 300);
        String proof = predictions().prove(id(257));
        RecordProof proved = RecordProof.verify(proof, key);
        assertThat(proved.prediction())
                .isEqualTo(predictions().find(all().id(id(257))).items().get(0));
        assertThat(proved.by()).isEqualTo(Site.SCORING);
        assertThat(proved.position()).isEqualTo(ops.position());

        for (String[] change : new String[][] {
            {"52257", "52258"},
            {"\"index\":257", "\"index\":256"},
            {"\"index\":257", "\"index\":1000"},
            {"\"path\":[\"", "\"path\":[\"00"},
            {"R-257", "R-258"},
            {"risk@1", "risk@2"},
            {"record-proof@v1", "record-proof@v2"},
            {"{\"form\"", "{\"more\":1,\"form\""},
        }) {
            assertThat(proof).contains(change[0]);
            assertThatExceptionOfType(IntegrityException.class)
                    .as(change[1])
                    .isThrownBy(() -> RecordProof.verify(proof.replace(change[0], change[1]), key))
                    .withMessageContaining("does not hold");
        }
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> predictions().prove(id(300)));
    }

    @Test
    void whatIsRedactedIsNowhereAndSamplingIsByTheCount() throws IOException {
        try (PredictionLog.Recorder recorder = recorder(SLOW.sample(10)
                .always(given -> given.caller().filter("teller-2"::equals).isPresent() && given.sequence() == 11)
                .redact("name", "score"))) {
            for (int i = 0; i < 40; i++) {
                assertThat(recorder.record(prediction(i))).isTrue();
            }
        }
        List<PredictionRecord> kept = predictions().find(all()).items();
        assertThat(kept).extracting(PredictionRecord::id).containsExactly(id(0), id(10), id(11), id(20), id(30));
        assertThat(kept).allSatisfy(record -> {
            assertThat(record.input()).containsOnlyKeys("income", "married");
            assertThat(record.output()).isEmpty();
        });
        String body = ops.as(Site.AUDITOR)
                .audit()
                .get(ops.position().size() - 1)
                .body()
                .toUtf8();
        assertThat(body).contains("\"oneIn\":10").doesNotContain("Example");
    }

    @Test
    void aSegmentEndsByItselfWithItsTimeOrItsSize() throws InterruptedException {
        try (PredictionLog.Recorder recorder = recorder(Rules.all().segments(10, Duration.ofHours(1)))) {
            for (int i = 0; i < 25; i++) {
                assertThat(recorder.record(prediction(i))).isTrue();
            }
            Site.await(
                    "two full segments", () -> predictions().find(all()).items().size() == 20);
        }
        assertThat(predictions().find(all()).items()).hasSize(25);
        try (PredictionLog.Recorder recorder = recorder(Rules.all().segments(1000, Duration.ofMillis(10)))) {
            assertThat(recorder.record(prediction(30))).isTrue();
            Site.await("its time", () -> !ids(all().id(id(30))).isEmpty());
        }
    }

    @Test
    void manyThreadsAndProcessesRecordEachPredictionOnce() throws Exception {
        List<Thread> threads = new ArrayList<>();
        try (ModelOps other = Site.open(folder, key)) {
            for (int i = 0; i < 4; i++) {
                long node = i;
                ModelOps mine = i % 2 == 0 ? ops : other;
                PredictionLog.Recorder recorder = mine.as(Site.SCORING)
                        .predictions()
                        .record("risk", Site.PRODUCTION, Rules.all().segments(100, Duration.ofMillis(50)));
                Thread thread = new Thread(() -> {
                    for (int n = 0; n < 500; n++) {
                        while (!recorder.record(
                                Prediction.of(new Served<>("", champion, Served.By.CHAMPION, node, n)))) {
                            Thread.onSpinWait();
                        }
                    }
                    recorder.close();
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            var unused = ops.sync();
        }
        Set<String> seen = new HashSet<>();
        predictions().find(all().limit(10_000)).items().forEach(record -> seen.add(record.id()));
        assertThat(predictions().find(all().limit(10_000)).items().size()).isEqualTo(2000);
        assertThat(seen.size()).isEqualTo(2000);
        assertThat(findings()).isEmpty();
    }

    @Test
    void whoMayNotRecordOrAuditDoesNeither() {
        for (Principal who : List.of(Site.ADA, Site.VERA, Site.STRANGER, Site.AUDITOR)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> ops.as(who).predictions().record("risk", Site.PRODUCTION, SLOW));
        }
        record(0, 1);
        for (Principal who : List.of(Site.ADA, Site.SCORING, Site.STRANGER)) {
            PredictionLog log = ops.as(who).predictions();
            assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> log.find(all()));
            assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> log.trace(all()));
            assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> log.prove(id(0)));
        }
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> Site.registry(ops, Site.RITA)
                        .perform(Action.expireRecords(Site.RISK, ops.position(), "retention")));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> ops.as(Site.SCORING).predictions().record("none", Site.PRODUCTION, SLOW));
        try (ModelOps reader =
                ModelOps.open(Storages.existingDirectory(folder), key).start()) {
            assertThatExceptionOfType(ReadOnlyException.class)
                    .isThrownBy(() -> reader.as(Site.SCORING).predictions().record("risk", Site.PRODUCTION, SLOW));
        }
    }

    @Test
    void aRecorderTakesOnlyItsModelAndNothingOnceItIsClosed() {
        PredictionLog.Recorder recorder = recorder(SLOW);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recorder.record(
                        Prediction.of(new Served<>("", ModelRef.parse("other@1"), Served.By.CHAMPION, NODE, 1))))
                .withMessageContaining("other@1");
        recorder.close();
        recorder.close();
        assertThatExceptionOfType(ClosedException.class).isThrownBy(() -> recorder.record(prediction(1)));
        PredictionLog.Recorder left = recorder(SLOW);
        assertThat(left.record(prediction(2))).isTrue();
        ops.close();
        assertThatExceptionOfType(ClosedException.class).isThrownBy(() -> left.record(prediction(3)));
        ops = Site.open(folder, key);
        assertThat(ids(all()))
                .as("what a host left open is recorded at closing")
                .containsExactly(id(2));
    }

    @Test
    void whatIsTakenWhileTheRecorderIsClosedIsRecordedOrRefused() {
        PredictionLog.Recorder[] own = new PredictionLog.Recorder[1];
        own[0] = recorder(SLOW.sample(2).always(given -> {
            own[0].close();
            return true;
        }));
        assertThatExceptionOfType(ClosedException.class).isThrownBy(() -> own[0].record(prediction(1)));
        assertThat(ids(all())).isEmpty();
    }

    @Test
    void everyPageOfAListingIsOfTheSameState() {
        record(0, 4);
        Page<PredictionRecord> first = predictions().find(all().limit(2));
        record(4, 5);
        Page<PredictionRecord> last =
                predictions().find(all().limit(2).after(first.next().orElseThrow()));
        assertThat(last.next()).isEmpty();
        assertThat(last.items()).extracting(PredictionRecord::id).containsExactly(id(2), id(3));
        assertThat(last.position()).isEqualTo(first.position());
    }

    @Test
    void aValueThatIsMissingIsRefusedAsAnArgument() {
        Map<String, String> values = new HashMap<>();
        values.put("income", null);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prediction(1).input(values))
                .withMessageContaining("'income'");
    }

    @Test
    void valuesThatCouldChangeOrAreTooLargeAreRefused() {
        Prediction given = prediction(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> given.input(Map.of("list", new ArrayList<>())))
                .withMessageContaining("java.util.ArrayList");
        assertThatIllegalArgumentException().isThrownBy(() -> given.output(Map.of("text", "x".repeat(4_001))));
        assertThatIllegalArgumentException().isThrownBy(() -> given.output(Map.of("text", "a\u0000b")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> given.output(Map.of("n", BigInteger.ONE.shiftLeft(100_000))));
        assertThatIllegalArgumentException().isThrownBy(() -> given.request(" "));
        Map<String, String> large = new TreeMap<>();
        for (int i = 0; i < 4; i++) {
            large.put("text-" + i, "x".repeat(4_000));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> given.input(large))
                .withMessageContaining("15000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> given.input(Map.of("x".repeat(129), 1)))
                .withMessageContaining("128");
        assertThatIllegalArgumentException().isThrownBy(() -> Rules.all().sample(0));
        assertThatIllegalArgumentException().isThrownBy(() -> all().id("x"));
    }

    @Test
    void thePredictionWithTheLongestLineIsProvedToo() {
        Map<String, String> large = new TreeMap<>();
        for (int i = 0; i < 4; i++) {
            large.put("\"text\"" + i, "\n".repeat(3_700));
        }
        try (PredictionLog.Recorder recorder = recorder(SLOW)) {
            assertThat(recorder.record(prediction(1).input(large).output(large)))
                    .isTrue();
        }
        assertThat(RecordProof.verify(predictions().prove(id(1)), key)
                        .prediction()
                        .output())
                .isEqualTo(large);
    }

    @Test
    void aSegmentThatWasAlteredOrIsMissingIsNoticed() throws IOException {
        record(0, 20);
        Path blob = segment();
        byte[] bytes = Files.readAllBytes(blob);
        byte[] other = bytes.clone();
        other[bytes.length / 2] ^= 1;
        Files.write(blob, other);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> predictions().find(all()))
                .withMessageContaining("verify the log");
        assertThat(findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("segment"));
        Files.delete(blob);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> predictions().find(all()))
                .withMessageContaining("have not expired");
        assertThat(findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("missing from the store"));
        Files.write(blob, bytes);
        assertThat(findings()).isEmpty();
    }

    /** The blob of the newest segment. */
    private Path segment() {
        String body = ops.as(Site.AUDITOR)
                .audit()
                .get(ops.position().size() - 1)
                .body()
                .toUtf8();
        String hex = body.replaceAll(".*\"segment\":\"sha256:([0-9a-f]{64})\".*", "$1");
        return folder.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
    }

    @Test
    void whatExpiredIsSweptAndEveryProofMadeBeforeStillHolds() throws IOException {
        record(0, 5);
        Path gone = segment();
        String proof = predictions().prove(id(3));
        long until = ops.position().size();
        record(5, 8);
        Path stays = segment();

        assertThat(expire(until).type()).isEqualTo("dev.modelops.records.expired.v1");
        assertThat(ids(all())).containsExactly(id(5), id(6), id(7));
        sweep();
        assertThat(gone).doesNotExist();
        assertThat(stays).exists();
        assertThat(findings()).isEmpty();
        assertThat(RecordProof.verify(proof, key).prediction().id()).isEqualTo(id(3));
        ops.close();
        try (Storage from = Storages.existingDirectory(folder);
                Storage to = Storages.directory(dir.resolve("copy"))) {
            var unused = StoreTransfer.copy(from, to, key, Progress.NONE);
        }
        ops = Site.open(dir.resolve("copy"), key);
        assertThat(ids(all())).containsExactly(id(5), id(6), id(7));
        assertThat(findings()).isEmpty();
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> expire(until))
                .withMessageContaining("already");
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> expire(ops.position().size() + 1));
    }

    @Test
    void whileTheStoreIsAwayMemoryIsBoundedAndWhatIsLostIsCounted() throws Exception {
        AtomicBoolean away = new AtomicBoolean();
        Storage inner = Storages.inMemory();
        LogKey there = ModelOps.create(inner, Site.genesis());
        BlobStore blobs = (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (away.get() && method.getName().equals("put")) {
                        throw new StorageException("away");
                    }
                    try {
                        return method.invoke(inner.blobs(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (ModelOps other = Site.opening(new Storage(inner.log(), blobs, inner.texts()), there)
                .start()) {
            ModelRef ref = Site.promoted(other, dir.resolve("scratch"), 1);
            int kept = 0;
            try (PredictionLog.Recorder recorder = other.as(Site.SCORING)
                    .predictions()
                    .record("risk", Site.PRODUCTION, Rules.all().segments(10, Duration.ofHours(1)))) {
                away.set(true);
                long sequence = 0;
                while (recorder.record(Prediction.of(new Served<>("", ref, Served.By.CHAMPION, NODE, sequence++)))) {
                    kept++;
                    assertThat(kept).isLessThan(10_000);
                }
                assertThatExceptionOfType(StorageException.class).isThrownBy(recorder::flush);
                away.set(false);
                while (!recorder.record(Prediction.of(new Served<>("", ref, Served.By.CHAMPION, NODE, sequence++)))) {
                    Thread.sleep(5);
                }
                kept++;
                var unused = recorder.flush();
            }
            List<PredictionRecord> found = new ArrayList<>();
            PredictionLog log = other.as(Site.AUDITOR).predictions();
            found.addAll(log.find(all().limit(10_000)).items());
            assertThat(found.size()).isEqualTo(kept);
            long lost = 0;
            for (long i = 0; i < other.position().size(); i++) {
                String body = other.as(Site.AUDITOR).audit().get(i).body().toUtf8();
                if (body.contains("\"lost\":")) {
                    lost += Long.parseLong(body.replaceAll(".*\"lost\":([0-9]+).*", "$1"));
                }
            }
            long last = found.stream()
                    .mapToLong(record -> Long.parseLong(record.id().substring(17), 16))
                    .max()
                    .orElseThrow();
            assertThat(lost).isEqualTo(last + 1 - kept).isPositive();
        }
    }

    @Test
    void underALegalHoldNothingExpires() throws IOException {
        record(0, 5);
        Site.registry(ops, LEO).perform(Action.hold("case-7", Site.RISK));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> expire(ops.position().size()))
                .withMessageContaining("case-7");
        sweep();
        assertThat(ids(all())).hasSize(5);
        Site.registry(ops, LEO).perform(Action.liftHold("case-7"));
        var unused = expire(ops.position().size());
        assertThat(ids(all())).isEmpty();
    }

    private void sweep() throws IOException {
        var checkpoint = ops.as(Site.AUDITOR).audit().checkpoint();
        assertThat(checkpoint.position()).isEqualTo(ops.position());
        try (Stream<Path> blobs = Files.walk(folder.resolve("blobs/sha256"))) {
            for (Path blob : blobs.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(blob, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
            }
        }
        try (StoreInspection inspection = StoreInspection.open(Storages.existingDirectory(folder), key, memory())) {
            var unused = BlobSweep.run(inspection, Duration.ofHours(1), Progress.NONE);
        }
    }
}
