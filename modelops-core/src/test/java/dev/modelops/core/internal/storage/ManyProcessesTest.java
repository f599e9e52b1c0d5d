package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Digest;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManyProcessesTest {
    @TempDir
    Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stopWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void twoProcessesAndTwoStoresOfThisOneAppendToOneLog() throws Exception {
        Path file = folder.resolve("log.db");
        int batches = 60;
        List<Process> children = List.of(start(file, "p", batches), start(file, "q", batches));
        Map<String, List<Long>> acknowledged = new HashMap<>();
        List<Thread> threads = new ArrayList<>();
        try (LogStore first = Storages.sqlite(file);
                LogStore second = Storages.sqlite(file)) {
            for (LogStore store : List.of(first, second)) {
                List<Long> mine = new ArrayList<>();
                String name = store == first ? "r" : "s";
                acknowledged.put(name, mine);
                threads.add(new Thread(() -> AppendingProcess.append(store, name, batches, mine::add)));
            }
            threads.forEach(Thread::start);
            acknowledged.put("p", acknowledgements(children.get(0), batches));
            acknowledged.put("q", acknowledgements(children.get(1), batches));
            for (Thread thread : threads) {
                thread.join();
            }
        }
        for (Process child : children) {
            assertThat(child.waitFor()).isZero();
        }

        List<LogRecord> all = checked(file);

        assertThat(all).hasSize(4 * batches * AppendingProcess.BATCH);
        acknowledged.forEach((name, sizes) -> {
            assertThat(sizes).hasSize(batches);
            for (int batch = 0; batch < batches; batch++) {
                assertThere(all, name, batch, sizes.get(batch));
            }
        });
    }

    @Test
    void whatWasAcknowledgedIsThereAfterAKill() throws Exception {
        Path file = folder.resolve("log.db");
        Random random = new Random(5);
        Map<String, List<Long>> acknowledged = new HashMap<>();
        for (int round = 0; round < 4; round++) {
            Map<String, Process> children = new HashMap<>();
            for (String name : List.of("a" + round, "b" + round)) {
                children.put(name, start(file, name, 100_000));
            }
            for (Map.Entry<String, Process> child : children.entrySet()) {
                acknowledged.put(child.getKey(), acknowledgements(child.getValue(), 1 + random.nextInt(40)));
            }
            for (Map.Entry<String, Process> child : children.entrySet()) {
                assertThat(child.getValue().toHandle().destroyForcibly()).isTrue();
                List<Long> more = acknowledgements(child.getValue(), Integer.MAX_VALUE);
                acknowledged.merge(child.getKey(), more, (early, late) -> {
                    early.addAll(late);
                    return early;
                });
                assertThat(child.getValue().waitFor(60, TimeUnit.SECONDS)).isTrue();
            }

            List<LogRecord> all = checked(file);

            acknowledged.forEach((name, sizes) -> {
                for (int batch = 0; batch < sizes.size(); batch++) {
                    assertThere(all, name, batch, sizes.get(batch));
                }
            });
        }
    }

    private static void assertThere(List<LogRecord> all, String name, int batch, long size) {
        for (int i = 0; i < AppendingProcess.BATCH; i++) {
            LogRecord record = all.get((int) size - AppendingProcess.BATCH + i);
            assertThat(record.body().toUtf8()).isEqualTo(AppendingProcess.body(name, batch, i));
        }
    }

    /** Reads a log, and checks that it is dense, that its seals are, and that its root follows from its records. */
    private static List<LogRecord> checked(Path file) {
        try (LogStore store = Storages.sqlite(file)) {
            List<LogRecord> all = new ArrayList<>();
            Digest root = LogHead.EMPTY.root();
            for (List<LogRecord> chunk = store.read(0, 1_000);
                    !chunk.isEmpty();
                    chunk = store.read(all.size(), 1_000)) {
                for (LogRecord record : chunk) {
                    assertThat(record.index()).isEqualTo(all.size());
                    root = Appends.chained(root, record.body());
                    all.add(record);
                }
            }
            assertThat(store.head()).isEqualTo(new LogHead(all.size(), root));
            long end = 0;
            for (LogSeal seal : store.seals(0, Integer.MAX_VALUE)) {
                assertThat(seal.from()).isEqualTo(end);
                end = seal.size();
            }
            assertThat(end).isEqualTo(all.size());
            return all;
        }
    }

    private Process start(Path file, String name, int batches) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        AppendingProcess.class.getName(),
                        file.toString(),
                        name,
                        Integer.toString(batches))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        started.add(process);
        return process;
    }

    private static List<Long> acknowledgements(Process process, int most) throws IOException {
        List<Long> sizes = new ArrayList<>();
        BufferedReader lines = process.inputReader();
        while (sizes.size() < most) {
            String line = lines.readLine();
            if (line == null) {
                return sizes;
            }
            if (line.endsWith(".")) {
                sizes.add(Long.parseLong(line.substring(0, line.length() - 1)));
            }
        }
        return sizes;
    }
}
