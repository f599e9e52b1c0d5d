package dev.modelops.samples.benchmarks;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.Genesis;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.Session;
import dev.modelops.audit.LogKey;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.signing.Signers;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A log with one model that was registered, approved and promoted. */
final class Governed implements AutoCloseable {
    static final ModelName MODEL = ModelName.of("credit-risk");

    private static final Principal ADMIN = Principal.of("example.org", "admin");
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");
    private static final Principal SCORING = Principal.of("example.org", "scoring");

    private final LogKey logKey;
    private final ModelOps ops;
    private final ModelRef version;

    private Governed(LogKey logKey, ModelOps ops, ModelRef version) {
        this.logKey = logKey;
        this.ops = ops;
        this.version = version;
    }

    static Governed create(Storage storage) {
        return create(storage, Policies.builtIn());
    }

    static Governed create(Storage storage, PolicySet policies) {
        Signer key = Signers.generate(SignatureAlgorithm.ED25519);
        Signer publisher = Signers.generate(SignatureAlgorithm.ECDSA_P256);
        LogKey logKey = ModelOps.create(
                storage,
                Genesis.of("example.org/benchmarks", key, key)
                        .publisher(publisher.publicKey())
                        .policies(policies)
                        .environment(PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new))
                        .grant(ADMIN, Role.ADMIN)
                        .grant(ADA, Role.DATA_SCIENTIST)
                        .grant(VERA, Role.VALIDATOR)
                        .grant(RITA, Role.RELEASE_MANAGER)
                        .grant(SCORING, Role.SERVICE));
        ModelOps ops =
                ModelOps.open(storage, logKey).writer(key).publisher(publisher).start();
        ModelRef version = ops.as(ADA)
                .registry()
                .register(VersionSpec.of(MODEL.value(), files())
                        .kind("classifier")
                        .metric("auc", "0.807")
                        .metric("brier", "0.161"))
                .ref();
        ops.as(VERA).registry().approve(version, PRODUCTION, "VR-12");
        ops.as(RITA).registry().promote(version, PRODUCTION);
        return new Governed(logKey, ops, version);
    }

    LogKey logKey() {
        return logKey;
    }

    ModelRef version() {
        return version;
    }

    long size() {
        return ops.position().size();
    }

    Session author() {
        return ops.as(ADA);
    }

    Session releaseManager() {
        return ops.as(RITA);
    }

    Session service() {
        return ops.as(SCORING);
    }

    @Override
    public void close() {
        ops.close();
    }

    private static Path files() {
        try {
            Path folder = Files.createTempDirectory("modelops-benchmark");
            Path weights = Files.writeString(folder.resolve("weights.txt"), "0.5");
            weights.toFile().deleteOnExit();
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
