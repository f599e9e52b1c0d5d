package dev.modelops.core.internal.audit;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelOpsException;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogStore;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signs, publishes and remembers checkpoints of what this process has verified. */
public final class Checkpointer {
    private final Ledger ledger;
    private final LogStore store;
    private final @Nullable NoteSigner signer;
    private final @Nullable CheckpointMemory memory;
    private final @Nullable Cosigning cosigning;
    private @Nullable Checkpoint newest;

    /**
     * Creates a checkpointer; without a signer it gives out what others published, and with one whatever witnesses cosign
     * carries their cosignatures.
     */
    public Checkpointer(
            Ledger ledger,
            LogStore store,
            @Nullable NoteSigner signer,
            @Nullable CheckpointMemory memory,
            @Nullable Cosigning cosigning) {
        this.ledger = ledger;
        this.store = store;
        this.signer = signer;
        this.memory = memory;
        this.cosigning = signer == null ? null : cosigning;
    }

    /** Tells whether this process signs checkpoints. */
    public boolean signs() {
        return signer != null;
    }

    /** Returns a checkpoint over all that was verified or, where none can be signed, the newest published one. */
    public synchronized Checkpoint current() {
        ModelOpsException fault = ledger.fault();
        if (fault != null) {
            throw new IntegrityException(
                    "no checkpoint is given for a log that can no longer be followed: " + fault.getMessage(), fault);
        }
        Tip tip = ledger.tip();
        if (newest != null
                && newest.position().equals(tip.position())
                && (cosigning == null || !cosigning.wants(newest.note()))) {
            return newest;
        }
        Checkpoint checkpoint = signer == null ? published() : sign(signer, tip);
        if (memory != null) {
            memory.remember(checkpoint);
        }
        newest = checkpoint;
        return checkpoint;
    }

    private Checkpoint sign(NoteSigner key, Tip tip) {
        CheckpointBody body = new CheckpointBody(
                ledger.logKey().name(), tip.state().size(), tip.frontier().root());
        String note = key.sign(body.text());
        if (cosigning != null) {
            note = cosigning.cosigned(note, publishedFor(body.size()));
        }
        store.publish(new LogCheckpoint(body.size(), note));
        return new Checkpoint(body.origin(), LogPosition.of(body.size()), Digest.sha256(body.root()), note);
    }

    /** What another process published with cosignatures need not be asked for again. */
    private Optional<String> publishedFor(long size) {
        return store.checkpoints(size, 1).stream()
                .filter(stored -> stored.size() == size)
                .map(LogCheckpoint::note)
                .findFirst();
    }

    private Checkpoint published() {
        LogCheckpoint stored = store.latestCheckpoint()
                .orElseThrow(() -> new IntegrityException("the store's checkpoints were removed; verify the log"));
        CheckpointBody body = Ledger.verified(stored.note(), ledger.logKey());
        if (body.size() > ledger.tip().state().size()) {
            ledger.sync();
        }
        if (body.size() > ledger.tip().state().size()
                || !Arrays.equals(ledger.tree().root(body.size()), body.root())) {
            throw new IntegrityException("the newest checkpoint does not match the entries; verify the log");
        }
        return new Checkpoint(body.origin(), LogPosition.of(body.size()), Digest.sha256(body.root()), stored.note());
    }
}
