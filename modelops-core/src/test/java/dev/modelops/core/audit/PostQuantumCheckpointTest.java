package dev.modelops.core.audit;

import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelOps;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.WitnessPolicy;
import dev.modelops.core.Witnesses;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.core.signing.Signers;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.testkit.fixtures.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints under a second signature that quantum computers are not known to forge, added when somebody wants it. */
class PostQuantumCheckpointTest {
    private static final Signer KEY = Signers.generate(SignatureAlgorithm.ML_DSA_44);

    @TempDir
    Path dir;

    private final GovernedLog log = GovernedLog.open();
    private final Witness holder = Witnesses.holder(log.logKey(), KEY, log.clock());
    private final WitnessPolicy demanding = WitnessPolicy.of(1, holder.keys().get(0));

    @AfterEach
    void close() {
        log.close();
    }

    private ModelOps withTheKey() {
        return ModelOps.open(log.storage(), log.logKey())
                .writer(GovernedLog.WRITER)
                .logSigner(GovernedLog.LOG_SIGNER)
                .publisher(GovernedLog.PUBLISHER)
                .clock(log.clock())
                .pollInterval(Duration.ofHours(1))
                .witnessDeadline(Duration.ofSeconds(60))
                .witness(holder)
                .start();
    }

    private AuditReport inspected() {
        try (StoreInspection inspection = StoreInspection.open(log.storage(), log.logKey())) {
            return inspection.verify(demanding, START.plusSeconds(1), Progress.NONE);
        }
    }

    @Test
    void aLogBegunWithoutTheKeyAddsItLaterAndWhoPinsItDemandsIt() throws Exception {
        log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
        String before = log.ops().audit().checkpoint().note();
        assertThat(demanding.isMetBy(before)).isFalse();
        assertThat(inspected().findings()).isNotEmpty();

        try (ModelOps ops = withTheKey()) {
            ops.as(AUTHOR).registry().comment(ref("risk", 1), "with the key from here on");
            String after = ops.audit().checkpoint().note();

            assertThat(demanding.isMetBy(after)).isTrue();
            assertThat(SignedNote.parse(after)
                            .cosignedBy(
                                    List.of(CosignatureKey.parse(holder.keys().get(0)))))
                    .containsValue(log.clock().instant());
            assertThat(holder.keys().get(0)).startsWith(log.logKey().origin() + "+");
            TlogProof first = TlogProof.parse(ops.audit().receipt(0));
            first.verify(
                    log.storage().log().read(0, 1).get(0).body().toByteArray(),
                    NoteVerifier.parse(log.logKey().text()));
            assertThat(demanding.isMetBy(first.checkpoint().toString()))
                    .as("entries of before come under it too")
                    .isTrue();
            ops.as(AUDITOR).audit().export(dir.resolve("tiles"), Progress.NONE);
            assertThat(demanding.isMetBy(Files.readString(dir.resolve("tiles/checkpoint"))))
                    .isTrue();
            assertThat(ops.as(AUDITOR).audit().verify(Progress.NONE).findings()).isEmpty();
        }
        assertThat(inspected().findings()).isEmpty();
    }

    @Test
    void whoDoesNotKnowTheKeyReadsTheLogAsBefore() {
        try (ModelOps ops = withTheKey()) {
            String note = ops.audit().checkpoint().note();

            assertThat(SignedNote.parse(note)
                            .verifiedBy(Set.of(NoteVerifier.parse(log.logKey().text()))))
                    .hasSize(1);
        }
        log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
        log.as(AUTHOR).comment(ref("risk", 1), "one more");
        assertThat(log.ops().audit().checkpoint().note()).isNotEmpty();
    }

    /** What a quantum computer could do: sign anything with the log's Ed25519 key, and nothing with the other. */
    @Test
    void theLogsOtherKeyAloneMeetsNoDemandForThisOne() {
        String genuine;
        try (ModelOps ops = withTheKey()) {
            genuine = ops.audit().checkpoint().note();
        }
        CheckpointBody body = CheckpointBody.parse(SignedNote.parse(genuine).text());
        String line = genuine.substring(genuine.lastIndexOf('\u2014'));
        String bare = genuine.substring(0, genuine.lastIndexOf('\u2014'));
        String forged = new NoteSigner(body.origin(), GovernedLog.LOG_SIGNER)
                .sign(new CheckpointBody(body.origin(), body.size() + 1, body.root()).text());
        Witness another = Witnesses.holder(log.logKey(), Signers.generate(SignatureAlgorithm.ML_DSA_44), log.clock());

        assertThat(demanding.isMetBy(bare + line)).isTrue();
        assertThat(demanding.isMetBy(bare)).isFalse();
        assertThat(demanding.isMetBy(forged)).isFalse();
        assertThat(demanding.isMetBy(forged + line)).isFalse();
        assertThat(another.cosign(forged, 0, List.of()))
                .isInstanceOfSatisfying(
                        Witness.Answer.Cosigned.class,
                        given -> assertThat(demanding.isMetBy(forged + given.signatures()))
                                .isFalse());
    }

    @Test
    void theHolderSaysOnlyWhatTheLogsOwnKeyHasSaid() {
        String note = log.ops().audit().checkpoint().note();
        Witness other = Witnesses.holder(
                new LogKey(NoteVerifier.of("example.org/other", GovernedLog.LOG_SIGNER.publicKey())
                        .vkey()),
                KEY,
                log.clock());

        assertThat(holder.cosign(note, 0, List.of())).isInstanceOf(Witness.Answer.Cosigned.class);
        assertThat(other.cosign(note, 0, List.of())).isInstanceOf(Witness.Answer.Refused.class);
        assertThat(holder.cosign(note.replace("example.org", "example.com"), 0, List.of()))
                .isInstanceOf(Witness.Answer.Refused.class);
        assertThat(holder.cosign(
                        new NoteSigner(log.logKey().origin(), Signers.generate(SignatureAlgorithm.ED25519))
                                .sign(SignedNote.parse(note).text()),
                        0,
                        List.of()))
                .isInstanceOf(Witness.Answer.Refused.class);
        assertThat(holder.cosign("nothing\n", 0, List.of())).isInstanceOf(Witness.Answer.Refused.class);
        assertThat(holder.newest(log.logKey().origin())).isEmpty();
    }
}
