package dev.modelops.core.internal.storage;

import dev.modelops.core.PostgresServer;
import dev.modelops.storage.ErasableStore;
import dev.modelops.testkit.contract.ErasableStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresTextsContractTest extends ErasableStoreContract {
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
    protected ErasableStore createStore() {
        logs++;
        return reopen();
    }

    @Override
    protected ErasableStore reopen() {
        return new ClosingTexts(SharedStores.open(database.dataSource(), "log-" + logs, true));
    }
}
