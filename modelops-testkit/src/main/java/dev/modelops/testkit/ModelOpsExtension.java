package dev.modelops.testkit;

import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.audit.LogKey;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.InMemoryCheckpointMemory;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives every test a fresh log in memory and takes it down afterwards. Used through {@link ModelOpsTest} or, with settings
 * of its own, registered as a field:
 *
 * <pre>{@code
 * @RegisterExtension
 * final ModelOpsExtension log = new ModelOpsExtension()
 *         .withGenesis(genesis -> genesis.environment(Environment.of("shadow")));
 * }</pre>
 *
 * <p>The log has the built-in policies, the environments {@code staging} and {@code production} with the gates of
 * {@link Gates#all}, and the grants that {@link People} describes. Its clock stands still, its keys are throwaway, its
 * identifiers come from a seed: the same test writes the same entries each time. No principal source is set, so every act
 * names who does it: {@code ops.as(people.validator())}.
 *
 * <p>Parameters of test and lifecycle methods may have these types:
 *
 * <ul>
 *   <li>{@link ModelOps}: the opened log
 *   <li>{@link People}: the principals
 *   <li>{@link MutableClock}: the log's clock
 *   <li>{@link TestKeys}: the keys; {@code log} and {@code writer} are the Ed25519 keys and {@code publisher} the ECDSA
 *       P-256 key in use
 *   <li>{@link Storage}: where the log lives, to tamper with
 *   <li>{@link LogKey}: the key to pin
 *   <li>{@link Opening}: how the log was opened; started again, it stands for a second process on the same store, which
 *       the test closes
 *   <li>{@link InMemoryCheckpointMemory}: the memory of checkpoints
 * </ul>
 *
 * <p>After the test everything is closed, and the test fails if a thread of the library outlived that. Where tests run in
 * parallel, the last of those that overlapped reports it.
 *
 * <p>Immutable and safe for use by many threads; every method that sets something returns a changed copy.
 */
public final class ModelOpsExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    /** The time at which the clock of a test stands by default: 1 January 2030, 09:00 UTC. */
    public static final Instant DEFAULT_START = Instant.parse("2030-01-01T09:00:00Z");

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(ModelOpsExtension.class);
    private static final Set<Class<?>> INJECTED = Set.of(
            ModelOps.class,
            Opening.class,
            Storage.class,
            LogKey.class,
            MutableClock.class,
            TestKeys.class,
            People.class,
            InMemoryCheckpointMemory.class);

    private final UnaryOperator<Genesis> genesis;
    private final UnaryOperator<Opening> opening;
    private final Instant start;
    private final long seed;

    /** Creates the extension with the settings above. */
    public ModelOpsExtension() {
        this(UnaryOperator.identity(), UnaryOperator.identity(), DEFAULT_START, 1);
    }

    private ModelOpsExtension(
            UnaryOperator<Genesis> genesis, UnaryOperator<Opening> opening, Instant start, long seed) {
        this.genesis = genesis;
        this.opening = opening;
        this.start = start;
        this.seed = seed;
    }

    /**
     * Changes what the first entry of each log fixes. Changes add up.
     *
     * @param change applied to the standard genesis, and to what earlier changes made of it
     * @return the changed copy
     */
    public ModelOpsExtension withGenesis(UnaryOperator<Genesis> change) {
        UnaryOperator<Genesis> earlier = genesis;
        return new ModelOpsExtension(g -> change.apply(earlier.apply(g)), opening, start, seed);
    }

    /**
     * Changes how each log is opened. Changes add up.
     *
     * @param change applied to the standard opening, and to what earlier changes made of it
     * @return the changed copy
     */
    public ModelOpsExtension withOpening(UnaryOperator<Opening> change) {
        UnaryOperator<Opening> earlier = opening;
        return new ModelOpsExtension(genesis, o -> change.apply(earlier.apply(o)), start, seed);
    }

    /**
     * Sets where the clock stands when a log is created; {@link #DEFAULT_START} by default.
     *
     * @param time the time
     * @return the changed copy
     */
    public ModelOpsExtension startingAt(Instant time) {
        return new ModelOpsExtension(genesis, opening, time, seed);
    }

    /**
     * Sets what keys and identifiers are derived from; 1 by default.
     *
     * @param value any number
     * @return the changed copy
     */
    public ModelOpsExtension withSeed(long value) {
        return new ModelOpsExtension(genesis, opening, start, value);
    }

    /**
     * Opens a log for a test. Called by JUnit.
     *
     * @param context the test
     */
    @Override
    public void beforeEach(ExtensionContext context) {
        LibraryThreads threads = threads(context);
        threads.opened();
        try {
            context.getStore(NAMESPACE).put(TestLog.class, TestLog.open(this));
        } catch (RuntimeException | Error e) {
            try {
                threads.closed();
            } catch (AssertionError leak) {
                e.addSuppressed(leak);
            }
            throw e;
        }
    }

    /**
     * Closes the log of a test. Called by JUnit.
     *
     * @param context the test
     * @throws AssertionError if a thread of the library outlived the log
     */
    @Override
    public void afterEach(ExtensionContext context) {
        TestLog log = context.getStore(NAMESPACE).remove(TestLog.class, TestLog.class);
        if (log == null) {
            return;
        }
        try {
            log.close();
        } finally {
            threads(context).closed();
        }
    }

    /**
     * Tells whether a parameter has one of the types above. Called by JUnit.
     *
     * @param parameter the parameter
     * @param context the test
     * @return true if it can be injected
     */
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return INJECTED.contains(parameter.getParameter().getType());
    }

    /**
     * Returns what to inject into a parameter. Called by JUnit.
     *
     * @param parameter the parameter
     * @param context the test
     * @return the value
     * @throws ParameterResolutionException if no test is running, as in a constructor or a {@code @BeforeAll} method
     */
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestLog log = context.getStore(NAMESPACE).get(TestLog.class, TestLog.class);
        if (log == null) {
            throw new ParameterResolutionException("a log exists only while a test runs, but "
                    + parameter.getDeclaringExecutable() + " runs outside; take the "
                    + parameter.getParameter().getType().getSimpleName()
                    + " as a parameter of the test, or of a @BeforeEach or @AfterEach method");
        }
        return log.part(parameter.getParameter().getType());
    }

    Instant start() {
        return start;
    }

    long seed() {
        return seed;
    }

    Genesis genesis(TestKeys keys, People people) {
        String[] gates = Gates.all().toArray(String[]::new);
        return genesis.apply(people.grantTo(Genesis.of("example.test/log", keys.ed25519("log"), keys.ed25519("writer"))
                .publisher(keys.ecdsa("publisher").publicKey())
                .environment(Environment.STAGING, gates)
                .environment(Environment.PRODUCTION, gates)));
    }

    Opening opening(Opening from, TestKeys keys, MutableClock clock, InMemoryCheckpointMemory memory) {
        return opening.apply(from.writer(keys.ed25519("writer"))
                .logSigner(keys.ed25519("log"))
                .publisher(keys.ecdsa("publisher"))
                .memory(memory)
                .clock(clock)
                .random(new Random(seed))
                .pollInterval(Duration.ofMillis(10)));
    }

    private static LibraryThreads threads(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(LibraryThreads.class, key -> new LibraryThreads(), LibraryThreads.class);
    }
}
