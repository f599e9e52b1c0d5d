package dev.modelops.core.internal.storage;

import dev.modelops.core.PostgresServer;
import dev.modelops.storage.LogStore;
import dev.modelops.testkit.contract.LogStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresLogStoreContractTest extends LogStoreContract {
    private static PostgresServer.Database database;
    private static int logs;

    @BeforeAll
    static void createDatabase() {
        database = PostgresServer.database();
    }

    @AfterAll
    static void dropDatabase() {
        database.close();
    }

    @Override
    protected LogStore createStore() {
        logs++;
        return reopen();
    }

    @Override
    protected LogStore reopen() {
        return SharedStores.open(database.dataSource(), "log-" + logs, true);
    }
}
