package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Makes system calls of processes that run fail, until it is closed; by the program of this name, which Linux has. */
final class Strace implements AutoCloseable {
    private final Process process;
    private final Path calls;
    private final List<String> said = new CopyOnWriteArrayList<>();

    private Strace(Process process, Path calls) {
        this.process = process;
        this.calls = calls;
        Thread reader = new Thread(this::read, "strace-reader");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Attaches itself to processes and those they start.
     *
     * @param files of which the calls are to be, or none for all
     * @param names the calls, with commas between
     * @param failure how each fails, and when, as strace wants it
     */
    static Strace of(Collection<Long> processes, Collection<Path> files, String names, String failure, Path scratch)
            throws Exception {
        Path calls = Files.createTempFile(scratch, "calls", ".txt");
        List<String> command = new ArrayList<>(List.of("strace", "-f", "-o", calls.toString()));
        processes.forEach(pid -> command.addAll(List.of("-p", pid.toString())));
        files.forEach(file -> command.addAll(List.of("-P", file.toString())));
        command.addAll(List.of("-e", "trace=" + names, "-e", "inject=" + names + ":" + failure));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError(
                    "these tests need strace (" + e.getMessage()
                            + "); install it, for example by apt-get install strace, or leave the profile faults out",
                    e);
        }
        Strace strace = new Strace(process, calls);
        for (long pid : processes) {
            strace.awaitSaid("Process " + pid + " attached");
        }
        return strace;
    }

    /** Waits until so many calls failed. */
    void awaitFailures(int count) throws InterruptedException {
        Site.await(count + " failed calls", () -> failures() >= count);
    }

    /** How many calls failed so far. */
    int failures() {
        try (Stream<String> lines = Files.lines(calls, StandardCharsets.ISO_8859_1)) {
            return (int) lines.filter(line -> line.contains("(INJECTED)")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitSaid(String what) throws InterruptedException {
        Site.await(what, () -> {
            assertThat(process.isAlive() || said.toString().contains(what))
                    .as(
                            "strace attaches itself; it said %s; run this as root, or allow it by"
                                    + " kernel.yama.ptrace_scope=0 or, in a container, by the capability SYS_PTRACE",
                            said)
                    .isTrue();
            return said.stream().anyMatch(line -> line.contains(what));
        });
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.add(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets the processes go on as they were. */
    @Override
    public void close() throws InterruptedException {
        // By its handle: the process object would also close the stream that is read.
        process.toHandle().destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("strace does not end: " + said);
        }
    }
}
