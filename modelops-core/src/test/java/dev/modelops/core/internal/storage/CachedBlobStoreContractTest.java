package dev.modelops.core.internal.storage;

import dev.modelops.core.storage.Blobs;
import dev.modelops.storage.BlobStore;
import dev.modelops.testkit.contract.BlobStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class CachedBlobStoreContractTest extends BlobStoreContract {
    @TempDir
    Path folder;

    @Override
    protected BlobStore createStore() {
        return reopen();
    }

    @Override
    protected BlobStore reopen() {
        return Blobs.cached(Blobs.directory(folder.resolve("blobs")), folder.resolve("cache"), 1 << 20);
    }
}
