package dev.modelops.testkit;

import dev.modelops.Genesis;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsProvider;
import dev.modelops.Opening;
import dev.modelops.audit.LogKey;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicyCoverage;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.PolicyTestReport;
import dev.modelops.policy.PolicyTestReport.Trial;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Stands in for an implementation: it governs nothing and only records how the extension treats it. */
public final class FakeProvider implements ModelOpsProvider {
    @Override
    public Storage inMemory() {
        InvocationHandler storesNothing = (proxy, method, arguments) -> {
            if (method.getName().equals("close") || method.getDeclaringClass() == Object.class) {
                return null;
            }
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, arguments);
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
    public ModelOps embedded(Path folder, UnaryOperator<Opening> settings) {
        throw new UnsupportedOperationException("the fake opens no folder");
    }

    @Override
    public PolicyTestReport testPolicies(Path file) {
        Decision decision = new Decision.Allow(
                List.of("rule"),
                new PolicySet("{}").digest(),
                LogPosition.of(0),
                Instant.parse("2030-01-01T09:00:00Z"));
        return new PolicyTestReport(
                List.of(
                        new Trial("as expected", decision, Optional.empty()),
                        new Trial("otherwise", decision, Optional.of("expected the decision deny"))),
                new PolicyCoverage(List.of(new PolicyCoverage.Rule(
                        "rule", 1, 0, 0, List.of(new PolicyCoverage.Condition("when { context.ok }", true, false))))));
    }
}
