package dev.modelops.core.faults;

import dev.modelops.audit.LogKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A {@link Worker} in a process of its own. */
final class WorkerProcess implements AutoCloseable {
    private final Process process;
    private final Thread reader;
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, String> told = new ConcurrentHashMap<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);

    private WorkerProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "reader-" + process.pid());
        this.reader.start();
    }

    static WorkerProcess start(Path folder, Path files, LogKey key, int limit) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Worker.class.getName(),
                folder.toString(),
                files.toString(),
                key.text(),
                Integer.toString(limit)));
        return new WorkerProcess(
                builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    void begin(String round) throws Exception {
        await(ready);
        say(round);
    }

    void say(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    void awaitFirst() throws InterruptedException {
        await(first);
    }

    void awaitDone() throws InterruptedException {
        await(done);
    }

    /** Kills it as {@code kill -9} does, and returns the acts it had acknowledged, with their positions. */
    Map<String, Long> kill() throws InterruptedException {
        // By its handle: the process object would also close the pipe with what is still to be read.
        process.toHandle().destroyForcibly();
        return end();
    }

    /** Waits for its end and returns the acts it acknowledged, with their positions. */
    Map<String, Long> end() throws InterruptedException {
        process.waitFor();
        reader.join();
        return Map.copyOf(acknowledged);
    }

    /** What it told about the state it ended with. */
    Map<String, String> told() {
        return Map.copyOf(told);
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private void await(CountDownLatch latch) throws InterruptedException {
        while (!latch.await(100, TimeUnit.MILLISECONDS)) {
            if (!process.isAlive()) {
                throw new AssertionError("the worker ended with " + process.exitValue());
            }
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "READY" -> ready.countDown();
                    case "DONE" -> done.countDown();
                    case "ACK" -> {
                        // A line that the kill cut off lacks its last word.
                        if (words.length == 3 && !words[2].isEmpty()) {
                            acknowledged.put(words[1], Long.valueOf(words[2]));
                            first.countDown();
                        }
                    }
                    case "NOT" -> first.countDown();
                    default -> told.put(words[0], line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
