package dev.modelops.core;

import static dev.modelops.core.policy.Condition.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.FactProvider;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model from registration to rollback, in an embedded store. */
class EndToEndTest {
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");
    private static final Principal SCORING = Principal.of("example.org", "scoring");

    @TempDir
    Path dir;

    @Test
    void aModelIsGovernedFromRegistrationToRollback() throws Exception {
        Path files = Files.createDirectories(dir.resolve("files"));
        Files.writeString(files.resolve("weights.txt"), "1");
        try (ModelOps ops = ModelOps.embedded(dir.resolve("store"))) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            ops.registry().grantRole(VERA, Role.VALIDATOR);
            ops.registry().grantRole(RITA, Role.RELEASE_MANAGER);
            ops.registry().grantRole(SCORING, Role.SERVICE);

            ModelVersion v1 = ops.as(ADA)
                    .registry()
                    .register(VersionSpec.of("risk", files).metric("auc", "0.8"));
            assertThat(v1.ref()).hasToString("risk@1");
            assertThatThrownBy(() -> ops.as(ADA).registry().approve(v1.ref(), Environment.PRODUCTION, "mine"))
                    .isInstanceOf(AccessDeniedException.class);
            Decision dry = ops.as(RITA).registry().check(Action.promote(v1.ref(), Environment.PRODUCTION));
            assertThat(dry.isAllowed()).isFalse();
            ops.as(VERA).registry().attach(v1.ref(), "validation-report", Bytes.ofUtf8("fine"));
            ops.as(VERA).registry().approve(v1.ref(), Environment.PRODUCTION, "VR-1");
            ModelHandle<String> handle = ops.as(SCORING)
                    .serving()
                    .open(
                            "risk",
                            Environment.PRODUCTION,
                            artifact ->
                                    new String(artifact.open("weights.txt").readAllBytes(), StandardCharsets.UTF_8));
            assertThat(handle.version()).isEmpty();
            ops.as(RITA).registry().promote(v1.ref(), Environment.PRODUCTION);
            assertThat(handle.apply(weights -> weights).value()).isEqualTo("1");

            Files.writeString(files.resolve("weights.txt"), "2");
            ModelVersion v2 = ops.as(ADA).registry().register(VersionSpec.of("risk", files));
            ops.as(VERA).registry().approve(v2.ref(), Environment.PRODUCTION, "VR-2");
            ops.as(RITA).registry().promote(v2.ref(), Environment.PRODUCTION);
            assertThat(handle.apply(weights -> weights).value()).isEqualTo("2");
            ops.as(RITA).registry().rollback(ModelName.of("risk"), Environment.PRODUCTION, "worse");
            assertThat(handle.apply(weights -> weights).value()).isEqualTo("1");
            assertThat(handle.apply(weights -> weights).version()).isEqualTo(v1.ref());

            assertThat(ops.audit().verify(Progress.NONE).findings()).isEmpty();
            ops.audit().export(dir.resolve("tiles"), Progress.NONE);
            assertThat(dir.resolve("tiles/checkpoint")).exists();
            assertThat(ops.audit().receipt(ops.position().index())).startsWith("c2sp.org/tlog-proof@v1\n");
        }
        try (ModelOps again = ModelOps.embedded(dir.resolve("store"))) {
            assertThat(again.as(VERA).registry().champion(ModelName.of("risk"), Environment.PRODUCTION))
                    .get()
                    .extracting(version -> version.ref().toString())
                    .isEqualTo("risk@1");
        }
    }

    @Test
    void anEmbeddedLogIsToldFactsOfTheHost() throws Exception {
        PolicySet set = Rules.from(Policies.builtIn())
                .forbid("freeze")
                .on(Action.Type.COMMENT)
                .unless(fact("calendar.frozen").isFalse())
                .build();
        FactProvider calendar = new FactProvider() {
            @Override
            public String name() {
                return "calendar";
            }

            @Override
            public Set<String> provides() {
                return Set.of("calendar.frozen");
            }

            @Override
            public Map<String, Object> compute(AccessRequest request) {
                return Map.of("calendar.frozen", false);
            }
        };
        Path files = Files.createDirectories(dir.resolve("files"));
        Files.writeString(files.resolve("weights.txt"), "1");
        try (ModelOps ops = ModelOps.embedded(dir.resolve("store"), opening -> opening.facts(calendar))) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            ops.registry().grantRole(VERA, Role.ADMIN);
            ops.policies().propose(set, "calm");
            ops.as(VERA).policies().install(set.digest());
            ModelVersion v1 = ops.as(ADA).registry().register(VersionSpec.of("risk", files));
            ops.as(ADA).registry().perform(Action.comment(v1.ref(), "in time"));
        }
        try (ModelOps ops = ModelOps.embedded(dir.resolve("store"))) {
            assertThatThrownBy(() ->
                            ops.as(ADA).registry().perform(Action.comment(ModelRef.parse("risk@1"), "nobody knows")))
                    .isInstanceOf(AccessDeniedException.class);
        }
    }
}
