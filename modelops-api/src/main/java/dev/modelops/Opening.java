package dev.modelops;

import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.policy.FactProvider;
import dev.modelops.policy.Policy;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a log is opened. Begun by {@link ModelOps#open}, ended by {@link #start}. Immutable; every method that sets
 * something returns a changed copy.
 */
public final class Opening {
    private static final Pattern FACT =
            Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,63}(\\.[A-Za-z][A-Za-z0-9_]{0,63}){1,7}");

    private final Storage storage;
    private final LogKey logKey;
    private @Nullable Signer writer;
    private @Nullable Signer logSigner;
    private @Nullable Signer publisher;
    private @Nullable PrincipalSource principals;
    private @Nullable Policy narrowing;
    private @Nullable CheckpointMemory memory;
    private List<Witness> witnesses = List.of();
    private Duration witnessDeadline = Duration.ofSeconds(2);
    private List<FactProvider> factProviders = List.of();
    private Duration factDeadline = Duration.ofSeconds(2);
    private Clock clock = Clock.systemUTC();
    private RandomGenerator random = new SecureRandom();
    private Duration patience = Duration.ofSeconds(30);
    private Duration pollInterval = Duration.ofMillis(100);
    private @Nullable Path cache;
    private Duration stalenessBound = Duration.ofMinutes(15);
    private Freshness.Stance stance = Freshness.Stance.REFUSE;
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
        this.witnesses = from.witnesses;
        this.witnessDeadline = from.witnessDeadline;
        this.factProviders = from.factProviders;
        this.factDeadline = from.factDeadline;
        this.clock = from.clock;
        this.random = from.random;
        this.patience = from.patience;
        this.pollInterval = from.pollInterval;
        this.cache = from.cache;
        this.stalenessBound = from.stalenessBound;
        this.stance = from.stance;
        this.queueCapacity = from.queueCapacity;
    }

    /**
     * Opens the log: reads it, verifies seals and checkpoints, and starts the library's threads.
     *
     * @return the facade
     * @throws IntegrityException if the log is not what its proofs or the remembered checkpoint say; the storage then
     *     stays open
     * @throws NotFoundException if the store holds no log
     * @throws dev.modelops.storage.StorageException if the store does not answer, and there is no {@linkplain #cache cache}
     *     of it or that is too old
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
     * Adds a provider of facts that the log cannot know.
     *
     * @param provider the provider
     * @return the changed copy
     * @throws IllegalArgumentException if another provider has the name or gives one of the facts, or the name, a fact's name
     *     or the maximum age is not what {@link FactProvider} says
     */
    public Opening facts(FactProvider provider) {
        List<FactProvider> longer = new ArrayList<>(factProviders);
        longer.add(provider);
        requireProviders(longer);
        Opening copy = new Opening(this);
        copy.factProviders = List.copyOf(longer);
        return copy;
    }

    /**
     * Sets how long all providers of facts together may take to answer; 2 seconds by default.
     *
     * @param value a positive time
     * @return the changed copy
     */
    public Opening factDeadline(Duration value) {
        Opening copy = new Opening(this);
        copy.factDeadline = positive("fact deadline", value);
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
     * Adds a witness. Checkpoints signed here are submitted to it before they are published, and carry its cosignature if
     * it answers in time; acts never wait for it. At the start it is asked what it has seen of the log, and a store that is
     * older or different is refused. One that is down is named in the host's log and asked again.
     *
     * @param value the witness
     * @return the changed copy
     * @throws IllegalArgumentException if the witness names no key
     */
    public Opening witness(Witness value) {
        if (value.keys().isEmpty()) {
            throw new IllegalArgumentException("a witness must name the key that verifies its cosignatures");
        }
        List<Witness> longer = new ArrayList<>(witnesses);
        longer.add(value);
        Opening copy = new Opening(this);
        copy.witnesses = List.copyOf(longer);
        return copy;
    }

    /**
     * Sets how long a checkpoint waits for witnesses before it is published without those that did not answer; 2 seconds by
     * default.
     *
     * @param value a positive time
     * @return the changed copy
     */
    public Opening witnessDeadline(Duration value) {
        Opening copy = new Opening(this);
        copy.witnessDeadline = positive("witness deadline", value);
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
     * Sets how old the state may be that models are served by, and what open handles do beyond that;
     * {@linkplain Freshness.Stance#REFUSE refuse} after 15 minutes by default. While the store does not answer, revocations
     * and other acts of other processes are not seen here, and this is the bound on that. The age is counted from before
     * the head was read that last proved the state to be the newest, so a store that hangs counts as away. Handles are
     * looked at every 100 milliseconds, so calls are refused at most that much later, and they work again by themselves
     * within about as much once the store answers.
     *
     * <p>The age is measured without the host's clock, and also with it once the store has not answered for two poll
     * intervals and 5 seconds; the longer counts. So setting the clock changes nothing while the store answers, setting it
     * back never lengthens the bound, and the time a machine sleeps counts.
     *
     * <p>The bound is on serving. Reads of the registry go on and say their position, {@link ModelOps#freshness} tells
     * how old it is, and acts fail because the store is needed for them.
     *
     * @param bound a positive time; the store is asked at least three times as often, whatever the poll interval
     * @param beyond what to do when the state is older
     * @return the changed copy
     */
    public Opening staleness(Duration bound, Freshness.Stance beyond) {
        Opening copy = new Opening(this);
        copy.stalenessBound = positive("staleness bound", bound);
        copy.stance = beyond;
        return copy;
    }

    /**
     * Sets a folder on this host's disk in which what was seen of the log is kept: a copy of its entries, seals and newest
     * checkpoint, the policy sets, and when the store was last in contact, which is written at least every 10 seconds and
     * at closing. A host that starts while the store is down then opens that copy, verified as the store itself would be,
     * and goes on as if the store had been lost while it ran: it serves within the {@linkplain #staleness staleness
     * bound}, acts fail, and it follows the store by itself once that answers. Beyond the bound it does not start, unless
     * the stance is to serve on. A store that is older than the copy, or another log, is refused.
     *
     * <p>How long ago the contact was is told by the host's clock, so it must not be set back while the process is down.
     * The folder must belong to this process alone and be written by nobody else: who can write to it can make the state
     * look newer than it is. It may be deleted while the process is down. It grows with the log.
     *
     * @param folder the folder, created where there is none
     * @return the changed copy
     */
    public Opening cache(Path folder) {
        Opening copy = new Opening(this);
        copy.cache = folder;
        return copy;
    }

    /**
     * Sets how often the store is asked for other processes' entries; every 100 milliseconds by default. An act of
     * another process, a revocation for one, takes effect here within this time and the time it takes to read, as long
     * as the store answers; while it does not, {@link #staleness} is the bound.
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
     * Returns the witnesses.
     *
     * @return the witnesses
     */
    public List<Witness> witnesses() {
        return witnesses;
    }

    /**
     * Returns how long a checkpoint waits for witnesses.
     *
     * @return the time for all together
     */
    public Duration witnessDeadline() {
        return witnessDeadline;
    }

    /**
     * Returns the providers of facts.
     *
     * @return the providers
     */
    public List<FactProvider> factProviders() {
        return factProviders;
    }

    /**
     * Returns how long providers of facts may take.
     *
     * @return the time for all together
     */
    public Duration factDeadline() {
        return factDeadline;
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
     * Returns where what was seen of the log is kept on this host.
     *
     * @return the folder, if set
     */
    public Optional<Path> cache() {
        return Optional.ofNullable(cache);
    }

    /**
     * Returns how old the state may be that models are served by.
     *
     * @return the bound
     */
    public Duration stalenessBound() {
        return stalenessBound;
    }

    /**
     * Returns what handles do when the state is older than the bound.
     *
     * @return the stance
     */
    public Freshness.Stance stance() {
        return stance;
    }

    /**
     * Returns how many acts may wait.
     *
     * @return the bound
     */
    public int queueCapacity() {
        return queueCapacity;
    }

    private static void requireProviders(List<FactProvider> providers) {
        Set<String> names = new HashSet<>();
        Set<String> facts = new TreeSet<>();
        for (FactProvider provider : providers) {
            String name = provider.name();
            if (name.isBlank() || name.length() > 128 || !names.add(name)) {
                throw new IllegalArgumentException("a fact provider must have a name of its own of 1 to 128 characters,"
                        + " but one is named '" + name + "'");
            }
            positive("the maximum age of fact provider '" + name + "'", provider.maxAge());
            for (String fact : provider.provides()) {
                if (!FACT.matcher(fact).matches()) {
                    throw new IllegalArgumentException("fact provider '" + name + "' must name its facts like"
                            + " drift.open, two to eight parts of letters and digits between dots, but names one '"
                            + fact + "'");
                }
                if (!facts.add(fact)) {
                    throw new IllegalArgumentException("fact '" + fact + "' has two providers; '" + name + "' is one");
                }
            }
        }
        for (String fact : facts) {
            for (int dot = fact.indexOf('.'); dot > 0; dot = fact.indexOf('.', dot + 1)) {
                if (facts.contains(fact.substring(0, dot))) {
                    throw new IllegalArgumentException("fact '" + fact + "' leads through the fact '"
                            + fact.substring(0, dot) + "'; name one of them otherwise");
                }
            }
        }
    }

    private static Duration positive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " must be positive, but was " + value);
        }
        return value;
    }
}
