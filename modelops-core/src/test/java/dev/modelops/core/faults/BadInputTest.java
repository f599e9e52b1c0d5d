package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.ClosedException;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.InDoubtException;
import dev.modelops.IntegrityException;
import dev.modelops.InvalidModelException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Opening;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.ReadOnlyException;
import dev.modelops.Session;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.LogKey;
import dev.modelops.core.BlobSweep;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.internal.storage.SmallDisk;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionQuery;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.SigningException;
import dev.modelops.storage.LogStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import dev.modelops.testkit.fixtures.Models;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes from outside and is not as it should be. */
class BadInputTest {
    private static final ModelRef REF = ModelRef.parse("risk@1");

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;
    private ModelOps ops;

    @BeforeEach
    void begin() {
        folder = dir.resolve("store");
        key = Site.create(folder);
        ops = Site.open(folder, key);
        Site.register(ops, dir, "risk", 1);
    }

    @AfterEach
    void end() throws InterruptedException {
        ops.close();
        Site.requireNoThreads();
    }

    private ModelRegistry ada() {
        return Site.registry(ops, Site.ADA);
    }

    private void requireNothing(ThrowingCallable act, Class<? extends Throwable> type, String advice)
            throws IOException {
        long before = ops.position().size();
        long blobs = blobs();
        assertThatThrownBy(act).isInstanceOf(type).hasMessageContaining(advice);
        assertThat(ops.position().size()).isEqualTo(before);
        assertThat(blobs()).isEqualTo(blobs);
    }

    private long blobs() throws IOException {
        try (Stream<Path> tree = Files.walk(folder.resolve("blobs"))) {
            return tree.filter(Files::isRegularFile).count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "Risk Model", "../risk", "a/b", "risk@1", "\u0000", "\ud800"})
    void aNameThatIsNoneIsRefused(String name) throws IOException {
        requireNothing(() -> ada().register(Site.spec(dir, name, 2)), IllegalArgumentException.class, "must");
        requireNothing(
                () -> Site.registry(ops, Site.RITA).setAlias(REF, Alias.of(name)),
                IllegalArgumentException.class,
                "must");
    }

    @Test
    void filesThatAreNoModelAreRefused() throws Exception {
        requireNothing(() -> register(dir.resolve("missing")), InvalidModelException.class, "nothing at");
        requireNothing(
                () -> register(Files.createDirectory(dir.resolve("empty"))),
                InvalidModelException.class,
                "at least one file");
        Path linked = Models.small(dir.resolve("linked"));
        Files.createSymbolicLink(linked.resolve("link"), linked.resolve("weights.txt"));
        requireNothing(() -> register(linked), InvalidModelException.class, "in its place");
        Files.createSymbolicLink(dir.resolve("whole"), dir.resolve("model-1"));
        requireNothing(() -> register(dir.resolve("whole")), InvalidModelException.class, "in its place");
    }

    private ModelVersion register(Path files) {
        return ada().register(VersionSpec.of("risk", files));
    }

    @Test
    void filesThatChangeWhileTheyAreReadAreRefused() throws IOException {
        Path files = Models.small(dir.resolve("changing"), 3);
        boolean[] changed = new boolean[1];
        requireNothing(
                () -> ada().register(VersionSpec.of("risk", files).progress(new Progress() {
                    @Override
                    public void report(long done, long total) {
                        if (!changed[0] && done > 0) {
                            changed[0] = true;
                            Models.folder(
                                    files,
                                    Map.of(
                                            "weights.txt",
                                            "grown while it was read, and longer than it was before by far"));
                        }
                    }
                })),
                InvalidModelException.class,
                "change");
    }

    @Test
    void whatDoesNotExistIsNotFound() throws IOException {
        ModelRef missing = ModelRef.parse("risk@7");
        requireNothing(() -> ada().comment(missing, "x"), NotFoundException.class, "newest");
        requireNothing(() -> ada().setTag(ModelRef.parse("none@1"), "k", "v"), NotFoundException.class, "register");
        requireNothing(() -> Site.registry(ops, Site.RITA).removeTag(REF, "none"), NotFoundException.class, "none");
        requireNothing(
                () -> Site.registry(ops, Site.RITA).promote(REF, Environment.of("moon")),
                NotFoundException.class,
                "this log has");
        requireNothing(() -> ada().asOf(LogPosition.of(999)), NotFoundException.class, "positions");
    }

    @Test
    void anEntryTooLargeIsRefusedAndTheNextOneIsNot() throws IOException {
        VersionSpec spec = Site.spec(dir, "risk", 4);
        for (int i = 0; i < 70; i++) {
            spec = spec.parameter("p" + i, "x".repeat(1000));
        }
        VersionSpec large = spec;
        long before = ops.position().size();
        assertThatThrownBy(() -> ada().register(large))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65535")
                .hasMessageContaining("shorten");
        assertThat(ops.position().size()).isEqualTo(before);
        ada().comment(REF, "still here");
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void anInterruptedCallerRegistersNothingOrAll() throws Exception {
        long before = ops.position().size();
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> register(Models.small(dir.resolve("interrupted"), 5)))
                    .isInstanceOf(RuntimeException.class);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(ops.position().size()).isEqualTo(before);
        assertThat(register(dir.resolve("interrupted")).ref()).hasToString("risk@2");
        Thread.currentThread().interrupt();
        assertThatThrownBy(
                        () -> ada().perform(Action.comment(REF, "interrupted").as(CommandId.of("interrupted"))))
                .isInstanceOf(InDoubtException.class);
        assertThat(Thread.interrupted()).isTrue();
        Site.await(
                "the act is done",
                () -> ops.outcome(CommandId.of("interrupted")).isPresent());
    }

    @Test
    void keysThatDoNotFitAreRefused() throws Exception {
        refused(opening -> opening.writer(Site.KEYS.ed25519("other")), IllegalArgumentException.class, "not enrolled");
        refused(opening -> opening.writer(Site.KEYS.ecdsa("other")), IllegalArgumentException.class, "not enrolled");
        refused(opening -> opening.publisher(Site.KEYS.ecdsa("other")), IllegalArgumentException.class, "not trusted");
        refused(opening -> opening.logSigner(Site.KEYS.ed25519("other")), IllegalArgumentException.class, "pinned");
        LogKey other = Site.create(
                dir.resolve("other"), Genesis.of(Site.ORIGIN, Site.KEYS.ed25519("other"), Site.KEYS.ed25519("other")));
        try (Storage storage = Storages.existingDirectory(folder)) {
            assertThatThrownBy(() -> Site.opening(storage, other).start())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("pinned");
        }
        try (StoreInspection inspection = StoreInspection.open(folder, other)) {
            assertThat(inspection.audit().verify(Progress.NONE).isSound()).isFalse();
        }
        assertThatThrownBy(() -> new LogKey("no key")).isInstanceOf(IllegalArgumentException.class);
    }

    private void refused(UnaryOperator<Opening> change, Class<? extends Throwable> type, String message) {
        try (Storage storage = Storages.existingDirectory(folder)) {
            assertThatThrownBy(() -> change.apply(Site.opening(storage, key)).start())
                    .isInstanceOf(type)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void aWrongPasswordIsRefused() throws Exception {
        Path file = dir.resolve("keys.p12");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "right".toCharArray());
        }
        assertThatThrownBy(() -> Signers.pkcs12(file, "wrong".toCharArray()))
                .isInstanceOf(SigningException.class)
                .hasMessageContaining("password");
        Path pem = Files.writeString(
                dir.resolve("key.pem"),
                Keys.publicKeyPem(Keys.generate(SignatureAlgorithm.ED25519).getPublic()));
        assertThatThrownBy(() -> Signers.pem(pem)).isInstanceOf(SigningException.class);
        assertThatThrownBy(() -> Signers.pem(dir.resolve("missing.pem"))).isInstanceOf(SigningException.class);
    }

    @Test
    void aStoreThatIsNoneIsRefused() throws Exception {
        assertThatThrownBy(() -> Storages.existingDirectory(dir.resolve("nowhere")))
                .isInstanceOf(NotFoundException.class);
        try (Storage empty = Storages.directory(dir.resolve("empty-store"))) {
            assertThatThrownBy(() -> Site.opening(empty, key).start())
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("create");
        }
        try (Storage taken = Storages.existingDirectory(folder)) {
            assertThatThrownBy(() -> ModelOps.create(taken, Site.genesis()))
                    .isInstanceOf(VersionConflictException.class)
                    .hasMessageContaining("open it");
        }
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void aMissingPolicySetKeepsTheLogClosed() throws Exception {
        ops.close();
        try (Stream<Path> tree = Files.walk(folder.resolve("blobs/sha256"))) {
            for (Path blob : tree.filter(Files::isRegularFile).toList()) {
                Files.delete(blob);
            }
        }
        try (Storage storage = Storages.existingDirectory(folder)) {
            assertThatThrownBy(() -> Site.opening(storage, key).start())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("restore");
        }
    }

    @Test
    void aStoreOfANewerReleaseIsRefused() throws Exception {
        ops.close();
        try (Attacker upgrade = Attacker.on(folder)) {
            upgrade.run("PRAGMA user_version=3");
        }
        assertThatThrownBy(() -> Storages.existingDirectory(folder))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("upgrade");
    }

    /** Appends, under the writer's own seal, an entry that only a later release would write. */
    private void appendUnknown(boolean critical) throws Exception {
        appendUnknown(critical, "\u0000", "");
    }

    private void appendUnknown(boolean critical, String from, String to) throws Exception {
        try (Attacker newer = Attacker.on(folder)) {
            newer.run("BEGIN IMMEDIATE");
            long at = newer.size();
            newer.insert(
                    at,
                    Attacker.forged(newer.body(at - 1), at, "dev.modelops.fleet.rearranged.v9", from, to, critical));
            newer.head();
            newer.seal(at, Site.KEYS.ed25519("writer"));
            newer.run("COMMIT");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anUnknownCriticalEntryMakesTheLogReadOnlyAndReadable(boolean underCheckpoint) throws Exception {
        long known = ops.position().size();
        appendUnknown(true);
        Site.await("acts are refused", () -> {
            try {
                ops.sync();
                return false;
            } catch (ReadOnlyException e) {
                return true;
            }
        });
        requireReadOnly(known);
        ops.close();
        if (underCheckpoint) {
            try (Attacker newer = Attacker.on(folder)) {
                newer.checkpoint(Site.KEYS.ed25519("log"));
            }
        }
        ops = Site.open(folder, key);
        requireReadOnly(known);
        ops.close();
        try (Attacker newer = Attacker.on(folder)) {
            assertThat(newer.size()).isEqualTo(known + 1);
        }
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.registry().find(REF)).isPresent();
        }
    }

    private void requireReadOnly(long known) {
        assertThatThrownBy(() -> ada().comment(REF, "x"))
                .isInstanceOf(ReadOnlyException.class)
                .hasMessageContaining("upgrade");
        assertThatThrownBy(() -> register(dir.resolve("model-1"))).isInstanceOf(ReadOnlyException.class);
        assertThat(ada().find(REF)).isPresent();
        assertThat(ada().models()).hasSize(1);
        assertThat(ada().snapshot().position().size()).isEqualTo(known);
        assertThat(ada().asOf(LogPosition.of(1)).models()).isEmpty();
        assertThat(ops.as(Site.AUDITOR).audit().query(AuditQuery.all()).items()).hasSize((int) known);
        assertThat(ops.position().size()).isEqualTo(known);
    }

    @Test
    void anUnknownEntryThatIsNotCriticalIsPassedOver() throws Exception {
        appendUnknown(false);
        assertThat(ops.sync().size()).isEqualTo(3);
        ada().comment(REF, "after it");
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
        assertThat(ops.as(Site.AUDITOR).audit().query(AuditQuery.all()).items()).hasSize(4);
        ops.close();
        ops = Site.open(folder, key);
        assertThat(ada().comments(REF)).hasSize(1);
    }

    /** What a later release means by a digest is not known: whatever is there under it is copied, and nothing is removed. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatALaterReleaseMayNeedIsCopiedAndNeverSwept(boolean isThere) throws Exception {
        Bytes content = Bytes.ofUtf8("of a later release");
        Digest digest = Digest.sha256Of(content);
        String said = ops.as(Site.AUDITOR).audit().get(1).body().toUtf8();
        String bundle = said.replaceAll(".*\"bundle\":\"(sha256:[0-9a-f]{64})\".*", "$1");
        assertThat(bundle).startsWith("sha256:").hasSize(71);
        appendUnknown(false, bundle, digest.toString());
        assertThat(ops.sync().size()).isEqualTo(3);
        ops.close();
        InMemoryCheckpointMemory memory = new InMemoryCheckpointMemory();
        try (ModelOps remembering = Site.opening(Storages.existingDirectory(folder), key)
                .memory(memory)
                .start()) {
            Site.registry(remembering, Site.ADA).comment(REF, "after it");
        }
        try (Storage from = Storages.existingDirectory(folder);
                Storage to = Storages.inMemory()) {
            if (isThere) {
                from.blobs().put(digest, new ByteArrayInputStream(content.toByteArray()));
            }
            var unused = StoreTransfer.copy(from, to, key, Progress.NONE);
            assertThat(to.blobs().contains(digest)).isEqualTo(isThere);
            assertThat(to.log().head().size()).isEqualTo(4);
            try (StoreInspection inspection = StoreInspection.open(from, key, memory)) {
                assertThatExceptionOfType(ReadOnlyException.class)
                        .isThrownBy(() -> BlobSweep.run(inspection, Duration.ofDays(2), Progress.NONE))
                        .withMessageContaining("upgrade");
            }
        }
        try (Storage after = Storages.existingDirectory(folder)) {
            assertThat(after.blobs().contains(digest)).isEqualTo(isThere);
        }
        ops = Site.open(folder, key);
    }

    @Test
    void aFullDiskRefusesActsAndLosesNothing() throws Exception {
        ops.close();
        Path file = folder.resolve("log.db");
        long pages;
        try (Attacker counter = Attacker.on(folder)) {
            pages = counter.number("PRAGMA page_count");
        }
        LogStore small = SmallDisk.sqlite(file, (int) pages + 3);
        ops = Site.opening(new Storage(small, Blobs.directory(folder.resolve("blobs"))), key)
                .start();
        int done = 0;
        StorageException full = null;
        while (full == null) {
            try {
                ada().comment(REF, "number " + done + " " + "x".repeat(1500));
                done++;
            } catch (StorageException e) {
                full = e;
            }
        }
        assertThat(full).hasMessageContaining("no room").hasMessageContaining("free some space");
        assertThat(ada().comments(REF)).hasSize(done);
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
        ops.close();
        ops = Site.open(folder, key);
        assertThat(ada().comments(REF)).hasSize(done);
        ada().comment(REF, "there is room again");
        assertThat(ops.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void aReadOnlyOpeningSaysHowToAct() throws Exception {
        ops.close();
        ops = ModelOps.open(Storages.existingDirectory(folder), key).start();
        assertThatThrownBy(() -> ada().comment(REF, "x"))
                .isInstanceOf(ReadOnlyException.class)
                .hasMessageContaining("writer(");
        assertThatThrownBy(() -> register(dir.resolve("model-1"))).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> ops.registry().models())
                .isInstanceOf(ReadOnlyException.class)
                .hasMessageContaining("as(");
        assertThat(ada().find(REF)).isPresent();
    }

    @Test
    void aClosedLogRefusesEverythingAtOnce() throws Exception {
        Evidence evidence = Site.registry(ops, Site.VERA).attach(REF, "report", Bytes.ofUtf8("fine"));
        Session session = ops.as(Site.ADMIN);
        ModelRegistry registry = session.registry();
        RegistryView past = registry.asOf(LogPosition.of(2));
        RegistryView snapshot = registry.snapshot();
        AuditLog audit = session.audit();
        ModelHandle<String> handle = ops.as(Site.SCORING).serving().open("risk", Site.STAGING, artifact -> "model");
        ops.close();
        ops.close();
        List<ThrowingCallable> calls = new ArrayList<>(List.of(
                () -> ops.registry(),
                () -> ops.audit(),
                () -> ops.serving(),
                () -> ops.position(),
                () -> ops.sync(),
                () -> ops.outcome(CommandId.of("x")),
                () -> ops.listen(entry -> {}),
                () -> ops.as(Site.ADA),
                () -> session.serving().open("risk", Site.STAGING, artifact -> "model"),
                () -> handle.apply(model -> model),
                () -> handle.apply("", (model, input) -> model),
                () -> audit.get(0),
                () -> audit.query(AuditQuery.all()),
                () -> audit.checkpoint(),
                () -> audit.prove(0, LogPosition.of(1)),
                () -> audit.consistency(LogPosition.of(1), LogPosition.of(2)),
                () -> audit.receipt(0),
                () -> audit.export(dir.resolve("tiles"), Progress.NONE),
                () -> audit.verify(Progress.NONE),
                () -> registry.register(Site.spec(dir, "risk", 2)),
                () -> registry.attach(REF, "report", Bytes.ofUtf8("x")),
                () -> registry.perform(Action.comment(REF, "x")),
                () -> registry.check(Action.comment(REF, "x")),
                () -> registry.check(Site.spec(dir, "risk", 2)),
                () -> registry.asOf(LogPosition.of(1)),
                () -> registry.asOf(Instant.MAX),
                () -> registry.snapshot(),
                () -> registry.download(REF, dir.resolve("d"), dir.resolve("d.sig"), Progress.NONE),
                () -> registry.read(evidence)));
        for (RegistryView view : List.of(registry, past, snapshot)) {
            calls.addAll(List.of(
                    () -> view.position(),
                    () -> view.find(REF),
                    () -> view.find(Site.RISK, Alias.of("a")),
                    () -> view.champion(Site.RISK, Site.STAGING),
                    () -> view.champions(Site.RISK, Site.STAGING),
                    () -> view.model(ModelName.of("risk")),
                    () -> view.models(),
                    () -> view.query(VersionQuery.all()),
                    () -> view.approvals(REF),
                    () -> view.evidence(REF),
                    () -> view.comments(REF),
                    () -> view.roles(Principal.of("a", "b"))));
        }
        for (int i = 0; i < calls.size(); i++) {
            assertThatThrownBy(calls.get(i))
                    .as("call %s", i)
                    .isInstanceOf(ClosedException.class)
                    .hasMessageContaining("open");
        }
    }
}
