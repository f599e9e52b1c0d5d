package dev.modelops.samples.ignite;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.ignite.client.IgniteClient;
import org.jspecify.annotations.Nullable;

/** Three nodes on this host, each a process that can be killed and started again. */
final class IgniteCluster implements AutoCloseable {
    private static final int NODES = 3;

    /** What Ignite's own start script opens. */
    private static final List<String> OPENED = List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.nio",
            "java.math",
            "java.util",
            "java.time",
            "jdk.internal.misc",
            "jdk.internal.access",
            "sun.nio.ch");

    private final Path folder;
    private final int[] ports;
    private final @Nullable Process[] nodes = new Process[NODES];

    private IgniteCluster(Path folder) throws IOException {
        this.folder = folder;
        this.ports = freePorts(3 * NODES);
    }

    /** Starts the nodes, forms the cluster and makes the tables. */
    static IgniteCluster start() throws Exception {
        IgniteCluster cluster = new IgniteCluster(Files.createTempDirectory("modelops-ignite"));
        try {
            for (int node = 0; node < NODES; node++) {
                cluster.launch(node);
            }
            for (int node = 0; node < NODES; node++) {
                cluster.await(node, "STARTED");
            }
            cluster.say(
                    0,
                    String.join(
                            " ",
                            IntStream.range(0, NODES)
                                    .mapToObj(IgniteCluster::name)
                                    .toList()));
            for (int node = 1; node < NODES; node++) {
                cluster.say(node, "");
            }
            for (int node = 0; node < NODES; node++) {
                cluster.await(node, "READY");
            }
            IgniteLogStore.createTables(NODES, cluster.addresses());
            cluster.dropDefaultZone();
            return cluster;
        } catch (Throwable e) {
            cluster.close();
            throw e;
        }
    }

    /** Twenty-five partitions that nothing here is kept in. */
    private void dropDefaultZone() {
        try (IgniteClient client = IgniteClient.builder().addresses(addresses()).build()) {
            client.sql().executeScript("ALTER ZONE modelops SET DEFAULT; DROP ZONE \"Default\"");
        }
    }

    String[] addresses() {
        return IntStream.range(0, NODES)
                .mapToObj(node -> "127.0.0.1:" + ports[NODES + node])
                .toArray(String[]::new);
    }

    /** Kills a node as {@code kill -9} does. */
    void kill(int node) throws InterruptedException {
        Process process = process(node);
        process.toHandle().destroyForcibly();
        var unused = process.waitFor();
    }

    /** Starts a node that was killed, on what it had stored, and waits until it is one of the cluster again. */
    void startAgain(int... killed) throws Exception {
        for (int node : killed) {
            launch(node);
        }
        for (int node : killed) {
            await(node, "STARTED");
            say(node, "");
        }
        for (int node : killed) {
            await(node, "READY");
        }
    }

    @Override
    public void close() throws Exception {
        for (Process process : nodes) {
            if (process != null) {
                process.toHandle().destroyForcibly();
                var unused = process.waitFor();
            }
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    private void launch(int node) throws IOException {
        Path configuration = folder.resolve(name(node) + ".conf");
        Files.writeString(configuration, """
                ignite {
                  network { port: %d, listenAddresses: ["127.0.0.1"], nodeFinder: { netClusterNodes: [%s] } }
                  clientConnector { port: %d, listenAddresses: ["127.0.0.1"] }
                  rest.port: %d
                  raft.fsync: true
                  storage.profiles.default { engine: aipersist, sizeBytes: 67108864 }
                }
                """.formatted(
                        ports[node],
                        String.join(
                                ", ",
                                IntStream.range(0, NODES)
                                        .mapToObj(other -> "\"127.0.0.1:" + ports[other] + "\"")
                                        .toList()),
                        ports[NODES + node],
                        ports[2 * NODES + node]));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        OPENED.forEach(opened -> command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED"));
        command.addAll(List.of("-Dio.netty.tryReflectionSetAccessible=true", "-Xmx512m", "-XX:+UseSerialGC"));
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"));
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.addAll(List.of(
                IgniteNode.class.getName(),
                name(node),
                configuration.toString(),
                Files.createDirectories(folder.resolve(name(node))).toString()));
        nodes[node] = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(name(node) + ".log").toFile()))
                .start();
    }

    private void say(int node, String line) throws IOException {
        process(node).getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process(node).getOutputStream().flush();
    }

    private void await(int node, String word) throws IOException {
        // Not closed, and one byte at a time: the next call goes on where this one ends.
        var in = process(node).getInputStream();
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                line.append((char) c);
            } else if (line.toString().equals(word)) {
                return;
            } else {
                line.setLength(0);
            }
        }
        throw new IOException(name(node) + " ended before it was " + word + ": "
                + Files.readString(folder.resolve(name(node) + ".log")));
    }

    private Process process(int node) {
        Process process = nodes[node];
        if (process == null) {
            throw new IllegalStateException(name(node) + " was not started");
        }
        return process;
    }

    private static String name(int node) {
        return "node-" + (node + 1);
    }

    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
