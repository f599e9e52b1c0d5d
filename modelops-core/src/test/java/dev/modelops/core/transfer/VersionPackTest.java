package dev.modelops.core.transfer;

import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.WRITER;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.VersionPack;
import dev.modelops.core.internal.log.Recovery;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One version on its way to a network that its log cannot be reached from. */
class VersionPackTest {
    @TempDir
    Path dir;

    private GovernedLog log;
    private LogKey key;
    private Path pack;

    @BeforeEach
    void pack() {
        log = GovernedLog.in(Storages.inMemory(), GovernedLog::peopled);
        key = log.logKey();
        Histories.live(log, dir, 2);
        pack = dir.resolve("risk-2.pack");
        VersionPack.export(log.storage(), key, ref("risk", 2), pack, Progress.NONE);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void aPackSaysWhatTheLogSaysOfTheVersion() {
        VersionPack verified = VersionPack.verify(pack, key, Progress.NONE);

        assertThat(verified.version()).isEqualTo(ref("risk", 2));
        assertThat(verified.source()).isEqualTo(key);
        assertThat(verified.artifact())
                .isEqualTo(log.as(AUTHOR).get(ref("risk", 2)).artifact());
        assertThat(verified.checkpoint().position()).isEqualTo(log.ops().position());
        assertThat(verified.entries().stream().map(entry -> entry.type().replaceAll("dev.modelops.|.v1", "")))
                .containsExactly("version.registered", "evidence.attached", "version.approved", "champion.promoted");
        assertThat(verified.entries())
                .allSatisfy(entry -> assertThat(log.ops()
                                .as(AUDITOR)
                                .audit()
                                .get(entry.position().index())
                                .body())
                        .isEqualTo(entry.body()));
    }

    @Test
    void theSameVersionMakesTheSameBytes() {
        Path again = dir.resolve("again.pack");
        VersionPack.export(log.storage(), key, ref("risk", 2), again, Progress.NONE);
        assertThat(again).hasSameBinaryContentAs(pack);
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> VersionPack.export(log.storage(), key, ref("risk", 2), again, Progress.NONE))
                .withMessageContaining("exists already");
    }

    @Test
    void aChangeOfAnyByteIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(pack);
        Path altered = dir.resolve("altered.pack");
        for (int at = 0; at < whole.length; at += 1 + whole.length / 300) {
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 << at % 8);
            Files.write(altered, bytes);
            assertThatThrownBy(() -> VersionPack.verify(altered, key, Progress.NONE))
                    .as("byte " + at)
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("altered.pack");
        }
        for (int length = 0; length < whole.length; length += 1 + whole.length / 20) {
            Files.write(altered, Arrays.copyOf(whole, length));
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> VersionPack.verify(altered, key, Progress.NONE));
        }
        Files.write(altered, Arrays.copyOf(whole, whole.length + 1));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> VersionPack.verify(altered, key, Progress.NONE));
    }

    @Test
    void whatWasPutTogetherAnewIsRefused() throws IOException {
        Path other = dir.resolve("risk-1.pack");
        VersionPack.export(log.storage(), key, ref("risk", 1), other, Progress.NONE);
        Map<String, byte[]> first = ArchiveTest.unpack(other);
        String approval = "entries/" + name(2);
        refuse("does not belong there", files -> files.put("../evil", new byte[1]));
        refuse("does not belong to risk@1", files -> files.putAll(first));
        refuse("lacks 'receipts", files -> files.remove("receipts/" + name(0).replace(".json", ".tlog-proof")));
        refuse(
                "bytes that belong to no such pack",
                files -> files.put("receipts/" + "9".repeat(20) + ".tlog-proof", new byte[1]));
        refuse("bytes that belong to no such pack", files -> files.put("blobs/sha256/" + "0".repeat(64), new byte[1]));
        refuse(
                "not proved",
                files -> files.put(
                        approval,
                        new String(files.get(approval), StandardCharsets.UTF_8)
                                .replace("staging", "stagins")
                                .getBytes(StandardCharsets.UTF_8)));
        refuse("does not belong to risk@2", files -> files.remove("entries/" + name(0)));
        refuse("holds no entries", files -> files.keySet().removeIf(file -> file.startsWith("entries/")));
        refuse("lacks what it speaks of", files -> files.keySet().removeIf(file -> file.startsWith("blobs/")));
        refuse("begin as a version pack", files -> files.put("pack.txt", new byte[3]));
        refuse(
                "does not belong to risk@3",
                files -> files.put(
                        "pack.txt",
                        ("modelops.dev/pack@v1\n" + key.text() + "\nrisk@3\n").getBytes(StandardCharsets.UTF_8)));
        refuse(
                "names no version",
                files -> files.put(
                        "pack.txt",
                        ("modelops.dev/pack@v1\n" + key.text() + "\nrisk\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** The name of the n-th entry of the pack. */
    private String name(int n) {
        return String.format(
                "%020d.json",
                VersionPack.verify(pack, key, Progress.NONE)
                        .entries()
                        .get(n)
                        .position()
                        .index());
    }

    private void refuse(String because, Consumer<Map<String, byte[]>> change) throws IOException {
        Map<String, byte[]> files = ArchiveTest.unpack(pack);
        change.accept(files);
        Path changed = dir.resolve("changed.pack");
        ArchiveTest.pack(changed, files, ZipEntry.STORED);
        assertThatThrownBy(() -> VersionPack.verify(changed, key, Progress.NONE))
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(because);
    }

    @Test
    void aPackOfAnotherLogIsRefused() {
        LogKey other = new LogKey(NoteVerifier.of(
                        "example.org/models",
                        Signers.of(TestKeys.seeded(9).keyPair(SignatureAlgorithm.ED25519, "stranger"))
                                .publicKey())
                .vkey());
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> VersionPack.verify(pack, other, Progress.NONE))
                .withMessageContaining("but trusted is the log " + other.text());
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> VersionPack.export(
                        log.storage(), other, ref("risk", 2), dir.resolve("none.pack"), Progress.NONE));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> VersionPack.verify(dir.resolve("none.pack"), key, Progress.NONE));
    }

    @Test
    void onlyWhatIsUnderACheckpointIsPacked() {
        log.close();
        try (ModelOps unsigned = ModelOps.open(log.storage(), key)
                .writer(WRITER)
                .publisher(PUBLISHER)
                .clock(log.clock())
                .start()) {
            unsigned.as(AUTHOR).registry().register(VersionSpec.of("risk", Models.small(dir.resolve("model"), 4)));
        }
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> VersionPack.export(
                        log.storage(), key, ref("risk", 4), dir.resolve("early.pack"), Progress.NONE))
                .withMessageContaining("not under a checkpoint yet");
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> VersionPack.export(
                        log.storage(), key, ref("risk", 5), dir.resolve("early.pack"), Progress.NONE));
    }

    @Test
    void aPackHoldsWhatWasSaidOfTheVersionUpToItsCheckpoint() {
        log.as(VALIDATOR).reject(ref("risk", 2), Environment.PRODUCTION, "too old");
        log.ops().audit().checkpoint();
        VersionPack later = VersionPack.export(log.storage(), key, ref("risk", 2), dir.resolve("later"), Progress.NONE);
        assertThat(later.entries()).hasSize(5);
        assertThat(later.entries().get(4).type()).contains("version.rejected");
    }

    @Test
    void aPackOfAVersionInQuarantineSaysSo() {
        var unused = log.as(RELEASER)
                .perform(Action.quarantine(ref("risk", 2), Environment.PRODUCTION)
                        .because("wrong currency"));
        log.ops().audit().checkpoint();
        Path file = dir.resolve("later");
        VersionPack later = VersionPack.export(log.storage(), key, ref("risk", 2), file, Progress.NONE);
        assertThat(later.entries().get(4).type()).contains("version.quarantined");
        assertThat(VersionPack.verify(file, key, Progress.NONE)).isEqualTo(later);
    }

    @Test
    void versionsOfEveryEpochOfARecoveredLogArePacked() {
        Signer root = Signers.of(TestKeys.seeded(43).keyPair(SignatureAlgorithm.ED25519, "root"));
        try (GovernedLog rooted = GovernedLog.in(
                Storages.inMemory(), genesis -> GovernedLog.peopled(genesis).roots(1, List.of(root.publicKey())))) {
            Histories.live(rooted, dir, 3);
            LogKey second = Histories.recovered(rooted.storage(), rooted.logKey(), root, "one");
            LogKey third = Histories.recovered(rooted.storage(), second, root, "two");
            Path file = dir.resolve("recovered.pack");
            VersionPack packed = VersionPack.export(rooted.storage(), third, ref("risk", 2), file, Progress.NONE);
            VersionPack verified = VersionPack.verify(file, third, Progress.NONE);
            assertThat(verified).isEqualTo(packed);
            assertThat(verified.entries().stream().map(entry -> entry.type().replaceAll("dev.modelops.|.v1", "")))
                    .endsWith("champion.promoted", "evidence.attached", "evidence.attached");
            for (LogKey ended : List.of(rooted.logKey(), second)) {
                assertThatExceptionOfType(IntegrityException.class)
                        .isThrownBy(() -> VersionPack.verify(file, ended, Progress.NONE))
                        .withMessageContaining("but trusted is the log");
                assertThatExceptionOfType(IntegrityException.class)
                        .isThrownBy(() -> VersionPack.export(
                                rooted.storage(), ended, ref("risk", 2), dir.resolve("never"), Progress.NONE))
                        .withMessageContaining("was recovered");
            }
        }
    }

    @Test
    void onlyEarlierEpochsAreOfTheSameLog() {
        for (String origin : List.of("a.org/x", "a.org/x/2", "a.org/x/3")) {
            assertThat(Recovery.isOrBefore(origin, "a.org/x/3")).isTrue();
        }
        for (String origin : List.of("a.org/x/4", "a.org/x/1", "a.org", "a.org/x/", "a.org/y", "", "a.org/x/03")) {
            assertThat(Recovery.isOrBefore(origin, "a.org/x/3")).isFalse();
        }
        for (String epoch : List.of("a.org/x/1", "a.org/x/02", "a.org/x/y", "a.org/x/99999", "a.org/x/", "/2", "2")) {
            assertThat(Recovery.isOrBefore("a.org/x", epoch)).isFalse();
            assertThat(Recovery.isOrBefore("", epoch)).isFalse();
        }
    }

    @Test
    void packingCanBeCancelled() {
        Progress cancelled = new Progress() {
            @Override
            public void report(long done, long total) {}

            @Override
            public boolean isCancelled() {
                return true;
            }
        };
        Path never = dir.resolve("never.pack");
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> VersionPack.export(log.storage(), key, ref("risk", 2), never, cancelled));
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> VersionPack.verify(pack, key, cancelled));
        assertThat(never).doesNotExist();
    }

    @Test
    void aDamagedStoreMakesNoPack() {
        log.storage().blobs().delete(Digest.sha256Of(Bytes.ofUtf8("fit 2")));
        Path never = dir.resolve("never.pack");
        assertThatThrownBy(() -> VersionPack.export(log.storage(), key, ref("risk", 2), never, Progress.NONE))
                .isInstanceOf(NotFoundException.class);
        assertThat(never).doesNotExist();
    }
}
