package dev.modelops.samples.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.tukaani.xz.XZInputStream;

/**
 * A PostgreSQL server with its usual settings on a free port of this host, which ends with this process. As root it is
 * run as {@code nobody}, since it refuses to be run by root.
 */
final class PostgresHost implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Path home;
    private final List<String> shell;
    private final int port;
    private final Process server;

    /** Starts a server, and unpacks it before. */
    PostgresHost() throws IOException, InterruptedException {
        home = Files.createTempDirectory("modelops-benchmark-postgres");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        shell = unprivileged();
        unpack();
        run("bin/initdb -D data -U postgres --auth=trust --encoding=UTF8 --locale=C --no-sync");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        // The shell ends with this process, however that ends, and takes the server with it.
        server = builder("bin/postgres -D data -h 127.0.0.1 -p " + port + " -c unix_socket_directories=''"
                        + " -c max_connections=100 >>log 2>&1 </dev/null & server=$!; read -r end;"
                        + " kill -INT $server; wait $server")
                .start();
        awaitUp();
    }

    /** Creates an empty database, and returns its address. */
    String createDatabase(String name) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url("postgres"));
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return url(name);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        server.getOutputStream().close();
        server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        run("rm -rf bin lib share data log");
        Files.delete(home);
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
    }

    private void unpack() throws IOException, InterruptedException {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        String cpu = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        String archive = "/postgres-" + os + "-" + cpu + ".txz";
        try (InputStream packed = PostgresHost.class.getResourceAsStream(archive)) {
            if (packed == null) {
                throw new IOException("there is no PostgreSQL server for this platform on the class path: " + archive);
            }
            Process tar = builder("tar -x -f -").redirectErrorStream(true).start();
            try (OutputStream in = tar.getOutputStream();
                    InputStream unpacked = new XZInputStream(packed)) {
                unpacked.transferTo(in);
            }
            requireDone(tar, "tar");
        }
    }

    private void awaitUp() throws IOException, InterruptedException {
        for (long start = System.nanoTime(); ; Thread.sleep(50)) {
            try (Connection connection = DriverManager.getConnection(url("postgres"))) {
                if (connection.isValid(1)) {
                    return;
                }
            } catch (SQLException e) {
                if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                    throw new IOException("the server did not come up: " + Files.readString(home.resolve("log")), e);
                }
            }
        }
    }

    private void run(String script) throws IOException, InterruptedException {
        requireDone(builder(script).redirectErrorStream(true).start(), script);
    }

    private ProcessBuilder builder(String script) {
        List<String> command = new ArrayList<>(shell);
        command.add("cd '" + home + "' && " + script);
        ProcessBuilder builder = new ProcessBuilder(command).directory(new File("/"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    private static List<String> unprivileged() throws IOException, InterruptedException {
        List<List<String>> ways = List.of(
                List.of("/bin/sh", "-c"),
                List.of("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups", "/bin/sh", "-c"),
                List.of("su", "-s", "/bin/sh", "nobody", "-c"));
        for (List<String> way : ways) {
            List<String> command = new ArrayList<>(way);
            command.add("test $(id -u) -ne 0");
            try {
                if (new ProcessBuilder(command).start().waitFor() == 0) {
                    return way;
                }
            } catch (IOException e) {
                if (way.equals(ways.get(ways.size() - 1))) {
                    throw e;
                }
            }
        }
        throw new IOException("PostgreSQL does not run as root, and there is no way to another user; be another user");
    }

    private static void requireDone(Process process, String what) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("failed: " + what + ": " + output);
        }
    }
}
