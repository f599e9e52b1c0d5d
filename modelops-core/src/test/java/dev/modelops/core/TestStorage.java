package dev.modelops.core;

import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Empty storages for tests that do not care of which kind they are: in memory, or what the property {@code
 * modelops.test.storage} says, so that the same tests run on each. Closing one does nothing, so that a test can open it
 * again as another process would.
 */
public final class TestStorage {
    private TestStorage() {}

    /** Where logs can be kept. */
    public enum Kind {
        MEMORY,
        SQLITE,
        POSTGRES
    }

    /** The kind that the tests of this process run on. */
    public static final Kind KIND = Kind.valueOf(System.getProperty("modelops.test.storage", Kind.MEMORY.name()));

    /** Makes an empty storage of that kind. */
    public static Storage fresh() {
        try {
            return switch (KIND) {
                case MEMORY -> Storages.inMemory();
                case SQLITE ->
                    kept(Storages.sqlite(
                            Files.createTempDirectory(Places.FOLDER, "log").resolve("log.db")));
                case POSTGRES ->
                    kept(Place.postgres(Places.FOLDER).storage(true, Pool::of).log());
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With blobs in memory: these tests are about logs. */
    private static Storage kept(LogStore log) {
        LogStore kept = (LogStore) Proxy.newProxyInstance(
                TestStorage.class.getClassLoader(), new Class<?>[] {LogStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    if (method.getName().equals("time")) {
                        // The tests have clocks of their own.
                        return Optional.empty();
                    }
                    try {
                        return method.invoke(log, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return new Storage(kept, Storages.inMemory().blobs());
    }

    /**
     * One place for a log and its blobs that processes can share.
     *
     * @param text a folder, or the JDBC URL of a database, a folder for blobs and the name of a log, with blanks between
     */
    public record Place(String text) {
        private static final String SEPARATOR = " ";

        /** A place of a kind that lasts, with a folder of its own. */
        public static Place of(Kind kind, Path folder) {
            return switch (kind) {
                case SQLITE -> new Place(folder.toString());
                case POSTGRES -> postgres(folder);
                case MEMORY -> throw new IllegalArgumentException("memory is no place that processes could share");
            };
        }

        /** A log of its own in the database that all tests of the process share, with blobs in a folder. */
        public static Place postgres(Path folder) {
            PostgresServer.Database database = Places.DATABASE;
            return new Place(String.join(
                    SEPARATOR,
                    database.url() + (database.url().contains("?") ? "&" : "?") + "user="
                            + URLEncoder.encode(database.user(), StandardCharsets.UTF_8) + "&password="
                            + URLEncoder.encode(database.password(), StandardCharsets.UTF_8),
                    folder.resolve("blobs").toString(),
                    "log-" + Places.COUNT.incrementAndGet()));
        }

        /** Opens the storage here, and creates it where there is none. */
        public Storage create() {
            return storage(true, source -> source);
        }

        /** Opens the storage that is here. */
        public Storage existing() {
            return existing(source -> source);
        }

        /** Opens the storage that is here, with connections from a pool. */
        public Storage existing(UnaryOperator<DataSource> pool) {
            return storage(false, pool);
        }

        private Storage storage(boolean create, UnaryOperator<DataSource> pool) {
            if (!text.startsWith("jdbc:")) {
                Path folder = Path.of(text);
                return create ? Storages.directory(folder) : Storages.existingDirectory(folder);
            }
            String[] parts = text.split(SEPARATOR, -1);
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setURL(parts[0]);
            if (source.getUser() == null) {
                source.setUser("postgres");
            }
            BlobStore blobs = Blobs.directory(Path.of(parts[1]));
            String log = parts.length > 2 ? parts[2] : "main";
            return create
                    ? Storages.jdbc(pool.apply(source), log, blobs)
                    : Storages.existingJdbc(pool.apply(source), log, blobs);
        }

        /** The folder that the blobs are in. */
        public Path blobs() {
            return text.startsWith("jdbc:")
                    ? Path.of(text.split(SEPARATOR, -1)[1])
                    : Path.of(text).resolve("blobs");
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** The connections of all storages of this process. */
    private static final class Pool {
        private static final HikariDataSource SOURCE = new HikariDataSource();

        static DataSource of(DataSource source) {
            if (SOURCE.getDataSource() == null) {
                SOURCE.setDataSource(source);
            }
            return SOURCE;
        }
    }

    private static final class Places {
        static final PostgresServer.Database DATABASE = PostgresServer.database();
        static final AtomicInteger COUNT = new AtomicInteger();
        static final Path FOLDER = folder();

        private static Path folder() {
            try {
                Path folder = Files.createTempDirectory("modelops-test-storage");
                folder.toFile().deleteOnExit();
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
