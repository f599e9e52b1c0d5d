package dev.modelops.core.internal.signing;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Digest;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The files of a model and their digests, found by the rules of OpenSSF Model Signing v1.0: every regular file below the
 * folder, but for {@code .git}, {@code .gitignore}, {@code .gitattributes} and {@code .github} at its top. No link is followed.
 */
public final class FileManifest {
    /** How many files a model may have. */
    public static final int MAX_FILES = 200_000;

    static final Set<String> DEFAULT_EXCLUSIONS = Set.of(".git", ".gitattributes", ".github", ".gitignore");

    private static final int BUFFER = 256 * 1024;

    private final String subjectName;
    private final boolean singleFile;
    private final List<FileEntry> files;
    private final List<String> ignorePaths;

    private FileManifest(String subjectName, boolean singleFile, List<FileEntry> files, List<String> ignorePaths) {
        this.subjectName = subjectName;
        this.singleFile = singleFile;
        this.files = List.copyOf(files);
        this.ignorePaths = List.copyOf(ignorePaths);
    }

    /**
     * Hashes a folder or a single file.
     *
     * @param leaveOut files and folders to pass over, such as the signature file; they need not exist
     * @param threads how many files to read at once
     * @throws InvalidModelException if the path cannot be a model, or changed while it was read
     * @throws CancellationException if the progress was cancelled or this thread interrupted
     */
    public static FileManifest hash(Path model, Set<Path> leaveOut, Progress progress, int threads) {
        return hash(model, leaveOut, Set.of(), Set.of(), progress, threads);
    }

    /**
     * Hashes what a signed statement speaks of: as {@link #hash(Path, Set, Progress, int)}, but also passing over the
     * paths that the statement says were ignored, and including every path that it lists.
     */
    public static FileManifest hash(
            Path model, Set<Path> leaveOut, VerifiedStatement statement, Progress progress, int threads) {
        Set<String> listed = new HashSet<>();
        statement.files().forEach(file -> listed.add(file.name()));
        return hash(model, leaveOut, Set.copyOf(statement.ignorePaths()), listed, progress, threads);
    }

    private static FileManifest hash(
            Path model, Set<Path> leaveOut, Set<String> ignored, Set<String> listed, Progress progress, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, but was " + threads);
        }
        try {
            return hashFound(find(model, leaveOut, ignored, listed, progress), progress, threads);
        } catch (NoSuchFileException e) {
            throw new InvalidModelException(
                    "model must not change while it is read, but a file vanished: " + e.getMessage(), e);
        } catch (DirectoryIteratorException | IOException e) {
            throw new InvalidModelException("model could not be read: " + e.getMessage(), e);
        }
    }

    /** Returns the files in the order of their names. */
    public List<FileEntry> files() {
        return files;
    }

    /** Returns the identity of the content: SHA-256 over the raw digests of the files in the order of their names. */
    public Digest root() {
        return root(files.stream().map(FileEntry::digest).toList());
    }

    /** Returns the length of all files together. */
    public long byteCount() {
        return files.stream().mapToLong(FileEntry::size).sum();
    }

    /** Returns the last part of the model's path. */
    public String subjectName() {
        return subjectName;
    }

    /** Returns the paths within the model that were passed over, in order: the usual ones and those asked for. */
    public List<String> ignorePaths() {
        return ignorePaths;
    }

    /** Compares what was found with what was signed. Empty if it is the same, file for file. */
    public Optional<VerificationResult.Rejected> compare(List<SignedFile> signed) {
        Map<String, Digest> expected = new HashMap<>();
        for (SignedFile file : signed) {
            boolean bare = singleFile && file.name().equals(".");
            expected.put(bare ? files.get(0).name() : file.name(), file.digest());
        }
        List<String> unsigned = new ArrayList<>();
        List<String> changed = new ArrayList<>();
        for (FileEntry file : files) {
            Digest digest = expected.remove(file.name());
            if (digest == null) {
                unsigned.add(file.name());
            } else if (!digest.equals(file.digest())) {
                changed.add(file.name());
            }
        }
        if (!expected.isEmpty()) {
            return rejected(Reason.MISSING_FILE, "signed but not there", new TreeSet<>(expected.keySet()));
        }
        if (!changed.isEmpty()) {
            return rejected(Reason.CONTENT_MISMATCH, "with other content than was signed", changed);
        }
        return unsigned.isEmpty() ? Optional.empty() : rejected(Reason.UNSIGNED_FILE, "there but not signed", unsigned);
    }

    static Digest root(List<Digest> digests) {
        MessageDigest sha256 = Crypto.sha256();
        digests.forEach(digest -> sha256.update(digest.value().toByteArray()));
        return Digest.sha256(sha256.digest());
    }

    private static Optional<VerificationResult.Rejected> rejected(
            Reason reason, String what, java.util.Collection<String> names) {
        StringBuilder text = new StringBuilder("the model's files must be exactly the signed ones, but ")
                .append(names.size() == 1 ? "one file is " : names.size() + " files are ")
                .append(what)
                .append(": ");
        text.append(String.join(", ", names.stream().limit(5).map(Names::quote).toList()));
        if (names.size() > 5) {
            text.append(", …");
        }
        return Optional.of(new VerificationResult.Rejected(
                reason, text.append("; restore the signed files or sign anew").toString()));
    }

    private record Found(
            String subjectName, boolean singleFile, List<Candidate> candidates, List<String> ignorePaths) {}

    private record Candidate(String name, Path path, long size) {}

    private static Found find(
            Path model, Set<Path> leaveOut, Set<String> ignored, Set<String> listed, Progress progress)
            throws IOException {
        Path given = model.toAbsolutePath().normalize();
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(given, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            throw new InvalidModelException("model must be a folder or a file, but there is nothing at " + model, e);
        }
        requirePlain(attributes, "model " + Names.quote(given.toString()));
        Path root = given.toRealPath();
        String rawRoot = Names.rawUriPath(root);
        String subjectName = checkedName(rawRoot.substring(rawRoot.lastIndexOf('/') + 1), "model");
        if (attributes.isRegularFile()) {
            Candidate only = new Candidate(subjectName, root, attributes.size());
            return new Found(subjectName, true, List.of(only), List.of());
        }
        Set<String> passedOver = new HashSet<>(ignored);
        for (Path path : leaveOut) {
            nameWithin(root, rawRoot, path).ifPresent(passedOver::add);
        }
        List<Candidate> candidates = walk(root, rawRoot, passedOver, listed, progress);
        if (candidates.isEmpty()) {
            throw new InvalidModelException("model must hold at least one file, but " + Names.quote(model.toString())
                    + " holds none besides those that are never signed");
        }
        Set<String> recorded = new TreeSet<>(Names.ORDER);
        recorded.addAll(DEFAULT_EXCLUSIONS);
        recorded.addAll(passedOver);
        return new Found(subjectName, false, candidates, List.copyOf(recorded));
    }

    private static List<Candidate> walk(
            Path root, String rawRoot, Set<String> passedOver, Set<String> listed, Progress progress)
            throws IOException {
        Predicate<String> excluded = name -> passedOver.contains(name)
                || (DEFAULT_EXCLUSIONS.contains(name) && listed.stream().noneMatch(l -> Names.isAtOrBelow(l, name)));
        List<Candidate> candidates = new ArrayList<>();
        Deque<Path> folders = new ArrayDeque<>();
        folders.push(root);
        while (!folders.isEmpty()) {
            requireNotCancelled(progress);
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folders.pop())) {
                for (Path entry : entries) {
                    String name = checkedName(Names.rawUriPath(entry).substring(rawRoot.length() + 1), "file");
                    if (excluded.test(name)) {
                        continue;
                    }
                    BasicFileAttributes attributes =
                            Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                    requirePlain(attributes, Names.quote(name));
                    if (attributes.isDirectory()) {
                        folders.push(entry);
                    } else if (!insideUnlistedExclusion(name, listed)) {
                        candidates.add(new Candidate(name, entry, attributes.size()));
                    }
                    if (candidates.size() > MAX_FILES) {
                        throw new InvalidModelException("model must have at most " + MAX_FILES
                                + " files, but has more; pack them into fewer files");
                    }
                }
            }
        }
        return candidates;
    }

    /** A default exclusion is only entered for the sake of the files listed in it; its others stay out. */
    private static boolean insideUnlistedExclusion(String name, Set<String> listed) {
        int slash = name.indexOf('/');
        String top = slash < 0 ? name : name.substring(0, slash);
        return DEFAULT_EXCLUSIONS.contains(top) && !listed.contains(name);
    }

    private static FileManifest hashFound(Found found, Progress progress, int threads) {
        List<Candidate> candidates = new ArrayList<>(found.candidates());
        // Long files first, so that no thread is left alone with one at the end.
        candidates.sort(Comparator.comparingLong(Candidate::size).reversed());
        long total = candidates.stream().mapToLong(Candidate::size).sum();
        AtomicLong done = new AtomicLong();
        AtomicBoolean stopped = new AtomicBoolean();
        progress.report(0, total);
        List<Thread> workers = Collections.synchronizedList(new ArrayList<>());
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, candidates.size()), work -> {
            Thread thread = new Thread(work, "modelops-hash");
            thread.setDaemon(true);
            workers.add(thread);
            return thread;
        });
        List<FileEntry> files = new ArrayList<>();
        try {
            ExecutorCompletionService<FileEntry> running = new ExecutorCompletionService<>(pool);
            for (Candidate candidate : candidates) {
                var unused = running.submit(() -> hash(candidate, done, total, stopped, progress));
            }
            for (int i = 0; i < candidates.size(); i++) {
                files.add(running.take().get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled("because its thread was interrupted");
        } catch (ExecutionException e) {
            throw failure(e);
        } finally {
            stopped.set(true);
            var unused = pool.shutdownNow();
            // A terminated pool may still have threads on their way out.
            workers.forEach(Uninterruptibles::joinUninterruptibly);
        }
        files.sort(Comparator.comparing(FileEntry::name, Names.ORDER));
        return new FileManifest(found.subjectName(), found.singleFile(), files, found.ignorePaths());
    }

    private static RuntimeException failure(ExecutionException failure) {
        Throwable cause = failure.getCause();
        if (cause instanceof RuntimeException known) {
            return known;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new InvalidModelException(
                "model could not be read: " + (cause == null ? failure : cause).getMessage(), failure);
    }

    private static FileEntry hash(
            Candidate candidate, AtomicLong done, long total, AtomicBoolean stopped, Progress progress)
            throws IOException {
        try {
            return hashUnchanged(candidate, done, total, stopped, progress);
        } catch (NoSuchFileException e) {
            throw changed(candidate);
        }
    }

    private static FileEntry hashUnchanged(
            Candidate candidate, AtomicLong done, long total, AtomicBoolean stopped, Progress progress)
            throws IOException {
        Stamp before = Stamp.of(candidate.path());
        if (before.size() != candidate.size()) {
            throw changed(candidate);
        }
        MessageDigest sha256 = Crypto.sha256();
        long read = 0;
        try (SeekableByteChannel channel =
                Files.newByteChannel(candidate.path(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER, candidate.size() + 1));
            while (channel.read(buffer.clear()) >= 0) {
                sha256.update(buffer.flip());
                read += buffer.limit();
                if (read > candidate.size()) {
                    throw changed(candidate);
                }
                progress.report(done.addAndGet(buffer.limit()), total);
                if (stopped.get()) {
                    throw cancelled("because another file failed");
                }
                requireNotCancelled(progress);
            }
        }
        if (read != candidate.size() || !before.equals(Stamp.of(candidate.path()))) {
            throw changed(candidate);
        }
        return new FileEntry(candidate.name(), Digest.sha256(sha256.digest()), read, candidate.path());
    }

    /** What the file system says of a file, and changes when the file does. */
    private record Stamp(long size, Object modified, Object changed, Object identity) {
        static Stamp of(Path path) throws IOException {
            boolean unix = path.getFileSystem().supportedFileAttributeViews().contains("unix");
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            requirePlain(attributes, Names.quote(path.toString()));
            Object changed = unix ? Files.getAttribute(path, "unix:ctime", LinkOption.NOFOLLOW_LINKS) : "";
            return new Stamp(
                    attributes.size(),
                    attributes.lastModifiedTime(),
                    changed,
                    Objects.requireNonNullElse(attributes.fileKey(), ""));
        }
    }

    private static InvalidModelException changed(Candidate candidate) {
        return new InvalidModelException("model must not change while it is read, but " + Names.quote(candidate.name())
                + " did; stop what writes to it and try again");
    }

    private static void requirePlain(BasicFileAttributes attributes, String what) {
        if (attributes.isSymbolicLink()) {
            throw new InvalidModelException("a model must hold no symbolic links, but " + what
                    + " is one; put the file or folder itself in its place");
        }
        if (!attributes.isRegularFile() && !attributes.isDirectory()) {
            throw new InvalidModelException("a model must hold regular files and folders only, but " + what
                    + " is neither, such as a pipe, socket or device; remove it");
        }
    }

    private static void requireNotCancelled(Progress progress) {
        if (progress.isCancelled()) {
            throw cancelled("as asked");
        }
    }

    private static CancellationException cancelled(String why) {
        return new CancellationException("hashing the model was cancelled " + why);
    }

    private static String checkedName(String raw, String what) {
        String name = Names.decode(raw);
        if (name == null) {
            throw new InvalidModelException("names in a model must be UTF-8, but that of the " + what
                    + " with the percent-encoded name '" + raw + "' is not; rename it");
        }
        String flaw = Names.flaw(name);
        if (flaw != null) {
            throw new InvalidModelException(
                    "name of the " + what + " " + Names.quote(name) + " cannot be signed: " + flaw + "; rename it");
        }
        return name;
    }

    private static Optional<String> nameWithin(Path root, String rawRoot, Path path) throws IOException {
        Path absolute = path.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        Path last = absolute.getFileName();
        if (parent == null || last == null || !Files.exists(parent)) {
            return Optional.empty();
        }
        Path real = parent.toRealPath().resolve(last);
        return real.startsWith(root) && !real.equals(root)
                ? Optional.of(checkedName(Names.rawUriPath(real).substring(rawRoot.length() + 1), "path to leave out"))
                : Optional.empty();
    }
}
