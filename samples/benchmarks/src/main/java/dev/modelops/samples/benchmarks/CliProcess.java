package dev.modelops.samples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command as a process of its own, from its start to its end. */
final class CliProcess {
    private static final long POLL_MILLIS = 5;

    private CliProcess() {}

    /** What a process took, and how much memory it held at most, or -1 where that is not told. */
    record Took(double seconds, long peakBytes) {}

    /** Returns how this Java is started with a jar. */
    static List<String> java(Path jar, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-jar", jar.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs a command; null if it cannot be started or fails. */
    static @Nullable Took run(List<String> command) throws InterruptedException {
        long start = System.nanoTime();
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return null;
        }
        int exitCode = process.waitFor();
        double seconds = (System.nanoTime() - start) / 1e9;
        return exitCode == 0 ? new Took(seconds, -1) : null;
    }

    /** Runs a command and watches its memory; slower than {@link #run}, and so not for its time. */
    static @Nullable Took watched(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        long peak = -1;
        while (process.isAlive()) {
            peak = Math.max(peak, peak(status));
            Thread.sleep(POLL_MILLIS);
        }
        return process.exitValue() == 0 ? new Took(0, peak) : null;
    }

    private static long peak(Path status) {
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
        } catch (IOException e) {
            // The process is gone, or this system does not tell.
        }
        return -1;
    }
}
