package dev.modelops.core.transfer;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.LogRecovery;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.audit.BlobReferences;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.signing.Signers;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Logs to be moved, and everything that a store shows of one. */
final class Histories {
    private Histories() {}

    /** Everything that stays the same when a log moves. */
    record Contents(
            LogHead head,
            List<LogRecord> records,
            List<LogSeal> seals,
            List<LogCheckpoint> checkpoints,
            Set<Bytes> blobs,
            List<String> receipts) {}

    /** Does a little of everything in a log: files, evidence, judgements, policies, refusals, roles; some checkpoints between. */
    static void live(GovernedLog log, Path dir, int remarks) {
        for (int version = 1; version <= 3; version++) {
            Path files = Models.small(dir.resolve("model"), version);
            log.as(AUTHOR).register(VersionSpec.of("risk", files).metric("auc", "0.8" + version));
            log.as(VALIDATOR).attach(ref("risk", version), "validation-report", Bytes.ofUtf8("fit " + version));
            log.as(VALIDATOR).approve(ref("risk", version), Environment.STAGING, "VR-" + version);
            log.ops().as(AUDITOR).audit().checkpoint();
            log.as(RELEASER).check(Action.promote(ref("risk", version), Environment.STAGING));
            log.as(RELEASER).promote(ref("risk", version), Environment.STAGING);
        }
        log.ops().as(ADMIN).policies().propose(new PolicySet(Policies.builtIn().document() + " "), "a space more");
        log.as(ADMIN).grantRole(STRANGER, Role.AUDITOR);
        for (int i = 0; i < remarks; i++) {
            log.as(AUTHOR).comment(ref("risk", 1), "remark " + i);
        }
        log.ops().as(AUDITOR).audit().checkpoint();
    }

    /** Recovers a log in memory whose only root key is given, under keys of its own, and goes on. */
    static LogKey recovered(Storage storage, LogKey from, Signer root, String name) {
        Signer logSigner = Signers.of(TestKeys.seeded(43).keyPair(SignatureAlgorithm.ED25519, name + " log"));
        Signer writer = Signers.of(TestKeys.seeded(43).keyPair(SignatureAlgorithm.ED25519, name + " writer"));
        LogRecovery recovery =
                LogRecovery.of(storage, from, logSigner, writer).nothingLost().reason("keys were stolen");
        LogKey next =
                recovery.signature(LogRecovery.sign(recovery.statement(), root)).recover();
        try (ModelOps ops = ModelOps.open(storage, next)
                .writer(writer)
                .logSigner(logSigner)
                .publisher(GovernedLog.PUBLISHER)
                .start()) {
            ops.as(AUTHOR).registry().comment(ref("risk", 2), "after " + name);
            ops.as(VALIDATOR).registry().attach(ref("risk", 2), name + "-report", Bytes.ofUtf8("fit after " + name));
            ops.audit().checkpoint();
        }
        return next;
    }

    static Contents contents(Storage storage, LogKey key) {
        LogStore log = storage.log();
        LogHead head = log.head();
        List<LogRecord> records = new ArrayList<>();
        while (records.size() < head.size()) {
            records.addAll(log.read(records.size(), 100));
        }
        List<LogSeal> seals = new ArrayList<>();
        for (List<LogSeal> page = log.seals(0, 7);
                !page.isEmpty();
                page = log.seals(seals.get(seals.size() - 1).size(), 7)) {
            seals.addAll(page);
        }
        List<LogCheckpoint> checkpoints = new ArrayList<>();
        for (List<LogCheckpoint> page = log.checkpoints(0, 2);
                !page.isEmpty();
                page = log.checkpoints(checkpoints.get(checkpoints.size() - 1).size() + 1, 2)) {
            checkpoints.addAll(page);
        }
        Set<Bytes> blobs = new HashSet<>();
        for (LogRecord record : records) {
            Entry entry = Entry.decode(record.index(), record.body().toByteArray());
            for (BlobReferences.Reference reference : BlobReferences.all(entry, storage.blobs())) {
                try (var in = storage.blobs().open(reference.digest())) {
                    blobs.add(Bytes.of(in.readAllBytes()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        StoreInspection inspection = StoreInspection.open(storage, key);
        assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
        List<String> receipts = new ArrayList<>();
        for (long index = 0; index < head.size(); index += 17) {
            receipts.add(inspection.audit().receipt(index));
        }
        return new Contents(head, records, seals, checkpoints, blobs, receipts);
    }

    /** What is done before a method of a store is called. */
    interface Hook {
        void before(String method, Object[] arguments) throws Throwable;
    }

    /** Returns a store that tells of each call, and on which any call can be made to fail. */
    static <T> T hooked(Class<T> type, T store, Hook hook) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    hook.before(method.getName(), arguments == null ? new Object[0] : arguments);
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
