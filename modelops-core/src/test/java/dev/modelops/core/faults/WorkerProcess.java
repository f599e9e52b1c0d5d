package dev.modelops.core.faults;

import dev.modelops.audit.LogKey;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A {@link Worker} in a process of its own. */
final class WorkerProcess implements AutoCloseable {
    private final Process process;
    private final Thread reader;
    private final History history = new History();
    private final Map<String, String> told = new ConcurrentHashMap<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);

    private WorkerProcess(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "reader-" + process.pid());
        this.reader.start();
    }

    static WorkerProcess start(Object place, Path files, LogKey key, int limit) throws IOException {
        return start(List.of("-Xshare:auto", "-cp", classPath()), place, files, key, limit);
    }

    private static WorkerProcess start(List<String> options, Object place, Path files, LogKey key, int limit)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Xlog:disable"));
        command.addAll(options);
        command.addAll(List.of(
                Worker.class.getName(), place.toString(), files.toString(), key.text(), Integer.toString(limit)));
        return new WorkerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** Starts many workers, which share an archive of the classes that a first one loaded: half the time to start. */
    static final class Launcher {
        private final List<String> options;

        Launcher(Path scratch, Object folder, Path files, LogKey key) throws Exception {
            Path archive = scratch.resolve("classes.jsa");
            List<String> jars = new ArrayList<>();
            for (String entry : classPath().split(File.pathSeparator, -1)) {
                Path path = Path.of(entry);
                // An archive takes classes from jars alone.
                jars.add(Files.isDirectory(path) ? jar(path, scratch.resolve(jars.size() + ".jar")) : entry);
            }
            String path = String.join(File.pathSeparator, jars);
            try (WorkerProcess first = WorkerProcess.start(
                    List.of("-XX:ArchiveClassesAtExit=" + archive, "-cp", path), folder, files, key, 1)) {
                first.await(first.ready);
                first.finish();
                first.end();
            }
            options = List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive, "-cp", path);
        }

        WorkerProcess start(Object place, Path files, LogKey key) throws IOException {
            return WorkerProcess.start(options, place, files, key, Integer.MAX_VALUE);
        }

        private static String jar(Path folder, Path jar) throws IOException {
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                    Stream<Path> tree = Files.walk(folder)) {
                for (Path file : tree.filter(Files::isRegularFile).toList()) {
                    out.putNextEntry(
                            new JarEntry(folder.relativize(file).toString().replace('\\', '/')));
                    Files.copy(file, out);
                }
            }
            return jar.toString();
        }
    }

    void begin(String round) throws Exception {
        await(ready);
        say(round);
    }

    void say(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /** Ends what it is told. */
    void finish() throws IOException {
        process.getOutputStream().close();
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
        return history.acknowledged();
    }

    /** Stops it as {@code kill -STOP} does, or lets it go on. */
    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("the worker cannot be sent " + name);
        }
    }

    /** What it was asked to do, and the answers it had. */
    History history() {
        return history;
    }

    /** Asks what it says the state was at a position, and waits for the answer. */
    String ask(long position) throws Exception {
        say("tell " + position);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!("TOLD " + position).equals(told.get("TOLD"))) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError("the worker did not say what it sees at " + position + ": " + told);
            }
            Thread.sleep(5);
        }
        return String.valueOf(told.get("STATE"));
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
                    case "CALL", "ACK", "NOT", "FAIL", "LOST", "READ", "BROKEN" -> {
                        if (history.add(line)) {
                            first.countDown();
                        }
                    }
                    default -> told.put(words[0], line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
