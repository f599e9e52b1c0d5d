package dev.modelops.core.internal.storage;

import dev.modelops.core.storage.Storages;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.LogStore;
import dev.modelops.testkit.contract.ErasableStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteTextsContractTest extends ErasableStoreContract {
    @TempDir
    Path folder;

    @Override
    protected ErasableStore createStore() {
        LogStore log = Storages.sqlite(folder.resolve("log.db"));
        return new ClosingTexts(log);
    }

    @Override
    protected ErasableStore reopen() {
        return createStore();
    }
}
