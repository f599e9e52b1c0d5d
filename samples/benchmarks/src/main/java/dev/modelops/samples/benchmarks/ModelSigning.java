package dev.modelops.samples.benchmarks;

import dev.modelops.Progress;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.Signers;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Hashing and signing a model, beside {@code openssl dgst -sha256} over the same files; the two take turns. */
final class ModelSigning {
    private static final int KIB = 1024;
    private static final int SMALL_FILE = 512 * KIB;

    private final Path folder;
    private final long bigFile;
    private final int smallFiles;
    private final int turns;
    private final Signer signer = Signers.generate(SignatureAlgorithm.ECDSA_P256);

    ModelSigning(Path folder, long bigFile, int smallFiles, int turns) {
        this.folder = folder;
        this.bigFile = bigFile;
        this.smallFiles = smallFiles;
        this.turns = turns;
    }

    void run(Report report) throws IOException, InterruptedException {
        Random random = new Random(1);
        Path big = write(folder.resolve("big.bin"), bigFile, random);
        measure(report, "hash and sign one file of " + mib(bigFile), big, List.of(big), "at least 100 %", 1.0);
        Files.delete(big);
        Path many = Files.createDirectory(folder.resolve("many"));
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < smallFiles; i++) {
            files.add(write(many.resolve("part-" + i), SMALL_FILE, random));
        }
        measure(
                report,
                "hash and sign " + smallFiles + " files of " + SMALL_FILE / KIB + " KiB",
                many,
                files,
                "scales with cores",
                Math.min(2, Runtime.getRuntime().availableProcessors()) * 0.75);
    }

    private void measure(Report report, String what, Path model, List<Path> files, String budget, double least)
            throws IOException, InterruptedException {
        long bytes = 0;
        for (Path file : files) {
            bytes += Files.size(file);
        }
        Path signature = folder.resolve("model.sig");
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            Double rate = openssl(files, bytes);
            if (rate != null) {
                theirs.add(rate);
            }
            long start = System.nanoTime();
            ModelSignatures.sign(model, signature, signer, Progress.NONE);
            ours.add(bytes * 1e9 / (System.nanoTime() - start));
        }
        double best = Report.best(ours);
        if (theirs.isEmpty()) {
            report.add(what, speed(best), "skipped: there is no openssl that runs here", "", budget, "not measured");
            return;
        }
        double ratio = best / Report.best(theirs);
        report.add(
                what,
                speed(best),
                "openssl dgst -sha256, one process: " + speed(Report.best(theirs)),
                Report.percent(ratio),
                budget,
                Report.verdict(ratio >= least));
    }

    private static @Nullable Double openssl(List<Path> files, long bytes) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl", "dgst", "-sha256"));
        files.forEach(file -> command.add(file.toString()));
        long start = System.nanoTime();
        try {
            Process process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0 ? bytes * 1e9 / (System.nanoTime() - start) : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static Path write(Path file, long size, Random random) throws IOException {
        byte[] block = new byte[SMALL_FILE];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long written = 0; written < size; written += block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(block.length, size - written));
            }
        }
        return file;
    }

    private static String mib(long bytes) {
        return bytes / KIB / KIB + " MiB";
    }

    private static String speed(double bytesPerSecond) {
        return Math.round(bytesPerSecond / 1e6) + " MB/s";
    }
}
