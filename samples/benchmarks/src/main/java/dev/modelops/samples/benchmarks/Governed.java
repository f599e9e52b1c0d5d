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
import dev.modelops.core.signing.Keys;
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
import java.security.KeyPair;

/** A log with one model that was registered, approved and promoted. */
final class Governed implements AutoCloseable {
    static final ModelName MODEL = ModelName.of("credit-risk");

    private static final Principal ADMIN = Principal.of("example.org", "admin");
    private static final Principal ADA = Principal.of("example.org", "ada");
    private static final Principal VERA = Principal.of("example.org", "vera");
    private static final Principal RITA = Principal.of("example.org", "rita");
    private static final Principal SCORING = Principal.of("example.org", "scoring");

    private static final Path FILES = files();
    private static final String WRITER = "writer.pem";
    private static final String LOG = "log.vkey";

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
        return create(storage, policies, Keys.generate(SignatureAlgorithm.ED25519));
    }

    /** Creates a log that other processes may write to, too: whatever {@link #open} needs goes into a folder. */
    static Governed create(Storage storage, Path folder) throws IOException {
        KeyPair key = Keys.generate(SignatureAlgorithm.ED25519);
        Governed created = create(storage, Policies.builtIn(), key);
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(WRITER), Keys.privateKeyPem(key));
        Files.writeString(folder.resolve(LOG), created.logKey.toString());
        return created;
    }

    /** Opens the log that another process created, to write to it. */
    static Governed open(Storage storage, Path folder) throws IOException {
        LogKey logKey = new LogKey(Files.readString(folder.resolve(LOG)));
        Signer key = Signers.pem(folder.resolve(WRITER));
        ModelOps ops = ModelOps.open(storage, logKey).writer(key).start();
        return new Governed(logKey, ops, ModelRef.of(MODEL.value(), 1));
    }

    private static Governed create(Storage storage, PolicySet policies, KeyPair pair) {
        Signer key = Signers.of(pair);
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
        ModelRef version = register(ops);
        Governed created = new Governed(logKey, ops, version);
        created.approve(version);
        created.promote(version);
        return created;
    }

    /** Registers one more version. */
    void register() {
        var unused = register(ops);
    }

    /** Registers and approves one more version. */
    ModelRef registerNext() {
        ModelRef next = register(ops);
        approve(next);
        return next;
    }

    /** Registers, approves and promotes one more version. */
    ModelRef promoteNext() {
        ModelRef next = registerNext();
        promote(next);
        return next;
    }

    void approve(ModelRef ref) {
        ops.as(VERA).registry().approve(ref, PRODUCTION, "VR-12");
    }

    void promote(ModelRef ref) {
        ops.as(RITA).registry().promote(ref, PRODUCTION);
    }

    void tag(ModelRef ref, String value) {
        ops.as(ADA).registry().setTag(ref, "round", value);
    }

    private static ModelRef register(ModelOps ops) {
        return ops.as(ADA)
                .registry()
                .register(VersionSpec.of(MODEL.value(), FILES)
                        .kind("classifier")
                        .metric("auc", "0.807")
                        .metric("brier", "0.161"))
                .ref();
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
