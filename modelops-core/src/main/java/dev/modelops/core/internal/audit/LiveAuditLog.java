package dev.modelops.core.internal.audit;

import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.ConsistencyProof;
import dev.modelops.audit.InclusionProof;
import dev.modelops.audit.WhatIfReport;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.registry.Access;
import dev.modelops.core.internal.registry.Cursor;
import dev.modelops.core.internal.tlog.TileTree;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicySet;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The log for one session, read from the store and checked against what the ledger verified. */
public final class LiveAuditLog implements AuditLog {
    private final Supplier<Ledger> source;
    private final Supplier<Checkpointer> checkpointer;
    private final Supplier<Texts> texts;
    private final Access access;
    private final Function<Progress, AuditReport> verifier;

    /**
     * Creates a log whose verification is done by the given function; the ledger is asked for only by what reads through
     * it, so that a log which cannot be followed can still be verified.
     */
    public LiveAuditLog(
            Supplier<Ledger> source,
            Supplier<Checkpointer> checkpointer,
            Supplier<Texts> texts,
            Access access,
            Function<Progress, AuditReport> verifier) {
        this.source = source;
        this.checkpointer = checkpointer;
        this.texts = texts;
        this.access = access;
        this.verifier = verifier;
    }

    @Override
    public AuditEntry get(long index) {
        access.require(Action.audit());
        Ledger ledger = source.get();
        return ledger.entry(index, Entries::of);
    }

    @Override
    public Optional<ErasableText> text(long index) {
        access.require(Action.audit());
        return Optional.ofNullable(source.get().entry(index).written()).map(texts.get()::read);
    }

    @Override
    public Page<AuditEntry> query(AuditQuery query) {
        access.require(Action.audit());
        Ledger ledger = source.get();
        long present = ledger.tip().state().size();
        Cursor cursor = Cursor.parse(query.cursor().orElse(null), present);
        long size = cursor == null ? present : cursor.size();
        long first = query.from()
                .filter(from -> from.isAfter(Instant.MIN))
                .map(from -> ledger.positionAt(from.minusNanos(1)))
                .orElse(0L);
        if (cursor != null) {
            first = Math.max(first, cursor.next());
        }
        List<AuditEntry> found = new ArrayList<>();
        long[] next = {-1};
        Instant until = query.until().orElse(null);
        ledger.scan(Math.min(first, size), size, (entry, body) -> {
            if (until != null && !entry.time().isBefore(until)) {
                return false;
            }
            if (matches(query, entry)) {
                if (found.size() == query.limit()) {
                    next[0] = entry.index();
                    return false;
                }
                found.add(Entries.of(entry, body));
            }
            return true;
        });
        Optional<String> more = next[0] < 0 ? Optional.empty() : Optional.of(new Cursor(size, next[0]).toString());
        return new Page<>(found, more, LogPosition.of(size));
    }

    @Override
    public Checkpoint checkpoint() {
        access.requireOpen();
        return checkpointer.get().current();
    }

    @Override
    public InclusionProof prove(long index, LogPosition size) {
        Ledger ledger = reaching(size);
        if (index < 0 || index >= size.size()) {
            throw new NotFoundException("a log of " + size + " entries has no entry " + index);
        }
        return new InclusionProof(index, size.size(), digests(ledger.tree().inclusionProof(index, size.size())));
    }

    @Override
    public ConsistencyProof consistency(LogPosition from, LogPosition to) {
        Ledger ledger = reaching(to);
        if (from.size() < 1 || from.compareTo(to) > 0) {
            throw new IllegalArgumentException(
                    "a consistency proof goes from at least 1 to the same or more, not from " + from + " to " + to);
        }
        return new ConsistencyProof(
                from.size(), to.size(), digests(ledger.tree().consistencyProof(from.size(), to.size())));
    }

    @Override
    public String receipt(long index) {
        access.requireOpen();
        Ledger ledger = source.get();
        Checkpoint checkpoint = checkpointer.get().current();
        long size = checkpoint.position().size();
        if (index < 0 || index >= size) {
            throw new NotFoundException(
                    index >= 0 && index < ledger.tip().state().size()
                            ? "entry " + index + " is not under a checkpoint yet; whoever holds the log key signs one"
                            : "the log has entries 0 to " + (size - 1) + ", but " + index + " was asked for");
        }
        return TlogProof.format(index, ledger.tree().inclusionProof(index, size), checkpoint.note());
    }

    @Override
    public Checkpoint export(Path folder, Progress progress) {
        access.require(Action.audit());
        Ledger ledger = source.get();
        Checkpoint checkpoint = checkpointer.get().current();
        TileTree.write(
                folder,
                checkpoint.position().size(),
                (from, limit) -> ledger.bodies(
                        from, (int) Math.min(limit, checkpoint.position().size() - from)),
                checkpoint.note(),
                progress);
        return checkpoint;
    }

    @Override
    public AuditReport verify(Progress progress) {
        access.require(Action.audit());
        return verifier.apply(progress);
    }

    @Override
    public WhatIfReport whatIf(PolicySet policies, Consumer<WhatIfReport.Flip> each, Progress progress) {
        access.require(Action.audit());
        return new WhatIf(policies, each, progress).over(source.get());
    }

    private Ledger reaching(LogPosition position) {
        access.requireOpen();
        Ledger ledger = source.get();
        if (position.size() > ledger.tip().state().size()) {
            throw new NotFoundException("the log has " + ledger.tip().state().size() + " entries, but position "
                    + position + " was asked for");
        }
        return ledger;
    }

    private static boolean matches(AuditQuery query, Entry entry) {
        ModelName model = query.model().orElse(null);
        return (model == null || concerns(entry.subject(), model))
                && query.actor()
                        .map(actor -> actor.equals(Entries.actor(entry)))
                        .orElse(true)
                && query.type().map(type -> type.equals(entry.typeName())).orElse(true);
    }

    private static boolean concerns(@Nullable String subject, ModelName model) {
        return subject != null && (subject.equals(model.value()) || subject.startsWith(model + "@"));
    }

    private static List<Digest> digests(List<byte[]> hashes) {
        return hashes.stream().map(Digest::sha256).toList();
    }
}
