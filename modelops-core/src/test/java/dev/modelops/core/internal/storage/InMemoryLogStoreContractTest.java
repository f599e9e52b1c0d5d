package dev.modelops.core.internal.storage;

import dev.modelops.storage.LogStore;
import dev.modelops.testkit.contract.LogStoreContract;
import dev.modelops.testkit.contract.StoreAbility;
import java.util.EnumSet;
import java.util.Set;

class InMemoryLogStoreContractTest extends LogStoreContract {
    private LogStore store = new InMemoryLogStore();

    @Override
    protected LogStore createStore() {
        store = new InMemoryLogStore();
        return store;
    }

    @Override
    protected LogStore reopen() {
        return store;
    }

    @Override
    protected Set<StoreAbility> abilities() {
        return EnumSet.complementOf(EnumSet.of(StoreAbility.CLOSING));
    }
}
