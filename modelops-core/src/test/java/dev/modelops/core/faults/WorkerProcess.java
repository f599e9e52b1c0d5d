package dev.modelops.core.faults;

import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage.Kind;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.testkit.fixtures.Models;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
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
    private static final List<String> OPTIONS =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Xlog:disable");

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
        return start(List.of(), List.of("-Xshare:auto", "-cp", classPath()), place, files, key, limit);
    }

    private static WorkerProcess start(
            List<String> before, List<String> options, Object place, Path files, LogKey key, int limit)
            throws IOException {
        List<String> command = new ArrayList<>(before);
        command.add(java());
        command.addAll(OPTIONS);
        command.addAll(options);
        command.addAll(List.of(
                Worker.class.getName(), place.toString(), files.toString(), key.text(), Integer.toString(limit)));
        return new WorkerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /**
     * Starts many processes, which share an archive of the classes that a first one loaded: half the time to start. Made
     * once for all tests of this process.
     */
    static final class Launcher {
        private static final Map<Kind, Launcher> ALL = new EnumMap<>(Kind.class);

        private final List<String> options;

        private Launcher(List<String> options) {
            this.options = options;
        }

        /** One that knows the classes of processes on stores of a kind. */
        static Launcher on(Kind kind) throws Exception {
            synchronized (ALL) {
                Launcher known = ALL.get(kind);
                if (known == null) {
                    known = make(kind);
                    ALL.put(kind, known);
                }
                return known;
            }
        }

        private static Launcher make(Kind kind) throws Exception {
            Path scratch = Files.createTempDirectory("modelops-classes");
            List<String> jars = new ArrayList<>();
            List<Path> made = new ArrayList<>();
            for (String entry : classPath().split(File.pathSeparator, -1)) {
                Path path = Path.of(entry);
                if (Files.isDirectory(path)) {
                    // An archive takes classes from jars alone.
                    Path jar = scratch.resolve(jars.size() + ".jar");
                    jars.add(jar(path, jar));
                    made.add(jar);
                } else {
                    jars.add(entry);
                }
            }
            Path archive = scratch.resolve("classes.jsa");
            made.add(archive);
            String path = String.join(File.pathSeparator, jars);
            Place place = Place.of(kind, scratch.resolve("store"));
            try (WorkerProcess first = WorkerProcess.start(
                    List.of(),
                    List.of("-XX:ArchiveClassesAtExit=" + archive, "-cp", path),
                    place,
                    Models.small(scratch.resolve("model")),
                    Site.create(place),
                    1)) {
                first.await(first.ready);
                first.finish();
                first.end();
            }
            scratch.toFile().deleteOnExit();
            made.forEach(file -> file.toFile().deleteOnExit());
            deleteTree(scratch.resolve("store"));
            deleteTree(scratch.resolve("model"));
            return new Launcher(List.of("-Xshare:auto", "-XX:SharedArchiveFile=" + archive, "-cp", path));
        }

        private static void deleteTree(Path folder) throws IOException {
            if (Files.exists(folder)) {
                try (Stream<Path> tree = Files.walk(folder)) {
                    for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        }

        /** One whose workers rest after each act. */
        Launcher resting(Duration pause) {
            List<String> more = new ArrayList<>(options);
            more.add("-Dmodelops.worker.pause=" + pause.toMillis());
            return new Launcher(more);
        }

        WorkerProcess start(Object place, Path files, LogKey key) throws IOException {
            return start(List.of(), place, files, key);
        }

        /** Starts a worker by way of a command that runs another. */
        WorkerProcess start(List<String> before, Object place, Path files, LogKey key) throws IOException {
            return WorkerProcess.start(before, options, place, files, key, Integer.MAX_VALUE);
        }

        /** Starts another program of these classes. */
        Process run(Class<?> main, String... arguments) throws IOException {
            List<String> command = new ArrayList<>();
            command.add(java());
            command.addAll(OPTIONS);
            command.addAll(options);
            command.add(main.getName());
            command.addAll(List.of(arguments));
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
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

    /** Ends what it is told, upon which it ends in order: no call of its is broken off. */
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
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            throw new AssertionError("the worker did not end: " + told);
        }
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

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
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
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!latch.await(100, TimeUnit.MILLISECONDS)) {
            if (!process.isAlive()) {
                throw new AssertionError("the worker ended with " + process.exitValue());
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the worker did not get on: " + told);
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
