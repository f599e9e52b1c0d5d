package dev.modelops.core;

import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.audit.Entries;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.transfer.EvidenceFolder;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that speaks for a version in one folder, to be handed to somebody who has neither the store nor a network: the model's
 * signature with its list of files, the evidence, and the entries about it with their decisions, each with a receipt under
 * one checkpoint. The model's files are not in it; its signature verifies them wherever they are.
 *
 * <p>What a folder proves is that the log it comes from holds these entries, that a trusted publisher signed the model, and
 * who of these signed which evidence. It does not prove that these are all the entries.
 *
 * @param source the key of the log that it comes from
 * @param version the version there
 * @param artifact the root digest of its files
 * @param publisher the trusted key that signed the model: SHA-256 over its SubjectPublicKeyInfo in DER
 * @param checkpoint the checkpoint that every receipt leads to
 * @param entries the registration, and then what was said of it, oldest first; copied in
 * @param evidence the documents, oldest first; copied in
 */
public record EvidenceBundle(
        LogKey source,
        ModelRef version,
        Digest artifact,
        Digest publisher,
        Checkpoint checkpoint,
        List<AuditEntry> entries,
        List<Document> evidence) {
    /**
     * Creates a value.
     *
     * @param source the key of the log that it comes from
     * @param version the version there
     * @param artifact the root digest of its files
     * @param publisher the trusted key that signed the model
     * @param checkpoint the checkpoint that every receipt leads to
     * @param entries the entries, oldest first
     * @param evidence the documents, oldest first
     */
    public EvidenceBundle {
        entries = List.copyOf(entries);
        evidence = List.copyOf(evidence);
    }

    /**
     * What is trusted beforehand, had from elsewhere than the folder.
     *
     * @param log the key of the log
     * @param publishers the keys that may sign models and evidence; copied in
     * @param authorities who may certify keys that sign models; copied in
     */
    public record Trust(LogKey log, List<PublicKey> publishers, List<X509Certificate> authorities) {
        /**
         * Creates a value.
         *
         * @param log the key of the log
         * @param publishers the keys that may sign models and evidence
         * @param authorities who may certify keys that sign models
         */
        public Trust {
            publishers = List.copyOf(publishers);
            authorities = List.copyOf(authorities);
        }
    }

    /**
     * A document in the folder.
     *
     * @param type what kind of document it is
     * @param digest its digest, which in hexadecimal is also its name in the folder {@code evidence}
     * @param size its size in bytes
     * @param signers the trusted keys that signed it, for a signed statement about the version; copied in
     * @param outcome how the check came out that it tells of
     */
    public record Document(String type, Digest digest, long size, Set<Digest> signers, Optional<Outcome> outcome) {
        /**
         * Copies the set in.
         *
         * @param type what kind of document it is
         * @param digest its digest
         * @param size its size in bytes
         * @param signers the trusted keys that signed it
         * @param outcome how the check came out that it tells of
         */
        public Document {
            signers = Set.copyOf(signers);
        }
    }

    /**
     * Writes what is known of a version into a new folder. Policy is not asked: it cannot keep the holder of a store from
     * reading it.
     *
     * @param from the storage; stays open
     * @param logKey the pinned key of the log
     * @param version the version
     * @param folder the folder to be made
     * @param progress told of entries
     * @throws dev.modelops.NotFoundException if there is no such version, or it is not under a checkpoint yet
     * @throws dev.modelops.IntegrityException if the log or its blobs cannot be believed
     * @throws dev.modelops.storage.StorageException if there is something of that name already, or it cannot be written
     * @throws java.util.concurrent.CancellationException if the progress said so; nothing is left
     */
    public static void export(Storage from, LogKey logKey, ModelRef version, Path folder, Progress progress) {
        var unused = EvidenceFolder.write(from, logKey, version, folder, progress);
    }

    /**
     * Verifies a folder, offline: a change of any byte is found.
     *
     * @param folder the folder
     * @param trust what is trusted beforehand
     * @return what it holds
     * @throws dev.modelops.NotFoundException if there is no such folder
     * @throws dev.modelops.IntegrityException if it is not what the log's entries make
     * @throws dev.modelops.signing.VerificationException if the model is not signed by a trusted publisher, or what the
     *     log gives out as signed evidence is none
     * @throws dev.modelops.storage.StorageException if it cannot be read
     */
    public static EvidenceBundle verify(Path folder, Trust trust) {
        EvidenceFolder.Verified found =
                EvidenceFolder.verify(folder, trust.log(), trust.publishers(), trust.authorities());
        SourceEntries contents = found.contents();
        return new EvidenceBundle(
                contents.source(),
                contents.version(),
                Digest.parse(contents.registration().get("artifact")),
                found.publisher(),
                contents.checkpoint(),
                contents.items().stream()
                        .map(item -> Entries.of(item.entry(), item.body()))
                        .toList(),
                found.documents().stream()
                        .map(document -> new Document(
                                document.named().type(),
                                document.named().digest(),
                                document.named().size(),
                                document.testimony().signers(),
                                document.testimony().outcome()))
                        .toList());
    }
}
