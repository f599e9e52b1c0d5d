package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.WrappedTexts;
import dev.modelops.core.internal.governor.LongLog;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.Recorded;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people wrote can be erased: it is gone from every file, and all that was ever proved still is. */
class ErasureTest {
    private static final Principal PIA = Principal.of("example.org", "pia");
    private static final Principal LEO = Principal.of("example.org", "leo");
    private static final ModelRef REF = ModelRef.parse("risk@1");
    private static final String SECRET = "Ms. Example of unit 7 has a grudge";
    private static final String OTHER = "the data is from 2019";

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;
    private ModelOps ops;

    @BeforeEach
    void open() {
        folder = dir.resolve("store");
        key = Site.create(
                folder, Site.genesis().grant(PIA, Role.PRIVACY_OFFICER).grant(LEO, Role.LEGAL_OFFICER));
        ops = Site.opening(Storages.existingDirectory(folder), key)
                .cache(dir.resolve("cache"))
                .start();
        Site.register(ops, dir.resolve("scratch"), "risk", 1);
    }

    @AfterEach
    void close() {
        ops.close();
    }

    private ModelRegistry by(Principal who) {
        return Site.registry(ops, who);
    }

    private Recorded comment(String text) {
        return by(Site.ADA).comment(REF, text);
    }

    private Recorded erase(Recorded written) {
        return by(PIA).perform(Action.erase(written.position(), "request"));
    }

    private AuditLog audit() {
        return ops.as(Site.AUDITOR).audit();
    }

    private List<AuditReport.Finding> findings() {
        return audit().verify(Progress.NONE).findings();
    }

    private static ErasableText kept(String text) {
        return new ErasableText.Kept(text);
    }

    /** Every file under a folder that holds a text, in UTF-8. */
    private static List<Path> filesWith(Path folder, String text) {
        String sought = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(sought)) {
                    found.add(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    @Test
    void whatIsErasedIsInNoFileAndEveryProofStillVerifies() throws IOException {
        Recorded said = comment(SECRET);
        Recorded other = comment(OTHER);
        String receipt = audit().receipt(said.position().index());
        var checkpoint = audit().checkpoint();
        assertThat(filesWith(folder, SECRET)).isNotEmpty();

        Recorded erased = erase(said);

        assertThat(filesWith(dir.resolve("store"), SECRET)).isEmpty();
        assertThat(filesWith(dir.resolve("cache"), SECRET)).isEmpty();
        assertThat(filesWith(folder, OTHER)).isNotEmpty();
        assertThat(by(Site.AUDITOR).comments(REF))
                .extracting(Comment::text)
                .containsExactly(new ErasableText.Erased(erased.position()), kept(OTHER));
        assertThat(by(Site.AUDITOR).asOf(said.position()).comments(REF).get(0).text())
                .isEqualTo(new ErasableText.Erased(erased.position()));
        assertThat(audit().text(said.position().index())).contains(new ErasableText.Erased(erased.position()));
        assertThat(audit().text(other.position().index())).contains(kept(OTHER));
        assertThat(findings()).isEmpty();
        assertThat(audit().receipt(said.position().index())).isNotEmpty();
        assertThat(receipt).startsWith("c2sp.org/tlog-proof@v1");
        assertThat(audit().consistency(checkpoint.position(), ops.position())).isNotNull();
        audit().export(dir.resolve("tiles"), Progress.NONE);
        ops.close();
        assertThat(filesWith(dir, SECRET)).isEmpty();
        assertThat(filesWith(dir, "grudge")).isEmpty();
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            assertThat(inspection.registry().comments(REF).get(0).text())
                    .isEqualTo(new ErasableText.Erased(erased.position()));
        }
    }

    @Test
    void reasonsOfEveryKindOfActAreErasable() {
        Recorded approved = by(Site.VERA).approve(REF, Site.PRODUCTION, SECRET);
        Recorded promoted =
                by(Site.RITA).perform(Action.promote(REF, Site.PRODUCTION).because(SECRET + " again"));
        assertThat(by(Site.AUDITOR).approvals(REF))
                .extracting(Approval::reason)
                .containsExactly(Optional.of(kept(SECRET)));
        assertThat(audit().text(promoted.position().index())).contains(kept(SECRET + " again"));
        Recorded one = erase(approved);
        Recorded two = erase(promoted);
        assertThat(by(Site.AUDITOR).approvals(REF))
                .extracting(Approval::reason)
                .containsExactly(Optional.of(new ErasableText.Erased(one.position())));
        assertThat(audit().text(promoted.position().index())).contains(new ErasableText.Erased(two.position()));
        assertThat(filesWith(folder, SECRET)).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void theReasonOfAnErasureIsErasableToo() {
        Recorded said = comment(OTHER);
        Recorded erased =
                by(PIA).perform(Action.erase(said.position(), "request").because("asked for by " + SECRET));
        assertThat(audit().text(erased.position().index())).contains(kept("asked for by " + SECRET));
        erase(erased);
        assertThat(filesWith(folder, SECRET)).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void onlyThosePolicyNamesErase() {
        Recorded said = comment(SECRET);
        for (Principal who : List.of(Site.ADMIN, Site.ADA, Site.VERA, Site.RITA, Site.AUDITOR, Site.SCORING, LEO)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> by(who).perform(Action.erase(said.position(), "request")));
        }
        for (Principal who : List.of(Site.ADMIN, Site.ADA, PIA)) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> by(who).perform(Action.hold("case")));
        }
        assertThat(by(Site.AUDITOR).comments(REF)).extracting(Comment::text).containsExactly(kept(SECRET));
    }

    @Test
    void whoMayNotEraseIsNotToldWhatStandsWhere() {
        for (long position : new long[] {1, 2, 99}) {
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> by(Site.ADA).perform(Action.erase(LogPosition.of(position), "request")));
        }
    }

    /** Whether a text is held goes by its subject, so a writer that lies about that is found out. */
    @Test
    void anErasureOfATextThatIsAboutSomethingElseIsAFinding() {
        for (boolean lies : List.of(false, true)) {
            Storage storage = Storages.inMemory();
            LongLog log = LongLog.in(storage, 1).growTo(30);
            String subject = log.state().registrations().get(0).toString();
            Digest commitment = Digest.sha256Of(Bytes.ofUtf8("salt and text"));
            ObjectNode comment = log.act(GovernedLog.AUTHOR);
            Entry.commit(comment, "text", commitment);
            long index = log.state().size();
            log.append(EntryType.VERSION_COMMENTED, subject, comment);
            ObjectNode erasure = log.act(GovernedLog.ADMIN);
            erasure.put("entry", index);
            erasure.put("commitment", commitment.toString());
            erasure.put("ground", "request");
            log.append(EntryType.TEXT_ERASED, lies ? "free@1" : subject, erasure);
            log.checkpoint();
            try (StoreInspection inspection = StoreInspection.open(storage, log.key())) {
                assertThat(inspection.audit().verify(Progress.NONE).findings().stream()
                                .anyMatch(finding -> finding.message()
                                        .contains("is about free@1, but that entry is about " + subject)))
                        .isEqualTo(lies);
            }
        }
    }

    @Test
    void anActThatIsDoneIsNotReportedAsFailedBecauseItsTextCannotBeLookedFor() {
        ops.close();
        Storage blind = Storages.existingDirectory(folder);
        ops = Site.opening(new Storage(blind.log(), blind.blobs(), new Blind(blind.texts())), key)
                .start();
        Recorded said = comment(SECRET);
        assertThat(ops.position()).isEqualTo(said.position());
        ops.close();
        ops = Site.open(folder, key);
        assertThat(audit().text(said.position().index())).contains(kept(SECRET));
    }

    @Test
    void nothingIsKeptOfWhatWasRefusedOrFailed() {
        Recorded erasable = comment(OTHER);
        long texts = texts().size();
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> by(Site.STRANGER).comment(REF, SECRET));
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> by(Site.ADA).approve(REF, Site.PRODUCTION, SECRET));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> by(Site.ADA).comment(ModelRef.parse("risk@9"), SECRET));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> by(Site.VERA)
                        .perform(Action.withdraw(REF, Site.PRODUCTION).because(SECRET)));
        Action erase = Action.erase(erasable.position(), "request");
        var unused = by(PIA).perform(erase);
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> by(PIA).perform(erase.because(SECRET)))
                .withMessageContaining("erased already");
        assertThat(texts()).hasSize((int) texts - 1);
        assertThat(filesWith(dir, SECRET)).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void aRepeatedActIsRecognisedByWhatWasWritten() {
        CommandId id = CommandId.of("once");
        Action said = Action.comment(REF, SECRET).as(id);
        Recorded first = by(Site.ADA).perform(said);
        assertThat(by(Site.ADA).perform(said).position()).isEqualTo(first.position());
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(
                        () -> by(Site.ADA).perform(Action.comment(REF, OTHER).as(id)));
        assertThat(texts()).hasSize(1);
        Action erase = Action.erase(first.position(), "request").as(CommandId.of("gone"));
        Recorded erased = by(PIA).perform(erase);
        assertThat(by(PIA).perform(erase).position()).isEqualTo(erased.position());
        assertThat(by(Site.ADA).perform(said).position()).isEqualTo(first.position());
        assertThat(texts()).isEmpty();
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> by(PIA).perform(
                                Action.erase(first.position(), "retention").as(CommandId.of("gone"))));
    }

    @Test
    void whatHasNoTextCannotBeErased() {
        for (long position : new long[] {1, 2, 99}) {
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> by(PIA).perform(Action.erase(LogPosition.of(position), "request")));
        }
    }

    @Test
    void aLegalHoldKeepsTextsWhateverPolicySays() {
        Recorded said = comment(SECRET);
        Recorded held = by(LEO).perform(Action.hold("case-7", REF.name()));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> erase(said))
                .withMessageContaining("legal hold 'case-7'")
                .withMessageContaining("position " + held.position());
        assertThat(by(Site.AUDITOR).comments(REF)).extracting(Comment::text).containsExactly(kept(SECRET));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() -> by(LEO).perform(Action.hold("case-7")));
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> by(LEO).perform(Action.liftHold("case-8")));
        Recorded all = by(LEO).perform(Action.hold("case-8"));
        assertThat(all.subject()).isEmpty();
        var unused = by(LEO).perform(Action.liftHold("case-7"));
        assertThatExceptionOfType(VersionConflictException.class).isThrownBy(() -> erase(said));
        // The hold outlives the process, and another one.
        ops.close();
        ops = Site.open(folder, key);
        assertThatExceptionOfType(VersionConflictException.class).isThrownBy(() -> erase(said));
        unused = by(LEO).perform(Action.liftHold("case-8"));
        erase(said);
        assertThat(filesWith(folder, SECRET)).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void aHoldOnOneModelLeavesOthersFree() {
        Recorded said = comment(SECRET);
        var unused = by(Site.ADA).register(Site.spec(dir.resolve("other"), "other", 2));
        unused = null;
        var held = by(LEO).perform(Action.hold("case-7", ModelName.of("other")));
        assertThat(held.subject()).isEqualTo("other");
        erase(said);
        Recorded about = by(Site.ADA).comment(ModelRef.parse("other@1"), OTHER);
        assertThatExceptionOfType(VersionConflictException.class).isThrownBy(() -> erase(about));
    }

    @Test
    void aTextThatIsMissingOrAlteredButNotErasedIsAFindingAndIsNotShown() throws Exception {
        comment(SECRET);
        comment(OTHER);
        List<Digest> commitments = texts();
        ops.close();
        try (Attacker attacker = Attacker.on(folder)) {
            attacker.run("DROP TRIGGER IF EXISTS modelops_text_update");
            attacker.run("UPDATE modelops_text SET content = CAST(content || 'x' AS BLOB) WHERE commitment = x'"
                    + commitments.get(0).toHex() + "'");
            attacker.run("DELETE FROM modelops_text WHERE commitment = x'"
                    + commitments.get(1).toHex() + "'");
        }
        ops = Site.open(folder, key);
        assertThat(findings())
                .extracting(AuditReport.Finding::kind)
                .containsExactly(AuditReport.Kind.BLOB, AuditReport.Kind.BLOB);
        assertThat(findings())
                .extracting(AuditReport.Finding::message)
                .anySatisfy(message -> assertThat(message).contains("altered in the store"));
        assertThat(findings())
                .extracting(AuditReport.Finding::message)
                .anySatisfy(message -> assertThat(message).contains("no entry says that it was erased"));
        assertThat(by(Site.AUDITOR).comments(REF))
                .allSatisfy(comment -> assertThat(comment.text()).isInstanceOf(ErasableText.Unavailable.class));
    }

    @Test
    void whatIsStillThereAfterItsErasureIsAFindingAndRemovedAtTheNextStart() {
        Recorded said = comment(SECRET);
        ops.close();
        Storage dying = Storages.existingDirectory(folder);
        ops = Site.opening(new Storage(dying.log(), dying.blobs(), new Unerasing(dying.texts())), key)
                .start();
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> erase(said))
                .withMessageContaining("is recorded at position");
        assertThat(by(Site.AUDITOR).comments(REF).get(0).text()).isInstanceOf(ErasableText.Erased.class);
        ops.close();
        assertThat(filesWith(folder, SECRET)).isNotEmpty();
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.message()).contains("still in the store"));
            assertThat(inspection.registry().comments(REF).get(0).text()).isInstanceOf(ErasableText.Erased.class);
        }
        ops = Site.open(folder, key);
        ops.close();
        assertThat(filesWith(folder, SECRET)).isEmpty();
        ops = Site.open(folder, key);
        assertThat(findings()).isEmpty();
    }

    @Test
    void anotherProcessShowsWhatWasErasedAsErased() {
        Recorded said = comment(SECRET);
        try (ModelOps second = Site.open(folder, key)) {
            assertThat(Site.registry(second, Site.AUDITOR).comments(REF).get(0).text())
                    .isEqualTo(kept(SECRET));
            Recorded erased = erase(said);
            second.sync();
            assertThat(Site.registry(second, Site.AUDITOR).comments(REF).get(0).text())
                    .isEqualTo(new ErasableText.Erased(erased.position()));
        }
        assertThat(filesWith(folder, SECRET)).isEmpty();
    }

    @Test
    void aTextThatCannotBeStoredFailsItsActAlone() {
        ops.close();
        Storage full = Storages.existingDirectory(folder);
        ops = Site.opening(new Storage(full.log(), full.blobs(), new Full(full.texts())), key)
                .start();
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> comment(SECRET))
                .withMessageContaining("nothing was changed");
        var unused = by(Site.ADA).perform(Action.setTag(REF, "k", "v"));
        assertThat(by(Site.AUDITOR).comments(REF)).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void copiesAndArchivesTakeAlongWhatIsThereAndNothingErased() {
        Recorded said = comment(SECRET);
        comment(OTHER);
        ops.audit().checkpoint();
        ops.close();
        Path before = dir.resolve("before.zip");
        try (Storage from = Storages.existingDirectory(folder)) {
            StoreTransfer.export(from, before, key, Progress.NONE);
            try (Storage early = Storages.directory(dir.resolve("early"))) {
                StoreTransfer.copy(from, early, key, Progress.NONE);
            }
        }
        assertThat(filesWith(dir.resolve("early"), SECRET)).isNotEmpty();
        ops = Site.open(folder, key);
        Recorded erased = erase(said);
        ops.audit().checkpoint();
        ops.close();
        try (Storage from = Storages.existingDirectory(folder);
                Storage archive = StoreTransfer.archive(before)) {
            for (String target : List.of("early", "late")) {
                try (Storage to = Storages.directory(dir.resolve(target))) {
                    StoreTransfer.copy(from, to, key, Progress.NONE);
                    // An archive of before the erasure cannot bring the text back.
                    assertThatExceptionOfType(VersionConflictException.class)
                            .isThrownBy(() -> StoreTransfer.copy(archive, to, key, Progress.NONE));
                }
                assertThat(filesWith(dir.resolve(target), SECRET)).isEmpty();
                assertThat(filesWith(dir.resolve(target), OTHER)).isNotEmpty();
                requireErased(Storages.existingDirectory(dir.resolve(target)), erased);
            }
            Path after = dir.resolve("after.zip");
            StoreTransfer.export(from, after, key, Progress.NONE);
            assertThat(filesWith(dir, SECRET)).containsExactly(before);
            requireErased(StoreTransfer.archive(after), erased);
            try (Storage to = Storages.directory(dir.resolve("imported"))) {
                Storage source = StoreTransfer.archive(after);
                StoreTransfer.copy(source, to, key, Progress.NONE);
                source.close();
            }
            requireErased(Storages.existingDirectory(dir.resolve("imported")), erased);
        }
    }

    private void requireErased(Storage storage, Recorded erased) {
        try (StoreInspection inspection = StoreInspection.open(storage, key)) {
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
            assertThat(inspection.registry().comments(REF))
                    .extracting(Comment::text)
                    .containsExactly(new ErasableText.Erased(erased.position()), kept(OTHER));
        }
    }

    @Test
    void aTextThatIsLostIsNotCopiedOverInSilence() throws Exception {
        comment(SECRET);
        ops.audit().checkpoint();
        Digest commitment = texts().get(0);
        ops.close();
        try (Storage from = Storages.existingDirectory(folder);
                Storage to = Storages.directory(dir.resolve("target"))) {
            from.texts().erase(commitment);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> StoreTransfer.copy(from, to, key, Progress.NONE))
                    .withMessageContaining("text of entry 2");
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> StoreTransfer.export(from, dir.resolve("x.zip"), key, Progress.NONE));
        }
    }

    @Test
    void textsOfAStorageWithoutAStoreForThemAreBlobsAndAreErasedAsSuch() {
        BlobStore blobs = Blobs.directory(dir.resolve("other-blobs"));
        Storage storage = new Storage(FaultyLogStore.withoutTexts(Storages.sqlite(dir.resolve("other.db"))), blobs);
        assertThat(storage.keepsTextsAsBlobs()).isTrue();
        LogKey other = ModelOps.create(storage, Site.genesis().grant(PIA, Role.PRIVACY_OFFICER));
        ops.close();
        ops = Site.opening(storage, other).start();
        Site.register(ops, dir.resolve("scratch2"), "risk", 1);
        Recorded said = comment(SECRET);
        assertThat(by(Site.AUDITOR).comments(REF).get(0).text()).isEqualTo(kept(SECRET));
        assertThat(filesWith(dir.resolve("other-blobs"), SECRET)).hasSize(1);
        erase(said);
        assertThat(filesWith(dir, SECRET)).isEmpty();
        assertThat(findings()).isEmpty();
    }

    @Test
    void textsAmongBlobsAreKeptInNoHostsCache() {
        Path shared = dir.resolve("other-blobs");
        Path cache = dir.resolve("blob-cache");
        Storage storage = new Storage(
                FaultyLogStore.withoutTexts(Storages.sqlite(dir.resolve("other.db"))), Blobs.directory(shared));
        LogKey other = ModelOps.create(storage, Site.genesis().grant(PIA, Role.PRIVACY_OFFICER));
        ops.close();
        ops = Site.opening(storage, other).start();
        Site.register(ops, dir.resolve("scratch2"), "risk", 1);
        Recorded said = comment(SECRET);
        Storage cached = new Storage(
                FaultyLogStore.withoutTexts(Storages.sqlite(dir.resolve("other.db"))),
                Blobs.cached(Blobs.directory(shared), cache, 1 << 20));
        try (StoreInspection inspection = StoreInspection.open(cached, other)) {
            assertThat(inspection.registry().comments(REF).get(0).text()).isEqualTo(kept(SECRET));
            assertThat(inspection.audit().verify(Progress.NONE).findings()).isEmpty();
        }
        erase(said);
        assertThat(filesWith(dir, SECRET)).isEmpty();
    }

    private List<Digest> texts() {
        List<Digest> found = new ArrayList<>();
        try (Storage storage = Storages.existingDirectory(folder)) {
            storage.texts().list(text -> found.add(text.digest()));
        }
        return found;
    }

    /** A store that dies before it removes. */
    private static final class Unerasing extends WrappedTexts {
        Unerasing(ErasableStore store) {
            super(store);
        }

        @Override
        public boolean erase(Digest commitment) {
            throw new StorageException("the store is gone");
        }
    }

    /** A store that takes texts and does not answer. */
    private static final class Blind extends WrappedTexts {
        Blind(ErasableStore store) {
            super(store);
        }

        @Override
        public Optional<Bytes> find(Digest commitment) {
            throw new StorageException("the connection was lost");
        }
    }

    private static final class Full extends WrappedTexts {
        Full(ErasableStore store) {
            super(store);
        }

        @Override
        public void put(Map<Digest, Bytes> contents) {
            throw new StorageException("there is no room left");
        }
    }
}
