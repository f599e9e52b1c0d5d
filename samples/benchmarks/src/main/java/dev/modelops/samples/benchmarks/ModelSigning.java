package dev.modelops.samples.benchmarks;

import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.samples.benchmarks.CliProcess.Took;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.Verifier;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Hashing and signing a model, beside {@code openssl dgst -sha256} over the same files; the two take turns. */
final class ModelSigning {
    private static final int KIB = 1024;
    private static final int SMALL_FILE = 512 * KIB;
    private static final int BUFFER = 256 * KIB;

    private final Path folder;
    private final long bigFile;
    private final int smallFiles;
    private final int turns;
    private final Path cli;
    private final KeyPair keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
    private final Signer signer = Signers.pem(Keys.privateKeyPem(keys));

    /** Measures in a folder; the command is skipped where its jar is not. */
    ModelSigning(Path folder, Path cli, long bigFile, int smallFiles, int turns) {
        this.folder = folder;
        this.cli = cli;
        this.bigFile = bigFile;
        this.smallFiles = smallFiles;
        this.turns = turns;
    }

    void run(Report report) throws IOException, InterruptedException {
        Random random = new Random(1);
        Path big = write(folder.resolve("big.bin"), bigFile, random);
        measure(report, "hash and sign one file of " + mib(bigFile), big, List.of(big), "at least 100 %", 1.0);
        process(report, big);
        Files.delete(big);
        bundle(report);
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
        scaling(report, many, files);
    }

    /** The whole command, from the start of its process to the end, beside the whole of the other. */
    private void process(Report report, Path big) throws IOException, InterruptedException {
        long bytes = Files.size(big);
        String what = "the command 'sign key' as a process, " + mib(bytes);
        if (!Files.isRegularFile(cli)) {
            report.add(what, "skipped: no " + cli.getFileName() + "; package samples/cli", "", "", "", "not measured");
            return;
        }
        Path key = folder.resolve("key.pem");
        Keys.store(keys, key, folder.resolve("key.pub"));
        Path archive = folder.resolve("modelops.jsa");
        Path small = Files.writeString(folder.resolve("small.bin"), "x");
        Took made = CliProcess.run(signing(List.of("-XX:ArchiveClassesAtExit=" + archive), small, key));
        List<String> plain = List.of();
        List<String> archived = List.of("-XX:SharedArchiveFile=" + archive);
        List<Double> theirs = new ArrayList<>();
        List<Double> asItIs = new ArrayList<>();
        List<Double> withArchive = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            Double rate = openssl(List.of(big), bytes);
            if (rate != null) {
                theirs.add(rate);
            }
            add(asItIs, bytes, CliProcess.run(signing(plain, big, key)));
            if (made != null) {
                add(withArchive, bytes, CliProcess.run(signing(archived, big, key)));
            }
        }
        compare(report, what + ", java -jar", asItIs, theirs);
        compare(report, what + ", with an archive of its classes", withArchive, theirs);
        Took start = CliProcess.run(signing(archived, small, key));
        Took smallMemory = CliProcess.watched(signing(plain, small, key));
        Took bigMemory = CliProcess.watched(signing(plain, big, key));
        Took little = CliProcess.run(signing(List.of("-Xmx24m"), big, key));
        if (start != null && smallMemory != null && bigMemory != null) {
            double ratio = (double) bigMemory.peakBytes() / smallMemory.peakBytes();
            report.add(
                    "memory of that process, " + mib(bytes) + " at most",
                    mib(bigMemory.peakBytes()) + " (RSS)"
                            + (little == null ? "" : ", and it runs with a heap of 24 MiB"),
                    "1 byte: " + mib(smallMemory.peakBytes()),
                    Report.percent(ratio),
                    "flat",
                    Report.verdict(ratio <= 1.25));
            report.add(
                    "that process for 1 byte, with an archive of its classes",
                    Report.format("%.0f ms", start.seconds() * 1000),
                    "",
                    "",
                    "",
                    "");
        }
    }

    private List<String> signing(List<String> options, Path model, Path key) {
        return CliProcess.java(
                cli,
                options,
                "sign",
                "key",
                model.toString(),
                "--private-key",
                key.toString(),
                "--signature",
                folder.resolve("command.sig").toString());
    }

    private static void add(List<Double> rates, long bytes, @Nullable Took took) {
        if (took != null) {
            rates.add(bytes / took.seconds());
        }
    }

    private static void compare(Report report, String what, List<Double> ours, List<Double> theirs) {
        if (ours.isEmpty() || theirs.isEmpty()) {
            report.add(what, "skipped: it or openssl does not run here", "", "", "", "not measured");
            return;
        }
        double ratio = Report.best(ours) / Report.best(theirs);
        report.add(
                what,
                speed(Report.best(ours)),
                "openssl dgst -sha256, one process: " + speed(Report.best(theirs)),
                Report.percent(ratio),
                "at least 100 %",
                Report.verdict(ratio >= 1));
    }

    /** All that is done besides hashing: the bundle is parsed, its signature checked, its statement read. */
    private void bundle(Report report) throws IOException {
        Path model = Files.createDirectory(folder.resolve("tiny"));
        Files.writeString(model.resolve("tiny.bin"), "x");
        Path signature = folder.resolve("tiny.sig");
        ModelSignatures.sign(model, signature, signer, Progress.NONE);
        Bytes bundle = Bytes.of(Files.readAllBytes(signature));
        Verifier verifier = Verifiers.key(keys.getPublic());
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 4000; i++) {
            long start = System.nanoTime();
            verifier.verify(model, bundle, Progress.NONE).orThrow();
            best = i < 2000 ? best : Math.min(best, (System.nanoTime() - start) / 1e6);
        }
        report.add(
                "verify the bundle of a model of 1 byte, its hashing included",
                Report.format("%.3f ms", best),
                "",
                "",
                "under 1 ms",
                Report.verdict(best < 1));
    }

    /** What one core can do: a plain loop over the same files. */
    private void scaling(Report report, Path many, List<Path> files) throws IOException {
        long bytes = (long) files.size() * SMALL_FILE;
        Path signature = folder.resolve("many.sig");
        List<Double> ours = new ArrayList<>();
        List<Double> alone = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            long start = System.nanoTime();
            for (Path file : files) {
                hash(file);
            }
            alone.add(bytes * 1e9 / (System.nanoTime() - start));
            start = System.nanoTime();
            ModelSignatures.sign(many, signature, signer, Progress.NONE);
            ours.add(bytes * 1e9 / (System.nanoTime() - start));
        }
        double ratio = Report.best(ours) / Report.best(alone);
        report.add(
                "the same files, " + Runtime.getRuntime().availableProcessors() + " cores",
                speed(Report.best(ours)),
                "MessageDigest on one: " + speed(Report.best(alone)),
                Report.format("%.2f times", ratio),
                "at least 1.7 times",
                Report.verdict(ratio >= 1.7));
    }

    private static void hash(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            while (channel.read(buffer.clear()) >= 0) {
                digest.update(buffer.flip());
            }
        }
        var unused = digest.digest();
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
