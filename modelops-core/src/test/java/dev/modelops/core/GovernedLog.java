package dev.modelops.core;

import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsProvider;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.signing.Signers;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** A log in memory with one person for each role, on a clock that stands still. */
public final class GovernedLog implements AutoCloseable {
    public static final Instant START = Instant.parse("2026-03-01T09:00:00Z");
    public static final Principal ADMIN = person("admin");
    public static final Principal AUTHOR = person("author");
    public static final Principal VALIDATOR = person("validator");
    public static final Principal RELEASER = person("releaser");
    public static final Principal AUDITOR = person("auditor");
    public static final Principal SERVICE = person("service");
    public static final Principal STRANGER = person("stranger");

    private static final TestKeys KEYS = TestKeys.seeded(41);
    public static final Signer LOG_SIGNER = signer(SignatureAlgorithm.ED25519, "log");
    public static final Signer WRITER = signer(SignatureAlgorithm.ED25519, "writer");
    public static final Signer PUBLISHER = signer(SignatureAlgorithm.ECDSA_P256, "publisher");
    public static final Signer UNKNOWN_PUBLISHER = signer(SignatureAlgorithm.ECDSA_P256, "unknown publisher");

    private final Storage storage;
    private final LogKey logKey;
    private final MutableClock clock;
    private final Opening opening;
    private final ModelOps ops;

    private GovernedLog(Storage storage, UnaryOperator<Genesis> genesis, UnaryOperator<Opening> options) {
        this.storage = storage;
        this.clock = MutableClock.at(START);
        this.logKey = ModelOpsProvider.load()
                .create(
                        storage,
                        genesis.apply(Genesis.of("example.org/models", LOG_SIGNER, WRITER)
                                .publisher(PUBLISHER.publicKey())),
                        clock);
        this.opening = options.apply(ModelOps.open(storage, logKey)
                .writer(WRITER)
                .logSigner(LOG_SIGNER)
                .publisher(PUBLISHER)
                .clock(clock)
                .random(new SplittableRandom(7))
                .pollInterval(Duration.ofHours(1)));
        this.ops = opening.start();
    }

    private static Signer signer(SignatureAlgorithm algorithm, String name) {
        return Signers.of(KEYS.keyPair(algorithm, name));
    }

    /** Opens a log with the usual people and the environments staging and production. */
    public static GovernedLog open() {
        return open(UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** Opens such a log with changes. */
    public static GovernedLog open(UnaryOperator<Genesis> genesis, UnaryOperator<Opening> options) {
        return bare(before -> genesis.apply(peopled(before)), options);
    }

    /** Opens a log whose genesis names no people and no environments. */
    public static GovernedLog bare(UnaryOperator<Genesis> genesis, UnaryOperator<Opening> options) {
        return new GovernedLog(TestStorage.fresh(), genesis, options);
    }

    /** Opens a log in a given storage. */
    public static GovernedLog in(Storage storage, UnaryOperator<Genesis> genesis) {
        return new GovernedLog(storage, genesis, UnaryOperator.identity());
    }

    /** Adds the usual people and environments. */
    public static Genesis peopled(Genesis genesis) {
        return environments(genesis)
                .grant(ADMIN, Role.ADMIN)
                .grant(AUTHOR, Role.DATA_SCIENTIST)
                .grant(VALIDATOR, Role.VALIDATOR)
                .grant(RELEASER, Role.RELEASE_MANAGER)
                .grant(AUDITOR, Role.AUDITOR)
                .grant(SERVICE, Role.SERVICE);
    }

    /** Adds the usual environments. */
    public static Genesis environments(Genesis genesis) {
        return genesis.environment(Environment.STAGING)
                .environment(Environment.PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new));
    }

    public static Principal person(String id) {
        return Principal.of("example.org", id);
    }

    public static ModelRef ref(String model, int number) {
        return new ModelRef(ModelName.of(model), VersionNumber.of(number));
    }

    public ModelOps ops() {
        return ops;
    }

    public ModelRegistry as(Principal principal) {
        return ops.as(principal).registry();
    }

    public Storage storage() {
        return storage;
    }

    public LogKey logKey() {
        return logKey;
    }

    public MutableClock clock() {
        return clock;
    }

    /** Opens the same store once more, as another process would. */
    public ModelOps again() {
        return opening.random(new SplittableRandom(8)).start();
    }

    @Override
    public void close() {
        ops.close();
    }
}
