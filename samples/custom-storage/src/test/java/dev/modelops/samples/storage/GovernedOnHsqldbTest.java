package dev.modelops.samples.storage;

import static dev.modelops.Environment.PRODUCTION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Genesis;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.policy.Policies;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GovernedOnHsqldbTest {
    private static final ModelName MODEL = ModelName.of("credit-risk");
    private static final Principal ADMIN = Principal.of("example.org", "admin");
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");
    private static final Principal AUDITOR = Principal.of("example.org", "auditor");

    private final TestKeys keys = TestKeys.seeded(1);
    private final Signer writer = keys.ed25519("log");
    private final Signer publisher = keys.ecdsa("publisher");

    @TempDir
    Path folder;

    @Test
    void twoServicesGovernOneModelInOneDatabase() throws Exception {
        try (HsqldbServer server = new HsqldbServer(folder)) {
            LogKey logKey = ModelOps.create(storage(server), genesis());
            try (ModelOps training = open(server, logKey);
                    ModelOps release = open(server, logKey)) {
                ModelRef version = training.as(ADA)
                        .registry()
                        .register(VersionSpec.of(MODEL.value(), Models.small(folder.resolve("model"))))
                        .ref();
                release.sync();
                release.as(VERA).registry().approve(version, PRODUCTION, "figures confirmed");
                release.as(RITA).registry().promote(version, PRODUCTION);
                training.sync();

                assertThat(training.as(AUDITOR).registry().champion(MODEL, PRODUCTION))
                        .hasValueSatisfying(
                                champion -> assertThat(champion.ref()).isEqualTo(version));
                assertThat(training.as(AUDITOR).audit().verify(Progress.NONE).isSound())
                        .isTrue();
            }
        }
    }

    private ModelOps open(HsqldbServer server, LogKey logKey) {
        return ModelOps.open(storage(server), logKey)
                .writer(writer)
                .publisher(publisher)
                .start();
    }

    private static Storage storage(HsqldbServer server) {
        HsqldbStore store = new HsqldbStore(server.connections());
        return new Storage(store, store);
    }

    private Genesis genesis() {
        return Genesis.of("example.org/hsqldb", writer, writer)
                .publisher(publisher.publicKey())
                .environment(PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new))
                .grant(ADMIN, Role.ADMIN)
                .grant(ADA, Role.DATA_SCIENTIST)
                .grant(VERA, Role.VALIDATOR)
                .grant(RITA, Role.RELEASE_MANAGER)
                .grant(AUDITOR, Role.AUDITOR);
    }
}
