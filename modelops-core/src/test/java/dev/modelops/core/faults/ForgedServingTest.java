package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditReport.Finding;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.BlobSweep;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.serving.Prediction;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Served;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a writer's key and the store cannot say of deployments and predictions without that verification finds it. */
class ForgedServingTest {
    private static final Principal PIA = Principal.of("example.org", "pia");
    private static final Principal LEO = Principal.of("example.org", "leo");
    private static final ModelName OTHER = ModelName.of("other");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;
    private long fallback;
    private long segment;
    private long second;
    private long hold;
    private long expiry;

    @BeforeEach
    void makeLog() {
        folder = dir.resolve("store");
        key = Site.create(
                folder, Site.genesis().grant(PIA, Role.PRIVACY_OFFICER).grant(LEO, Role.LEGAL_OFFICER));
        try (ModelOps ops = Site.open(folder, key)) {
            ModelRef first = Site.promoted(ops, dir.resolve("scratch"), 1);
            ModelRef champion = Site.promoted(ops, dir.resolve("scratch"), 2);
            var unused = Site.register(ops, dir.resolve("scratch"), "risk", 3);
            unused = Site.register(ops, dir.resolve("scratch"), "other", 4);
            segment = record(ops, champion, 0, 3);
            second = record(ops, champion, 3, 5);
            fallback = Site.registry(ops, Site.SCORING)
                    .perform(Action.fallBack(champion, Site.PRODUCTION, first.version(), "too slow"))
                    .position()
                    .index();
            hold = Site.registry(ops, LEO)
                    .perform(Action.hold("case-7", OTHER))
                    .position()
                    .index();
            // The first segment goes.
            expiry = Site.registry(ops, PIA)
                    .perform(Action.expireRecords(Site.RISK, LogPosition.of(segment + 1), "retention"))
                    .position()
                    .index();
        }
    }

    private static long record(ModelOps ops, ModelRef ref, int from, int to) {
        PredictionLog.Rules rules = PredictionLog.Rules.all().segments(1000, Duration.ofHours(1));
        try (PredictionLog.Recorder recorder =
                ops.as(Site.SCORING).predictions().record("risk", Site.PRODUCTION, rules)) {
            for (int i = from; i < to; i++) {
                assertThat(recorder.record(Prediction.of(new Served<>("", ref, Served.By.CHAMPION, 7, i))))
                        .isTrue();
            }
            return recorder.flush().orElseThrow().position().index();
        }
    }

    enum Forgery {
        A_SEGMENT_OF_AN_EARLIER_TIME("segment") {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("to", data(entry).get("from").asText());
                data(entry).put("from", "2001-01-01T00:00:00Z");
            }
        },
        A_SEGMENT_OF_ANOTHER_PROCESS("segment") {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("node", "0000000000000008");
            }
        },
        A_SEGMENT_OF_LATER_COUNTS("segment") {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("first", 1);
            }
        },
        A_SEGMENT_OF_FEWER_COUNTS("segment") {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("last", 1);
            }
        },
        A_SEGMENT_OF_OTHER_VERSIONS("segment") {
            @Override
            void change(ObjectNode entry) {
                data(entry).putArray("versions").add(1);
            }
        },
        A_SEGMENT_OF_ANOTHER_KIND("segment") {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("kind", "outcomes");
            }
        },
        A_SEGMENT_OF_ANOTHER_ENVIRONMENT("segment") {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("environment", "staging");
            }
        },
        A_SEGMENT_OF_ANOTHER_MODEL("segment") {
            @Override
            void change(ObjectNode entry) {
                entry.put("subject", "other");
            }
        },
        A_FALLBACK_FROM_WHAT_WAS_NOT_CHAMPION("fallback") {
            @Override
            void change(ObjectNode entry) {
                entry.put("subject", "risk@3");
            }
        },
        A_FALLBACK_TO_WHAT_WAS_NEVER_CHAMPION("fallback") {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("to", 3);
            }
        },
        AN_EXPIRY_UNDER_A_HOLD("hold") {
            @Override
            void change(ObjectNode entry) {
                entry.put("subject", "risk");
            }
        };

        private final String what;

        Forgery(String what) {
            this.what = what;
        }

        abstract void change(ObjectNode entry);

        private static ObjectNode data(ObjectNode entry) {
            return (ObjectNode) entry.get("data");
        }
    }

    @Test
    void whatWasDoneIsSound() {
        assertThat(findings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void whatAWriterSaysOtherwiseIsFound(Forgery forgery) throws Exception {
        long changed = forgery.what.equals("segment") ? segment : forgery.what.equals("hold") ? hold : fallback;
        ObjectNode entry;
        try (Attacker attacker = Attacker.on(folder)) {
            entry = (ObjectNode) JSON.readTree(attacker.body(changed));
        }
        forgery.change(entry);
        rewrite(changed, entry);
        long named = forgery.what.equals("hold") ? expiry : changed;
        assertThat(findings()).anySatisfy(finding -> assertThat(finding.index()).hasValue(named));
    }

    @Test
    void aSegmentThatTwoModelsNameStaysUntilItExpiredForBoth() throws Exception {
        ObjectNode entry;
        Path blob;
        try (Attacker attacker = Attacker.on(folder)) {
            entry = (ObjectNode) JSON.readTree(attacker.body(second));
            String hex = entry.get("data").get("segment").asText().substring("sha256:".length());
            blob = folder.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
            entry.put("subject", "other");
            // In the place of the hold comes the same segment, of another model.
            ((ObjectNode) entry.get("data")).put("command", "another");
            for (String own : List.of("id", "time")) {
                entry.set(own, JSON.readTree(attacker.body(hold)).get(own));
            }
        }
        rewrite(hold, entry);
        CheckpointMemory memory = CheckpointMemories.folder(dir.resolve("memory"));
        try (ModelOps ops = Site.opening(Storages.existingDirectory(folder), key)
                .memory(memory)
                .start()) {
            var unused =
                    Site.registry(ops, PIA).perform(Action.expireRecords(OTHER, LogPosition.of(hold + 1), "retention"));
            var checkpoint = ops.as(Site.AUDITOR).audit().checkpoint();
            assertThat(checkpoint.position()).isEqualTo(ops.position());
        }
        try (Stream<Path> blobs = Files.walk(folder.resolve("blobs/sha256"))) {
            for (Path each : blobs.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(each, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
            }
        }
        try (StoreInspection inspection = StoreInspection.open(Storages.existingDirectory(folder), key, memory)) {
            assertThat(BlobSweep.run(inspection, Duration.ofHours(1), Progress.NONE))
                    .isNotNull();
        }
        assertThat(blob).exists();
        try (ModelOps ops = Site.open(folder, key)) {
            PredictionLog.Query query = PredictionLog.Query.of(Site.RISK).version(VersionNumber.of(2));
            assertThat(ops.as(Site.AUDITOR).predictions().find(query).items()).hasSize(2);
        }
    }

    private void rewrite(long index, ObjectNode entry) throws Exception {
        try (Attacker attacker = Attacker.on(folder)) {
            attacker.run("BEGIN IMMEDIATE");
            attacker.body(index, entry.toString().getBytes(StandardCharsets.UTF_8));
            attacker.run("DELETE FROM modelops_seal WHERE size > ?", index);
            attacker.run("DELETE FROM modelops_checkpoint WHERE size > ?", index);
            attacker.head();
            attacker.seal(index, Site.KEYS.ed25519("writer"));
            attacker.run("COMMIT");
        }
    }

    private List<Finding> findings() {
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            return inspection.audit().verify(Progress.NONE).findings();
        }
    }
}
