package dev.modelops.samples.ignite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.Models;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** Two processes act on one log while nodes of the cluster are killed. */
class NodeLossTest {
    private static final int ROUNDS = Integer.getInteger("modelops.nodes.rounds", 3);
    private static final int ENOUGH = 20;
    private static final Pattern COMMAND = Pattern.compile("w\\d+-\\d+-\\d+");

    @TempDir
    Path dir;

    @Test
    void noAcknowledgedActIsLostAndTheLogDoesNotForkWhenNodesAreKilled(TestReporter reporter) throws Exception {
        Random random = new Random(3);
        try (IgniteCluster cluster = IgniteCluster.start();
                Fleet fleet = new Fleet(cluster, dir)) {
            for (int round = 0; round < ROUNDS; round++) {
                fleet.awaitActs(ENOUGH);
                int node = random.nextInt(3);
                cluster.kill(node);
                fleet.awaitActs(ENOUGH);
                cluster.startAgain(node);
                fleet.requireSound();
            }
            fleet.awaitActs(ENOUGH);
            for (int node = 0; node < 3; node++) {
                cluster.kill(node);
            }
            cluster.startAgain(0, 1, 2);
            fleet.awaitActs(ENOUGH);
            fleet.requireSound();
            reporter.publishEntry("nodes", fleet.requireAllAcknowledged());
        }
    }

    /** What a process was told of an act. */
    private record Answer(String id, long position, long called, long returned) {}

    private static final class Fleet implements AutoCloseable {
        private final String addresses;
        private final Path blobs;
        private final LogKey key;
        private final List<Process> workers = new ArrayList<>();
        private final List<Thread> readers = new ArrayList<>();
        private final Map<String, Answer> answers = new ConcurrentHashMap<>();
        private final Set<String> undone = ConcurrentHashMap.newKeySet();
        private final Set<String> inDoubt = ConcurrentHashMap.newKeySet();
        private final Map<String, String> seen = new ConcurrentHashMap<>();
        private List<LogRecord> log = List.of();

        Fleet(IgniteCluster cluster, Path dir) throws IOException {
            this.addresses = String.join(",", cluster.addresses());
            this.blobs = dir.resolve("blobs");
            try (Storage storage = storage()) {
                this.key = ModelOps.create(storage, Worker.genesis());
            }
            try (ModelOps ops = Worker.opening(storage(), key).start()) {
                var unused = ops.as(Worker.ADA)
                        .registry()
                        .register(VersionSpec.of(Worker.MODEL.name().value(), Models.small(dir.resolve("model"))));
            }
            for (int i = 0; i < 2; i++) {
                start("w" + i);
            }
        }

        private Storage storage() {
            return Worker.storage("main", blobs, addresses);
        }

        private void start(String name) throws IOException {
            Process worker = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-Xmx256m",
                            "--add-opens=java.base/java.nio=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Worker.class.getName(),
                            "main",
                            blobs.toString(),
                            addresses,
                            key.text(),
                            name)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            workers.add(worker);
            Thread reader = new Thread(() -> read(name, worker), "reader-" + name);
            readers.add(reader);
            reader.start();
        }

        private void read(String name, Process worker) {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] words = line.split(" ", -1);
                    if (!line.endsWith(" .")) {
                        continue;
                    }
                    switch (words[0]) {
                        case "ACK" ->
                            answers.put(
                                    words[1],
                                    new Answer(
                                            words[1],
                                            Long.parseLong(words[2]),
                                            Long.parseLong(words[3]),
                                            Long.parseLong(words[4])));
                        case "FAIL" -> undone.add(words[1]);
                        case "LOST" -> inDoubt.add(words[1]);
                        case "SEES" -> seen.put(name + " " + words[1], words[2]);
                        default -> throw new IOException("not expected: " + line);
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** Waits for so many more acts to be acknowledged. */
        void awaitActs(int more) throws InterruptedException {
            int enough = answers.size() + more;
            await("acts are acknowledged", () -> answers.size() >= enough);
        }

        /** The log verifies, continues each checkpoint that was seen, and all processes say the same of it. */
        void requireSound() throws Exception {
            long position = patiently(this::verified);
            patiently(this::requireContinued);
            Set<String> said = new HashSet<>();
            for (int i = 0; i < workers.size(); i++) {
                var out = workers.get(i).getOutputStream();
                out.write((position + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
                String question = "w" + i + " " + position;
                await("a worker says what it sees at " + position, () -> seen.containsKey(question));
                said.add(seen.get(question));
            }
            assertThat(said)
                    .as("what the processes say of position %s", position)
                    .hasSize(1);
        }

        private long verified() {
            try (StoreInspection inspection = StoreInspection.open(storage(), key)) {
                AuditReport report = inspection.audit().verify(Progress.NONE);
                assertThat(report.findings()).isEmpty();
                return report.position().size();
            }
        }

        /** The cluster may be busy with itself for a while after a node came back. */
        private static <T> T patiently(Callable<T> question) throws Exception {
            for (int attempt = 1; ; attempt++) {
                try {
                    return question.call();
                } catch (StorageException e) {
                    if (attempt == 5) {
                        throw e;
                    }
                }
            }
        }

        /** Reads the log, which is dense and begins with what was read of it before. */
        private List<LogRecord> requireContinued() {
            List<LogRecord> now = new ArrayList<>();
            try (Storage storage = storage()) {
                long size = storage.log().head().size();
                while (now.size() < size) {
                    for (LogRecord record : storage.log().read(now.size(), 1_000)) {
                        assertThat(record.index()).isEqualTo(now.size());
                        now.add(record);
                    }
                }
            }
            assertThat(now.size()).isGreaterThanOrEqualTo(log.size());
            assertThat(now.subList(0, log.size()).equals(log))
                    .as("the log begins with what was read of it before")
                    .isTrue();
            log = now;
            return log;
        }

        /** Each act is in the log once, where its caller was told, and none before one that had ended when it began. */
        String requireAllAcknowledged() throws Exception {
            stop();
            Map<String, Long> recorded = new HashMap<>();
            for (LogRecord record : patiently(this::requireContinued)) {
                Set<String> ids = COMMAND.matcher(record.body().toUtf8())
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.toSet());
                for (String id : ids) {
                    assertThat(recorded.put(id, record.index() + 1))
                            .as("%s again", id)
                            .isNull();
                }
            }
            assertThat(recorded).doesNotContainKeys(undone.toArray(String[]::new));
            long last = 0;
            List<Answer> byPosition = answers.values().stream()
                    .sorted(Comparator.comparingLong(Answer::position))
                    .toList();
            for (Answer answer : byPosition) {
                assertThat(recorded).containsEntry(answer.id(), answer.position());
                assertThat(answer.returned())
                        .as("%s ended before an act in front of it began", answer)
                        .isGreaterThan(last);
                last = Math.max(last, answer.called());
            }
            return log.size() + " entries, " + answers.size() + " acts acknowledged, " + undone.size() + " refused, "
                    + inDoubt.size() + " in doubt";
        }

        private void stop() throws InterruptedException {
            for (Process worker : workers) {
                worker.toHandle().destroyForcibly();
                var unused = worker.waitFor();
            }
            for (Thread reader : readers) {
                reader.join();
            }
        }

        private void await(String what, BooleanSupplier condition) throws InterruptedException {
            long deadline = System.nanoTime() + 180_000_000_000L;
            while (!condition.getAsBoolean()) {
                if (System.nanoTime() > deadline || !workers.stream().allMatch(Process::isAlive)) {
                    throw new AssertionError("never came true: " + what + "; " + answers.size() + " acknowledged, "
                            + undone.size() + " refused, " + inDoubt.size() + " in doubt, workers "
                            + workers.stream().map(Process::isAlive).toList());
                }
                Thread.sleep(10);
            }
        }

        @Override
        public void close() throws InterruptedException {
            stop();
        }
    }
}
