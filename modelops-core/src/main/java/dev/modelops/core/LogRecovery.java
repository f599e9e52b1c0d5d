package dev.modelops.core;

import dev.modelops.IntegrityException;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.audit.RecoveryCeremony;
import dev.modelops.core.internal.log.Recovery;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.security.PublicKey;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ceremony by which a log goes on after entries were lost for good, or its keys were: a new epoch, with a new origin and
 * key, that begins with an entry which names what was lost and which enough holders of root keys have signed. Whoever holds
 * store, log key and writer key but not the root keys cannot do it.
 *
 * <p>In order: restore the best copy there is; say here which checkpoint of the lost entries is the newest known, from a
 * memory, a witness or a receipt; have the {@link #statement} signed by the holders of the root keys, each on a machine of
 * their own, with {@link #sign}; add their signatures, and {@link #recover}. Then pin the new key wherever the log is opened
 * or verified, and have the witnesses add it: to them the new epoch is another log.
 *
 * <p>Immutable; every method that sets something returns a changed copy.
 */
public final class LogRecovery {
    private final Storage storage;
    private final LogKey from;
    private final Signer logSigner;
    private final Signer writer;
    private List<PublicKey> writers = List.of();
    private List<String> signatures = List.of();
    private @Nullable String lost;
    private @Nullable CheckpointMemory memory;
    private boolean isDecided;
    private String reason = "";
    private Clock clock = Clock.systemUTC();

    private LogRecovery(Storage storage, LogKey from, Signer logSigner, Signer writer) {
        this.storage = storage;
        this.from = from;
        this.logSigner = logSigner;
        this.writer = writer;
    }

    private LogRecovery(LogRecovery before) {
        this(before.storage, before.from, before.logSigner, before.writer);
        this.writers = before.writers;
        this.signatures = before.signatures;
        this.lost = before.lost;
        this.memory = before.memory;
        this.isDecided = before.isDecided;
        this.reason = before.reason;
        this.clock = before.clock;
    }

    /**
     * Begins to recover a log. Nothing is read or written yet.
     *
     * @param storage the restored storage; stays open
     * @param from the key of the log until now
     * @param logSigner the Ed25519 key that signs checkpoints from now on; may be the one until now
     * @param writer the Ed25519 key that seals entries from now on; may be one until now
     * @return the recovery, to be completed
     */
    public static LogRecovery of(Storage storage, LogKey from, Signer logSigner, Signer writer) {
        return new LogRecovery(storage, from, logSigner, writer);
    }

    /**
     * Names the newest checkpoint known of what is lost. It becomes part of the log, so that the loss stays evident.
     *
     * @param checkpoint the signed note, by the key until now
     * @return the changed copy
     */
    public LogRecovery lost(String checkpoint) {
        LogRecovery copy = new LogRecovery(this);
        copy.lost = checkpoint;
        copy.isDecided = true;
        return copy;
    }

    /**
     * Says that no entry is lost: the log only changes its keys, because one was lost or stolen.
     *
     * @return the changed copy
     */
    public LogRecovery nothingLost() {
        LogRecovery copy = new LogRecovery(this);
        copy.lost = null;
        copy.isDecided = true;
        return copy;
    }

    /**
     * Sets a memory that the log is held against before a statement is made and before the log is recovered: the log must
     * lead through what is remembered of it, or the recovery must name that, or more, as lost. Without one, who held the keys
     * of the log could have rewritten or shortened it, and the holders of the root keys, who see only what is in the store,
     * would sign for that. {@link CheckpointMemories#of} asks a witness.
     *
     * @param value a memory kept elsewhere than the store
     * @return the changed copy
     */
    public LogRecovery memory(CheckpointMemory value) {
        LogRecovery copy = new LogRecovery(this);
        copy.memory = value;
        return copy;
    }

    /**
     * Sets why the log is recovered.
     *
     * @param value one line of at most 1000 characters
     * @return the changed copy
     */
    public LogRecovery reason(String value) {
        LogRecovery copy = new LogRecovery(this);
        copy.reason = value;
        return copy;
    }

    /**
     * Enrols a further writer key. Writers that are not enrolled anew can no longer append.
     *
     * @param key an Ed25519 key
     * @return the changed copy
     */
    public LogRecovery writer(PublicKey key) {
        LogRecovery copy = new LogRecovery(this);
        copy.writers = plus(writers, key);
        return copy;
    }

    /**
     * Adds the signature of a holder of a root key.
     *
     * @param line what {@link #sign} returned
     * @return the changed copy
     */
    public LogRecovery signature(String line) {
        LogRecovery copy = new LogRecovery(this);
        copy.signatures = plus(signatures, line);
        return copy;
    }

    /**
     * Sets the clock; the system's by default.
     *
     * @param value the clock
     * @return the changed copy
     */
    public LogRecovery clock(Clock value) {
        LogRecovery copy = new LogRecovery(this);
        copy.clock = value;
        return copy;
    }

    /**
     * Reads and verifies the restored log, and returns what the holders of the root keys have to sign: text they can read,
     * which names the log, where it goes on from, what is lost, the new keys and the reason. It holds for this store as it is
     * now and for nothing else.
     *
     * @return the text
     * @throws IntegrityException if the log cannot be believed, was recovered already, or contradicts the memory
     * @throws IllegalArgumentException if something is not said, a key is of another kind, the log has no root keys, or it
     *     contains what is said to be lost
     */
    public String statement() {
        return ceremony().statement();
    }

    /**
     * Signs a statement, on whatever machine the root key is kept. Read it first.
     *
     * @param statement the text
     * @param root a root key
     * @return a signature line for {@link #signature}
     * @throws IllegalArgumentException if the text is no statement of recovery, or the key is not Ed25519
     */
    public static String sign(String statement, Signer root) {
        String origin = Recovery.parse(statement).from().origin();
        String note = new NoteSigner(Recovery.rootKeyName(origin), root).sign(statement);
        return note.substring(statement.length() + 1);
    }

    /**
     * Appends the entry, under a checkpoint of the new key. A recovery that was cut off in between is finished by doing it
     * again.
     *
     * @return the key to pin from now on
     * @throws IntegrityException if the log cannot be believed, was recovered already, or contradicts the memory
     * @throws VersionConflictException if somebody appended meanwhile; nothing is changed
     * @throws IllegalArgumentException as {@link #statement} says, or if too few root keys signed this statement, or a
     *     signature does not verify; nothing is changed
     */
    public LogKey recover() {
        return ceremony().recover(signatures, clock);
    }

    private RecoveryCeremony ceremony() {
        if (!isDecided) {
            throw new IllegalArgumentException("a recovery must name the newest checkpoint known of what is lost, with"
                    + " lost(...), or say that nothing is, with nothingLost()");
        }
        return new RecoveryCeremony(storage, from, logSigner, writer, writers, lost, reason, memory);
    }

    private static <E> List<E> plus(List<E> list, E element) {
        List<E> longer = new ArrayList<>(list);
        longer.add(element);
        return List.copyOf(longer);
    }
}
