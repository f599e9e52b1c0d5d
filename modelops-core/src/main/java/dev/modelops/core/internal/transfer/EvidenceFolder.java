package dev.modelops.core.internal.transfer;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.evidence.Testimony;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.core.internal.signing.VerifiedStatement;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * What a log says of one of its versions as a folder of plain files: entries with receipts, the model's signature, the
 * evidence, and an index for people. Every byte in it follows from the entries or has a digest there.
 */
public final class EvidenceFolder {
    private static final String HEADER = "version.txt";
    private static final String FIRST_LINE = "modelops.dev/evidence@v1";
    private static final String INDEX = "README.md";
    private static final String SIGNATURE = "model.sig";
    private static final int MOST_FILES = 200_000;
    private static final int MOST_TEXT_BYTES = 64 * 1024;
    private static final int MOST_INDEX_BYTES = 64 * 1024 * 1024;
    private static final int MOST_EVIDENCE_BYTES = 64 * 1024 * 1024;

    private final SourceEntries contents;

    private EvidenceFolder(SourceEntries contents) {
        this.contents = contents;
    }

    /** A document in the folder with what it proves. */
    public record Document(SourceEntries.Document named, Testimony testimony) {}

    /**
     * What was found in a folder.
     *
     * @param publisher the trusted key that signed the model
     */
    public record Verified(SourceEntries contents, Digest publisher, List<Document> documents) {}

    /**
     * Writes a version of a stored log into a new folder, which gets its name when it is whole.
     *
     * @throws NotFoundException if there is no such version under a checkpoint
     * @throws IntegrityException if the log or a blob cannot be believed
     * @throws StorageException if there is something of that name already, or it cannot be written
     */
    public static SourceEntries write(Storage from, LogKey key, ModelRef ref, Path folder, Progress progress) {
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException("'" + folder + "' exists already; name a folder to be made");
        }
        SourceEntries contents = PackedVersion.collect(from, key, ref, progress);
        Path target = folder.toAbsolutePath();
        Path parent = target.getParent();
        if (parent == null) {
            throw new StorageException("'" + folder + "' cannot be made; name a folder to be made");
        }
        try {
            Path unfinished = Files.createTempDirectory(parent, "." + target.getFileName() + ".");
            try {
                new EvidenceFolder(contents).writeTo(unfinished, from.blobs(), progress);
                Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                deleteTree(unfinished);
            }
        } catch (FileAlreadyExistsException e) {
            throw new StorageException("'" + folder + "' exists already; name a folder to be made", e);
        } catch (IOException e) {
            throw new StorageException("'" + folder + "' could not be written: " + e.getMessage(), e);
        }
        return contents;
    }

    /**
     * Verifies a folder with nothing but what is trusted beforehand.
     *
     * @throws NotFoundException if there is no such folder
     * @throws IntegrityException if it is not what that log would have written
     * @throws VerificationException if the model is not signed by whom it must be, or an attestation is not about it
     */
    public static Verified verify(
            Path folder, LogKey source, Collection<PublicKey> publishers, Collection<X509Certificate> authorities) {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotFoundException("there is no folder '" + folder + "'");
        }
        SortedMap<String, Path> files = files(folder);
        EvidenceFolder read = new EvidenceFolder(entries(folder, files, source));
        SortedMap<String, Bytes> small = read.texts();
        List<SourceEntries.Document> documents = read.contents.documents();
        Set<String> expected = new TreeSet<>(small.keySet());
        expected.add(SIGNATURE);
        documents.forEach(document -> expected.add(name(document.digest())));
        for (String name : files.keySet()) {
            if (!expected.contains(name)) {
                throw damaged(folder, "has a file '" + name + "', which does not belong there");
            }
        }
        for (Map.Entry<String, Bytes> text : small.entrySet()) {
            if (!content(folder, files, text.getKey(), MOST_INDEX_BYTES).equals(text.getValue())) {
                throw damaged(folder, "has a file '" + text.getKey() + "' that does not say what the entries say");
            }
        }
        Entry registration = read.contents.registration();
        Bytes bundle = content(folder, files, SIGNATURE, Bundle.MAX_BYTES, Digest.parse(registration.get("bundle")));
        Digest artifact = Digest.parse(registration.get("artifact"));
        VerifiedStatement statement =
                PublisherTrust.of(publishers, authorities).verify(Bundle.parse(bundle), registration.time());
        if (!statement.root().equals(artifact)) {
            throw new VerificationException(
                    Reason.CONTENT_MISMATCH,
                    "signature must be over " + artifact + ", which was registered, but is over " + statement.root());
        }
        List<Document> found = new ArrayList<>();
        for (SourceEntries.Item item : read.contents.items()) {
            for (SourceEntries.Document document : SourceEntries.documentsOf(item.entry())) {
                Bytes content = content(folder, files, name(document.digest()), MOST_EVIDENCE_BYTES, document.digest());
                if (content.length() != document.size()) {
                    throw damaged(folder, "has a document '" + name(document.digest()) + "' of another size");
                }
                found.add(
                        new Document(document, read.testimony(item.entry(), document, content, artifact, publishers)));
            }
        }
        return new Verified(read.contents, statement.signer(), found);
    }

    /** What came with an import was attached in another log, so approvals in it are for that one. */
    private Testimony testimony(
            Entry entry,
            SourceEntries.Document document,
            Bytes content,
            Digest artifact,
            Collection<PublicKey> publishers) {
        return entry.type() == EntryType.EVIDENCE_ATTACHED && entry.data().has("signers")
                ? Testimony.of(
                        content, document.type(), contents.source().origin(), contents.version(), artifact, publishers)
                : Testimony.NONE;
    }

    private void writeTo(Path folder, BlobStore blobs, Progress progress) throws IOException {
        Files.createDirectories(folder.resolve("entries"));
        Files.createDirectories(folder.resolve("receipts"));
        Files.createDirectories(folder.resolve("evidence"));
        for (Map.Entry<String, Bytes> text : texts().entrySet()) {
            Files.write(folder.resolve(text.getKey()), text.getValue().toByteArray());
        }
        Digest bundle = Digest.parse(contents.registration().get("bundle"));
        Files.write(folder.resolve(SIGNATURE), Ledger.readBlob(blobs, bundle).toByteArray());
        for (SourceEntries.Document document : contents.documents()) {
            if (progress.isCancelled()) {
                throw new CancellationException("writing '" + folder + "' was cancelled; nothing is left of it");
            }
            Files.write(
                    folder.resolve(name(document.digest())),
                    Ledger.readBlob(blobs, document.digest()).toByteArray());
        }
    }

    /** Returns all that follows from the entries alone. */
    private SortedMap<String, Bytes> texts() {
        SortedMap<String, Bytes> texts = new TreeMap<>();
        texts.put(
                HEADER, Bytes.ofUtf8(FIRST_LINE + "\n" + contents.source().text() + "\n" + contents.version() + "\n"));
        texts.put(INDEX, Bytes.ofUtf8(index()));
        for (SourceEntries.Item item : contents.items()) {
            String number = number(item.entry());
            texts.put("entries/" + number + ".json", item.body());
            texts.put("receipts/" + number + ".tlog-proof", Bytes.ofUtf8(item.receipt()));
        }
        return texts;
    }

    private String index() {
        StringBuilder text = new StringBuilder();
        text.append("# ")
                .append(contents.version())
                .append(" of ")
                .append(contents.source().origin());
        text.append("\n\nWhat the log says of this version as of position ")
                .append(contents.checkpoint().position().size())
                .append(", with proof. It does not prove that these are all the entries.\n\nTo verify this folder,")
                .append(" offline, with keys had from elsewhere:\n\n    modelops verify bundle DIR --log-key LOG.vkey")
                .append(" --public-key PUBLISHER.pub\n\nTo verify the model's files by its signature:\n\n    modelops")
                .append(" verify key MODEL --signature DIR/" + SIGNATURE + " --public-key PUBLISHER.pub\n\n")
                .append("Root digest of the files: `")
                .append(contents.registration().get("artifact"))
                .append("`\n\n## Evidence\n\n");
        for (SourceEntries.Document document : contents.documents()) {
            text.append("- `")
                    .append(printable(document.type()))
                    .append("`, ")
                    .append(document.size())
                    .append(" bytes, attached ")
                    .append(document.at())
                    .append(": ")
                    .append(name(document.digest()))
                    .append('\n');
        }
        text.append("\n## Entries\n\nEach has a receipt of its number in `receipts/`.\n\n");
        for (SourceEntries.Item item : contents.items()) {
            text.append("- `")
                    .append(printable(item.entry().typeName()))
                    .append("`, ")
                    .append(item.entry().time())
                    .append(": entries/")
                    .append(number(item.entry()))
                    .append(".json\n");
        }
        return text.toString();
    }

    private static SourceEntries entries(Path folder, SortedMap<String, Path> files, LogKey source) {
        List<String> lines =
                content(folder, files, HEADER, MOST_TEXT_BYTES).toUtf8().lines().toList();
        if (lines.size() != 3 || !lines.get(0).equals(FIRST_LINE)) {
            throw damaged(folder, "does not begin as an evidence folder, or is one of a later release");
        }
        if (!lines.get(1).equals(source.text())) {
            throw damaged(
                    folder,
                    "says that it comes from the log " + printable(lines.get(1)) + ", but trusted is the log "
                            + source.text());
        }
        try {
            SourceEntries.Collector collector = new SourceEntries.Collector(source, ModelRef.parse(lines.get(2)));
            for (String name : files.keySet()) {
                if (name.startsWith("entries/")) {
                    String number = name.substring("entries/".length()).replace(".json", "");
                    Bytes body = content(folder, files, name, Entry.MAX_BYTES);
                    Bytes receipt = content(folder, files, "receipts/" + number + ".tlog-proof", MOST_TEXT_BYTES);
                    collector.add(body.toByteArray(), receipt.toUtf8());
                }
            }
            return collector.done();
        } catch (IllegalArgumentException e) {
            throw damaged(folder, "has entries that it should not have: " + e.getMessage());
        }
    }

    private static SortedMap<String, Path> files(Path folder) {
        SortedMap<String, Path> files = new TreeMap<>();
        try {
            Files.walkFileTree(folder, Set.of(), 3, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (!attributes.isRegularFile() || files.size() == MOST_FILES) {
                        throw damaged(
                                folder,
                                attributes.isRegularFile()
                                        ? "has more than " + MOST_FILES + " files"
                                        : "has '" + folder.relativize(file) + "', which is no plain file");
                    }
                    files.put(folder.relativize(file).toString().replace('\\', '/'), file);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new StorageException("'" + folder + "' could not be read: " + e.getMessage(), e);
        }
        return files;
    }

    private static Bytes content(Path folder, SortedMap<String, Path> files, String name, int most, Digest expected) {
        Bytes content = content(folder, files, name, most);
        if (!Digest.sha256Of(content).equals(expected)) {
            throw damaged(folder, "has other content in '" + name + "' than the entries name");
        }
        return content;
    }

    private static Bytes content(Path folder, SortedMap<String, Path> files, String name, int most) {
        Path file = files.get(name);
        if (file == null) {
            throw damaged(folder, "lacks '" + name + "', of which it speaks");
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(most + 1);
            if (content.length > most) {
                throw damaged(folder, "has more than " + most + " bytes in '" + name + "'");
            }
            return Bytes.of(content);
        } catch (IOException e) {
            throw new StorageException("'" + file + "' could not be read: " + e.getMessage(), e);
        }
    }

    private static String name(Digest digest) {
        return "evidence/" + digest.toHex();
    }

    private static String number(Entry entry) {
        return String.format(Locale.ROOT, "%020d", entry.index());
    }

    private static String printable(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || c == '`' || !Character.isDefined(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static IntegrityException damaged(Path folder, String what) {
        return new IntegrityException("evidence folder '" + folder + "' " + what + "; get it anew from its log");
    }

    private static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
