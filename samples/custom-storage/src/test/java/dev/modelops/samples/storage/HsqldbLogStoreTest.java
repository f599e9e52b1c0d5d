package dev.modelops.samples.storage;

import dev.modelops.storage.LogStore;
import dev.modelops.testkit.contract.LogStoreContract;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class HsqldbLogStoreTest extends LogStoreContract {
    private static HsqldbServer server;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        server = new HsqldbServer(folder);
    }

    @AfterEach
    void clear() throws SQLException {
        server.clear();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    protected LogStore createStore() {
        return reopen();
    }

    @Override
    protected LogStore reopen() {
        return new HsqldbStore(server.connections());
    }
}
