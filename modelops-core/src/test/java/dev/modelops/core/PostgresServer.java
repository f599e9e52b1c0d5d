package dev.modelops.core;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.tukaani.xz.XZInputStream;

/**
 * A real PostgreSQL server for tests: binaries of the build's own dependencies on a free port of this host, which end
 * with this process however it ends. Needs neither Docker nor an installed server, and works for root, too, though the
 * server refuses to: it is then run as {@code nobody}.
 *
 * <p>{@link #shared} is one for all tests of the process, or the one that the properties {@code modelops.postgres.url},
 * {@code .user} (default postgres) and {@code .password} name; that user must be allowed to create databases and roles.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String USER = "postgres";

    private final List<String> settings;
    private final Path binaries;
    private final List<String> as;
    private final Path home;
    private final int port;
    private Process process;

    private PostgresServer(List<String> settings) throws IOException, InterruptedException {
        this.settings = settings;
        this.binaries = Binaries.PLACE;
        this.as = unprivileged();
        this.home = Path.of(run("mktemp -d " + System.getProperty("java.io.tmpdir") + "/modelops-postgres.XXXXXX"));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        run("'" + binaries + "/bin/initdb' -D '" + home + "/data' -U " + USER
                + " --auth=trust --encoding=UTF8 --locale=C --no-sync");
        this.process = builder(command()).start();
        awaitUp();
    }

    private PostgresServer(PostgresServer primary, String name) throws IOException, InterruptedException {
        this.settings = primary.settings;
        this.binaries = primary.binaries;
        this.as = primary.as;
        this.home = Path.of(run("mktemp -d " + System.getProperty("java.io.tmpdir") + "/modelops-postgres.XXXXXX"));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
        this.process = primary.process;
        follow(primary, name);
    }

    /** One database of its own: give it to one test class, and close it when the class is done. */
    public record Database(String url, String user, String password, String name) implements AutoCloseable {
        /** Connections to it, without a pool. */
        public DataSource dataSource() {
            return dataSource(url, user, password);
        }

        /** Connections to it as somebody else. */
        public DataSource dataSource(String role, String secret) {
            return dataSource(url, role, secret);
        }

        public static DataSource dataSource(String url, String user, String password) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setURL(url);
            source.setUser(user);
            source.setPassword(password);
            return source;
        }

        public Connection connect() throws SQLException {
            return dataSource().getConnection();
        }

        /** Runs statements as its owner. */
        public void run(String... statements) {
            PostgresServer.run(dataSource(), statements);
        }

        /** Returns the first column of the rows of a query, as text. */
        public List<String> ask(String query) {
            List<String> answers = new ArrayList<>();
            try (Connection connection = connect();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(query)) {
                while (rows.next()) {
                    answers.add(rows.getString(1));
                }
            } catch (SQLException e) {
                throw new AssertionError("could not run " + query, e);
            }
            return answers;
        }

        @Override
        public void close() {
            PostgresServer.run(
                    dataSource(sibling(url, "postgres"), user, password), "DROP DATABASE " + name + " WITH (FORCE)");
        }
    }

    /** Creates a database on the server that all tests share. */
    public static Database database() {
        return Shared.create();
    }

    /** Starts another server, for tests that stop it or set it up in their own way ({@code "fsync=off"}). */
    public static PostgresServer start(String... settings) {
        try {
            return new PostgresServer(List.of(settings));
        } catch (IOException e) {
            throw new UncheckedIOException("the PostgreSQL server of the tests could not be started", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while starting a server", e);
        }
    }

    /** Starts another server that follows this one, which is restarted for it. */
    public PostgresServer standby(String name) {
        try {
            return new PostgresServer(this, name);
        } catch (IOException e) {
            throw new UncheckedIOException("the standby of the tests could not be started", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while starting a server", e);
        }
    }

    /** Starts this server, which does not run, with a copy of what another has, which is restarted and followed. */
    public void follow(PostgresServer primary, String name) throws IOException, InterruptedException {
        primary.configure("synchronous_standby_names = ''");
        primary.stop();
        String data = "'" + home + "/data'";
        run("rm -rf " + data + " && cp -R '" + primary.home + "/data' " + data + " && chmod 700 " + data + " && cd "
                + data
                + " && touch standby.signal && echo \"primary_conninfo = 'host=127.0.0.1 port=" + primary.port
                + " user="
                + USER + " application_name=" + name + "'\" >> postgresql.auto.conf");
        primary.startAgain();
        startAgain();
    }

    /** Lets no commit return before the standby of this name has it on its disk. Waits until the standby is there. */
    public void waitFor(String standby) throws InterruptedException {
        configure("synchronous_standby_names = 'FIRST 1 (" + standby + ")'");
        await("SELECT sync_state FROM pg_stat_replication", "sync");
    }

    /** Waits until a question has this answer. */
    public void await(String query, String answer) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!ask(query).equals(List.of(answer))) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never " + answer + ": " + query);
            }
            Thread.sleep(20);
        }
    }

    /** Makes this standby a server that can be written to. */
    public void promote() {
        if (!ask("SELECT pg_promote(true, 60)").equals(List.of("t"))) {
            throw new AssertionError("the standby could not be promoted");
        }
    }

    /** Sends a signal to one of the processes of this server. */
    public void signal(String process, String name) {
        try {
            var unused = run("kill -" + name + " " + process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while sending a signal", e);
        }
    }

    /** Returns the first column of the rows of a query about the server. */
    public List<String> ask(String query) {
        return new Database(url("postgres"), USER, USER, "postgres").ask(query);
    }

    /** Sets something in the running server, and for its later starts. */
    private void configure(String setting) {
        run(Database.dataSource(url("postgres"), USER, USER), "ALTER SYSTEM SET " + setting, "SELECT pg_reload_conf()");
    }

    /** Creates a database on this server. */
    public Database create() {
        return create(url("postgres"), USER, USER);
    }

    public int port() {
        return port;
    }

    /** Starts it after {@link #stop} or {@link #kill}, on the same port and data. */
    public void startAgain() throws IOException, InterruptedException {
        process = builder(command()).start();
        awaitUp();
    }

    private String command() {
        List<String> command = new ArrayList<>(List.of(
                "'" + binaries + "/bin/postgres'", "-D", "'" + home + "/data'", "-h", "127.0.0.1", "-p", "" + port));
        List<String> all =
                new ArrayList<>(List.of("unix_socket_directories=", "max_connections=200", "shared_buffers=32MB"));
        all.addAll(settings);
        all.forEach(setting -> command.add("-c '" + setting + "'"));
        // The shell outlives this process by what it takes to read the end of its input, and takes the server with it.
        return String.join(" ", command) + " >>'" + home + "/log' 2>&1 </dev/null & server=$!;"
                + " while read -r signal; do kill -$signal $server; wait $server; exit; done;"
                + " kill -QUIT $server; wait $server; rm -rf '" + home + "'";
    }

    private void awaitUp() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Connection connection =
                    Database.dataSource(url("postgres"), USER, USER).getConnection()) {
                if (connection.isValid(1)) {
                    return;
                }
            } catch (SQLException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("the server did not come up: " + log(), e);
                }
            }
            Thread.sleep(20);
        }
    }

    /** Stops it as an administrator would who cannot wait: sessions are ended, and what was committed is kept. */
    public void stop() throws IOException, InterruptedException {
        signal("INT");
    }

    /** Stops it as a crash would. */
    public void kill() throws IOException, InterruptedException {
        signal("QUIT");
    }

    /** Kills it, as {@code kill -9} does. */
    public void killHard() throws IOException, InterruptedException {
        signal("KILL");
    }

    /** The processes that the server is made of now. */
    public List<Long> processes() {
        return process.descendants().map(ProcessHandle::pid).toList();
    }

    /** How often it came up so far, or again after it stopped by itself. */
    public int starts() {
        try {
            return log().split("ready to accept connections", -1).length - 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while reading the server's log", e);
        }
    }

    /** The file of a table in a database of this server. */
    public Path file(Database database, String table) {
        return home.resolve("data")
                .resolve(database.ask("SELECT pg_relation_filepath('" + table + "')")
                        .get(0));
    }

    /** Has the server write its tables to the disk, and tells whether it could: if not, it stops. */
    public boolean checkpoint(Database database) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT");
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    /** Keeps a copy of all that the server holds. The server must have been stopped. */
    public void backUp() throws IOException, InterruptedException {
        var unused = run("rm -rf '" + home + "/backup' && cp -a '" + home + "/data' '" + home + "/backup'");
    }

    /** Puts the copy in the place of what the server holds. The server must have been stopped. */
    public void restore() throws IOException, InterruptedException {
        var unused = run("rm -rf '" + home + "/data' && cp -a '" + home + "/backup' '" + home + "/data'");
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the server does not stop: " + log());
            }
            var unused = run("rm -rf '" + home + "'");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while stopping a server", e);
        }
    }

    private void signal(String name) throws IOException, InterruptedException {
        try (OutputStream in = process.getOutputStream()) {
            in.write((name + "\n").getBytes(StandardCharsets.UTF_8));
        }
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the server does not stop: " + log());
        }
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private String log() throws IOException, InterruptedException {
        return run("cat '" + home + "/log'");
    }

    private static Database create(String url, String user, String password) {
        String name = "modelops_" + ProcessHandle.current().pid() + "_" + System.nanoTime();
        run(
                Database.dataSource(url, user, password),
                "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'");
        return new Database(sibling(url, name), user, password, name);
    }

    private static void run(DataSource source, String... statements) {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        } catch (SQLException e) {
            throw new AssertionError("could not run " + Arrays.toString(statements), e);
        }
    }

    private static String sibling(String url, String database) {
        return url.replaceFirst("/[^/?]*(\\?.*)?$", "/" + database + "$1");
    }

    /** Runs a shell script as the user that the server runs as, and returns what it prints. */
    private String run(String script) throws IOException, InterruptedException {
        return output(builder(script).redirectErrorStream(true).start(), script);
    }

    private ProcessBuilder builder(String script) {
        List<String> command = new ArrayList<>(as);
        command.add(script);
        ProcessBuilder builder = new ProcessBuilder(command).directory(new File("/"));
        builder.environment().putAll(Map.of("LC_ALL", "C", "TZ", "UTC"));
        return builder;
    }

    private static String output(Process process, String what) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("failed with " + process.exitValue() + ": " + what + "\n" + output);
        }
        return output;
    }

    /** What runs a script as a user that is not root: the shell itself, or whatever of the usual means there is. */
    private static List<String> unprivileged() throws IOException, InterruptedException {
        List<List<String>> ways = List.of(
                List.of("/bin/sh", "-c"),
                List.of("setpriv", "--reuid=nobody", "--regid=65534", "--clear-groups", "/bin/sh", "-c"),
                List.of("su", "-s", "/bin/sh", "nobody", "-c"),
                List.of("unshare", "-U", "/bin/sh", "-c"));
        Map<String, String> tried = new HashMap<>();
        for (List<String> way : ways) {
            List<String> command = new ArrayList<>(way);
            command.add("id -u");
            try {
                String id = output(
                        new ProcessBuilder(command).redirectErrorStream(true).start(), "id -u");
                if (!id.equals("0")) {
                    return way;
                }
                tried.put(way.get(0), "is root");
            } catch (IOException e) {
                tried.put(way.get(0), String.valueOf(e.getMessage()));
            }
        }
        throw new IOException(
                "PostgreSQL does not run as root, and no way was found to run it as another user: " + tried
                        + "; install util-linux, run the build as an ordinary user, or name a server by modelops.postgres.url");
    }

    /** The server of the process. It is never closed: it ends with the process. */
    private static final class Shared {
        private static final String URL = System.getProperty("modelops.postgres.url", "");
        private static final @Nullable PostgresServer SERVER = URL.isEmpty() ? start() : null;

        static Database create() {
            return SERVER != null
                    ? SERVER.create()
                    : PostgresServer.create(
                            URL,
                            System.getProperty("modelops.postgres.user", USER),
                            System.getProperty("modelops.postgres.password", ""));
        }
    }

    /** The server's programs, unpacked once for each user of this machine. */
    private static final class Binaries {
        private static final Path PLACE = unpacked();

        private static Path unpacked() {
            String archive = "/postgres-" + system() + ".txz";
            try (InputStream packed = PostgresServer.class.getResourceAsStream(archive)) {
                if (packed == null) {
                    throw new AssertionError("no PostgreSQL server for this platform is on the class path: " + archive
                            + "; name a server by modelops.postgres.url");
                }
                Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
                Path place = temporary.resolve("modelops-postgres-" + System.getProperty("user.name") + "-"
                        + Integer.toHexString(source().hashCode()));
                if (Files.isDirectory(place)) {
                    return place;
                }
                Path fresh = Files.createTempDirectory(temporary, "modelops-postgres-");
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                Process tar = new ProcessBuilder("tar", "-x", "-f", "-", "-C", fresh.toString())
                        .redirectErrorStream(true)
                        .start();
                try (OutputStream in = tar.getOutputStream();
                        InputStream unpacked = new XZInputStream(packed)) {
                    unpacked.transferTo(in);
                }
                output(tar, "tar");
                return moved(fresh, place);
            } catch (IOException e) {
                throw new UncheckedIOException("the PostgreSQL server of the tests could not be unpacked", e);
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted while unpacking a server", e);
            }
        }

        /** Another process may have been quicker: then its copy is used. */
        private static Path moved(Path fresh, Path place) throws IOException {
            try {
                return Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.isDirectory(place)) {
                    throw e;
                }
                try (Stream<Path> tree = Files.walk(fresh)) {
                    for (Path each : tree.sorted((a, b) -> b.compareTo(a)).toList()) {
                        Files.delete(each);
                    }
                }
                return place;
            }
        }

        private static String source() {
            return String.valueOf(PostgresServer.class.getResource("/postgres-" + system() + ".txz"));
        }

        private static String system() {
            String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
            return os + (System.getProperty("os.arch").equals("aarch64") ? "-arm_64" : "-x86_64");
        }
    }
}
