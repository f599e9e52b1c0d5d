package dev.modelops.core.internal.storage;

import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.S3Location;
import dev.modelops.storage.BlobStore;
import dev.modelops.testkit.contract.BlobStoreContract;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class S3BlobStoreContractTest extends BlobStoreContract {
    private static @Nullable ObjectStore server;

    private @Nullable S3Location place;

    @BeforeAll
    static void startServer() throws Exception {
        server = ObjectStore.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        Objects.requireNonNull(server).close();
    }

    @Override
    protected BlobStore createStore() {
        place = Objects.requireNonNull(server).newPlace();
        return reopen();
    }

    @Override
    protected BlobStore reopen() {
        return Blobs.s3(Objects.requireNonNull(place));
    }
}
