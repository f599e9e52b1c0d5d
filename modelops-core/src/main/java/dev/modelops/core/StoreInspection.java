package dev.modelops.core;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.ReadOnlyException;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.audit.Checkpointer;
import dev.modelops.core.internal.audit.LiveAuditLog;
import dev.modelops.core.internal.audit.LogVerifier;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.registry.Access;
import dev.modelops.core.internal.registry.StateView;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.RegistryView;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks into a store that one holds, without acting: for auditors, tools and restores. Policy is not asked, because it
 * cannot keep the holder of a store from reading it; nothing is written. Verifying works on a store that is too damaged
 * to be opened otherwise. Safe for use by many threads.
 */
public final class StoreInspection implements AutoCloseable {
    private final Storage storage;
    private final LogKey logKey;
    private final @Nullable CheckpointMemory memory;
    private final LiveAuditLog audit;
    private @Nullable Ledger ledger;
    private @Nullable Checkpointer checkpointer;
    private boolean closed;

    private StoreInspection(Storage storage, LogKey logKey, @Nullable CheckpointMemory memory) {
        this.storage = storage;
        this.logKey = logKey;
        this.memory = memory;
        NoteVerifier key = NoteVerifier.parse(logKey.text());
        this.audit = new LiveAuditLog(
                this::followed,
                this::checkpointer,
                this::texts,
                new HolderAccess(),
                progress -> LogVerifier.verify(storage, key, memory, null, progress));
    }

    /**
     * Opens a storage. Nothing is read yet.
     *
     * @param storage the storage, closed with the inspection
     * @param logKey the pinned key
     * @return the inspection
     * @throws dev.modelops.ModelOpsException if the key's text is no verifier key
     */
    public static StoreInspection open(Storage storage, LogKey logKey) {
        return new StoreInspection(storage, logKey, null);
    }

    /**
     * Opens a storage, to be held against what was seen of its log before: a store that was cut short, rolled back or
     * replaced is then found by {@link AuditLog#verify} and refused by everything else. The memory is only asked, never
     * told.
     *
     * @param storage the storage, closed with the inspection
     * @param logKey the pinned key
     * @param memory what remembers the newest checkpoint seen
     * @return the inspection
     * @throws dev.modelops.ModelOpsException if the key's text is no verifier key
     */
    public static StoreInspection open(Storage storage, LogKey logKey, CheckpointMemory memory) {
        return new StoreInspection(storage, logKey, memory);
    }

    /**
     * Opens the store in a local folder.
     *
     * @param folder the folder, as {@link Storages#directory} makes it
     * @param logKey the pinned key
     * @return the inspection
     * @throws NotFoundException if there is no store in the folder
     */
    public static StoreInspection open(Path folder, LogKey logKey) {
        return new StoreInspection(Storages.existingDirectory(folder), logKey, null);
    }

    /**
     * Opens the store in a local folder, to be held against what was seen of its log before.
     *
     * @param folder the folder, as {@link Storages#directory} makes it
     * @param logKey the pinned key
     * @param memory what remembers the newest checkpoint seen; only asked, never told
     * @return the inspection
     * @throws NotFoundException if there is no store in the folder
     * @see #open(Storage, LogKey, CheckpointMemory)
     */
    public static StoreInspection open(Path folder, LogKey logKey, CheckpointMemory memory) {
        return new StoreInspection(Storages.existingDirectory(folder), logKey, memory);
    }

    /**
     * Returns the key that an embedded store keeps beside itself. What is verified with it is only consistent with itself:
     * who can replace the store can replace the key.
     *
     * @param folder the folder
     * @return the key in its file {@code log.vkey}
     * @throws NotFoundException if there is no such file
     */
    public static LogKey keyBeside(Path folder) {
        Path file = folder.resolve("log.vkey");
        if (Files.notExists(file)) {
            throw new NotFoundException("there is no '" + file + "'; name the log key that you have pinned");
        }
        try {
            return new LogKey(Files.readString(file).strip());
        } catch (IOException e) {
            throw new StorageException("'" + file + "' could not be read: " + e, e);
        } catch (IllegalArgumentException e) {
            throw new IntegrityException("'" + file + "' holds no log key: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the registry as it is at the end of the log now, or before the first entry there that this release does not
     * know.
     *
     * @return the view
     * @throws IntegrityException if the log cannot be believed
     */
    public RegistryView registry() {
        Ledger followed = followed();
        return view(followed, followed.tip().state());
    }

    /**
     * Returns the registry as it was at a position.
     *
     * @param position a position that the log has reached
     * @return the view
     * @throws NotFoundException if the log has not reached it
     */
    public RegistryView registry(LogPosition position) {
        Ledger followed = followed();
        return view(followed, followed.stateAt(position.size()));
    }

    /**
     * Returns the registry as it was at a time.
     *
     * @param time a time, compared with log time
     * @return the view
     * @throws NotFoundException if the log began later
     */
    public RegistryView registry(Instant time) {
        Ledger followed = followed();
        return view(followed, followed.stateAt(followed.positionAt(time)));
    }

    /**
     * Returns every policy set that was put into force, up to the end of the log now.
     *
     * @return the revisions, oldest first; each decided what came after its position
     * @throws IntegrityException if the log cannot be believed
     */
    public List<PolicyRevision> policies() {
        return followed().tip().state().policySets().installed().stream()
                .map(texts()::read)
                .toList();
    }

    /**
     * Reads a policy set that was put into force or proposed.
     *
     * @param digest the set
     * @return the document, checked against the digest
     * @throws NotFoundException if the log names no such set, or the store lacks it
     * @throws IntegrityException if the store holds another document
     */
    public PolicySet policySet(Digest digest) {
        Ledger followed = followed();
        if (!followed.tip().state().policySets().isKnown(digest)) {
            throw new NotFoundException("no policy set " + digest + " was proposed or put into force in this log");
        }
        return new PolicySet(followed.blob(digest).toUtf8());
    }

    /**
     * Returns the log.
     *
     * @return the log, whose checkpoints are those that were published
     */
    public AuditLog audit() {
        return audit;
    }

    /**
     * Verifies the whole log as {@link AuditLog#verify} does, and demands that witnesses have seen it: every entry older than
     * a time must be under a checkpoint in the store that enough of them have cosigned.
     *
     * @param witnesses which witnesses, and how many
     * @param before entries at or after this time need not be witnessed yet
     * @param progress follows the work, in entries
     * @return everything that is wrong
     */
    public AuditReport verify(WitnessPolicy witnesses, Instant before, Progress progress) {
        return LogVerifier.verify(
                storage,
                NoteVerifier.parse(logKey.text()),
                memory,
                new LogVerifier.Demand(witnesses.quorum(), before),
                progress);
    }

    /**
     * Returns the pinned key.
     *
     * @return the key
     */
    public LogKey logKey() {
        return logKey;
    }

    /** Closes the storage. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            storage.close();
        }
    }

    /** What was appended since is read too, except where the log cannot be followed any further by this release. */
    Ledger followed() {
        Ledger opened = ledger();
        if (!(opened.fault() instanceof ReadOnlyException)) {
            opened.sync();
        }
        return opened;
    }

    Storage storage() {
        return storage;
    }

    /** Without a remembered checkpoint a log that was put back from a backup cannot be told from a whole one. */
    void requireRemembered() {
        if (memory == null
                || memory.recall(NoteVerifier.parse(logKey.text()).name()).isEmpty()) {
            throw new IntegrityException("no checkpoint of this log is remembered, so it could be an old copy; open the"
                    + " store with the checkpoint memory of a host that uses it");
        }
    }

    private synchronized Ledger ledger() {
        if (ledger == null) {
            ledger = Ledger.open(storage, logKey, memory);
        }
        return ledger;
    }

    private Texts texts() {
        return new Texts(CachedBlobStore.texts(storage), () -> ledger().tip().state());
    }

    private synchronized Checkpointer checkpointer() {
        if (checkpointer == null) {
            checkpointer = new Checkpointer(ledger(), storage.log(), null, null, null);
        }
        return checkpointer;
    }

    private RegistryView view(Ledger followed, RegistryState state) {
        return new StateView(() -> state, followed::stateAt, texts(), new HolderAccess());
    }

    /** The holder of a store may read all of it. */
    private static final class HolderAccess implements Access {
        @Override
        public boolean mayRead(ModelName name) {
            return true;
        }

        @Override
        public void requireRead(ModelName name) {
            // Nothing to check: see the class comment.
        }

        @Override
        public void require(Action action) {
            // Nothing to check here either.
        }

        @Override
        public void requireOpen() {
            // A closed storage says so itself.
        }
    }
}
