package dev.modelops.core.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.TestStorage;
import dev.modelops.core.VersionPack;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.registry.GovernanceOracle.Judgement;
import dev.modelops.core.registry.GovernanceOracle.Outcome;
import dev.modelops.core.registry.GovernanceOracle.Version;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.Served;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Long sequences of acts by people with overlapping roles never lead where governance forbids. */
@Tag("every-store")
class GovernanceProperties {
    private static final int SEEDS = TestStorage.KIND == TestStorage.Kind.MEMORY ? 200 : 10;
    private static final int ACTS = 60;
    private static final int MOST_VERSIONS = 8;
    private static final ModelName MODEL = ModelName.of("risk");

    private static final Principal ROOT = GovernedLog.person("root");
    private static final Principal ADA = GovernedLog.person("ada");
    private static final Principal ALL_ROUNDER = GovernedLog.person("all-rounder");
    private static final Principal VERA = GovernedLog.person("vera");
    private static final Principal VICTOR = GovernedLog.person("victor");
    private static final Principal RITA = GovernedLog.person("rita");
    private static final Principal SCORING = GovernedLog.person("scoring");
    private static final Principal WATCHER = GovernedLog.person("watcher");
    private static final List<Principal> PEOPLE =
            List.of(ROOT, ADA, ALL_ROUNDER, VERA, VICTOR, RITA, SCORING, GovernedLog.STRANGER);
    private static final List<Role> ROLES =
            List.of(Role.ADMIN, Role.AUDITOR, Role.DATA_SCIENTIST, Role.RELEASE_MANAGER, Role.SERVICE, Role.VALIDATOR);

    private static final String ELSEWHERE = "example.org/development";
    private static final String DEVELOPMENT =
            NoteVerifier.of(ELSEWHERE, GovernedLog.LOG_SIGNER.publicKey()).vkey();

    /** Sets that decide alike, so that only which of them is in force can be told. */
    private static final Map<String, PolicySet> SETS =
            Map.of("built in", trusting(), "one", variant("one"), "other", variant("other"));

    private static PolicySet variant(String name) {
        return Rules.from(trusting())
                .forbid("gate-" + name)
                .role(Role.of(name))
                .on(Action.Type.AUDIT)
                .build();
    }

    /** The built-in rules, and one that lets data scientists import from development. */
    private static PolicySet trusting() {
        return Rules.from(Policies.builtIn())
                .permit("data-scientists-import-from-development")
                .role(Role.DATA_SCIENTIST)
                .on(Action.Type.IMPORT_VERSION)
                .when(Condition.fact("source.key").is(DEVELOPMENT))
                .build();
    }

    @TempDir
    static Path dir;

    private static final List<Path> FILES = new ArrayList<>();
    private static final List<Bytes> FOREIGN = new ArrayList<>();
    private static final List<Path> PACKS = new ArrayList<>();
    private static final List<Principal> MAKERS = List.of(ADA, VERA, RITA, ALL_ROUNDER);

    @BeforeAll
    static void writeModels() throws Exception {
        for (int i = 1; i <= MOST_VERSIONS; i++) {
            Path files = Models.folder(dir.resolve("v" + i), Map.of("weights.txt", Integer.toString(i)));
            Path signature = dir.resolve("v" + i + ".sig");
            var unused = ModelSignatures.sign(files, signature, GovernedLog.UNKNOWN_PUBLISHER, Progress.NONE);
            FILES.add(files);
            FOREIGN.add(Bytes.of(Files.readAllBytes(signature)));
        }
        packAll();
    }

    /** In development others make the same models, some of them people who judge or promote here. */
    private static void packAll() {
        try (GovernedLog development = GovernedLog.in(Storages.inMemory(), unused -> {
            Genesis genesis = Genesis.of(ELSEWHERE, GovernedLog.LOG_SIGNER, GovernedLog.WRITER)
                    .publisher(GovernedLog.PUBLISHER.publicKey());
            for (Principal maker : MAKERS) {
                genesis = genesis.grant(maker, Role.DATA_SCIENTIST);
            }
            return genesis;
        })) {
            for (int i = 1; i <= MOST_VERSIONS; i++) {
                var unused = development.as(maker(i)).register(VersionSpec.of(MODEL.value(), FILES.get(i - 1)));
            }
            development.ops().audit().checkpoint();
            for (int i = 1; i <= MOST_VERSIONS; i++) {
                Path pack = dir.resolve("v" + i + ".pack");
                var unused = VersionPack.export(
                        development.storage(),
                        development.logKey(),
                        new ModelRef(MODEL, VersionNumber.of(i)),
                        pack,
                        Progress.NONE);
                PACKS.add(pack);
            }
        }
    }

    private static Principal maker(int number) {
        return MAKERS.get(number % MAKERS.size());
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, SEEDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverPeopleDoGovernanceHolds(long seed) throws Exception {
        new Sequence(seed).run();
    }

    /** One sequence: the log, what the oracle believes of it, and what was seen of it. */
    private static final class Sequence {
        private final Random random;
        private final GovernanceOracle oracle = new GovernanceOracle();
        private final AlterableBlobs blobs;
        private final Storage storage;
        private final Set<Digest> altered = new HashSet<>();
        private final Set<Integer> alteredVersions = new HashSet<>();
        private final Map<LogPosition, Picture> pictures = new HashMap<>();
        private GovernedLog log;
        private ModelOps ops;
        private Picture picture;

        Sequence(long seed) {
            this.random = new Random(seed);
            Storage memory = TestStorage.fresh();
            this.blobs = new AlterableBlobs(memory.blobs());
            this.storage = new Storage(memory.log(), blobs);
        }

        void run() throws Exception {
            grantAtFirst(ROOT, Role.ADMIN);
            grantAtFirst(ADA, Role.DATA_SCIENTIST);
            grantAtFirst(ALL_ROUNDER, Role.DATA_SCIENTIST, Role.VALIDATOR, Role.RELEASE_MANAGER);
            grantAtFirst(VERA, Role.VALIDATOR);
            grantAtFirst(VICTOR, Role.VALIDATOR, Role.ADMIN);
            grantAtFirst(RITA, Role.RELEASE_MANAGER);
            grantAtFirst(SCORING, Role.SERVICE);
            grantAtFirst(WATCHER, Role.AUDITOR);
            oracle.policies.add("built in");
            log = GovernedLog.in(storage, genesis -> {
                var changed = GovernedLog.environments(genesis).policies(SETS.get("built in"));
                for (Map.Entry<Principal, Set<Role>> grants : oracle.roles.entrySet()) {
                    for (Role role : grants.getValue()) {
                        changed = changed.grant(grants.getKey(), role);
                    }
                }
                return changed;
            });
            ops = log.ops();
            try (GovernedLog closing = log) {
                picture = picture();
                try (ModelHandle<Integer> production = open(Environment.PRODUCTION);
                        ModelHandle<Integer> staging = open(Environment.STAGING)) {
                    for (int i = 0; i < ACTS; i++) {
                        log.clock().advance(Duration.ofMillis(random.nextInt(10) == 0 ? 3_700_000 : random.nextInt(3)));
                        step();
                        requireNothingForbidden(production, Environment.PRODUCTION);
                        requireNothingForbidden(staging, Environment.STAGING);
                    }
                    requireAdmittedAreServed();
                }
                awaitRefusals();
                LogPosition last = ops.position();
                assertThat(Picture.of(ops.as(WATCHER).registry().asOf(last), PEOPLE))
                        .isEqualTo(picture);
                requireSound();
                requireNobodyGrantedThemselves();
            }
            requireHistoryIsKept();
        }

        private void grantAtFirst(Principal person, Role... roles) {
            oracle.roles.put(person, new HashSet<>(List.of(roles)));
        }

        private ModelHandle<Integer> open(Environment environment) {
            return ops.as(SCORING)
                    .serving()
                    .open(
                            MODEL.value(),
                            environment,
                            artifact -> Integer.valueOf(
                                    new String(artifact.open("weights.txt").readAllBytes(), StandardCharsets.UTF_8)));
        }

        private Picture picture() {
            return Picture.of(ops.as(WATCHER).registry(), PEOPLE);
        }

        private void step() {
            Principal who = random.nextInt(3) == 0 ? any(PEOPLE) : null;
            int kind = random.nextInt(110);
            if (kind % 4 == 0 && kind < 12 && oracle.versions.size() < MOST_VERSIONS) {
                importVersion(who == null ? any(List.of(ADA, ALL_ROUNDER)) : who, oracle.versions.size() + 1);
                return;
            }
            if (oracle.versions.isEmpty() || kind < 10 && oracle.versions.size() < MOST_VERSIONS) {
                register(who == null ? any(List.of(ADA, ALL_ROUNDER)) : who);
                return;
            }
            int number = 1 + random.nextInt(oracle.versions.size());
            ModelRef ref = new ModelRef(MODEL, VersionNumber.of(number));
            Environment environment = random.nextInt(3) == 0 ? Environment.STAGING : Environment.PRODUCTION;
            Principal validator = who == null ? any(List.of(VERA, VICTOR, ALL_ROUNDER)) : who;
            Principal releaser = who == null ? any(List.of(RITA, ALL_ROUNDER)) : who;
            Principal admin = who == null ? any(List.of(ROOT, VICTOR)) : who;
            if (kind < 13 && oracle.version(number).sourceAuthor != null) {
                importVersion(who == null ? ADA : who, number);
            } else if (kind < 16) {
                attach(who == null ? any(List.of(ADA, VERA, VICTOR)) : who, ref);
            } else if (kind < 36) {
                perform(
                        validator,
                        Action.approve(ref, environment).because("fine"),
                        () -> oracle.judge(validator, number, environment, true));
            } else if (kind < 40) {
                perform(
                        validator,
                        Action.reject(ref, environment),
                        () -> oracle.judge(validator, number, environment, false));
            } else if (kind < 46) {
                perform(
                        validator,
                        Action.withdraw(ref, environment),
                        () -> oracle.withdraw(validator, number, environment));
            } else if (kind < 68) {
                perform(
                        releaser,
                        Action.promote(ref, environment),
                        () -> oracle.promote(releaser, number, environment));
            } else if (kind < 75) {
                perform(releaser, Action.rollback(MODEL, environment), () -> oracle.rollback(releaser, environment));
            } else if (kind < 83) {
                String name = any(List.of("deprecate", "reinstate", "reinstate", "retire", "revoke", "resurrect"));
                perform(releaser, Action.transition(ref, name), () -> oracle.transition(releaser, number, name));
            } else if (kind < 92) {
                Principal grantee = random.nextInt(4) == 0 ? admin : any(PEOPLE);
                Role role = any(ROLES);
                if (random.nextBoolean()) {
                    perform(admin, Action.grantRole(grantee, role), () -> oracle.grant(admin, grantee, role));
                } else {
                    perform(admin, Action.revokeRole(grantee, role), () -> oracle.revokeRole(admin, grantee, role));
                }
            } else if (kind < 95) {
                if (random.nextInt(3) > 0) {
                    perform(
                            releaser,
                            Action.setAlias(ref, Alias.of("next")),
                            () -> oracle.setAlias(releaser, number, "next"));
                } else {
                    perform(
                            releaser,
                            Action.removeAlias(MODEL, Alias.of("next")),
                            () -> oracle.removeAlias(releaser, "next"));
                }
            } else if (kind < 98) {
                if (random.nextInt(3) > 0) {
                    perform(releaser, Action.setTag(ref, "k", "v"), () -> oracle.setTag(releaser, number, "k", "v"));
                } else {
                    perform(releaser, Action.removeTag(ref, "k"), () -> oracle.removeTag(releaser, number, "k"));
                }
            } else if (kind < 100) {
                perform(validator, Action.comment(ref, "seen"), () -> oracle.comment(validator, number));
            } else {
                changePolicies(admin);
            }
        }

        private void changePolicies(Principal who) {
            String name = any(List.copyOf(new TreeMap<>(SETS).keySet()));
            PolicySet set = SETS.get(name);
            if (random.nextBoolean() || !oracle.proposals.containsKey(name)) {
                perform(
                        who,
                        Action.proposePolicies(set.digest()),
                        registry -> ops.as(who).policies().propose(set, null).position(),
                        () -> oracle.propose(who, name));
            } else {
                perform(
                        who,
                        Action.installPolicies(set.digest()),
                        registry -> ops.as(who).policies().install(set.digest()).position(),
                        () -> oracle.install(who, name));
            }
            requirePoliciesInForce();
        }

        private void requirePoliciesInForce() {
            List<PolicyRevision> installed = ops.as(WATCHER).policies().installed();
            assertThat(installed)
                    .extracting(PolicyRevision::digest)
                    .containsExactlyElementsOf(oracle.policies.stream()
                            .map(name -> SETS.get(name).digest())
                            .toList());
            assertThat(installed)
                    .extracting(PolicyRevision::number)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, installed.size()).boxed().toList());
            assertThat(installed)
                    .allSatisfy(revision -> assertThat(revision.installer())
                            .satisfiesAnyOf(
                                    installer -> assertThat(installer).isEmpty(),
                                    installer -> assertThat(installer).isNotEqualTo(revision.proposer())));
        }

        private void register(Principal who) {
            int number = oracle.versions.size() + 1;
            boolean trusted = random.nextInt(4) > 0;
            VersionSpec spec = VersionSpec.of(MODEL.value(), FILES.get(number - 1));
            VersionSpec offered = trusted ? spec : spec.bundle(FOREIGN.get(number - 1));
            Outcome outcome = perform(
                    who,
                    Action.register(MODEL),
                    registry -> {
                        ModelVersion version = registry.register(offered);
                        assertThat(version.ref().version().value()).isEqualTo(number);
                        return version.position();
                    },
                    () -> oracle.register(who, trusted));
            if (outcome == Outcome.DONE && random.nextInt(8) == 0) {
                Digest content = Digest.sha256Of(Bytes.ofUtf8(Integer.toString(number)));
                blobs.alter(content);
                altered.add(content);
                alteredVersions.add(number);
            }
        }

        private void importVersion(Principal who, int number) {
            Action action = Action.importVersion(MODEL, DEVELOPMENT, ref(number));
            perform(
                    who,
                    action,
                    registry -> registry.importVersion(PACKS.get(number - 1), action, Progress.NONE)
                            .position(),
                    () -> oracle.importVersion(who, number, maker(number)));
        }

        private void attach(Principal who, ModelRef ref) {
            String type = any(List.of("validation-report", "fairness-report"));
            String document = any(List.of("one", "two", "three"));
            perform(
                    who,
                    Action.attachEvidence(ref),
                    registry ->
                            registry.attach(ref, type, Bytes.ofUtf8(document)).position(),
                    () -> oracle.attach(who, ref.version().value(), type, document));
        }

        private void perform(Principal who, Action action, Supplier<Outcome> expected) {
            perform(
                    who,
                    action,
                    registry -> {
                        var recorded = registry.perform(action);
                        assertThat(recorded.at()).isEqualTo(log.clock().instant());
                        return recorded.position();
                    },
                    expected);
        }

        /** Does an act and holds what became of it against the dry run, the oracle, the log and the state. */
        private Outcome perform(
                Principal who, Action action, Function<ModelRegistry, LogPosition> act, Supplier<Outcome> expected) {
            ModelRegistry registry = ops.as(who).registry();
            Decision dry = registry.check(action);
            long before = ops.position().size();
            Outcome outcome;
            LogPosition done = null;
            Decision decided = null;
            try {
                done = act.apply(registry);
                outcome = Outcome.DONE;
            } catch (AccessDeniedException e) {
                outcome = Outcome.DENIED;
                decided = e.decision();
            } catch (VersionConflictException e) {
                outcome = Outcome.CONFLICT;
            } catch (NotFoundException e) {
                outcome = Outcome.NOT_FOUND;
            }
            String what = action + " by " + who.id();
            assertThat(outcome).as(what).isEqualTo(expected.get());
            assertThat(dry.isAllowed()).as("dry run of %s", what).isEqualTo(outcome != Outcome.DENIED);
            if (decided != null) {
                assertThat(decided.rules()).as(what).isEqualTo(dry.rules());
            }
            List<AuditEntry> acts = actsFrom(before);
            Picture after = picture();
            if (outcome == Outcome.DONE) {
                assertThat(acts).as(what).hasSize(1);
                AuditEntry entry = acts.get(0);
                assertThat(entry.actor()).isEqualTo(who);
                assertThat(entry.position()).isEqualTo(done);
                assertThat(entry.decision()).get().matches(Decision::isAllowed);
                if (action.type() == Action.Type.PROMOTE) {
                    requireGoverned(entry, action);
                }
            } else {
                assertThat(acts).as(what).isEmpty();
                assertThat(after).as(what).isEqualTo(picture);
            }
            picture = after;
            if (done != null) {
                pictures.put(done, after);
            }
            return outcome;
        }

        private List<AuditEntry> actsFrom(long index) {
            List<AuditEntry> acts = new ArrayList<>();
            for (long i = index; i < ops.position().size(); i++) {
                AuditEntry entry = ops.as(WATCHER).audit().get(i);
                if (!entry.type().startsWith("dev.modelops.access.")) {
                    acts.add(entry);
                }
            }
            return acts;
        }

        private void requireNothingForbidden(ModelHandle<Integer> handle, Environment environment) {
            Integer champion = oracle.champion(environment);
            assertThat(ops.as(WATCHER)
                            .registry()
                            .champion(MODEL, environment)
                            .map(version -> version.ref().version().value()))
                    .isEqualTo(Optional.ofNullable(champion));
            assertThat(ops.as(WATCHER).registry().check(Action.read(MODEL)).policy())
                    .isEqualTo(SETS.get(oracle.policies.get(oracle.policies.size() - 1))
                            .digest());
            oracle.roles.forEach((person, roles) ->
                    assertThat(ops.as(WATCHER).registry().roles(person)).isEqualTo(roles));
            oracle.versions.forEach(version -> assertThat(
                            ops.as(WATCHER).registry().get(ref(version.number)).status())
                    .isEqualTo(version.status));
            try {
                Served<Integer> served = handle.apply(weights -> weights);
                int number = served.version().version().value();
                assertThat(served.value()).isEqualTo(number);
                assertThat(oracle.version(number).servable()).isTrue();
                assertThat(oracle.holds(SCORING, Role.SERVICE)).isTrue();
                assertThat(alteredVersions).doesNotContain(number);
                if (!alteredVersions.contains(champion)) {
                    assertThat(number).isEqualTo(champion);
                }
            } catch (ModelOpsException refused) {
                assertThat(handle.version()).isEmpty();
            }
        }

        /** A version that was just promoted must be one that the people's acts alone could have led to. */
        private void requireGoverned(AuditEntry promotion, Action action) {
            Version version =
                    oracle.version(action.version().orElseThrow().version().value());
            assertThat(version.trusted).isTrue();
            assertThat(promotion.actor()).isNotEqualTo(version.author).isNotEqualTo(version.sourceAuthor);
            if (action.environment().equals(Optional.of(Environment.PRODUCTION))) {
                List<Judgement> counting = version.judgements.stream()
                        .filter(judgement -> judgement.environment().equals(Environment.PRODUCTION))
                        .filter(Judgement::approves)
                        .filter(judgement -> !version.isBy(judgement.by()))
                        .filter(judgement -> judgement.evidenceSeen() == version.evidence.size())
                        .filter(judgement -> oracle.holds(judgement.by(), Role.VALIDATOR))
                        .toList();
                assertThat(counting).isNotEmpty();
            }
        }

        private void requireAdmittedAreServed() {
            for (Environment environment : List.of(Environment.PRODUCTION, Environment.STAGING)) {
                Integer champion = oracle.champion(environment);
                boolean admitted = champion != null
                        && oracle.version(champion).servable()
                        && !alteredVersions.contains(champion)
                        && oracle.holds(SCORING, Role.SERVICE);
                try (ModelHandle<Integer> fresh = open(environment)) {
                    assertThat(fresh.version()).isEqualTo(admitted ? Optional.of(ref(champion)) : Optional.empty());
                }
            }
        }

        /** What handles were refused is recorded in the background, but before any later act. */
        private void awaitRefusals() {
            Action action = Action.grantRole(RITA, Role.ADMIN);
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> ops.as(WATCHER).registry().perform(action));
        }

        private void requireSound() {
            altered.forEach(blobs::alter);
            assertThat(ops.as(WATCHER).audit().verify(Progress.NONE).findings()).isEmpty();
        }

        private void requireNobodyGrantedThemselves() {
            AuditQuery grants = AuditQuery.all().type("dev.modelops.role.granted.v1");
            assertThat(ops.as(WATCHER).audit().query(grants).items())
                    .allSatisfy(entry -> assertThat(entry.subject())
                            .isNotEqualTo(Optional.of(entry.actor().toString())));
        }

        /** The present, and a few moments of the past, are what a process that never saw the acts folds from the store. */
        private void requireHistoryIsKept() {
            List<LogPosition> positions = List.copyOf(new TreeMap<>(pictures).keySet());
            try (StoreInspection inspection = StoreInspection.open(storage, log.logKey())) {
                assertThat(Picture.of(inspection.registry(), PEOPLE)).isEqualTo(picture);
                for (int i = 0; i < 4; i++) {
                    LogPosition position = any(positions);
                    assertThat(Picture.of(inspection.registry(position), PEOPLE))
                            .isEqualTo(pictures.get(position));
                }
            }
        }

        private static ModelRef ref(int number) {
            return new ModelRef(MODEL, VersionNumber.of(number));
        }

        private <T> T any(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }
    }
}
