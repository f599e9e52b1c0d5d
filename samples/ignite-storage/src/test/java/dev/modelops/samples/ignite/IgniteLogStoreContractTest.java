package dev.modelops.samples.ignite;

import dev.modelops.storage.LogStore;
import dev.modelops.testkit.contract.LogStoreContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class IgniteLogStoreContractTest extends LogStoreContract {
    private static IgniteCluster cluster;
    private static int logs;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = IgniteCluster.start();
    }

    @AfterAll
    static void stopCluster() throws Exception {
        cluster.close();
    }

    @Override
    protected LogStore createStore() {
        logs++;
        return reopen();
    }

    @Override
    protected LogStore reopen() {
        return IgniteLogStore.open("log-" + logs, cluster.addresses());
    }
}
