package dev.modelops.core.internal.artifact;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.InvalidModelException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.ReadOnlyException;
import dev.modelops.VersionConflictException;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.FileEntry;
import dev.modelops.core.internal.signing.FileManifest;
import dev.modelops.core.internal.signing.ModelVerifier;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.core.internal.signing.SignedBy;
import dev.modelops.core.internal.signing.UnauthenticatedStatement;
import dev.modelops.core.internal.signing.VerifiedStatement;
import dev.modelops.core.internal.state.Trust;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Takes model files into the blob store under a signature, and gives them out again only as they were signed. */
public final class Artifacts {
    private static final int BUFFER = 128 * 1024;

    /** Stands for wherever in the log the act under way will be recorded. */
    private static final LogPosition NEXT = LogPosition.of(Long.MAX_VALUE);

    private final BlobStore blobs;
    private final Supplier<Trust> trust;
    private final @Nullable Signer publisher;
    private final Clock clock;
    private final int threads;

    /** Works on the blobs of one log with the publishers it trusts at the time. */
    public Artifacts(BlobStore blobs, Supplier<Trust> trust, @Nullable Signer publisher, Clock clock) {
        this.blobs = blobs;
        this.trust = trust;
        this.publisher = publisher;
        this.clock = clock;
        this.threads = Runtime.getRuntime().availableProcessors();
    }

    /**
     * Hashes, signs or checks, and stores the files of a version.
     *
     * @throws InvalidModelException if the files cannot be a model
     * @throws VerificationException if a signature came along that does not hold for the files
     * @throws ReadOnlyException if none came along and there is no publisher key
     */
    public Upload store(VersionSpec spec) {
        if (spec.bundle().isEmpty() && publisher == null) {
            throw new ReadOnlyException("the log was opened without a publisher key; open it with publisher(...), or"
                    + " register a bundle signed elsewhere");
        }
        Bytes given = spec.bundle().orElse(null);
        FileManifest manifest = given == null
                ? FileManifest.hash(spec.files(), Set.of(), spec.progress(), threads)
                : hashSigned(spec, given, NEXT, clock.instant());
        Bytes bundle = given == null ? Bundle.sign(manifest, Objects.requireNonNull(publisher)) : given;
        Signed signed = read(Bundle.parse(bundle), spec.model(), NEXT, clock.instant());
        Optional<VerificationResult.Rejected> difference = manifest.compare(signed.files());
        if (difference.isPresent()) {
            throw new VerificationException(
                    difference.get().reason(), difference.get().message());
        }
        for (FileEntry file : manifest.files()) {
            if (spec.progress().isCancelled()) {
                throw new CancellationException("registration was cancelled; nothing was registered");
            }
            put(file);
        }
        Digest bundleDigest = Digest.sha256Of(bundle);
        blobs.put(bundleDigest, new ByteArrayInputStream(bundle.toByteArray()));
        // Asked again after the upload, which may outlast a certificate: what counts is the time of registration.
        int judgedBy = trust.get().version();
        return new Upload(
                new Governor.Prepared(
                        signed.root(),
                        manifest.files().size(),
                        manifest.byteCount(),
                        bundleDigest,
                        read(Bundle.parse(bundle), spec.model(), NEXT, clock.instant())
                                .by(),
                        judgedBy),
                manifest,
                bundle);
    }

    /**
     * Puts again what is no longer there of an upload that an entry names by now: a sweep may have taken blobs for orphans
     * before the entry was appended, but takes none afterwards.
     *
     * @throws IntegrityException if the entry is an earlier one under another signature, which is missing from the store
     */
    public void confirm(Upload upload, ModelVersion registered) {
        confirm(upload.manifest());
        confirmBundle(upload.bundle(), registered);
    }

    /**
     * Throws unless the files of a repeated registration are those that the version was registered with, and puts again
     * those that are no longer there: whoever registered them may have died before that.
     *
     * @throws VersionConflictException if they are others
     * @throws IntegrityException if the signature is missing from the store, and did not come along
     */
    public void confirm(VersionSpec spec, ModelVersion registered) {
        Bytes given = spec.bundle().orElse(null);
        FileManifest manifest = given == null
                ? FileManifest.hash(spec.files(), Set.of(), spec.progress(), threads)
                : hashSigned(spec, given, registered.position(), registered.registeredAt());
        Digest found = manifest.root();
        if (!found.equals(registered.artifact())) {
            throw new VersionConflictException("under this command id " + registered.ref()
                    + " was registered with content " + registered.artifact() + ", but the files offered have " + found
                    + "; register them under a new id");
        }
        confirm(manifest);
        confirmBundle(given, registered);
    }

    private void confirmBundle(@Nullable Bytes bundle, ModelVersion registered) {
        if (bundle != null && Digest.sha256Of(bundle).equals(registered.bundle())) {
            confirm(bundle);
        } else if (!blobs.contains(registered.bundle())) {
            throw new IntegrityException("the signature of " + registered.ref() + " is missing from the store, and none"
                    + " made now would be the same; restore blob " + registered.bundle()
                    + " from a backup, or register the files as a new version under a new command id");
        }
    }

    /**
     * Judges who signed a version of another log, and stores what it names, out of the pack that it came in.
     *
     * @param from what the other log says of it, verified
     * @param pack the blobs of the pack, verified
     * @param model the model that it becomes a version of, here
     * @return who signed it, of those whom this log trusts
     * @throws VerificationException if nobody whom this log trusts did
     * @throws InvalidModelException if the other log says something else of it than it is
     */
    public SignedBy carry(SourceEntries from, BlobStore pack, ModelName model, Progress progress) {
        VerifiedStatement signed = signedHere(from, pack, model);
        Map<Digest, Long> sizes = new HashMap<>();
        pack.list(blob -> sizes.put(blob.digest(), blob.length()));
        ObjectNode says = from.registration().data();
        long bytes = signed.files().stream()
                .mapToLong(file -> sizes.getOrDefault(file.digest(), -1L))
                .sum();
        boolean isSo = Entry.number(says, "fileCount") == signed.files().size()
                && Entry.number(says, "byteCount") == bytes
                && from.documents().stream()
                        .allMatch(document -> document.size() == sizes.getOrDefault(document.digest(), -1L));
        if (!isSo) {
            throw new InvalidModelException(
                    from.version() + " of " + from.source().origin()
                            + " has other files or documents than that log says; it cannot be imported");
        }
        putAgain(from, pack, signed.files(), progress);
        // Asked again after the upload, which may outlast a certificate: what counts is the time of the import.
        return signedHere(from, pack, model).by();
    }

    /** Puts again what is no longer there of what an import names by now. */
    public void confirm(SourceEntries from, BlobStore pack, Progress progress) {
        putAgain(
                from,
                pack,
                PublisherTrust.readUnauthenticated(Bundle.parse(Ledger.readBlob(pack, bundle(from))))
                        .files(),
                progress);
    }

    private void putAgain(SourceEntries from, BlobStore pack, List<SignedFile> files, Progress progress) {
        List<Digest> named = new ArrayList<>();
        files.forEach(file -> named.add(file.digest()));
        from.documents().forEach(document -> named.add(document.digest()));
        named.add(bundle(from));
        for (Digest digest : named) {
            if (progress.isCancelled()) {
                throw new CancellationException("the import was cancelled; nothing was imported");
            }
            if (!blobs.contains(digest)) {
                try (InputStream content = pack.open(digest)) {
                    blobs.put(digest, content);
                } catch (IOException e) {
                    throw new StorageException("blob " + digest + " could not be read: " + e.getMessage(), e);
                }
            }
        }
        confirm(from.document());
    }

    private VerifiedStatement signedHere(SourceEntries from, BlobStore pack, ModelName model) {
        Bytes bundle = Ledger.readBlob(pack, bundle(from));
        try {
            return trust.get().verify(Bundle.parse(bundle), model, NEXT, clock.instant());
        } catch (VerificationException e) {
            throw new VerificationException(
                    e.reason(),
                    from.version() + " of " + from.source().origin()
                            + " cannot be imported, since nobody signed it whom this log trusts: " + e.getMessage());
        }
    }

    private static Digest bundle(SourceEntries from) {
        return Digest.parse(from.registration().get("bundle"));
    }

    /** Puts a document again, if it is no longer there now that an entry names it. */
    public void confirm(Bytes document) {
        Digest digest = Digest.sha256Of(document);
        if (!blobs.contains(digest)) {
            blobs.put(digest, new ByteArrayInputStream(document.toByteArray()));
        }
    }

    private void confirm(FileManifest manifest) {
        for (FileEntry file : manifest.files()) {
            put(file);
        }
    }

    /** Hashes what a bundle that came along speaks of, passing over the bundle itself and what it says was ignored. */
    private FileManifest hashSigned(VersionSpec spec, Bytes bundle, LogPosition recorded, Instant at) {
        Signed signed = read(Bundle.parse(bundle), spec.model(), recorded, at);
        Set<Path> own = ModelVerifier.ownFile(spec.files(), bundle, signed.files());
        return signed.statement() == null
                ? FileManifest.hash(spec.files(), own, spec.progress(), threads)
                : FileManifest.hash(spec.files(), own, signed.statement(), spec.progress(), threads);
    }

    /** Stores a document and returns its digest. */
    public Digest store(Bytes document) {
        Digest digest = Digest.sha256Of(document);
        blobs.put(digest, new ByteArrayInputStream(document.toByteArray()));
        return digest;
    }

    /** Reads a small blob that must be what its digest says. */
    public Bytes read(Digest digest) {
        return Ledger.readBlob(blobs, digest);
    }

    /**
     * Returns the files of a version whose signature holds and is trusted.
     *
     * @throws VerificationException otherwise
     */
    public List<SignedFile> verifiedFiles(ModelVersion version) {
        VerifiedStatement statement = trust.get()
                .verify(
                        Bundle.parse(signature(version)),
                        version.ref().name(),
                        version.position(),
                        version.registeredAt());
        requireContent(version, statement.root());
        return named(version, statement.files());
    }

    /** Returns the files of a version as its signature lists them, whoever signed: the log vouches for their digests. */
    public List<SignedFile> listedFiles(ModelVersion version) {
        UnauthenticatedStatement statement = PublisherTrust.readUnauthenticated(Bundle.parse(signature(version)));
        requireContent(version, statement.root());
        return named(version, statement.files());
    }

    /** Some clients sign a single file under the name of the folder it is in, which is no name to write it under. */
    private static List<SignedFile> named(ModelVersion version, List<SignedFile> files) {
        return files.size() == 1 && files.get(0).name().equals(".")
                ? List.of(new SignedFile(
                        version.ref().name().value(), files.get(0).digest()))
                : files;
    }

    /** Returns the signature bundle of a version; a missing or altered one is a {@link VerificationException}. */
    public Bytes signature(ModelVersion version) {
        try {
            return read(version.bundle());
        } catch (IntegrityException | NotFoundException e) {
            throw new VerificationException(
                    VerificationResult.Reason.MALFORMED_BUNDLE,
                    "the stored signature of " + version.ref() + " is not the registered one: " + e.getMessage());
        }
    }

    /** Writes files into a folder to be made, verifying them on the way; if anything is wrong, nothing is left. */
    public void write(ModelVersion version, List<SignedFile> files, Path folder, Progress progress) {
        try {
            Files.createDirectory(folder);
        } catch (FileAlreadyExistsException e) {
            throw new InvalidModelException("'" + folder + "' exists already; name a folder to be made", e);
        } catch (IOException e) {
            throw new StorageException("folder '" + folder + "' could not be made: " + e.getMessage(), e);
        }
        boolean whole = false;
        try {
            long done = 0;
            for (SignedFile file : files) {
                if (progress.isCancelled()) {
                    throw new CancellationException("writing " + version.ref() + " was cancelled");
                }
                Path target = folder.resolve(file.name()).normalize();
                if (!target.startsWith(folder.normalize())) {
                    throw new VerificationException(
                            VerificationResult.Reason.INVALID_STATEMENT,
                            "signed file name '" + file.name() + "' leads out of the model");
                }
                Files.createDirectories(Objects.requireNonNull(target.getParent()));
                done += copy(version, file, target);
                progress.report(done, version.byteCount());
            }
            whole = true;
        } catch (IOException e) {
            throw new StorageException(
                    "the files of " + version.ref() + " could not be written to '" + folder + "': " + e.getMessage(),
                    e);
        } finally {
            if (!whole) {
                deleteTree(folder);
            }
        }
    }

    /** Deletes a folder that this library made, as far as possible. */
    public static void deleteTree(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new StorageException("'" + folder + "' could not be removed: " + e.getMessage(), e);
        }
    }

    private long copy(ModelVersion version, SignedFile file, Path target) throws IOException {
        MessageDigest digest = Crypto.sha256();
        long length = 0;
        InputStream content;
        try {
            content = blobs.open(file.digest());
        } catch (NotFoundException e) {
            throw new VerificationException(
                    VerificationResult.Reason.MISSING_FILE,
                    "file '" + file.name() + "' of " + version.ref() + " is missing from the store; restore blob "
                            + file.digest() + " from a backup");
        }
        try (InputStream in = content;
                OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            byte[] buffer = new byte[BUFFER];
            int n;
            // What was put in its place may be endless: no file is larger than all of them were.
            while (length <= version.byteCount() && (n = in.read(buffer)) >= 0) {
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
                length += n;
            }
        }
        Digest found = Digest.sha256(digest.digest());
        if (!found.equals(file.digest())) {
            throw new VerificationException(
                    VerificationResult.Reason.CONTENT_MISMATCH,
                    "file '" + file.name() + "' of " + version.ref() + " was altered in the store: signed was "
                            + file.digest() + ", found " + found + "; restore the blob from a backup");
        }
        return length;
    }

    private void put(FileEntry file) {
        if (blobs.contains(file.digest())) {
            return;
        }
        try (InputStream in = Files.newInputStream(file.path())) {
            blobs.put(file.digest(), in);
        } catch (IntegrityException e) {
            throw new InvalidModelException(
                    "file '" + file.name() + "' changed while it was registered; register it when nobody writes to it",
                    e);
        } catch (IOException e) {
            throw new InvalidModelException("file '" + file.name() + "' could not be read: " + e.getMessage(), e);
        }
    }

    /** What was put into the blob store for a version, with what is needed to put it again. */
    public record Upload(Governor.Prepared prepared, FileManifest manifest, Bytes bundle) {}

    /** What a bundle says: verified with a trusted key, or merely read and then without a signer. */
    private record Signed(
            Digest root, List<SignedFile> files, @Nullable VerifiedStatement statement) {
        @Nullable SignedBy by() {
            return statement == null ? null : statement.by();
        }
    }

    private Signed read(Bundle bundle, ModelName model, LogPosition recorded, Instant at) {
        try {
            VerifiedStatement statement = trust.get().verify(bundle, model, recorded, at);
            return new Signed(statement.root(), statement.files(), statement);
        } catch (VerificationException e) {
            if (e.reason() != VerificationResult.Reason.UNTRUSTED_KEY
                    && e.reason() != VerificationResult.Reason.UNTRUSTED_CERTIFICATE) {
                throw e;
            }
            UnauthenticatedStatement statement = PublisherTrust.readUnauthenticated(bundle);
            return new Signed(statement.root(), statement.files(), null);
        }
    }

    private static void requireContent(ModelVersion version, Digest root) {
        if (!root.equals(version.artifact())) {
            throw new VerificationException(
                    VerificationResult.Reason.CONTENT_MISMATCH,
                    "the stored signature of " + version.ref() + " is over " + root + ", but registered was "
                            + version.artifact());
        }
    }
}
