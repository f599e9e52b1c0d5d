package dev.modelops.core.faults;

import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.TestStorage;
import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Opening;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;

/** One log with its keys and people, created in a storage and opened as often as a test likes. */
final class Site {
    static final Principal ADMIN = Principal.of("example.org", "alma");
    static final Principal SECOND_ADMIN = Principal.of("example.org", "alba");
    static final Principal ADA = Principal.of("example.org", "ada");
    static final Principal VERA = Principal.of("example.org", "vera");
    static final Principal RITA = Principal.of("example.org", "rita");
    static final Principal AUDITOR = Principal.of("example.org", "odo");
    static final Principal SCORING = Principal.of("example.org", "scoring");
    static final Principal STRANGER = Principal.of("example.org", "stranger");

    static final Environment STAGING = Environment.STAGING;
    static final Environment PRODUCTION = Environment.PRODUCTION;
    static final ModelName RISK = ModelName.of("risk");
    static final String ORIGIN = "example.org/faults";

    static final TestKeys KEYS = TestKeys.seeded(7);

    private Site() {}

    static Genesis genesis() {
        return Genesis.of(ORIGIN, KEYS.ed25519("log"), KEYS.ed25519("writer"))
                .publisher(KEYS.ecdsa("publisher").publicKey())
                .grant(ADMIN, Role.ADMIN)
                .grant(SECOND_ADMIN, Role.ADMIN)
                .grant(ADA, Role.DATA_SCIENTIST)
                .grant(VERA, Role.VALIDATOR)
                .grant(RITA, Role.RELEASE_MANAGER)
                .grant(AUDITOR, Role.AUDITOR)
                .grant(SCORING, Role.SERVICE)
                .environment(STAGING, Policies.GATE_SIGNATURE, Policies.GATE_STATUS, Policies.GATE_SERVABLE)
                .environment(PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new));
    }

    static LogKey create(Path folder) {
        return create(folder, genesis());
    }

    static LogKey create(Place place) {
        try (Storage storage = place.create()) {
            return ModelOps.create(storage, genesis());
        }
    }

    static LogKey create(Path folder, Genesis genesis) {
        try (Storage storage = Storages.directory(folder)) {
            return ModelOps.create(storage, genesis);
        }
    }

    static Opening opening(Storage storage, LogKey key) {
        return ModelOps.open(storage, key)
                .writer(KEYS.ed25519("writer"))
                .logSigner(KEYS.ed25519("log"))
                .publisher(KEYS.ecdsa("publisher"))
                .pollInterval(Duration.ofMillis(20));
    }

    /** Opens the storage in a place that can be told to another process: a folder, or a JDBC URL, a space and a folder. */
    static Storage storage(String place) {
        return storage(place, source -> source);
    }

    /** Opens the storage in a place, with the connections of a database pooled. */
    static Storage storage(String place, UnaryOperator<DataSource> pool) {
        return new Place(place).existing(pool);
    }

    static ModelOps open(Path folder, LogKey key) {
        return opening(Storages.existingDirectory(folder), key).start();
    }

    static ModelOps open(Place place, LogKey key) {
        return opening(place.existing(), key).start();
    }

    /** A log in memory, opened, or where the tests of this process keep theirs. */
    static ModelOps inMemory() {
        Storage storage = TestStorage.fresh();
        return opening(storage, ModelOps.create(storage, genesis())).start();
    }

    static ModelRegistry registry(ModelOps ops, Principal who) {
        return ops.as(who).registry();
    }

    static VersionSpec spec(Path scratch, String model, int variant) {
        return VersionSpec.of(model, Models.small(scratch.resolve("model-" + variant), variant));
    }

    static ModelVersion register(ModelOps ops, Path scratch, String model, int variant) {
        return registry(ops, ADA).register(spec(scratch, model, variant));
    }

    /** Registers, approves and promotes to production. */
    static ModelRef promoted(ModelOps ops, Path scratch, int variant) {
        ModelRef ref = register(ops, scratch, "risk", variant).ref();
        registry(ops, VERA).approve(ref, PRODUCTION, "VR-" + variant);
        registry(ops, RITA).promote(ref, PRODUCTION);
        return ref;
    }

    static CommandId id(String text) {
        return CommandId.of(text);
    }

    /** Returns the built-in policy set with a gate that nobody at this site meets. */
    static PolicySet policies(String gate) {
        return Rules.from(Policies.builtIn())
                .forbid(gate)
                .on(Action.Type.AUDIT)
                .role(Role.SERVICE)
                .build();
    }

    /** Proposes and installs a policy set. */
    static PolicyRevision install(ModelOps ops, PolicySet set) {
        var unused = ops.as(ADMIN).policies().propose(set, null);
        return ops.as(SECOND_ADMIN).policies().install(set.digest());
    }

    /** Everything a registry says, as text: equal if and only if the states are. */
    static String fingerprint(RegistryView view) {
        StringBuilder text = new StringBuilder();
        view.models().forEach(model -> {
            text.append(model.name()).append(' ').append(new TreeMap<>(model.aliases()));
            for (Environment environment : List.of(STAGING, PRODUCTION)) {
                text.append(' ').append(environment).append(view.champions(model.name(), environment));
            }
            text.append('\n');
            for (int number = 1; number <= model.latest().value(); number++) {
                ModelRef ref = ModelRef.parse(model.name() + "@" + number);
                ModelVersion v = view.find(ref).orElseThrow();
                text.append(ref)
                        .append(' ')
                        .append(v.artifact())
                        .append(v.status())
                        .append(new TreeMap<>(v.tags()))
                        .append(v.author())
                        .append(v.registeredAt())
                        .append(v.position())
                        .append('\n');
                view.approvals(ref)
                        .forEach(a -> text.append(a.by())
                                .append(a.environment())
                                .append(a.verdict())
                                .append(a.position())
                                .append('\n'));
                view.comments(ref).forEach(c -> text.append(c).append('\n'));
                view.evidence(ref).forEach(e -> text.append(e).append('\n'));
            }
        });
        for (Principal who : List.of(ADMIN, ADA, VERA, RITA, AUDITOR, SCORING, STRANGER)) {
            text.append(who).append(sorted(view.roles(who))).append('\n');
        }
        return text.toString();
    }

    private static List<Role> sorted(Set<Role> roles) {
        return roles.stream().sorted().toList();
    }

    /** Waits, without saying how long it takes, until something comes true. */
    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never came true: " + what);
            }
            Thread.sleep(5);
        }
    }

    /** Fails if a thread of the library does not end. */
    static void requireNoThreads() throws InterruptedException {
        await(
                "no thread of the library is left",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("modelops-")));
    }
}
