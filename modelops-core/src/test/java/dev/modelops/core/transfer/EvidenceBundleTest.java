package dev.modelops.core.transfer;

import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.UNKNOWN_PUBLISHER;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.EvidenceBundle;
import dev.modelops.core.EvidenceBundle.Trust;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate.TestResult;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.storage.Storages;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.VerificationException;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What speaks for a version, in the hands of somebody who has nothing but keys. */
class EvidenceBundleTest {
    private static final Digest PUBLISHER_ID = Crypto.keyDigest(PUBLISHER.publicKey());

    @TempDir
    Path dir;

    private ModelVersion version;
    private Trust trust;
    private Path folder;
    private Path sibling;

    @BeforeEach
    void export() {
        try (GovernedLog log = GovernedLog.in(Storages.inMemory(), GovernedLog::peopled)) {
            Histories.live(log, dir, 2);
            version = log.as(AUTHOR).get(ref("risk", 2));
            TestResult failed = new TestResult(Outcome.FAILED, List.of(), List.of(), List.of(), List.of("auc"));
            for (var signer : List.of(PUBLISHER, UNKNOWN_PUBLISHER)) {
                Bytes envelope = Attestation.sign("risk@2", version.artifact(), failed, signer);
                log.as(AUTHOR).attach(version.ref(), failed.type(), envelope);
            }
            var unused = log.ops().as(GovernedLog.AUDITOR).audit().checkpoint();
            trust = new Trust(log.logKey(), List.of(PUBLISHER.publicKey()), List.of());
            folder = dir.resolve("evidence-of-risk-2");
            EvidenceBundle.export(log.storage(), log.logKey(), version.ref(), folder, Progress.NONE);
            sibling = dir.resolve("evidence-of-risk-1");
            EvidenceBundle.export(log.storage(), log.logKey(), ref("risk", 1), sibling, Progress.NONE);
            assertThatThrownBy(() ->
                            EvidenceBundle.export(log.storage(), log.logKey(), version.ref(), folder, Progress.NONE))
                    .isInstanceOf(StorageException.class);
            assertThatThrownBy(() -> EvidenceBundle.export(
                            log.storage(), log.logKey(), ref("risk", 99), dir.resolve("none"), Progress.NONE))
                    .isInstanceOf(NotFoundException.class);
            assertThat(dir.resolve("none")).doesNotExist();
        }
    }

    @Test
    void aFolderIsVerifiedWithNothingButKeys() throws IOException {
        EvidenceBundle verified = EvidenceBundle.verify(folder, trust);
        assertThat(verified.version()).isEqualTo(version.ref());
        assertThat(verified.artifact()).isEqualTo(version.artifact());
        assertThat(verified.publisher()).isEqualTo(PUBLISHER_ID);
        assertThat(verified.entries().get(0).position()).isEqualTo(version.position());
        List<EvidenceBundle.Document> tests = verified.evidence().stream()
                .filter(document -> document.type().equals(TestResult.TYPE))
                .toList();
        assertThat(tests).hasSize(2);
        assertThat(tests.get(0).signers()).containsExactly(PUBLISHER_ID);
        assertThat(tests.get(0).outcome()).contains(Outcome.FAILED);
        assertThat(tests.get(1).signers()).isEmpty();
        assertThat(tests.get(1).outcome()).isEmpty();
        assertThat(folder.resolve("README.md"))
                .content()
                .contains(TestResult.TYPE, "evidence/" + tests.get(0).digest().toHex());
        try (Stream<Path> left = Files.list(dir)) {
            assertThat(left.map(path -> path.getFileName().toString())).noneMatch(name -> name.startsWith("."));
        }
    }

    @Test
    void everyAlteredMissingAndAddedFileIsFound() throws IOException {
        for (Path file : files()) {
            byte[] good = Files.readAllBytes(file);
            for (int at : new int[] {0, good.length / 2, good.length - 1}) {
                byte[] bad = good.clone();
                bad[at] ^= 1;
                Files.write(file, bad);
                assertDamaged(file + " altered at " + at);
            }
            Files.write(file, Arrays.copyOf(good, good.length + 1));
            assertDamaged(file + " longer");
            Files.delete(file);
            assertDamaged(file + " missing");
            Files.write(file, good);
        }
        for (String name :
                List.of("more.txt", "evidence/more", "receipts/more", "entries/more.json", "entries/x/y.json")) {
            Path added = folder.resolve(name);
            Files.createDirectories(added.getParent());
            Files.writeString(added, "{}");
            assertDamaged(name + " added");
            Files.delete(added);
        }
        Files.delete(folder.resolve("entries/x"));
        assertThat(EvidenceBundle.verify(folder, trust).version()).isEqualTo(version.ref());
    }

    /** Every piece is genuine, and of another version of the same model in the same log. */
    @Test
    void piecesOfTwoVersionsDoNotMakeOne() throws IOException {
        List<String> taken = new ArrayList<>();
        try (Stream<Path> others = Files.walk(sibling)) {
            for (Path piece : others.filter(Files::isRegularFile).toList()) {
                String name = sibling.relativize(piece).toString();
                Path here = folder.resolve(name);
                byte[] own = Files.exists(here) ? Files.readAllBytes(here) : null;
                if (own != null && Arrays.equals(own, Files.readAllBytes(piece))) {
                    continue;
                }
                Files.write(here, Files.readAllBytes(piece));
                assertDamaged(name + " of another version");
                taken.add(name);
                if (own == null) {
                    Files.delete(here);
                } else {
                    Files.write(here, own);
                }
            }
        }
        assertThat(taken)
                .contains("model.sig", "version.txt", "README.md")
                .anyMatch(name -> name.startsWith("evidence/"));
        assertThat(EvidenceBundle.verify(folder, trust).version()).isEqualTo(version.ref());
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path signature = folder.resolve("model.sig");
        Path elsewhere = Files.move(signature, dir.resolve("elsewhere.sig"));
        Files.createSymbolicLink(signature, elsewhere);
        assertDamaged("a link");
    }

    @Test
    void keysThatAreNotTrustedAreRefused() {
        LogKey other = new LogKey(NoteVerifier.of("example.org/models", GovernedLog.WRITER.publicKey())
                .vkey());
        assertThatThrownBy(() -> EvidenceBundle.verify(folder, new Trust(other, trust.publishers(), List.of())))
                .isInstanceOf(IntegrityException.class);
        Trust stranger = new Trust(trust.log(), List.of(UNKNOWN_PUBLISHER.publicKey()), List.of());
        assertThatThrownBy(() -> EvidenceBundle.verify(folder, stranger)).isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> EvidenceBundle.verify(folder, new Trust(trust.log(), List.of(), List.of())))
                .isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> EvidenceBundle.verify(dir.resolve("nowhere"), trust))
                .isInstanceOf(NotFoundException.class);
    }

    private void assertDamaged(String what) {
        assertThatThrownBy(() -> EvidenceBundle.verify(folder, trust))
                .as(what)
                .isInstanceOfAny(IntegrityException.class, VerificationException.class);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
