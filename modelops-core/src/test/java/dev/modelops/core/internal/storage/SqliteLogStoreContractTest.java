package dev.modelops.core.internal.storage;

import dev.modelops.core.storage.Storages;
import dev.modelops.storage.LogStore;
import dev.modelops.testkit.contract.LogStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteLogStoreContractTest extends LogStoreContract {
    @TempDir
    Path folder;

    @Override
    protected LogStore createStore() {
        return Storages.sqlite(folder.resolve("log.db"));
    }

    @Override
    protected LogStore reopen() {
        return Storages.sqlite(folder.resolve("log.db"));
    }
}
