package dev.modelops.samples.storage;

import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.contract.ErasableStoreContract;
import dev.modelops.testkit.contract.StoreAbility;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What a storage does with erasable texts that has no place of its own for them. */
class HsqldbTextsTest extends ErasableStoreContract {
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
    protected ErasableStore createStore() {
        return reopen();
    }

    @Override
    protected ErasableStore reopen() {
        HsqldbStore store = new HsqldbStore(server.connections());
        return new Storage(store, store).texts();
    }

    /** Texts among the blobs are closed with those. */
    @Override
    protected Set<StoreAbility> abilities() {
        return EnumSet.complementOf(EnumSet.of(StoreAbility.CLOSING));
    }
}
