package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.ConsistencyProof;
import dev.modelops.audit.LogKey;
import dev.modelops.core.PostgresPair;
import dev.modelops.core.PostgresServer;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Four processes on one store, of which one after another is killed, stopped, interrupted or given a wrong clock. */
class FleetTest {
    private static final int ROUNDS = Integer.getInteger("modelops.fleet.rounds", 6);
    private static final int ROUNDS_ON_ONE_STORE = 12;
    private static final int PROCESSES = 4;
    private static final int AN_HOUR = 3600;

    /** A file has no clock of its own to tell which of two is wrong: log time that ran away would stop all the others. */
    private static final int WITHIN_THE_BOUND = 240;

    private static final Duration REST = Duration.ofMillis(100);

    @TempDir
    Path dir;

    @Test
    void nothingIsLostAndNothingForksOnOneSqliteFile(TestReporter reporter) throws Exception {
        endure(Kind.SQLITE, reporter, ROUNDS, number -> {
            Path folder = dir.resolve("store-" + number);
            return new Home(folder.toString(), WITHIN_THE_BOUND, 4, round -> {});
        });
    }

    @Test
    void nothingIsLostAndNothingForksOnPostgresqlThatCrashesToo(TestReporter reporter) throws Exception {
        try (PostgresServer server = PostgresServer.start()) {
            endure(Kind.POSTGRES, reporter, ROUNDS, number -> {
                String url = server.create().url();
                Path blobs = dir.resolve("blobs-" + number);
                return new Home(url + " " + blobs, AN_HOUR, 4, round -> {
                    server.kill();
                    server.startAgain();
                });
            });
        }
    }

    @Test
    void nothingIsLostAndNothingForksOnPostgresqlThatFailsOverToItsSynchronousStandby(TestReporter reporter)
            throws Exception {
        try (PostgresPair pair = PostgresPair.synchronous()) {
            endure(Kind.POSTGRES, reporter, (ROUNDS + 1) / 2, number -> {
                Place place = pair.place(dir.resolve("pair-" + number));
                return new Home(place.text(), AN_HOUR, 2, round -> {
                    if (round % 4 == 1) {
                        pair.failOverToWhoWasAway(Duration.ofMillis(300));
                    } else {
                        pair.failOver();
                    }
                    Thread.sleep(200);
                    pair.mend();
                });
            });
        }
    }

    private void endure(Kind kind, TestReporter reporter, int rounds, IntFunction<Home> homes) throws Exception {
        Path files = Models.small(dir.resolve("model"));
        WorkerProcess.Launcher launcher = WorkerProcess.Launcher.on(kind).resting(REST);
        Random random = new Random(8);
        for (int from = 0; from < rounds; from += ROUNDS_ON_ONE_STORE) {
            Home home = homes.apply(from);
            LogKey key = Site.create(new Place(home.place()));
            try (Fleet fleet = new Fleet(launcher, home, files, key, random)) {
                for (int round = from; round < Math.min(rounds, from + ROUNDS_ON_ONE_STORE); round++) {
                    fleet.suffer(round);
                    fleet.requireSound();
                }
                reporter.publishEntry("fleet", fleet.requireLinearizable());
            }
        }
    }

    /**
     * Where the processes keep their log, how many seconds ahead a clock may be set, and how the store itself is hurt, once in
     * so many rounds.
     */
    private record Home(String place, int ahead, int every, Fault fault) {}

    /** Something bad that happens to a store. */
    private interface Fault {
        void happen(int round) throws Exception;
    }

    /** The processes, what they were told, and what is to be true of it. */
    private static final class Fleet implements AutoCloseable {
        private final WorkerProcess.Launcher launcher;
        private final Home home;
        private final Path files;
        private final LogKey key;
        private final Random random;
        private final List<WorkerProcess> workers = new ArrayList<>();
        private final List<Checkpoint> checkpoints = new ArrayList<>();
        private final History ended = new History();
        private final List<HikariDataSource> pools = new ArrayList<>();
        private WorkerProcess next;
        private int started;

        Fleet(WorkerProcess.Launcher launcher, Home home, Path files, LogKey key, Random random) throws Exception {
            this.launcher = launcher;
            this.home = home;
            this.files = files;
            this.key = key;
            this.random = random;
            for (int i = 0; i < PROCESSES; i++) {
                workers.add(launcher.start(home.place(), files, key));
            }
            for (WorkerProcess worker : workers) {
                worker.begin("s" + started++);
            }
            next = launcher.start(home.place(), files, key);
        }

        /** Lets one fault happen to one process. */
        void suffer(int round) throws Exception {
            int which = random.nextInt(PROCESSES);
            WorkerProcess worker = workers.get(which);
            worker.awaitFirst();
            Thread.sleep(random.nextInt(150));
            if (round % home.every() == home.every() / 2) {
                home.fault().happen(round);
            }
            switch (round % 6) {
                case 1 -> {
                    worker.signal("STOP");
                    Thread.sleep(random.nextInt(600));
                    worker.signal("CONT");
                }
                case 3 -> worker.say("clock " + (random.nextInt(3600 + home.ahead()) - 3600));
                case 5 -> worker.say("interrupt");
                default -> {
                    worker.kill();
                    ended.addAll(worker.history());
                    next.begin("s" + started++);
                    workers.set(which, next);
                    // The next process warms up while these work.
                    next = launcher.start(home.place(), files, key);
                }
            }
        }

        /** The log verifies, continues what was signed before, and every process that lives says the same of it. */
        void requireSound() throws Exception {
            long position;
            try (StoreInspection inspection = StoreInspection.open(storage(), key)) {
                AuditReport report = inspection.audit().verify(Progress.NONE);
                assertThat(report.findings()).isEmpty();
                position = report.position().size();
                for (Checkpoint earlier : checkpoints) {
                    assertThat(isContinued(
                                    earlier,
                                    inspection.audit().consistency(earlier.position(), report.position()),
                                    report))
                            .isTrue();
                }
                checkpoints.add(inspection.audit().checkpoint());
            }
            Set<String> states = new HashSet<>();
            for (WorkerProcess worker : workers) {
                states.add(worker.ask(position));
            }
            assertThat(states)
                    .as("what four processes say of position %s", position)
                    .hasSize(1);
        }

        private static boolean isContinued(Checkpoint earlier, ConsistencyProof proof, AuditReport report) {
            return Merkle.verifyConsistency(
                    proof.from(),
                    proof.to(),
                    earlier.root().value().toByteArray(),
                    report.root().value().toByteArray(),
                    proof.hashes().stream()
                            .map(hash -> hash.value().toByteArray())
                            .toList());
        }

        private Storage storage() {
            return Site.storage(home.place(), source -> {
                if (pools.isEmpty()) {
                    HikariConfig config = new HikariConfig();
                    config.setDataSource(source);
                    pools.add(new HikariDataSource(config));
                }
                return pools.get(0);
            });
        }

        /** Ends the processes, and holds all they were told against the log. */
        String requireLinearizable() throws Exception {
            for (WorkerProcess worker : workers) {
                worker.kill();
                ended.addAll(worker.history());
            }
            try (StoreInspection inspection = StoreInspection.open(storage(), key)) {
                assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            }
            List<Entry> log = new ArrayList<>();
            try (Storage storage = storage()) {
                while (log.size() < storage.log().head().size()) {
                    for (LogRecord stored : storage.log().read(log.size(), 10_000)) {
                        log.add(Entry.decode(stored.index(), stored.body().toByteArray()));
                    }
                }
            }
            ended.requireLinearizable(log);
            return log.size() + " entries; " + ended;
        }

        @Override
        public void close() throws Exception {
            for (WorkerProcess worker : workers) {
                worker.close();
            }
            next.close();
            pools.forEach(HikariDataSource::close);
        }
    }
}
