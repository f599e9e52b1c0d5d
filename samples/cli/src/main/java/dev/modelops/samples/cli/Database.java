package dev.modelops.samples.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.modelops.core.storage.Storages;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens stores whose log is in a PostgreSQL database. */
final class Database {
    /** What the URL of such a database begins with. */
    static final String PREFIX = "jdbc:postgresql:";

    private static final String MAIN = "main";

    /** Somebody waits at a terminal. */
    private static final int UNSET = new PGSimpleDataSource().getConnectTimeout();

    private static final int PATIENCE_MILLIS = 3000;

    private Database() {}

    /** Opens a log; its connections end with the storage. User and password that the URL does not name are in the environment. */
    static OpenStorage open(StoreAddress address, BlobStore blobs, boolean isMade, Map<String, String> environment) {
        HikariDataSource pool = new HikariDataSource(pool(address, environment));
        boolean isOpen = false;
        try {
            String log = address.log() == null ? MAIN : address.log();
            Storage storage = isMade ? Storages.jdbc(pool, log, blobs) : Storages.existingJdbc(pool, log, blobs);
            isOpen = true;
            return new OpenStorage(storage, pool);
        } catch (IllegalArgumentException e) {
            throw new CliFailure(String.valueOf(e.getMessage()));
        } finally {
            if (!isOpen) {
                pool.close();
            }
        }
    }

    static HikariConfig pool(StoreAddress address, Map<String, String> environment) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        try {
            source.setURL(address.text());
        } catch (IllegalArgumentException e) {
            throw new CliFailure("the address " + address + " is not one that the PostgreSQL driver understands; write "
                    + PREFIX + "//host:port/name");
        }
        if (source.getConnectTimeout() == UNSET) {
            source.setConnectTimeout(PATIENCE_MILLIS / 1000);
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
        config.setConnectionTimeout(PATIENCE_MILLIS);
        config.setInitializationFailTimeout(-1);
        return config;
    }
}
