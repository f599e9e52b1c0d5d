package dev.modelops.core.internal.audit;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOpsException;
import dev.modelops.Principal;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.governor.Epochs;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Recovery;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.state.Epoch;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.Founding;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.Storage;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Lets a log go on under another key, from where its store ends. */
public final class RecoveryCeremony {
    private static final Principal RECOVERER = Principal.of("modelops", "recovery");
    private static final int CHUNK = 1024;

    private final Storage storage;
    private final LogKey from;
    private final Signer logSigner;
    private final Signer writer;
    private final List<PublicKey> writers;
    private final @Nullable String lost;
    private final String reason;
    private final @Nullable CheckpointMemory memory;

    /** Prepares a recovery. */
    public RecoveryCeremony(
            Storage storage,
            LogKey from,
            Signer logSigner,
            Signer writer,
            List<PublicKey> furtherWriters,
            @Nullable String lost,
            String reason,
            @Nullable CheckpointMemory memory) {
        this.storage = storage;
        this.from = from;
        this.logSigner = logSigner;
        this.writer = writer;
        this.writers = new ArrayList<>(List.of(writer.publicKey()));
        this.writers.addAll(furtherWriters);
        this.lost = lost;
        this.reason = reason;
        this.memory = memory;
    }

    /** Returns what the root keys have to sign. */
    public String statement() {
        return recovery(opened().tip()).text();
    }

    /** Appends the entry and publishes a checkpoint over it; finishes one that was appended but not published. */
    public LogKey recover(List<String> signatures, Clock clock) {
        LogKey finished = finish();
        if (finished != null) {
            return finished;
        }
        Tip tip = opened().tip();
        RegistryState state = tip.state();
        Recovery recovery = recovery(tip);
        ObjectNode data = Entry.payload(
                Identity.asserted(RECOVERER),
                Set.of(),
                CommandId.of("recovery:" + digest(recovery).toHex().substring(0, 32)),
                null,
                null);
        // In clear: the root keys sign it with the note.
        data.put("reason", reason);
        data.put("note", recovery.text() + "\n" + String.join("", signatures));
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        byte[] body = new Entry(
                        state.size(),
                        digest(recovery).toHex().substring(0, 32),
                        state.founding().origin(),
                        EntryType.LOG_RECOVERED,
                        EntryType.LOG_RECOVERED.typeName(),
                        null,
                        now.isBefore(state.time()) ? state.time() : now,
                        true,
                        data)
                .encode();
        // What could not be read again must not be appended: the root keys' signatures are checked here.
        Founding founding = Fold.apply(state, Entry.decode(state.size(), body)).founding();
        byte[] hash = Merkle.leafHash(body);
        byte[] root = tip.frontier().append(hash).root();
        Seal seal = new Seal(founding.origin(), state.size(), state.size() + 1, root, List.of(hash));
        LogSeal sealed = seal.sign(Seal.signer(founding.origin(), writer));
        boolean appended = storage.log().append(transaction -> {
            if (transaction.head().size() != state.size()
                    || !transaction
                            .head()
                            .root()
                            .equals(Digest.sha256(tip.frontier().root()))) {
                return false;
            }
            transaction.append(
                    List.of(new LogRecord(state.size(), Bytes.of(body))),
                    sealed,
                    new LogHead(state.size() + 1, Digest.sha256(root)));
            return true;
        });
        if (!appended) {
            throw new VersionConflictException(
                    "the log grew while it was being recovered; make sure that nothing writes"
                            + " to this store, and have a new statement signed");
        }
        return publish(founding, state.size() + 1, root);
    }

    private Ledger opened() {
        Ledger ledger = Ledger.open(storage, from, null);
        ModelOpsException fault = ledger.fault();
        if (fault != null) {
            throw new IntegrityException(
                    "a log that cannot be followed to its end cannot be recovered: " + fault.getMessage(), fault);
        }
        if (ledger.tip().state().founding().rootThreshold() < 1) {
            throw new IllegalArgumentException(
                    "the log was created without root keys, so it cannot be recovered; begin a"
                            + " new one, and keep this one to be read");
        }
        if (lost != null) {
            requireLost(ledger, lost);
        }
        if (memory != null) {
            requireTold(memory, ledger);
        }
        return ledger;
    }

    /** What is remembered must be explained before anybody signs: afterwards the log goes on under an origin new to all. */
    private void requireTold(CheckpointMemory remembering, Ledger ledger) {
        Founding founding = ledger.tip().state().founding();
        Epochs.requireTold(remembering, founding, ledger.tree()::root);
        String note = remembering.recall(founding.origin()).orElse(null);
        if (note != null) {
            List<Epoch> past = founding.past();
            Epochs.requireTold(
                    Ledger.verified(note, ledger.logKey()),
                    past.isEmpty() ? 0 : past.get(past.size() - 1).size(),
                    ledger.tip().state().size(),
                    lost,
                    ledger.logKey(),
                    ledger.tree()::root);
        }
    }

    private void requireLost(Ledger ledger, String note) {
        CheckpointBody body;
        try {
            body = Ledger.verified(note, ledger.logKey());
        } catch (IntegrityException e) {
            throw new IllegalArgumentException("what is said to be lost is not good: " + e.getMessage(), e);
        }
        if (body.size() <= ledger.tip().state().size()
                && Arrays.equals(ledger.tree().root(body.size()), body.root())) {
            throw new IllegalArgumentException("the log contains the " + body.size()
                    + " entries that are said to be lost:" + " no recovery is needed; open it with its key");
        }
    }

    private Recovery recovery(Tip tip) {
        return new Recovery(
                from,
                tip.state().size(),
                tip.frontier().root(),
                lost,
                newKey(tip.state().founding().nextOrigin()),
                writers,
                reason);
    }

    private LogKey newKey(String origin) {
        return new LogKey(new NoteSigner(origin, logSigner).verifier().vkey());
    }

    private static Digest digest(Recovery recovery) {
        return Digest.sha256Of(Bytes.ofUtf8(recovery.text()));
    }

    /**
     * A recovery that was cut off before its checkpoint is finished by whoever holds the keys it names. The root keys signed
     * for the entries before it; the entry itself is under the writer's seal.
     */
    private @Nullable LogKey finish() {
        long size = storage.log().head().size();
        if (size < 2) {
            return null;
        }
        List<LogRecord> last = storage.log().read(size - 1, 1);
        List<LogSeal> seals = storage.log().seals(size - 1, 1);
        if (last.isEmpty() || seals.isEmpty() || !names(last.get(0))) {
            return null;
        }
        RegistryState state = RegistryState.empty();
        FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
        byte[] before = frontier.root();
        while (frontier.size() < size) {
            for (LogRecord next : chunk(frontier.size(), size)) {
                byte[] body = next.body().toByteArray();
                state = Fold.apply(state, Entry.decode(next.index(), body));
                before = frontier.root();
                frontier.append(Merkle.leafHash(body));
            }
        }
        Founding founding = state.founding();
        Digest signedFor = founding.past().get(founding.past().size() - 1).root();
        Seal seal = Seal.open(seals.get(0), founding.origin(), founding.writers());
        if (!signedFor.equals(Digest.sha256(before))
                || seal.from() != size - 1
                || !Arrays.equals(seal.root(), frontier.root())) {
            throw new IntegrityException(
                    "the last entry says that the log was recovered, but the root keys did not sign"
                            + " for the entries before it; verify the log");
        }
        if (memory != null) {
            Epochs.requireTold(memory, founding, this::rootOver);
        }
        return publish(founding, size, frontier.root());
    }

    private byte[] rootOver(long size) {
        FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
        while (frontier.size() < size) {
            chunk(frontier.size(), size)
                    .forEach(next -> frontier.append(Merkle.leafHash(next.body().toByteArray())));
        }
        return frontier.root();
    }

    private List<LogRecord> chunk(long at, long size) {
        List<LogRecord> chunk = storage.log().read(at, (int) Math.min(CHUNK, size - at));
        if (chunk.isEmpty()) {
            throw new IntegrityException("entry " + at + " is missing from the store; verify the log");
        }
        return chunk;
    }

    /** Tells whether a record recovers the log to the key that is at hand. */
    private boolean names(LogRecord stored) {
        try {
            Entry entry = Entry.decode(stored.index(), stored.body().toByteArray());
            if (entry.type() != EntryType.LOG_RECOVERED) {
                return false;
            }
            Recovery recovery =
                    Recovery.parse(SignedNote.parse(entry.get("note")).text());
            return recovery.from().equals(from)
                    && recovery.to().equals(newKey(recovery.to().origin()));
        } catch (IllegalArgumentException | NoteException e) {
            return false;
        }
    }

    private LogKey publish(Founding founding, long size, byte[] root) {
        NoteSigner signer = new NoteSigner(founding.origin(), logSigner);
        storage.log()
                .publish(
                        new LogCheckpoint(size, signer.sign(new CheckpointBody(founding.origin(), size, root).text())));
        return founding.logKey();
    }
}
