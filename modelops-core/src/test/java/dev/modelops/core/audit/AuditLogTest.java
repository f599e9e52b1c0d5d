package dev.modelops.core.audit;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.ConsistencyProof;
import dev.modelops.audit.InclusionProof;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.TileTree;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import dev.sigstore.merkle.InclusionProofVerificationException;
import dev.sigstore.merkle.InclusionProofVerifier;
import dev.sigstore.rekor.client.Checkpoints;
import dev.sigstore.rekor.client.RekorEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log of a small history, read, proved, exported and verified as an auditor would. */
@Tag("every-store")
class AuditLogTest {
    private static final ModelName RISK = ModelName.of("risk");

    @TempDir
    Path dir;

    private GovernedLog log;
    private AuditLog audit;

    @BeforeEach
    void openLog() {
        log = GovernedLog.open();
        audit = log.ops().as(AUDITOR).audit();
        register("risk");
        log.clock().advance(Duration.ofMillis(10));
        register("risk-2");
        log.as(AUTHOR).comment(ref("risk", 1), "one");
        log.clock().advance(Duration.ofMillis(10));
        log.as(ADMIN).grantRole(STRANGER, Role.AUDITOR);
        log.as(AUTHOR).comment(ref("risk", 1), "two");
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(AUTHOR).retire(ref("risk", 1), "not mine to retire"));
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private void register(String model) {
        log.as(AUTHOR).register(VersionSpec.of(model, Models.small(dir.resolve("model"))));
    }

    private void growTo(long size) {
        while (log.ops().position().size() < size) {
            log.as(AUTHOR).comment(ref("risk", 1), "entry " + log.ops().position());
        }
    }

    private List<Long> indexes(AuditQuery query) {
        return audit.query(query).items().stream()
                .map(entry -> entry.position().index())
                .toList();
    }

    @Test
    void entriesAreCloudEventsThatSayWhatTheirRecordsSay() throws Exception {
        for (long index = 0; index < log.ops().position().size(); index++) {
            AuditEntry entry = audit.get(index);
            JsonNode body = new ObjectMapper().readTree(entry.body().toByteArray());
            assertThat(entry.position()).isEqualTo(LogPosition.after(index));
            assertThat(body.get("specversion").asText()).isEqualTo("1.0");
            assertThat(body.get("source").asText()).isEqualTo("example.org/models");
            assertThat(body.get("id").asText()).isEqualTo(entry.id());
            assertThat(body.get("type").asText()).isEqualTo(entry.type());
            assertThat(Instant.parse(body.get("time").asText())).isEqualTo(entry.at());
            assertThat(Optional.ofNullable(body.get("subject")).map(JsonNode::asText))
                    .isEqualTo(entry.subject());
            assertThat(Principal.parse(body.at("/data/actor/principal").asText()))
                    .isEqualTo(entry.actor());
            assertThat(entry.decision().isPresent()).isEqualTo(index > 0);
        }
        assertThat(audit.get(0).type()).isEqualTo("dev.modelops.log.created.v1");
        for (long index : new long[] {-1, log.ops().position().size(), Long.MAX_VALUE}) {
            assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> audit.get(index));
        }
    }

    @Test
    void queriesFindByModelPersonTypeAndTime() {
        AuditQuery all = AuditQuery.all();
        assertThat(indexes(all)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(indexes(all.model(RISK))).containsExactly(1L, 3L, 5L, 6L);
        assertThat(indexes(all.model(ModelName.of("risk-2")))).containsExactly(2L);
        assertThat(indexes(all.model(ModelName.of("ris")))).isEmpty();
        assertThat(indexes(all.actor(ADMIN))).containsExactly(4L);
        assertThat(indexes(all.actor(STRANGER))).isEmpty();
        assertThat(indexes(all.type("dev.modelops.version.commented.v1"))).containsExactly(3L, 5L);
        assertThat(indexes(
                        all.type("dev.modelops.access.refused.v1").model(RISK).actor(AUTHOR)))
                .containsExactly(6L);
        assertThat(indexes(all.between(START, START.plusMillis(10)))).containsExactly(0L, 1L);
        assertThat(indexes(all.between(START.plusMillis(10), START.plusMillis(20))))
                .containsExactly(2L, 3L);
        assertThat(indexes(all.between(START.plusNanos(1), null))).containsExactly(2L, 3L, 4L, 5L, 6L);
        assertThat(indexes(all.between(null, START))).isEmpty();
        assertThat(indexes(all.between(null, START.plusNanos(1)))).containsExactly(0L, 1L);
        assertThat(indexes(all.between(START.plusMillis(20), START))).isEmpty();
        assertThat(indexes(all.between(Instant.MIN, Instant.MAX))).hasSize(7);
        assertThat(indexes(all.between(Instant.MAX, null))).isEmpty();
    }

    @Test
    void pagesOfAQueryStayThoseOfTheFirstWhileOthersWrite() {
        List<Long> seen = new ArrayList<>();
        AuditQuery query = AuditQuery.all().model(RISK).limit(1);
        Page<AuditEntry> page = audit.query(query);
        LogPosition first = page.position();
        while (true) {
            assertThat(page.position()).isEqualTo(first);
            page.items().forEach(entry -> seen.add(entry.position().index()));
            log.as(AUTHOR).comment(ref("risk", 1), "meanwhile");
            if (page.next().isEmpty()) {
                break;
            }
            page = audit.query(query.after(page.next().get()));
        }
        assertThat(seen).containsExactly(1L, 3L, 5L, 6L);
    }

    @Test
    void everyEntryIsProvedAtEverySize() {
        growTo(20);
        Map<Long, Digest> roots = new TreeMap<>();
        for (long size = 1; size <= 20; size++) {
            for (long index = 0; index < size; index++) {
                InclusionProof proof = audit.prove(index, LogPosition.of(size));
                assertThat(proof.index()).isEqualTo(index);
                assertThat(proof.size()).isEqualTo(size);
                byte[] leaf = Merkle.leafHash(audit.get(index).body().toByteArray());
                Digest root = roots.computeIfAbsent(size, unused -> naiveRoot(unused));
                assertThat(Merkle.verifyInclusion(index, size, leaf, raw(proof.hashes()), raw(root)))
                        .isTrue();
                byte[] other =
                        Merkle.leafHash(audit.get((index + 1) % 20).body().toByteArray());
                assertThat(Merkle.verifyInclusion(index, size, other, raw(proof.hashes()), raw(root)))
                        .isFalse();
            }
        }
        for (long size = 1; size <= 20; size++) {
            for (long later = size; later <= 20; later++) {
                ConsistencyProof proof = audit.consistency(LogPosition.of(size), LogPosition.of(later));
                assertThat(Merkle.verifyConsistency(
                                size, later, raw(roots.get(size)), raw(roots.get(later)), raw(proof.hashes())))
                        .isTrue();
                assertThat(Merkle.verifyConsistency(
                                size, later, raw(roots.get(size % 20 + 1)), raw(roots.get(later)), raw(proof.hashes())))
                        .isFalse();
            }
        }
        assertThat(audit.checkpoint().root()).isEqualTo(roots.get(20L));
    }

    /** The root of the first entries, by the definition of RFC 6962. */
    private Digest naiveRoot(long size) {
        List<byte[]> leaves = new ArrayList<>();
        for (long i = 0; i < size; i++) {
            leaves.add(sha256(new byte[] {0}, audit.get(i).body().toByteArray()));
        }
        return Digest.sha256(naiveRoot(leaves));
    }

    private static byte[] naiveRoot(List<byte[]> leaves) {
        if (leaves.size() == 1) {
            return leaves.get(0);
        }
        int split = Integer.highestOneBit(leaves.size() - 1);
        return sha256(
                new byte[] {1}, naiveRoot(leaves.subList(0, split)), naiveRoot(leaves.subList(split, leaves.size())));
    }

    private static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] raw(Digest digest) {
        return digest.value().toByteArray();
    }

    private static List<byte[]> raw(List<Digest> digests) {
        return digests.stream().map(AuditLogTest::raw).toList();
    }

    @Test
    void whatTheLogHasNotReachedIsNotProved() {
        long size = log.ops().position().size();
        for (long index : new long[] {-1, size, size + 1}) {
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> audit.prove(index, LogPosition.of(size)));
            assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> audit.receipt(index));
        }
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> audit.prove(0, LogPosition.of(size + 1)));
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> audit.prove(0, LogPosition.of(0)));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> audit.consistency(LogPosition.of(1), LogPosition.of(size + 1)));
        assertThatIllegalArgumentException().isThrownBy(() -> audit.consistency(LogPosition.of(0), LogPosition.of(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> audit.consistency(LogPosition.of(2), LogPosition.of(1)));
    }

    @Test
    void receiptsProveTheirEntriesToUsAndToSigstore() throws Exception {
        NoteVerifier key = NoteVerifier.parse(log.logKey().text());
        for (long size : new long[] {7, 8, 9, 64, 65, 255, 256, 257}) {
            growTo(size);
            for (long index : new long[] {0, 1, 6, size / 2, size - 2, size - 1}) {
                String receipt = audit.receipt(index);
                byte[] body = audit.get(index).body().toByteArray();
                assertThat(TlogProof.parse(receipt).verify(body, key).size()).isEqualTo(size);
                requireProvedBySigstore(receipt, index, size, body);
                byte[] altered = body.clone();
                altered[altered.length / 2] ^= 1;
                assertThatExceptionOfType(NoteException.class)
                        .isThrownBy(() -> TlogProof.parse(receipt).verify(altered, key));
                assertThatExceptionOfType(InclusionProofVerificationException.class)
                        .isThrownBy(() -> requireProvedBySigstore(receipt, index, size, altered));
            }
        }
    }

    /** Reads a receipt line by line and verifies it with sigstore-java and the Java runtime alone. */
    private void requireProvedBySigstore(String receipt, long index, long size, byte[] body) throws Exception {
        int split = receipt.indexOf("\n\n");
        List<String> lines = List.of(receipt.substring(0, split).split("\n"));
        assertThat(lines.get(0)).isEqualTo("c2sp.org/tlog-proof@v1");
        assertThat(lines.get(1)).isEqualTo("index " + index);
        List<byte[]> hashes = lines.subList(2, lines.size()).stream()
                .map(Base64.getDecoder()::decode)
                .toList();
        RekorEntry.Checkpoint checkpoint = Checkpoints.from(receipt.substring(split + 2));
        assertThat(checkpoint.getOrigin()).isEqualTo("example.org/models");
        assertThat(checkpoint.getSize()).isEqualTo(size);
        InclusionProofVerifier.verify(
                sha256(new byte[] {0}, body),
                index,
                checkpoint.getSize(),
                hashes,
                Base64.getDecoder().decode(checkpoint.getBase64Hash()));
        RekorEntry.CheckpointSignature signature = checkpoint.getSignatures().get(0);
        PublicKey key = GovernedLog.LOG_SIGNER.publicKey();
        Signature ed25519 = Signature.getInstance("Ed25519", "SunEC");
        ed25519.initVerify(java.security.KeyFactory.getInstance("Ed25519", "SunEC")
                .generatePublic(new java.security.spec.X509EncodedKeySpec(key.getEncoded())));
        ed25519.update(checkpoint.getSignedData().getBytes(StandardCharsets.UTF_8));
        assertThat(ed25519.verify(signature.getSignature())).isTrue();
    }

    @Test
    void anyTwoCheckpointsAreConsistent() {
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            checkpoints.add(audit.checkpoint());
            growTo(log.ops().position().size() + i + 1);
        }
        assertThat(checkpoints).doesNotHaveDuplicates();
        for (Checkpoint from : checkpoints) {
            for (Checkpoint to : checkpoints.subList(checkpoints.indexOf(from), checkpoints.size())) {
                ConsistencyProof proof = audit.consistency(from.position(), to.position());
                assertThat(Merkle.verifyConsistency(
                                proof.from(), proof.to(), raw(from.root()), raw(to.root()), raw(proof.hashes())))
                        .isTrue();
            }
        }
        assertThat(audit.checkpoint()).isEqualTo(audit.checkpoint());
    }

    @Test
    void theLogKeyIsTheTextThatTheSignedNoteFormatPrescribes() {
        byte[] raw = GovernedLog.LOG_SIGNER.publicKey().getEncoded();
        byte[] typed = new byte[33];
        typed[0] = 1;
        System.arraycopy(raw, raw.length - 32, typed, 1, 32);
        byte[] name = "example.org/models\n".getBytes(StandardCharsets.UTF_8);
        String keyId = HexFormat.of().formatHex(sha256(name, typed), 0, 4);
        String vkey = "example.org/models+" + keyId + "+" + Base64.getEncoder().encodeToString(typed);
        assertThat(log.logKey().text()).isEqualTo(vkey);
        assertThat(log.ops().logKey()).isEqualTo(log.logKey());
        assertThat(log.logKey().origin()).isEqualTo("example.org/models");
        String signature = audit.checkpoint().note().lines().reduce((a, b) -> b).orElseThrow();
        assertThat(signature).startsWith("\u2014 example.org/models ");
        byte[] signed = Base64.getDecoder().decode(signature.substring(signature.lastIndexOf(' ') + 1));
        assertThat(ByteBuffer.wrap(signed).getInt()).isEqualTo((int) Long.parseLong(keyId, 16));
    }

    @Test
    void anExportGrowsWithTheLogAndIsVerifiedByItself() throws Exception {
        NoteVerifier key = NoteVerifier.parse(log.logKey().text());
        Path folder = dir.resolve("export");
        for (long size : new long[] {7, 7, 200, 256, 300}) {
            growTo(size);
            Checkpoint checkpoint = audit.export(folder, Progress.NONE);
            assertThat(checkpoint.position().size()).isEqualTo(size);
            TileTree.Report report = TileTree.verify(folder, key, Progress.NONE);
            assertThat(report.checkpoint().size()).isEqualTo(size);
            assertThat(Digest.sha256(report.checkpoint().root())).isEqualTo(checkpoint.root());
            assertThat(folder.resolve("checkpoint")).hasContent(checkpoint.note());
        }
        byte[] first = Files.readAllBytes(folder.resolve("tile/entries/000"));
        int length = ByteBuffer.wrap(first).getShort() & 0xffff;
        assertThat(Arrays.copyOfRange(first, 2, 2 + length))
                .isEqualTo(audit.get(0).body().toByteArray());
        Models.tamper(folder.resolve("tile/entries/000"));
        assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> TileTree.verify(folder, key, Progress.NONE));
    }

    @Test
    void whoeverHoldsTheStoreReadsTheSameLogAndRegistry() {
        log.as(RELEASER).deprecate(ref("risk", 1), "old");
        Checkpoint last = audit.checkpoint();
        List<AuditEntry> entries = audit.query(AuditQuery.all()).items();
        AuditReport report = audit.verify(Progress.NONE);
        assertThat(report.isSound()).isTrue();
        assertThat(report.position()).isEqualTo(last.position());
        assertThat(report.root()).isEqualTo(last.root());
        try (StoreInspection inspection = StoreInspection.open(log.storage(), log.logKey())) {
            assertThat(inspection.audit().query(AuditQuery.all()).items()).isEqualTo(entries);
            assertThat(inspection.audit().checkpoint()).isEqualTo(last);
            assertThat(inspection.audit().receipt(3)).isEqualTo(audit.receipt(3));
            assertThat(inspection.audit().verify(Progress.NONE)).isEqualTo(report);
            assertThat(inspection.registry().get(ref("risk", 1)))
                    .isEqualTo(log.as(AUDITOR).get(ref("risk", 1)));
            assertThat(inspection.registry(LogPosition.of(2)).model(RISK).map(model -> model.latest()))
                    .contains(VersionNumber.of(1));
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> inspection.registry(START.minusMillis(1)));
        }
    }
}
