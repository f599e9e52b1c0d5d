package dev.modelops.core.internal.storage;

import dev.modelops.storage.BlobStore;
import dev.modelops.testkit.contract.BlobStoreContract;
import dev.modelops.testkit.contract.StoreAbility;
import java.util.EnumSet;
import java.util.Set;

class InMemoryBlobStoreContractTest extends BlobStoreContract {
    private BlobStore store = new InMemoryBlobStore();

    @Override
    protected BlobStore createStore() {
        store = new InMemoryBlobStore();
        return store;
    }

    @Override
    protected BlobStore reopen() {
        return store;
    }

    @Override
    protected Set<StoreAbility> abilities() {
        return EnumSet.complementOf(EnumSet.of(StoreAbility.CLOSING));
    }
}
