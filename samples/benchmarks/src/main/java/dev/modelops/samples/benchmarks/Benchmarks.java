package dev.modelops.samples.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Measures the budgets and writes them as a table.
 *
 * <p>Arguments: {@code full} for more rounds and the sizes that the budgets name, and any of {@code resolve}, {@code handle},
 * {@code policy}, {@code engines}, {@code record}, {@code running}, {@code acts}, {@code fleet}, {@code verify}, {@code open}, {@code s3} and
 * {@code sign} to measure only those.
 */
public final class Benchmarks {
    private static final Set<String> PARTS = Set.of(
            "resolve", "handle", "policy", "engines", "record", "running", "acts", "fleet", "verify", "open", "s3",
            "sign");

    private Benchmarks() {}

    /**
     * Runs the benchmarks.
     *
     * @param args the folder to write to, then what to run
     */
    public static void main(String[] args) throws Exception {
        Path target = Path.of(args[0]);
        Set<String> wanted = new TreeSet<>(List.of(args).subList(1, args.length));
        boolean full = wanted.remove("full");
        if (!PARTS.containsAll(wanted)) {
            throw new IllegalArgumentException(
                    "expected any of " + new TreeSet<>(PARTS) + " and full, found " + wanted);
        }
        Set<String> parts = wanted.isEmpty() ? PARTS : wanted;
        Files.createDirectories(target);
        Path folder = Files.createTempDirectory(target, "benchmarks");
        Report report = new Report(System.out);
        try {
            Microbenchmarks micro = new Microbenchmarks(full ? 3 : 1, full ? 3 : 2, full ? 50 : 15);
            if (parts.contains("resolve")) {
                micro.resolve(report);
            }
            if (parts.contains("handle")) {
                micro.handles(report);
            }
            if (parts.contains("policy")) {
                micro.policy(report);
            }
            if (parts.contains("engines")) {
                micro.engines(report);
            }
            if (parts.contains("record")) {
                micro.recording(report);
            }
            if (parts.contains("running")) {
                RunningModels running =
                        new RunningModels(folder, full ? 2000 : 1000, Duration.ofSeconds(full ? 20 : 5));
                running.swaps(report);
                running.shadow(report);
                running.predictions(report);
            }
            if (parts.contains("acts")) {
                new DurableActs(folder, Duration.ofSeconds(full ? 5 : 1), full ? 5 : 3).run(report);
            }
            if (parts.contains("fleet")) {
                new Fleet(folder, Duration.ofSeconds(full ? 5 : 1), full ? 5 : 1).run(report);
            }
            if (parts.contains("verify")) {
                new LogVerification(full ? 1_000_000 : 100_000, full ? 5 : 3).run(report);
            }
            if (parts.contains("open")) {
                List<Long> sizes =
                        full ? List.of(1_000L, 12_000L, 100_000L, 1_000_000L) : List.of(1_000L, 12_000L, 100_000L);
                new LogOpening(folder, sizes, Duration.ofMillis(full ? 3000 : 500), full ? 5 : 3).run(report);
            }
            if (parts.contains("s3")) {
                new ObjectTransfers(folder, full ? 5 : 2).run(report);
            }
            if (parts.contains("sign")) {
                Path cli = target.resolve("../../cli/target/modelops.jar").normalize();
                new ModelSigning(folder, cli, full ? 2048L << 20 : 512L << 20, full ? 2000 : 500, full ? 5 : 3)
                        .run(report);
            }
        } finally {
            delete(folder);
        }
        Path file = target.resolve("benchmarks.md");
        report.write(
                file,
                full
                        ? "Full run. Ratios hold within this run only."
                        : "Short run: fewer rounds and smaller sizes. Ratios hold within this run only.");
        System.out.println("written to " + file);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
