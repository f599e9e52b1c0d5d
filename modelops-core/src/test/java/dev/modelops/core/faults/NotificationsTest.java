package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.ClosedException;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.ReadOnlyException;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.Hurried;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.notification.Outbox;
import dev.modelops.core.storage.Storages;
import dev.modelops.monitoring.Notification;
import dev.modelops.monitoring.Notification.Kind;
import dev.modelops.monitoring.NotificationSink;
import dev.modelops.monitoring.Notifications;
import dev.modelops.policy.Action;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens is told at least once, of each model in order, whatever becomes of sinks, stores and processes. */
class NotificationsTest {
    private static final Duration LONG = Duration.ofHours(1);
    /** What is under way may end, however slow the machine: otherwise the next to deliver waits long for it. */
    private static final Outbox.Pace QUICK = new Outbox.Pace(
            Duration.ofMillis(20), LONG, Duration.ofMillis(10), Duration.ofMillis(50), 1000, Duration.ofSeconds(60));

    private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);

    @TempDir
    Path dir;

    private final Storage storage = Storages.inMemory();
    private final FaultyLogStore store = new FaultyLogStore(storage.log());
    private final LogKey key = ModelOps.create(storage, Site.genesis());

    @BeforeEach
    void create() {
        try (ModelOps ops = open(QUICK)) {
            for (String model : List.of("risk", "churn")) {
                Site.registry(ops, Site.ADA).register(VersionSpec.of(model, Models.small(dir.resolve(model))));
            }
        }
    }

    private ModelOps open(Outbox.Pace pace) {
        return Hurried.start(Site.opening(new Storage(store, storage.blobs()), key), pace);
    }

    private static Outbox.Pace patient(Duration patience) {
        return new Outbox.Pace(
                QUICK.record(), patience, QUICK.firstPause(), QUICK.mostPause(), QUICK.attempts(), QUICK.grace());
    }

    /** Suspends or resumes, so that any number of notifications can come of a model. */
    private static long act(ModelOps ops, String model) {
        ModelName name = ModelName.of(model);
        try {
            return act(ops, Action.suspend(name, Site.STAGING));
        } catch (VersionConflictException e) {
            assertThat(e).hasMessageContaining("is suspended");
            return act(ops, Action.resume(name, Site.STAGING));
        }
    }

    private static long act(ModelOps ops, Action action) {
        return Site.registry(ops, Site.RITA)
                .perform(action.because("an exercise"))
                .position()
                .size();
    }

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("waited 90 s for %s", what).isNegative();
            Thread.sleep(5);
        }
    }

    /** Takes everything. */
    private static final class Taker implements NotificationSink {
        final BlockingQueue<Notification> taken = new LinkedBlockingQueue<>();
        final List<Notification> all = new CopyOnWriteArrayList<>();

        @Override
        public void deliver(Notification notification) {
            all.add(notification);
            taken.add(notification);
        }

        Notification next() throws InterruptedException {
            Notification next = taken.poll(90, TimeUnit.SECONDS);
            assertThat(next).as("waited 90 s for a notification").isNotNull();
            return Objects.requireNonNull(next);
        }

        List<Long> positions() {
            return positions(all);
        }

        static List<Long> positions(List<Notification> notifications) {
            return notifications.stream().map(one -> one.position().size()).toList();
        }

        static List<Long> positions(List<Notification> notifications, String model) {
            return positions(notifications.stream()
                    .filter(one -> one.model().value().equals(model))
                    .toList());
        }
    }

    private static List<AuditEntry> deliveries(ModelOps ops) {
        List<AuditEntry> found = new ArrayList<>();
        for (long index = 0; index < ops.position().size(); index++) {
            AuditEntry entry = ops.as(Site.AUDITOR).audit().get(index);
            if (entry.type().equals(EntryType.NOTIFICATIONS_DELIVERED.typeName())) {
                found.add(entry);
            }
        }
        return found;
    }

    @Test
    void aNotificationIsTheEntryItself() throws Exception {
        Taker taker = new Taker();
        try (ModelOps ops = open(QUICK)) {
            ops.notifications().deliver("pager", ALL, taker);
            long position = act(ops, "risk");
            AuditEntry entry = ops.as(Site.AUDITOR).audit().get(position - 1);

            Notification told = taker.next();
            assertThat(told)
                    .isEqualTo(new Notification(
                            LogPosition.of(position),
                            entry.id(),
                            Kind.SUSPENDED,
                            "risk",
                            ModelName.of("risk"),
                            Environment.STAGING,
                            Site.RITA,
                            entry.at(),
                            entry.body()));
            assertThat(entry.type()).isEqualTo(told.kind().type());
        }
    }

    @Test
    void everyKindIsATypeOfEntry() {
        for (Kind kind : Kind.values()) {
            assertThat(EntryType.of(kind.type())).as(kind.name()).isNotEqualTo(EntryType.UNKNOWN);
        }
    }

    @Test
    void whatThisAndOtherProcessesDidIsToldOnceInOrderAndOnlyWhatWasAskedFor() throws Exception {
        Taker taker = new Taker();
        try (ModelOps ops = open(QUICK);
                ModelOps other = open(QUICK)) {
            act(ops, "churn");
            ops.notifications().deliver("pager", Set.of(Kind.RESUMED), taker);
            act(ops, "risk");
            List<Long> expected = new ArrayList<>();
            expected.add(act(other, "risk"));
            expected.add(act(ops, "churn"));
            act(other, "churn");
            act(ops, "risk");
            expected.add(act(other, "risk"));
            for (long position : expected) {
                assertThat(taker.next().position().size()).isEqualTo(position);
            }
            ops.notifications().deliver("end", ALL, notification -> {}).close();
        }
        assertThat(taker.taken).isEmpty();
    }

    @Test
    void aNewSinkIsToldOfWhatComesAndAnOldOneOfWhatItMissed() throws Exception {
        Taker taker = new Taker();
        List<Long> expected = new ArrayList<>();
        try (ModelOps ops = open(QUICK)) {
            act(ops, "risk");
            ops.notifications().deliver("pager", ALL, taker).close();
            expected.add(act(ops, "risk"));
        }
        try (ModelOps ops = open(QUICK)) {
            expected.add(act(ops, "churn"));
        }
        assertThat(taker.all).isEmpty();
        try (ModelOps ops = open(QUICK)) {
            Notifications.Subscription pager = ops.notifications().deliver("pager", ALL, taker);
            expected.add(act(ops, "risk"));
            for (long position : expected) {
                assertThat(taker.next().position().size()).isEqualTo(position);
            }
            await("the record", () -> pager.progress().position().size() >= expected.get(2));
            assertThat(pager.progress().behind()).isEmpty();
            assertThat(pager.progress().dropped()).isZero();
            assertThat(pager.progress().lastDropped()).isEmpty();
        }
        assertThat(taker.positions()).isEqualTo(expected);
    }

    @Test
    void whatWasNotTakenComesAgainAndHoldsUpOnlyItsModel() throws Exception {
        List<Notification> tried = new CopyOnWriteArrayList<>();
        Taker taker = new Taker();
        AtomicBoolean isBroken = new AtomicBoolean(true);
        try (ModelOps ops = open(QUICK)) {
            Notifications.Subscription pager = ops.notifications().deliver("pager", ALL, notification -> {
                tried.add(notification);
                if (isBroken.get() && notification.model().value().equals("risk")) {
                    if (tried.size() % 2 == 0) {
                        throw new AssertionError("a sink with a bug");
                    }
                    throw new IOException("down");
                }
                taker.deliver(notification);
            });
            List<Long> risk = new ArrayList<>();
            List<Long> churn = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                risk.add(act(ops, "risk"));
                churn.add(act(ops, "churn"));
            }
            for (long position : churn) {
                assertThat(taker.next().position().size()).isEqualTo(position);
            }
            await("several attempts", () -> tried.size() > 5 + 5);
            await("the record", () -> pager.progress().position().size() >= churn.get(4));
            assertThat(pager.progress().behind())
                    .containsOnlyKeys(ModelName.of("risk"))
                    .containsValue(LogPosition.of(risk.get(0) - 1));
            assertThat(Taker.positions(tried, "risk")).containsOnly(risk.get(0));

            isBroken.set(false);
            for (long position : risk) {
                assertThat(taker.next().position().size()).isEqualTo(position);
            }
            await("the record", () -> pager.progress().behind().isEmpty());
        }
        assertThat(taker.taken).isEmpty();
    }

    @Test
    void whereASinkWasWithAModelThatIsBehindOutlivesTheProcess() throws Exception {
        List<Long> risk = new ArrayList<>();
        List<Long> churn = new ArrayList<>();
        Taker first = new Taker();
        try (ModelOps ops = open(QUICK)) {
            ops.notifications().deliver("pager", ALL, notification -> {
                if (notification.model().value().equals("risk") && notification.kind() == Kind.RESUMED) {
                    throw new IOException("down");
                }
                first.deliver(notification);
            });
            for (int i = 0; i < 4; i++) {
                risk.add(act(ops, "risk"));
                churn.add(act(ops, "churn"));
            }
            for (int i = 0; i < 5; i++) {
                first.next();
            }
        }
        assertThat(first.positions())
                .containsExactlyInAnyOrder(risk.get(0), churn.get(0), churn.get(1), churn.get(2), churn.get(3));
        Taker second = new Taker();
        try (ModelOps ops = open(QUICK)) {
            ops.notifications().deliver("pager", ALL, second);
            for (int i = 1; i < 4; i++) {
                assertThat(second.next().position().size()).isEqualTo(risk.get(i));
            }
            long last = act(ops, "churn");
            assertThat(second.next().position().size()).isEqualTo(last);
        }
        assertThat(second.taken).isEmpty();
    }

    @Test
    void whatIsNotTakenInAllAttemptsIsDroppedAndThatIsRecorded() throws Exception {
        Outbox.Pace brief =
                new Outbox.Pace(QUICK.record(), LONG, QUICK.firstPause(), QUICK.mostPause(), 3, QUICK.grace());
        List<Notification> tried = new CopyOnWriteArrayList<>();
        Taker taker = new Taker();
        try (ModelOps ops = open(brief)) {
            Notifications.Subscription pager = ops.notifications().deliver("pager", ALL, notification -> {
                tried.add(notification);
                if (notification.kind() == Kind.SUSPENDED) {
                    throw new IOException("down");
                }
                taker.deliver(notification);
            });
            long dropped = act(ops, "risk");
            long delivered = act(ops, "risk");

            assertThat(taker.next().position().size()).isEqualTo(delivered);
            assertThat(Taker.positions(tried)).containsExactly(dropped, dropped, dropped, delivered);
            await(
                    "the record",
                    () -> pager.progress().position().size() >= delivered
                            && pager.progress().behind().isEmpty());
            assertThat(pager.progress().dropped()).isEqualTo(1);
            assertThat(pager.progress().lastDropped()).contains(LogPosition.of(dropped));
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    @Test
    void aSinkThatHangsHoldsUpNothingElseAndIsInterruptedAtTheEnd() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Taker taker = new Taker();
        BlockingQueue<Long> heard = new LinkedBlockingQueue<>();
        long position;
        Outbox.Pace brusque = new Outbox.Pace(
                QUICK.record(), LONG, QUICK.firstPause(), QUICK.mostPause(), QUICK.attempts(), Duration.ofMillis(500));
        try (ModelOps ops = open(brusque)) {
            ops.notifications().deliver("stuck", ALL, notification -> {
                hangs.countDown();
                try {
                    new CountDownLatch(1).await();
                } finally {
                    interrupted.countDown();
                }
            });
            ops.notifications().deliver("pager", ALL, taker);
            var unused = ops.listen(entry -> heard.add(entry.position().size()));
            position = act(ops, "risk");
            assertThat(hangs.await(90, TimeUnit.SECONDS))
                    .as("waited 90 s for the sink to be called")
                    .isTrue();
            for (int i = 0; i < 3; i++) {
                long further = act(ops, "churn");
                assertThat(taker.next()).isNotNull();
                await("the listener", () -> heard.contains(further));
            }
        }
        assertThat(interrupted.getCount()).isZero();
        assertThat(threads("modelops-notify-")).isEmpty();
        Taker later = new Taker();
        try (ModelOps ops = open(QUICK)) {
            ops.notifications().deliver("stuck", ALL, later);
            assertThat(later.next().position().size()).isEqualTo(position);
        }
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    @Test
    void aSinkMayUseTheLogItIsToldOf() throws Exception {
        Taker taker = new Taker();
        List<String> names = new CopyOnWriteArrayList<>();
        try (ModelOps ops = open(QUICK)) {
            ops.notifications().deliver("pager", Set.of(Kind.SUSPENDED), notification -> {
                names.add(Thread.currentThread().getName());
                ops.sync();
                act(ops, "risk");
                taker.deliver(notification);
            });
            long position = act(ops, "risk");
            assertThat(taker.next().position().size()).isEqualTo(position);
            assertThat(ops.position().size()).isGreaterThan(position);
        }
        assertThat(names).containsOnly("modelops-notify-pager");
    }

    @Test
    void withAsManyModelsBehindAsAnEntryHoldsTheSinkWaitsAsAWhole() throws Exception {
        Path files = Models.small(dir.resolve("same"));
        AtomicBoolean isBroken = new AtomicBoolean(true);
        Set<String> tried = ConcurrentHashMap.newKeySet();
        Taker taker = new Taker();
        try (ModelOps ops = open(QUICK)) {
            Notifications.Subscription pager = ops.notifications().deliver("pager", ALL, notification -> {
                tried.add(notification.model().value());
                if (isBroken.get()) {
                    throw new IOException("down");
                }
                taker.deliver(notification);
            });
            for (int i = 0; i < 258; i++) {
                Site.registry(ops, Site.ADA).register(VersionSpec.of("model-" + i, files));
                var unused = act(ops, "model-" + i);
            }
            await("256 models behind", () -> pager.progress().behind().size() == 256);
            long end = act(ops, "model-257");
            assertThat(tried).hasSize(256).doesNotContain("model-256", "model-257");
            isBroken.set(false);
            await(
                    "the end",
                    () -> pager.progress().position().size() >= end
                            && pager.progress().behind().isEmpty());
        }
        assertThat(taker.all).hasSize(259);
    }

    @Test
    void aSinkMayCloseItself() throws Exception {
        BlockingQueue<Notifications.Subscription> own = new LinkedBlockingQueue<>();
        CountDownLatch closed = new CountDownLatch(1);
        try (ModelOps ops = open(QUICK)) {
            own.add(ops.notifications().deliver("pager", ALL, notification -> {
                own.take().close();
                closed.countDown();
            }));
            act(ops, "risk");
            assertThat(closed.await(90, TimeUnit.SECONDS))
                    .as("waited 90 s for the sink to close itself")
                    .isTrue();
            Taker taker = new Taker();
            ops.notifications().deliver("pager", ALL, taker);
            long position = act(ops, "risk");
            await("the next", () -> taker.positions().contains(position));
        }
    }

    @Test
    void ofTwoProcessesOneDeliversAndTheOtherGoesOnWhereItEnded() throws Exception {
        Taker taker = new Taker();
        Set<String> deliverers = new HashSet<>();
        List<Long> expected = new ArrayList<>();
        try (ModelOps two = open(QUICK)) {
            try (ModelOps one = open(QUICK)) {
                one.notifications().deliver("pager", ALL, notification -> {
                    deliverers.add("one");
                    taker.deliver(notification);
                });
                two.notifications().deliver("pager", ALL, notification -> {
                    deliverers.add("two");
                    taker.deliver(notification);
                });
                for (int i = 0; i < 10; i++) {
                    expected.add(act(i % 3 == 0 ? one : two, i % 2 == 0 ? "risk" : "churn"));
                }
                for (long position : expected) {
                    assertThat(taker.next().position().size()).isEqualTo(position);
                }
                assertThat(deliverers).containsExactly("one");
            }
            for (int i = 0; i < 4; i++) {
                expected.add(act(two, "risk"));
                assertThat(taker.next().position().size()).isEqualTo(expected.get(10 + i));
            }
        }
        assertThat(deliverers).containsExactlyInAnyOrder("one", "two");
        assertThat(taker.positions()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProcessThatMakesNoProgressIsReplacedAndDeliversNothingMore(boolean isBehind) throws Exception {
        Outbox.Pace rare =
                new Outbox.Pace(LONG, LONG, QUICK.firstPause(), QUICK.mostPause(), QUICK.attempts(), QUICK.grace());
        Taker taker = new Taker();
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        List<Notification> given = new CopyOnWriteArrayList<>();
        List<Notification> calls = new CopyOnWriteArrayList<>();
        AtomicBoolean hangs = new AtomicBoolean(!isBehind);
        try (ModelOps one = open(rare);
                ModelOps two = open(patient(Duration.ofMillis(300)))) {
            Notifications.Subscription pager = one.notifications().deliver("pager", ALL, notification -> {
                given.add(notification);
                if (given.size() == 1 || notification.model().value().equals("churn")) {
                    return;
                }
                if (!hangs.get()) {
                    throw new IOException("down");
                }
                calls.add(notification);
                stuck.countDown();
                released.await();
            });
            long first = act(one, "risk");
            await(
                    "the first record, after which it is not time for another",
                    () -> pager.progress().position().size() >= first);
            long second = act(one, "risk");
            long third = act(one, "risk");
            long other = act(one, "churn");
            if (isBehind) {
                await("the other model", () -> Taker.positions(given).contains(other));
                hangs.set(true);
            }
            assertThat(stuck.await(90, TimeUnit.SECONDS))
                    .as("waited 90 s for the first process")
                    .isTrue();
            two.notifications().deliver("pager", ALL, taker);
            assertThat(taker.next().position().size()).isEqualTo(second);
            assertThat(taker.next().position().size()).isEqualTo(third);
            assertThat(taker.next().position().size()).isEqualTo(other);
            one.sync();
            released.countDown();
            long fourth = act(one, "risk");
            assertThat(taker.next().position().size()).isEqualTo(fourth);
        }
        // What it was at when it hung, and nothing after.
        assertThat(calls).hasSize(1);
        assertThat(taker.taken).isEmpty();
    }

    @Test
    void howFarASinkGotIsRecordedNowAndThenAndNotEachTime() throws Exception {
        Outbox.Pace rare =
                new Outbox.Pace(LONG, LONG, QUICK.firstPause(), QUICK.mostPause(), QUICK.attempts(), QUICK.grace());
        Taker taker = new Taker();
        try (ModelOps ops = open(rare)) {
            ops.notifications().deliver("pager", ALL, taker);
            for (int i = 0; i < 30; i++) {
                act(ops, "risk");
                taker.next();
            }
            // Its beginning, and the first delivery.
            assertThat(deliveries(ops)).hasSize(2);
        }
        try (ModelOps ops = open(rare)) {
            assertThat(deliveries(ops)).hasSize(3).allSatisfy(entry -> {
                assertThat(entry.body().toUtf8()).contains("\"critical\":false");
                assertThat(entry.actor()).hasToString("modelops|notifications");
            });
            ops.notifications().deliver("pager", ALL, taker);
            act(ops, "risk");
            taker.next();
        }
        assertThat(taker.all).hasSize(31);
    }

    @Test
    void aStoreThatIsAwayDelaysAndLosesNothing() throws Exception {
        Taker taker = new Taker();
        List<Long> expected = new ArrayList<>();
        try (ModelOps ops = open(QUICK)) {
            ops.notifications().deliver("pager", ALL, notification -> {
                if (taker.all.isEmpty()) {
                    // So that it cannot be recorded.
                    store.leave();
                }
                taker.deliver(notification);
            });
            expected.add(act(ops, "risk"));
            taker.next();
            store.comeBack();
            for (int i = 0; i < 5; i++) {
                expected.add(act(ops, "risk"));
                assertThat(taker.next().position().size()).isEqualTo(expected.get(i + 1));
            }
        }
        assertThat(taker.positions()).isEqualTo(expected);
        try (ModelOps ops = open(QUICK)) {
            assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .isEmpty();
        }
    }

    /** A process that ends within a delivery, after the sink took it and before that could be recorded. */
    static final class Deliverer {
        private Deliverer() {}

        public static void main(String[] arguments) throws Exception {
            ModelOps ops = Site.open(Path.of(arguments[0]), new LogKey(arguments[1]));
            ops.notifications().deliver("pager", ALL, notification -> {
                System.out.println(notification.position().size());
                System.out.flush();
                if (notification.model().value().equals("churn")) {
                    Runtime.getRuntime().halt(3);
                }
            });
            act(ops, "risk");
            act(ops, "churn");
            act(ops, "risk");
            new CountDownLatch(1).await();
        }
    }

    @Test
    void whatWasTakenWhenItsProcessEndedComesAgainAndNothingIsLost() throws Exception {
        Path folder = dir.resolve("store");
        LogKey logKey = Site.create(folder);
        Outbox.Pace soon = patient(Duration.ofMillis(300));
        try (ModelOps ops = Site.open(folder, logKey)) {
            for (String model : List.of("risk", "churn")) {
                Site.registry(ops, Site.ADA).register(VersionSpec.of(model, dir.resolve(model)));
            }
        }
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Deliverer.class.getName(),
                        folder.toString(),
                        logKey.text())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<Long> told;
        try (InputStream out = process.getInputStream()) {
            told = new String(out.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(Long::valueOf)
                    .toList();
        }
        assertThat(process.waitFor(90, TimeUnit.SECONDS))
                .as("waited 90 s for the process")
                .isTrue();
        assertThat(process.exitValue()).isEqualTo(3);
        assertThat(told).hasSize(2);
        Taker taker = new Taker();
        try (ModelOps ops = Hurried.start(Site.opening(Storages.existingDirectory(folder), logKey), soon)) {
            long last = act(ops, "risk");
            ops.notifications().deliver("pager", ALL, taker);
            await("the last", () -> taker.positions().contains(last));
            List<Long> expected = new ArrayList<>();
            for (long index = 0; index < last; index++) {
                AuditEntry entry = ops.as(Site.AUDITOR).audit().get(index);
                if (entry.type().startsWith("dev.modelops.serving.")) {
                    expected.add(index + 1);
                }
            }
            List<Long> all = new ArrayList<>(told);
            all.addAll(taker.positions());
            assertThat(all.stream().distinct().toList()).isEqualTo(expected);
            assertThat(taker.positions()).as("what was taken and not recorded").contains(told.get(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Pager", "a b", "-a", "a/b"})
    void namesThatCannotStandInTheLogAreRefused(String name) {
        try (ModelOps ops = open(QUICK)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ops.notifications().deliver(name, ALL, notification -> {}))
                    .withMessageContaining("1 to 64 characters");
            assertThat(deliveries(ops)).isEmpty();
        }
    }

    @Test
    void whatCouldNotBeKeptIsNotPromised() {
        try (ModelOps ops = open(QUICK)) {
            Notifications notifications = ops.notifications();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> notifications.deliver("pager", Set.of(), notification -> {}));
            Notifications.Subscription open = notifications.deliver("pager", ALL, notification -> {});
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> notifications.deliver("pager", ALL, notification -> {}))
                    .withMessageContaining("open in this process already");
            open.close();
            open.close();
            notifications.deliver("pager", ALL, notification -> {}).close();
            for (int i = 1; i < 256; i++) {
                notifications.deliver("sink-" + i, ALL, notification -> {}).close();
            }
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> notifications.deliver("one-more", ALL, notification -> {}))
                    .withMessageContaining("256 sinks");
            ops.close();
            assertThatExceptionOfType(ClosedException.class).isThrownBy(ops::notifications);
            assertThatExceptionOfType(ClosedException.class)
                    .isThrownBy(() -> notifications.deliver("pager", ALL, notification -> {}));
        }
        try (ModelOps readOnly = ModelOps.open(storage, key).start()) {
            assertThatExceptionOfType(ReadOnlyException.class)
                    .isThrownBy(() -> readOnly.notifications().deliver("pager", ALL, notification -> {}));
        }
    }
}
