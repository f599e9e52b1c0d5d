package dev.modelops.testkit;

import dev.modelops.CommandId;
import dev.modelops.Freshness;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.Session;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.LogKey;
import dev.modelops.monitoring.Notifications;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import dev.modelops.serving.Experiments;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Serving;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** A facade that has a thread and can be closed, and nothing else. */
final class FakeModelOps implements ModelOps {
    private final LogKey logKey;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "modelops-fake");
    private boolean leaking;
    private boolean closed;

    FakeModelOps(LogKey logKey) {
        this.logKey = logKey;
        thread.setDaemon(true);
        thread.start();
    }

    void leak() {
        leaking = true;
    }

    void stopLeaking() throws InterruptedException {
        stop.countDown();
        thread.join();
    }

    boolean isClosed() {
        return closed;
    }

    private void run() {
        try {
            stop.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        if (!leaking) {
            stop.countDown();
        }
    }

    @Override
    public LogKey logKey() {
        return logKey;
    }

    @Override
    public Session as(Identity identity) {
        throw unsupported();
    }

    @Override
    public LogPosition position() {
        throw unsupported();
    }

    @Override
    public Freshness freshness() {
        throw unsupported();
    }

    @Override
    public LogPosition sync() {
        throw unsupported();
    }

    @Override
    public Optional<Recorded> outcome(CommandId commandId) {
        throw unsupported();
    }

    @Override
    public AutoCloseable listen(Consumer<AuditEntry> listener) {
        throw unsupported();
    }

    @Override
    public Notifications notifications() {
        throw unsupported();
    }

    @Override
    public ModelRegistry registry() {
        throw unsupported();
    }

    @Override
    public PolicyAdministration policies() {
        throw unsupported();
    }

    @Override
    public AuditLog audit() {
        throw unsupported();
    }

    @Override
    public Serving serving() {
        throw unsupported();
    }

    @Override
    public PredictionLog predictions() {
        throw unsupported();
    }

    @Override
    public Experiments experiments() {
        throw unsupported();
    }

    private static UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException("the fake governs nothing");
    }
}
