package dev.modelops.testkit;

import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsProvider;
import dev.modelops.Opening;
import dev.modelops.audit.LogKey;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;

/** Stands in for an implementation: it governs nothing and only records how the extension treats it. */
public final class FakeProvider implements ModelOpsProvider {
    @Override
    public Storage inMemory() {
        InvocationHandler storesNothing = (proxy, method, arguments) -> {
            if (method.getName().equals("close") || method.getDeclaringClass() == Object.class) {
                return null;
            }
            throw new UnsupportedOperationException("the fake stores nothing: " + method);
        };
        Object stores = Proxy.newProxyInstance(
                FakeProvider.class.getClassLoader(), new Class<?>[] {LogStore.class, BlobStore.class}, storesNothing);
        return new Storage((LogStore) stores, (BlobStore) stores);
    }

    @Override
    public LogKey create(Storage storage, Genesis genesis, Clock clock) {
        if (genesis.origin().startsWith("refused.")) {
            throw new IllegalArgumentException("the fake creates no log " + genesis.origin());
        }
        return new LogKey(genesis.origin() + "+00000000+AA==");
    }

    @Override
    public ModelOps start(Opening opening) {
        return new FakeModelOps(opening.logKey());
    }

    @Override
    public ModelOps embedded(Path folder) {
        throw new UnsupportedOperationException("the fake opens no folder");
    }
}
