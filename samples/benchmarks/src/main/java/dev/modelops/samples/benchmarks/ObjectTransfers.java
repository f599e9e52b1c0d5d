package dev.modelops.samples.benchmarks;

import dev.modelops.Digest;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.S3Location;
import dev.modelops.storage.BlobStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** A large blob to an S3 server in this process and back, beside its bytes over loopback to a file and back. */
final class ObjectTransfers {
    private static final long LENGTH = 256L << 20;

    private final Path folder;
    private final int turns;

    ObjectTransfers(Path folder, int turns) {
        this.folder = folder;
        this.turns = turns;
    }

    void run(Report report) throws Exception {
        Path source = folder.resolve("blob");
        Digest digest = generate(source);
        Path objects = Files.createDirectories(folder.resolve("objects"));
        S3Proxy server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(objects.toString()))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "benchmark", "benchmark-secret")
                .build();
        server.start();
        Files.createDirectories(objects.resolve("modelops"));
        S3Location location = S3Location.bucket("modelops")
                .endpoint(URI.create("http://127.0.0.1:" + server.getPort()))
                .pathStyle()
                .credentials("benchmark", "benchmark-secret");
        try (BlobStore blobs = Blobs.s3(location)) {
            measure(report, blobs, source, digest);
        } finally {
            server.stop();
        }
    }

    private void measure(Report report, BlobStore blobs, Path source, Digest digest) throws IOException {
        List<Double> puts = new ArrayList<>();
        List<Double> sent = new ArrayList<>();
        List<Double> gets = new ArrayList<>();
        List<Double> received = new ArrayList<>();
        for (int i = 0; i <= turns; i++) {
            blobs.delete(digest);
            long[] moments = new long[5];
            moments[0] = System.nanoTime();
            Path copy = send(source);
            moments[1] = System.nanoTime();
            try (InputStream content = Files.newInputStream(source)) {
                blobs.put(digest, content);
            }
            moments[2] = System.nanoTime();
            receive(copy);
            moments[3] = System.nanoTime();
            try (InputStream content = blobs.open(digest)) {
                content.transferTo(OutputStream.nullOutputStream());
            }
            moments[4] = System.nanoTime();
            // The first turn is for the compiler.
            if (i > 0) {
                sent.add(LENGTH * 1e3 / (moments[1] - moments[0]));
                puts.add(LENGTH * 1e3 / (moments[2] - moments[1]));
                received.add(LENGTH * 1e3 / (moments[3] - moments[2]));
                gets.add(LENGTH * 1e3 / (moments[4] - moments[3]));
            }
        }
        row(report, "put a blob of 256 MiB into S3, server in process", puts, "to a file over loopback", sent);
        row(report, "get it back", gets, "from a file over loopback", received);
    }

    private static void row(Report report, String what, List<Double> ours, String peer, List<Double> theirs) {
        double rate = Report.best(ours);
        double beside = Report.best(theirs);
        report.add(
                what,
                Report.format("%.0f MB/s", rate),
                Report.format("%s: %.0f MB/s", peer, beside),
                Report.percent(rate / beside),
                "",
                "");
    }

    /** Sends a file through a socket to a thread that writes it to another. */
    private Path send(Path source) throws IOException {
        Path copy = folder.resolve("copy");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread receiver = new Thread(() -> {
                try (Socket socket = server.accept();
                        OutputStream out = Files.newOutputStream(copy)) {
                    socket.getInputStream().transferTo(out);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            receiver.start();
            try (Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
                Files.copy(source, socket.getOutputStream());
            }
            join(receiver);
        }
        return copy;
    }

    private static void receive(Path copy) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread sender = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    Files.copy(copy, socket.getOutputStream());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            sender.start();
            try (Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
            join(sender);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Digest generate(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        SplittableRandom random = new SplittableRandom(1);
        byte[] piece = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long written = 0; written < LENGTH; written += piece.length) {
                random.nextBytes(piece);
                sha256.update(piece);
                out.write(piece);
            }
        }
        return Digest.sha256(sha256.digest());
    }
}
