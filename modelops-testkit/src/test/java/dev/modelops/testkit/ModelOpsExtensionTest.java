package dev.modelops.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.RegisterExtension;

class ModelOpsExtensionTest {
    private static final LogKey ANY_KEY = new LogKey("any.example+00000000+AA==");

    private static Genesis genesisOf(ModelOpsExtension extension) {
        return extension.genesis(TestKeys.seeded(1), new People());
    }

    @Test
    void everyStandardRoleIsHeldByThePersonNamedAfterIt() {
        People people = new People();
        Genesis genesis = genesisOf(new ModelOpsExtension());

        assertThat(genesis.grants().get(people.admin())).containsExactly(Role.ADMIN);
        assertThat(genesis.grants().get(people.dataScientist())).containsExactly(Role.DATA_SCIENTIST);
        assertThat(genesis.grants().get(people.dataScientist2())).containsExactly(Role.DATA_SCIENTIST);
        assertThat(genesis.grants().get(people.validator())).containsExactly(Role.VALIDATOR);
        assertThat(genesis.grants().get(people.validator2())).containsExactly(Role.VALIDATOR);
        assertThat(genesis.grants().get(people.releaseManager())).containsExactly(Role.RELEASE_MANAGER);
        assertThat(genesis.grants().get(people.releaseManager2())).containsExactly(Role.RELEASE_MANAGER);
        assertThat(genesis.grants().get(people.auditor())).containsExactly(Role.AUDITOR);
        assertThat(genesis.grants().get(people.service())).containsExactly(Role.SERVICE);
        assertThat(genesis.grants()).hasSize(9).doesNotContainKey(people.stranger());
    }

    @Test
    void stagingAndProductionRequireEveryGate() {
        Genesis genesis = genesisOf(new ModelOpsExtension());

        assertThat(genesis.environments()).containsOnlyKeys(Environment.STAGING, Environment.PRODUCTION);
        assertThat(genesis.environments().values())
                .allSatisfy(gates ->
                        assertThat(gates).isEqualTo(Set.copyOf(Gates.all())).isNotEmpty());
    }

    @Test
    void thePublisherKeyInUseIsTrusted() {
        assertThat(genesisOf(new ModelOpsExtension()).publishers())
                .containsExactly(TestKeys.seeded(1).ecdsa("publisher").publicKey());
    }

    @Test
    void settingsDoNotChangeTheExtensionTheyAreDerivedFrom() {
        ModelOpsExtension plain = new ModelOpsExtension();
        ModelOpsExtension changed = plain.withGenesis(g -> g.environment(Environment.of("shadow")))
                .startingAt(Instant.EPOCH)
                .withSeed(7);

        assertThat(genesisOf(plain).environments()).doesNotContainKey(Environment.of("shadow"));
        assertThat(plain.start()).isEqualTo(ModelOpsExtension.DEFAULT_START);
        assertThat(plain.seed()).isEqualTo(1);
        assertThat(genesisOf(changed).environments()).containsKey(Environment.of("shadow"));
        assertThat(changed.start()).isEqualTo(Instant.EPOCH);
        assertThat(changed.seed()).isEqualTo(7);
    }

    @Test
    void changesOfGenesisAddUp() {
        ModelOpsExtension twice = new ModelOpsExtension()
                .withGenesis(g -> g.environment(Environment.of("one")))
                .withGenesis(g -> g.environment(Environment.of("two")));

        assertThat(genesisOf(twice).environments()).containsKeys(Environment.of("one"), Environment.of("two"));
    }

    @Nested
    @ModelOpsTest
    class Injected {
        private final List<ModelOps> seen = new ArrayList<>();

        @BeforeEach
        void see(ModelOps ops) {
            seen.add(ops);
        }

        @AfterEach
        void seeAgain(ModelOps ops) {
            assertThat(seen).containsOnly(ops);
            assertThat(((FakeModelOps) ops).isClosed()).isFalse();
        }

        @Test
        void everythingBelongsToOneLog(
                ModelOps ops,
                Opening opening,
                Storage storage,
                LogKey logKey,
                MutableClock clock,
                TestKeys keys,
                People people,
                InMemoryCheckpointMemory memory) {
            assertThat(seen).containsExactly(ops);
            assertThat(ops.logKey()).isEqualTo(logKey).isEqualTo(opening.logKey());
            assertThat(opening.storage()).isSameAs(storage);
            assertThat(opening.clock()).isSameAs(clock);
            assertThat(opening.memory()).containsSame(memory);
            assertThat(opening.principals()).isEmpty();
            assertThat(opening.writer().orElseThrow().publicKey())
                    .isEqualTo(keys.ed25519("writer").publicKey());
            assertThat(opening.logSigner().orElseThrow().publicKey())
                    .isEqualTo(keys.ed25519("log").publicKey());
            assertThat(opening.publisher().orElseThrow().publicKey())
                    .isEqualTo(keys.ecdsa("publisher").publicKey());
            assertThat(people.admin().id()).isEqualTo("admin");
            assertThat(clock.instant()).isEqualTo(ModelOpsExtension.DEFAULT_START);
        }

        @Test
        void identifiersComeFromTheSeed(Opening opening) {
            assertThat(opening.random().nextLong()).isEqualTo(new Random(1).nextLong());
        }

        @Test
        void oneTestDoesNotSeeTheClockOfAnother(MutableClock clock) {
            assertThat(clock.instant()).isEqualTo(ModelOpsExtension.DEFAULT_START);
            clock.advance(Duration.ofDays(1));
        }

        @Test
        void anotherTestDoesNotSeeItEither(MutableClock clock) {
            assertThat(clock.instant()).isEqualTo(ModelOpsExtension.DEFAULT_START);
            clock.advance(Duration.ofDays(1));
        }
    }

    @Nested
    class Registered {
        @RegisterExtension
        final ModelOpsExtension log = new ModelOpsExtension()
                .startingAt(Instant.parse("2031-05-05T05:05:05Z"))
                .withOpening(opening -> opening.queueCapacity(3))
                .withSeed(9);

        @Test
        void itsSettingsApply(MutableClock clock, Opening opening, TestKeys keys) {
            assertThat(clock.instant()).isEqualTo(Instant.parse("2031-05-05T05:05:05Z"));
            assertThat(opening.queueCapacity()).isEqualTo(3);
            assertThat(keys.ed25519("log").publicKey())
                    .isEqualTo(TestKeys.seeded(9).ed25519("log").publicKey());
        }
    }

    @Nested
    class AfterTheTest {
        @RegisterExtension
        final Ending ending = new Ending();

        @Test
        void theLogIsClosed(ModelOps ops) {
            ending.then(failure -> {
                assertThat(failure).isNull();
                assertThat(((FakeModelOps) ops).isClosed()).isTrue();
            });
        }

        @Test
        void itMayHaveBeenClosedByTheTest(ModelOps ops) {
            ops.close();
            ending.then(failure -> assertThat(failure).isNull());
        }

        @Test
        void aThreadThatOutlivesItFailsTheTest(ModelOps ops) {
            FakeModelOps fake = (FakeModelOps) ops;
            fake.leak();
            ending.then(failure -> {
                fake.stopLeaking();
                assertThat(fake.isClosed()).isTrue();
                assertThat(failure)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("1 outlived it")
                        .hasMessageContaining("modelops-fake (WAITING)")
                        .hasMessageContaining("FakeModelOps.run");
            });
        }

        @Test
        void aSecondProcessLeftOpenFailsTheTest(Opening opening) {
            FakeModelOps second = (FakeModelOps) opening.start();
            ending.then(failure -> {
                second.stopLeaking();
                assertThat(failure).isInstanceOf(AssertionError.class).hasMessageContaining("1 outlived it");
            });
        }
    }

    @Nested
    class OutsideTests {
        @RegisterExtension
        final Ending ending = new Ending();

        @Test
        void nothingIsInjected(ModelOps ops) {
            ending.then((failure, extension, context) -> {
                assertThat(failure).isNull();
                ParameterContext parameter = Objects.requireNonNull(ending.parameter);
                assertThatThrownBy(() -> extension.resolveParameter(parameter, context))
                        .isInstanceOf(ParameterResolutionException.class)
                        .hasMessageContaining("a log exists only while a test runs")
                        .hasMessageContaining("take the ModelOps as a parameter of the test");
            });
        }
    }

    @Nested
    class WhenTheLogCannotBeCreated {
        @RegisterExtension
        final BeforeEachCallback failing = context -> {
            ModelOpsExtension extension =
                    new ModelOpsExtension().withGenesis(g -> Genesis.of("refused.example", g.logSigner(), g.writer()));
            assertThatThrownBy(() -> extension.beforeEach(context))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("refused.example");
            extension.afterEach(context);
        };

        @Test
        void theFailureIsTheCausesOwn() {
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(t -> t.getName().equals("modelops-fake"));
        }
    }

    @Test
    void leaksAreReportedByTheLastOfOverlappingTests() throws InterruptedException {
        LibraryThreads threads = new LibraryThreads();
        FakeModelOps earlier = new FakeModelOps(ANY_KEY);
        threads.opened();
        FakeModelOps leaked = new FakeModelOps(ANY_KEY);
        threads.opened();
        threads.closed();
        try {
            assertThatThrownBy(threads::closed)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("1 outlived it");
        } finally {
            leaked.stopLeaking();
            earlier.stopLeaking();
        }
    }

    /** Runs the extension around a test and lets the test say what its end must have been. */
    static final class Ending implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
        private final ModelOpsExtension extension = new ModelOpsExtension();
        private Expectation expectation = (failure, extension, context) -> {};
        private @Nullable ParameterContext parameter;

        interface Expectation {
            void check(@Nullable Throwable failure, ModelOpsExtension extension, ExtensionContext context)
                    throws Exception;
        }

        interface SimpleExpectation {
            void check(@Nullable Throwable failure) throws Exception;
        }

        void then(Expectation value) {
            expectation = value;
        }

        void then(SimpleExpectation value) {
            expectation = (failure, unused, context) -> value.check(failure);
        }

        @Override
        public void beforeEach(ExtensionContext context) {
            extension.beforeEach(context);
        }

        @Override
        public void afterEach(ExtensionContext context) throws Exception {
            @Nullable Throwable failure = null;
            try {
                extension.afterEach(context);
            } catch (Throwable e) {
                failure = e;
            }
            expectation.check(failure, extension, context);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameterContext, ExtensionContext context) {
            return extension.supportsParameter(parameterContext, context);
        }

        @Override
        public Object resolveParameter(ParameterContext parameterContext, ExtensionContext context) {
            parameter = parameterContext;
            return extension.resolveParameter(parameterContext, context);
        }
    }
}
