package dev.modelops.core.internal.signing;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Sha256;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The files of a model and their digests, found by the rules of OpenSSF Model Signing v1.0: every regular file below the
 * folder, but for {@code .git}, {@code .gitignore}, {@code .gitattributes} and {@code .github} at its top. No link is
 * followed, unless a scan asks for it, and then only within the folder.
 */
public final class FileManifest {
    /** How many files or ranges of files a model may have. */
    public static final int MAX_FILES = 200_000;

    static final Set<String> DEFAULT_EXCLUSIONS = Set.of(".git", ".gitattributes", ".github", ".gitignore");

    private static final int BUFFER = 256 * 1024;
    private static final int BUFFER_AHEAD = 1024 * 1024;
    private static final int MAX_LINKS = 10_000;

    private final String subjectName;
    private final boolean singleFile;
    private final List<FileEntry> files;
    private final Scan scan;
    private final List<String> ignorePaths;
    private final boolean passedOverUnsigned;
    private final List<String> passedOverIgnored;

    private FileManifest(Found found, Scan scan, List<FileEntry> files) {
        this.subjectName = found.subjectName();
        this.singleFile = found.singleFile();
        this.files = List.copyOf(files);
        this.scan = scan;
        this.ignorePaths = found.ignorePaths();
        this.passedOverUnsigned = found.passedOverUnsigned();
        this.passedOverIgnored = found.passedOverIgnored();
    }

    /** What to do about symbolic links. */
    public enum Links {
        /** A model with one is refused. */
        REFUSED,
        /** The same, though the publisher followed them. */
        REFUSED_THOUGH_SIGNED,
        /** They are followed within the model. */
        FOLLOWED
    }

    /**
     * What to look for in a model and how to hash it.
     *
     * @param leaveOut files and folders to pass over, such as the signature file; they need not exist
     * @param ignored names within the model to pass over
     * @param listed names of files that are looked at wherever they are
     * @param listedOnly whether to pass over all others
     * @param recorded whether what is passed over will be recorded in a signature, and must be fit for that
     * @param gitPathsIgnored whether git's own files at the top are passed over
     * @param links what to do about symbolic links
     * @param serialization how to hash
     */
    public record Scan(
            Set<Path> leaveOut,
            Set<String> ignored,
            NavigableSet<String> listed,
            boolean listedOnly,
            boolean recorded,
            boolean gitPathsIgnored,
            Links links,
            Serialization serialization) {
        /** Returns a scan for a signature that the registry keeps. */
        public static Scan toSign(Set<Path> leaveOut) {
            return toSign(leaveOut, true, Links.REFUSED, Serialization.FILES);
        }

        /** Returns a scan for a signature. */
        public static Scan toSign(
                Set<Path> leaveOut, boolean gitPathsIgnored, Links links, Serialization serialization) {
            return new Scan(leaveOut, Set.of(), new TreeSet<>(), false, true, gitPathsIgnored, links, serialization);
        }

        /** Returns a scan for what a signed statement speaks of: what it ignored is passed over, what it lists is not. */
        public static Scan of(VerifiedStatement statement, Set<Path> leaveOut) {
            NavigableSet<String> listed = new TreeSet<>();
            for (SignedFile file : statement.files()) {
                listed.add(
                        statement.serialization().isSharded()
                                ? ShardName.parse(file.name()).path()
                                : file.name());
            }
            return new Scan(
                    leaveOut,
                    Set.copyOf(statement.ignorePaths()),
                    listed,
                    false,
                    false,
                    true,
                    Links.REFUSED,
                    statement.serialization());
        }

        /** Returns the same scan with what a caller tolerates. */
        public Scan tolerating(boolean unsignedFiles, boolean gitPaths, Links linksWithin) {
            return new Scan(leaveOut, ignored, listed, unsignedFiles, recorded, gitPaths, linksWithin, serialization);
        }
    }

    /**
     * Hashes a folder or a single file for a signature that the registry keeps.
     *
     * @param leaveOut files and folders to pass over, such as the signature file; they need not exist
     * @param threads how many files to read at once
     * @throws InvalidModelException if the path cannot be a model, or changed while it was read
     * @throws CancellationException if the progress was cancelled or this thread interrupted
     */
    public static FileManifest hash(Path model, Set<Path> leaveOut, Progress progress, int threads) {
        return hash(model, Scan.toSign(leaveOut), progress, threads);
    }

    /**
     * Hashes what a signed statement speaks of: as {@link #hash(Path, Set, Progress, int)}, but also passing over the
     * paths that the statement says were ignored, and including every path that it lists.
     */
    public static FileManifest hash(
            Path model, Set<Path> leaveOut, VerifiedStatement statement, Progress progress, int threads) {
        return hash(model, Scan.of(statement, leaveOut), progress, threads);
    }

    /** Hashes what a scan asks for, with the same exceptions. */
    public static FileManifest hash(Path model, Scan scan, Progress progress, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, but was " + threads);
        }
        try {
            return hashFound(find(model, scan, progress), scan, progress, threads);
        } catch (NoSuchFileException e) {
            throw new InvalidModelException(
                    "model must not change while it is read, but a file vanished: " + e.getMessage(), e);
        } catch (DirectoryIteratorException | IOException e) {
            throw new InvalidModelException("model could not be read: " + e.getMessage(), e);
        }
    }

    /** Returns the files, or ranges of files, in the order of their names. */
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

    /** Returns how the files were hashed. */
    public Serialization serialization() {
        return scan.serialization();
    }

    /** Tells whether links were to be followed. */
    public boolean links() {
        return scan.links() == Links.FOLLOWED;
    }

    /** Returns the paths within the model that were passed over, in order: the usual ones and those asked for. */
    public List<String> ignorePaths() {
        return ignorePaths;
    }

    /** Tells whether files were passed over that are neither listed nor ignored. */
    boolean passedOverUnsigned() {
        return passedOverUnsigned;
    }

    /** Returns the files that can run code as they are loaded, with their formats, in the order of their names. */
    Map<String, CodeFormat> codeBearing() {
        Map<String, CodeFormat> found = new LinkedHashMap<>();
        for (FileEntry file : files) {
            if (file.format() != null) {
                found.put(
                        serialization().isSharded()
                                ? ShardName.parse(file.name()).path()
                                : file.name(),
                        file.format());
            }
        }
        return found;
    }

    /** Returns what is there and was passed over as git's own or as the signature says, not for the caller. */
    List<String> passedOverIgnored() {
        return passedOverIgnored;
    }

    /** Compares what was found with what was signed. Empty if it is the same, file for file. */
    public Optional<VerificationResult.Rejected> compare(List<SignedFile> signed) {
        Map<String, Digest> expected = new HashMap<>();
        for (SignedFile file : signed) {
            expected.put(singleFile ? nameOfSingleFile(file.name()) : file.name(), file.digest());
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

    private String nameOfSingleFile(String listed) {
        if (serialization().isSharded()) {
            ShardName shard = ShardName.parse(listed);
            return shard.path().equals(".") ? shard.of(subjectName).toString() : listed;
        }
        return listed.equals(".") ? subjectName : listed;
    }

    /** Returns the identity of the content of signed files, in whatever order they are given. */
    public static Digest rootOf(List<SignedFile> files) {
        return root(inOrder(files).stream().map(SignedFile::digest).toList());
    }

    /** Returns signed files in the order of their names. */
    public static List<SignedFile> inOrder(List<SignedFile> files) {
        return files.stream()
                .sorted(Comparator.comparing(SignedFile::name, Names.ORDER))
                .toList();
    }

    static Digest root(List<Digest> digests) {
        MessageDigest sha256 = Sha256.start();
        digests.forEach(digest -> sha256.update(digest.value().toByteArray()));
        return Digest.sha256(sha256.digest());
    }

    private static Optional<VerificationResult.Rejected> rejected(
            Reason reason, String what, java.util.Collection<String> names) {
        StringBuilder text = new StringBuilder("the model's files must be exactly the signed ones, but ")
                .append(names.size() == 1 ? "one file is " : names.size() + " files are ")
                .append(what)
                .append(": ");
        text.append(Names.quoted(names));
        return Optional.of(new VerificationResult.Rejected(
                reason, text.append("; restore the signed files or sign anew").toString()));
    }

    private record Found(
            String subjectName,
            boolean singleFile,
            List<Candidate> candidates,
            List<String> ignorePaths,
            boolean passedOverUnsigned,
            List<String> passedOverIgnored) {}

    /** A file by its name in the model, where it really is, and the way through a link that led there. */
    private record Candidate(
            String name, Path path, long size, @Nullable Path link) {}

    /** A folder, where it really is, and the real places of it and those above it. */
    private record Folder(Path path, boolean restricted, boolean linked, Set<Path> way) {}

    private static Found find(Path model, Scan scan, Progress progress) throws IOException {
        Path given = model.toAbsolutePath().normalize();
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(given, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (follows(scan) && attributes.isSymbolicLink()) {
                attributes = Files.readAttributes(given, BasicFileAttributes.class);
            }
        } catch (NoSuchFileException e) {
            throw new InvalidModelException("model must be a folder or a file, but there is nothing at " + model, e);
        }
        requirePlain(attributes, "model " + Names.quote(given.toString()), scan.links());
        Path root = given.toRealPath();
        String rawRoot = Names.rawUriPath(root);
        String rawName = follows(scan) ? Names.rawUriPath(given) : rawRoot;
        String subjectName = checkedName(rawName.substring(rawName.lastIndexOf('/') + 1), "model");
        if (attributes.isRegularFile()) {
            Candidate only = new Candidate(subjectName, root, attributes.size(), null);
            return new Found(subjectName, true, List.of(only), List.of(), false, List.of());
        }
        Set<String> leftOut = new HashSet<>();
        for (Path path : scan.leaveOut()) {
            nameWithin(root, rawRoot, path).ifPresent(leftOut::add);
        }
        Set<String> recorded = new TreeSet<>(Names.ORDER);
        if (scan.gitPathsIgnored()) {
            recorded.addAll(DEFAULT_EXCLUSIONS);
        }
        recorded.addAll(scan.ignored());
        recorded.addAll(leftOut);
        if (scan.recorded()) {
            recorded.forEach(FileManifest::requireNoPattern);
        }
        Walk walk = new Walk(root, rawRoot, recorded, leftOut, scan, progress);
        List<Candidate> candidates = walk.run();
        if (candidates.isEmpty() && !scan.listedOnly()) {
            throw new InvalidModelException("model must hold at least one file, but " + Names.quote(model.toString())
                    + " holds none besides those that are never signed");
        }
        return new Found(
                subjectName,
                false,
                candidates,
                List.copyOf(recorded),
                walk.passedOverUnsigned,
                List.copyOf(walk.passedOverIgnored));
    }

    private static void requireNoPattern(String path) {
        if (Names.hasPatternCharacter(path)) {
            throw new InvalidModelException("a path that is left out of a model must hold none of * ? [, which the"
                    + " signature cannot record, but " + Names.quote(path) + " does; rename it");
        }
    }

    /** One pass over the folders of a model. */
    private static final class Walk {
        private final Path root;
        private final String rawRoot;
        private final Set<String> excluded;
        private final Set<String> leftOut;
        private final Scan scan;
        private final Progress progress;
        private final List<Candidate> candidates = new ArrayList<>();
        private final Deque<Folder> folders = new ArrayDeque<>();
        private int links;
        private boolean passedOverUnsigned;
        private final Set<String> passedOverIgnored = new TreeSet<>(Names.ORDER);

        Walk(Path root, String rawRoot, Set<String> excluded, Set<String> leftOut, Scan scan, Progress progress) {
            this.root = root;
            this.rawRoot = rawRoot;
            this.excluded = excluded;
            this.leftOut = leftOut;
            this.scan = scan;
            this.progress = progress;
        }

        List<Candidate> run() throws IOException {
            folders.push(new Folder(root, false, false, follows(scan) ? Set.of(root) : Set.of()));
            while (!folders.isEmpty()) {
                requireNotCancelled(progress);
                Folder folder = folders.pop();
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder.path())) {
                    for (Path entry : entries) {
                        visit(folder, entry);
                    }
                }
            }
            return candidates;
        }

        /** Inside what is passed over, only that is looked at which is listed. */
        private void visit(Folder folder, Path entry) throws IOException {
            String raw = Names.rawUriPath(entry).substring(rawRoot.length() + 1);
            String name = Names.decode(raw);
            boolean ignored = folder.restricted() || (name != null && excluded.contains(name));
            if ((ignored || scan.listedOnly()) && (name == null || !isListedAtOrBelow(name))) {
                passedOverUnsigned |= !ignored;
                if (name != null && excluded.contains(name) && !leftOut.contains(name)) {
                    passedOverIgnored.add(name);
                }
                return;
            }
            name = checkedName(raw, "file");
            BasicFileAttributes attributes =
                    Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean linked = folder.linked();
            Path real = entry;
            if (attributes.isSymbolicLink() && follows(scan)) {
                real = followed(entry, name, folder);
                attributes = Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                linked = true;
            } else if (linked) {
                real = entry.toRealPath();
            }
            requirePlain(attributes, Names.quote(name), scan.links());
            if (attributes.isDirectory()) {
                Set<Path> way = folder.way();
                if (follows(scan)) {
                    way = new HashSet<>(way);
                    way.add(real);
                }
                folders.push(new Folder(entry, ignored, linked, way));
                return;
            }
            candidates.add(new Candidate(name, real, attributes.size(), linked ? entry : null));
            if (candidates.size() > MAX_FILES) {
                throw new InvalidModelException(
                        "model must have at most " + MAX_FILES + " files, but has more; pack them into fewer files");
            }
        }

        private boolean isListedAtOrBelow(String name) {
            return scan.listed().contains(name) || Names.below(name, scan.listed()) != null;
        }

        private Path followed(Path link, String name, Folder folder) throws IOException {
            links++;
            if (links > MAX_LINKS) {
                throw new InvalidModelException("a model must lead through at most " + MAX_LINKS
                        + " symbolic links, but leads through more; put files in their place");
            }
            Path real;
            try {
                real = link.toRealPath();
            } catch (FileSystemException e) {
                throw new InvalidModelException(
                        "a symbolic link in a model must lead to a file or folder, but " + Names.quote(name)
                                + " leads nowhere or in a circle; remove it",
                        e);
            }
            if (!real.startsWith(root)) {
                throw new InvalidModelException("a symbolic link in a model must lead to a place within the model, but "
                        + Names.quote(name) + " leads out of it; put the file or folder itself in its place");
            }
            if (folder.way().stream().anyMatch(above -> above.startsWith(real))) {
                throw new InvalidModelException("a symbolic link in a model must not lead back to a folder that holds"
                        + " it, but " + Names.quote(name) + " does; remove it");
            }
            return real;
        }
    }

    /** A range of a file, and what the file system must say of that file for all its ranges, if there are more. */
    private record Job(
            Candidate file,
            String name,
            long start,
            long end,
            @Nullable Stamp stamp) {
        long length() {
            return end - start;
        }
    }

    private static List<Job> jobs(Found found, Serialization serialization) throws IOException {
        List<Job> jobs = new ArrayList<>();
        for (Candidate file : found.candidates()) {
            if (!serialization.isSharded()) {
                jobs.add(new Job(file, file.name(), 0, file.size(), null));
                continue;
            }
            Stamp stamp = file.size() > serialization.shardSize() ? stampOf(file) : null;
            for (long start = 0; start < file.size(); start += serialization.shardSize()) {
                long end = Math.min(file.size() - start, serialization.shardSize()) + start;
                jobs.add(new Job(file, new ShardName(file.name(), start, end).toString(), start, end, stamp));
                if (jobs.size() > MAX_FILES) {
                    throw new InvalidModelException("model must have at most " + MAX_FILES + " shards, but has more of "
                            + serialization.shardSize() + " bytes; make them larger");
                }
                if (end == file.size()) {
                    break;
                }
            }
        }
        return jobs;
    }

    private static FileManifest hashFound(Found found, Scan scan, Progress progress, int threads) throws IOException {
        List<Job> jobs = jobs(found, scan.serialization());
        if (jobs.isEmpty() && !scan.listedOnly() && scan.recorded()) {
            throw new InvalidModelException(
                    "model must hold at least one file that is not empty to be signed in shards; sign whole files");
        }
        // Long files first, so that no thread is left alone with one at the end.
        jobs.sort(Comparator.comparingLong(Job::length).reversed());
        List<FileEntry> files =
                jobs.isEmpty() ? new ArrayList<>() : hashed(jobs, scan.serialization(), progress, threads);
        files.sort(Comparator.comparing(FileEntry::name, Names.ORDER));
        return new FileManifest(found, scan, files);
    }

    private static List<FileEntry> hashed(List<Job> jobs, Serialization serialization, Progress progress, int threads) {
        long total = jobs.stream().mapToLong(Job::length).sum();
        AtomicLong done = new AtomicLong();
        AtomicBoolean stopped = new AtomicBoolean();
        progress.report(0, total);
        List<Thread> workers = Collections.synchronizedList(new ArrayList<>());
        // With a thread to spare for each file, that thread reads what the other hashes.
        boolean isAhead = 2 * jobs.size() <= threads;
        int poolSize = isAhead ? 2 * jobs.size() : Math.min(threads, jobs.size());
        ExecutorService pool = Executors.newFixedThreadPool(poolSize, work -> {
            Thread thread = new Thread(work, "modelops-hash");
            thread.setDaemon(true);
            workers.add(thread);
            return thread;
        });
        // A buffer for each thread: a fresh one for each file would have to be cleared first, and is in no cache.
        ThreadLocal<ByteBuffer> buffers = ThreadLocal.withInitial(() -> ByteBuffer.allocate(BUFFER));
        List<FileEntry> files = new ArrayList<>();
        try {
            ExecutorCompletionService<FileEntry> running = new ExecutorCompletionService<>(pool);
            for (Job job : jobs) {
                var unused = running.submit(() -> hash(
                        job, serialization.hash(), isAhead ? pool : null, buffers, done, total, stopped, progress));
            }
            for (int i = 0; i < jobs.size(); i++) {
                files.add(running.take().get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled("because its thread was interrupted; nothing was done, try again");
        } catch (ExecutionException e) {
            throw failure(e);
        } finally {
            stopped.set(true);
            var unused = pool.shutdownNow();
            // A terminated pool may still have threads on their way out.
            workers.forEach(Uninterruptibles::joinUninterruptibly);
        }
        return files;
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
            Job job,
            FileHash hash,
            @Nullable Executor readers,
            ThreadLocal<ByteBuffer> buffers,
            AtomicLong done,
            long total,
            AtomicBoolean stopped,
            Progress progress)
            throws IOException {
        try {
            return hashUnchanged(job, hash, readers, buffers, done, total, stopped, progress);
        } catch (NoSuchFileException e) {
            throw changed(job.file());
        }
    }

    private static FileEntry hashUnchanged(
            Job job,
            FileHash hash,
            @Nullable Executor readers,
            ThreadLocal<ByteBuffer> buffers,
            AtomicLong done,
            long total,
            AtomicBoolean stopped,
            Progress progress)
            throws IOException {
        Path path = job.file().path();
        Stamp before = Stamp.of(path);
        if (before.size() != job.file().size() || (job.stamp() != null && !before.equals(job.stamp()))) {
            throw changed(job.file());
        }
        MessageDigest digest = hash.start();
        CodeFormat format = null;
        try (SeekableByteChannel channel =
                Files.newByteChannel(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            channel.position(job.start());
            ReadAhead content = readers == null
                    ? new ReadAhead(channel, job.length(), buffers.get())
                    : new ReadAhead(channel, job.length(), BUFFER_AHEAD, readers);
            long left = job.length();
            while (left > 0) {
                ByteBuffer buffer = content.take();
                if (buffer == null) {
                    throw changed(job.file());
                }
                if (job.start() == 0 && left == job.length()) {
                    format = CodeFormat.of(job.file().name(), buffer).orElse(null);
                }
                digest.update(buffer);
                left -= buffer.limit();
                progress.report(done.addAndGet(buffer.limit()), total);
                if (stopped.get()) {
                    throw cancelled("because another file failed");
                }
                requireNotCancelled(progress);
            }
            if (channel.size() != job.file().size()) {
                throw changed(job.file());
            }
        }
        Path link = job.file().link();
        if (!before.equals(Stamp.of(path))
                || (link != null && !link.toRealPath().equals(path))) {
            throw changed(job.file());
        }
        return new FileEntry(
                job.name(),
                new Digest(hash.id(), Bytes.of(digest.digest())),
                job.length(),
                job.file().path(),
                format);
    }

    private static Stamp stampOf(Candidate file) throws IOException {
        try {
            return Stamp.of(file.path());
        } catch (NoSuchFileException e) {
            throw changed(file);
        }
    }

    /** What the file system says of a file, and changes when the file does. */
    private record Stamp(long size, Object modified, Object changed, Object identity) {
        static Stamp of(Path path) throws IOException {
            boolean unix = path.getFileSystem().supportedFileAttributeViews().contains("unix");
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            requirePlain(attributes, Names.quote(path.toString()), Links.REFUSED);
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

    private static boolean follows(Scan scan) {
        return scan.links() == Links.FOLLOWED;
    }

    private static void requirePlain(BasicFileAttributes attributes, String what, Links links) {
        if (attributes.isSymbolicLink() && links == Links.REFUSED_THOUGH_SIGNED) {
            throw new InvalidModelException("a model must hold no symbolic links unless they are permitted, but " + what
                    + " is one; permit them, as the publisher did, or put the file or folder itself in its place");
        }
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
