package dev.modelops;

import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.policy.Policy;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a log is opened. Begun by {@link ModelOps#open}, ended by {@link #start}. Immutable; every method that sets
 * something returns a changed copy.
 */
public final class Opening {
    private final Storage storage;
    private final LogKey logKey;
    private @Nullable Signer writer;
    private @Nullable Signer logSigner;
    private @Nullable Signer publisher;
    private @Nullable PrincipalSource principals;
    private @Nullable Policy narrowing;
    private @Nullable CheckpointMemory memory;
    private Clock clock = Clock.systemUTC();
    private RandomGenerator random = new SecureRandom();
    private Duration patience = Duration.ofSeconds(30);
    private Duration pollInterval = Duration.ofMillis(100);
    private int queueCapacity = 10_000;

    Opening(Storage storage, LogKey logKey) {
        this.storage = storage;
        this.logKey = logKey;
    }

    private Opening(Opening from) {
        this(from.storage, from.logKey);
        this.writer = from.writer;
        this.logSigner = from.logSigner;
        this.publisher = from.publisher;
        this.principals = from.principals;
        this.narrowing = from.narrowing;
        this.memory = from.memory;
        this.clock = from.clock;
        this.random = from.random;
        this.patience = from.patience;
        this.pollInterval = from.pollInterval;
        this.queueCapacity = from.queueCapacity;
    }

    /**
     * Opens the log: reads it, verifies seals and checkpoints, and starts the library's threads.
     *
     * @return the facade
     * @throws IntegrityException if the log is not what its proofs or the remembered checkpoint say; the storage then
     *     stays open
     * @throws NotFoundException if the store holds no log
     * @throws IllegalArgumentException if a signer does not fit its role
     */
    public ModelOps start() {
        return ModelOpsProvider.load().start(this);
    }

    /**
     * Sets the enrolled key that seals entries. Without it the log is read-only.
     *
     * @param signer an Ed25519 key
     * @return the changed copy
     */
    public Opening writer(Signer signer) {
        Opening copy = new Opening(this);
        copy.writer = signer;
        return copy;
    }

    /**
     * Sets the key that signs checkpoints; the writer key by default, if it is the log key too.
     *
     * @param signer the private half of the log key
     * @return the changed copy
     */
    public Opening logSigner(Signer signer) {
        Opening copy = new Opening(this);
        copy.logSigner = signer;
        return copy;
    }

    /**
     * Sets the key that signs models registered without a signature of their own.
     *
     * @param signer an EC key
     * @return the changed copy
     */
    public Opening publisher(Signer signer) {
        Opening copy = new Opening(this);
        copy.publisher = signer;
        return copy;
    }

    /**
     * Sets how the caller of an act is known. Without it, every act needs {@link ModelOps#as}.
     *
     * @param source the host's authentication
     * @return the changed copy
     */
    public Opening principals(PrincipalSource source) {
        Opening copy = new Opening(this);
        copy.principals = source;
        return copy;
    }

    /**
     * Sets a policy of the host's own, which can only narrow what the log's policy set allows.
     *
     * @param policy the policy
     * @return the changed copy
     */
    public Opening narrowedBy(Policy policy) {
        Opening copy = new Opening(this);
        copy.narrowing = policy;
        return copy;
    }

    /**
     * Sets where the newest checkpoint seen is remembered, outside the store.
     *
     * @param value the memory
     * @return the changed copy
     */
    public Opening memory(CheckpointMemory value) {
        Opening copy = new Opening(this);
        copy.memory = value;
        return copy;
    }

    /**
     * Sets the clock; the system's by default.
     *
     * @param value the clock
     * @return the changed copy
     */
    public Opening clock(Clock value) {
        Opening copy = new Opening(this);
        copy.clock = value;
        return copy;
    }

    /**
     * Sets the source of entry and command ids; a secure one by default.
     *
     * @param value the source
     * @return the changed copy
     */
    public Opening random(RandomGenerator value) {
        Opening copy = new Opening(this);
        copy.random = value;
        return copy;
    }

    /**
     * Sets how long a caller waits for its act; 30 seconds by default.
     *
     * @param value a positive time
     * @return the changed copy
     */
    public Opening patience(Duration value) {
        Opening copy = new Opening(this);
        copy.patience = positive("patience", value);
        return copy;
    }

    /**
     * Sets how often the store is asked for other processes' entries; every 100 milliseconds by default. An act of
     * another process takes effect here within this time and the time it takes to read.
     *
     * @param value a positive time
     * @return the changed copy
     */
    public Opening pollInterval(Duration value) {
        Opening copy = new Opening(this);
        copy.pollInterval = positive("poll interval", value);
        return copy;
    }

    /**
     * Sets how many acts may wait; 10,000 by default. Beyond it callers get {@link OverloadedException}.
     *
     * @param value at least 1
     * @return the changed copy
     */
    public Opening queueCapacity(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("queue capacity must be at least 1, but was " + value);
        }
        Opening copy = new Opening(this);
        copy.queueCapacity = value;
        return copy;
    }

    /**
     * Returns the storage.
     *
     * @return where the log lives
     */
    public Storage storage() {
        return storage;
    }

    /**
     * Returns the pinned key.
     *
     * @return the key checkpoints are verified with
     */
    public LogKey logKey() {
        return logKey;
    }

    /**
     * Returns the writer key.
     *
     * @return the signer, if set
     */
    public Optional<Signer> writer() {
        return Optional.ofNullable(writer);
    }

    /**
     * Returns the key that signs checkpoints.
     *
     * @return the signer, if set
     */
    public Optional<Signer> logSigner() {
        return Optional.ofNullable(logSigner);
    }

    /**
     * Returns the key that signs models.
     *
     * @return the signer, if set
     */
    public Optional<Signer> publisher() {
        return Optional.ofNullable(publisher);
    }

    /**
     * Returns how callers are known.
     *
     * @return the source, if set
     */
    public Optional<PrincipalSource> principals() {
        return Optional.ofNullable(principals);
    }

    /**
     * Returns the host's own policy.
     *
     * @return the policy, if set
     */
    public Optional<Policy> narrowing() {
        return Optional.ofNullable(narrowing);
    }

    /**
     * Returns where checkpoints are remembered.
     *
     * @return the memory, if set
     */
    public Optional<CheckpointMemory> memory() {
        return Optional.ofNullable(memory);
    }

    /**
     * Returns the clock.
     *
     * @return the clock
     */
    public Clock clock() {
        return clock;
    }

    /**
     * Returns the source of ids.
     *
     * @return the source
     */
    public RandomGenerator random() {
        return random;
    }

    /**
     * Returns how long a caller waits.
     *
     * @return the time
     */
    public Duration patience() {
        return patience;
    }

    /**
     * Returns how often the store is asked.
     *
     * @return the time between two questions
     */
    public Duration pollInterval() {
        return pollInterval;
    }

    /**
     * Returns how many acts may wait.
     *
     * @return the bound
     */
    public int queueCapacity() {
        return queueCapacity;
    }

    private static Duration positive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " must be positive, but was " + value);
        }
        return value;
    }
}
