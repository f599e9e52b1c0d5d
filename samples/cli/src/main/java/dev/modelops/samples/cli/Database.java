package dev.modelops.samples.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.Digest;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StoredBlob;
import java.io.InputStream;
import java.util.Map;
import java.util.function.Consumer;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens stores whose log is in a PostgreSQL database. */
final class Database {
    /** What the URL of such a database begins with. */
    static final String PREFIX = "jdbc:postgresql:";

    private static final String MAIN = "main";

    private Database() {}

    /** Opens a log; its connections end with the storage. User and password that the URL does not name are in the environment. */
    static Storage open(StoreAddress address, BlobStore blobs, boolean isMade, Map<String, String> environment) {
        HikariDataSource pool = new HikariDataSource(pool(address, environment));
        boolean isOpen = false;
        try {
            BlobStore closing = new BlobsWithPool(blobs, pool);
            String log = address.log() == null ? MAIN : address.log();
            Storage storage = isMade ? Storages.jdbc(pool, log, closing) : Storages.existingJdbc(pool, log, closing);
            isOpen = true;
            return storage;
        } catch (IllegalArgumentException e) {
            throw new CliFailure(String.valueOf(e.getMessage()));
        } finally {
            if (!isOpen) {
                pool.close();
            }
        }
    }

    private static HikariConfig pool(StoreAddress address, Map<String, String> environment) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        try {
            source.setURL(address.text());
        } catch (IllegalArgumentException e) {
            throw new CliFailure("the address " + address + " is not one that the PostgreSQL driver understands; write "
                    + PREFIX + "//host:port/name");
        }
        if (source.getUser() == null) {
            source.setUser(environment.get("PGUSER"));
        }
        if (source.getPassword() == null) {
            source.setPassword(environment.get("PGPASSWORD"));
        }
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(4);
        config.setMinimumIdle(1);
        config.setInitializationFailTimeout(-1);
        return config;
    }

    /** Blobs that are closed with the connections to the log that names them. */
    private record BlobsWithPool(BlobStore blobs, HikariDataSource pool) implements BlobStore {
        @Override
        public void put(Digest digest, InputStream content) {
            blobs.put(digest, content);
        }

        @Override
        public InputStream open(Digest digest) {
            return blobs.open(digest);
        }

        @Override
        public boolean contains(Digest digest) {
            return blobs.contains(digest);
        }

        @Override
        public boolean delete(Digest digest) {
            return blobs.delete(digest);
        }

        @Override
        public void list(Consumer<? super StoredBlob> visitor) {
            blobs.list(visitor);
        }

        @Override
        public void close() {
            try (pool) {
                blobs.close();
            }
        }
    }
}
