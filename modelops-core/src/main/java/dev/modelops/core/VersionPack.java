package dev.modelops.core;

import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.artifact.Pack;
import dev.modelops.core.internal.audit.Entries;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.transfer.PackedVersion;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.util.List;

/**
 * One version of a log in one file, to be carried to where that log cannot be reached: its files, its signature, its
 * evidence, and the entries about it, each with a receipt under one checkpoint.
 *
 * <p>What a pack proves is that the log it comes from holds these entries, and that the files are those that were
 * registered. It does not prove that these are all the entries: whoever makes a pack may leave some out, or make it before
 * a rejection or a quarantine. Who signed the model is for the receiver to judge, by publishers that he trusts.
 *
 * <p>After a log was recovered ({@link LogRecovery}), its packs are made and verified under the key by which it goes on,
 * whichever epoch the entries are of. Packs made before stay good under the key that they name.
 *
 * @param source the key of the log that it comes from
 * @param version the version there
 * @param artifact the root digest of its files
 * @param checkpoint the checkpoint that every receipt leads to
 * @param entries the registration, and then evidence, approvals, rejections and withdrawals, promotions, rollbacks,
 *     fallbacks, quarantines and steps of the life cycle, oldest first
 */
public record VersionPack(
        LogKey source, ModelRef version, Digest artifact, Checkpoint checkpoint, List<AuditEntry> entries) {
    /**
     * Copies the list in.
     *
     * @param source the key of the log that it comes from
     * @param version the version there
     * @param artifact the root digest of its files
     * @param checkpoint the checkpoint that every receipt leads to
     * @param entries the entries, oldest first
     */
    public VersionPack {
        entries = List.copyOf(entries);
    }

    /**
     * Writes a version into a pack. Policy is not asked: it cannot keep the holder of a store from reading it.
     *
     * @param from the storage; stays open
     * @param logKey the pinned key of the log
     * @param version the version
     * @param pack the file to be made
     * @param progress told of entries
     * @return what was packed
     * @throws dev.modelops.NotFoundException if there is no such version, or it is not under a checkpoint yet
     * @throws dev.modelops.IntegrityException if the log cannot be believed
     * @throws dev.modelops.storage.StorageException if there is such a file already, or it cannot be written
     * @throws java.util.concurrent.CancellationException if the progress said so; nothing is left
     */
    public static VersionPack export(Storage from, LogKey logKey, ModelRef version, Path pack, Progress progress) {
        return of(PackedVersion.write(from, logKey, version, pack, progress).contents());
    }

    /**
     * Verifies a pack, offline: a change of any byte is found.
     *
     * @param pack the file
     * @param source the key of the log that it must come from, had from elsewhere than the pack
     * @param progress asked whether to go on
     * @return what it holds
     * @throws dev.modelops.NotFoundException if there is no such file
     * @throws dev.modelops.IntegrityException if it is not a pack that this log's entries make
     * @throws dev.modelops.storage.StorageException if it cannot be read
     * @throws java.util.concurrent.CancellationException if the progress said so
     */
    public static VersionPack verify(Path pack, LogKey source, Progress progress) {
        try (Pack opened = PackedVersion.open(pack, source, progress)) {
            return of(opened.contents());
        }
    }

    private static VersionPack of(SourceEntries packed) {
        return new VersionPack(
                packed.source(),
                packed.version(),
                Digest.parse(packed.registration().get("artifact")),
                packed.checkpoint(),
                packed.items().stream()
                        .map(entry -> Entries.of(entry.entry(), entry.body()))
                        .toList());
    }
}
