package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.Models.file;
import static dev.modelops.core.internal.signing.Models.hash;
import static dev.modelops.core.internal.signing.OmsRule.ALL_AND_NOTHING_ELSE;
import static dev.modelops.core.internal.signing.OmsRule.DEFAULT_EXCLUSIONS;
import static dev.modelops.core.internal.signing.OmsRule.EVERY_FILE;
import static dev.modelops.core.internal.signing.OmsRule.IGNORED_PATHS;
import static dev.modelops.core.internal.signing.OmsRule.NAMES;
import static dev.modelops.core.internal.signing.OmsRule.NO_SYMLINKS;
import static dev.modelops.core.internal.signing.OmsRule.ONE_SUBJECT;
import static dev.modelops.core.internal.signing.OmsRule.RESOURCES_SORTED;
import static dev.modelops.core.internal.signing.OmsRule.ROOT_DIGEST;
import static dev.modelops.core.internal.signing.OmsRule.SIGNATURE_FILE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileManifestTest {
    @TempDir
    Path folder;

    @Covers({EVERY_FILE, ONE_SUBJECT})
    @Test
    void everyRegularFileIsHashedUnderItsRelativeName() {
        Path model = Models.folder(folder);
        file(model, "empty", "");
        file(model, ".hidden", "h");

        FileManifest manifest = hash(model);

        assertThat(manifest.files())
                .extracting(FileEntry::name)
                .containsExactly(".hidden", "config.json", "empty", "sub/tokenizer.txt", "weights.bin");
        assertThat(manifest.files())
                .allSatisfy(
                        f -> assertThat(f.digest()).isEqualTo(Digest.sha256Of(Bytes.of(Files.readAllBytes(f.path())))));
        assertThat(manifest.byteCount()).isEqualTo(1 + 2 + 0 + 6 + 7);
        assertThat(manifest.subjectName()).isEqualTo("model");
    }

    @Covers(ROOT_DIGEST)
    @Test
    void theRootIsTheHashOfTheRawDigestsInOrder() {
        Path model = folder.resolve("m");
        file(model, "a", "1");
        file(model, "b", "2");
        byte[] digests = new byte[64];
        System.arraycopy(Digest.sha256Of(Bytes.ofUtf8("1")).value().toByteArray(), 0, digests, 0, 32);
        System.arraycopy(Digest.sha256Of(Bytes.ofUtf8("2")).value().toByteArray(), 0, digests, 32, 32);

        assertThat(hash(model).root()).isEqualTo(Digest.sha256Of(Bytes.of(digests)));
    }

    @Test
    void theNumberOfThreadsDoesNotChangeTheResult() {
        Path model = folder.resolve("m");
        for (int i = 0; i < 50; i++) {
            file(model, "d" + i % 7 + "/f" + i, "x".repeat(i * 997));
        }

        assertThat(FileManifest.hash(model, Set.of(), Progress.NONE, 4).root())
                .isEqualTo(FileManifest.hash(model, Set.of(), Progress.NONE, 1).root());
    }

    @Covers(RESOURCES_SORTED)
    @Test
    void namesAreOrderedByCodePointAndNotByUtf16Unit() {
        Path model = folder.resolve("m");
        file(model, "\uFF21", "beyond the surrogates");
        file(model, "\uD83D\uDE00", "a code point above U+FFFF");
        file(model, "sub-x", "");
        file(model, "sub.txt", "");
        file(model, "sub/b", "");

        assertThat(hash(model).files())
                .extracting(FileEntry::name)
                .containsExactly("sub-x", "sub.txt", "sub/b", "\uFF21", "\uD83D\uDE00");
    }

    @Covers(NAMES)
    @Test
    void namesAreNeitherFoldedNorNormalized() {
        Path model = folder.resolve("m");
        List<String> names =
                List.of("A", "a", "e\u0301", "\u00e9", "with space ", "c:o:l:o:n", "100%25", "#?+", "line\nbreak");
        names.forEach(name -> file(model, name, name));

        assertThat(hash(model).files()).extracting(FileEntry::name).containsExactlyInAnyOrderElementsOf(names);
    }

    @Covers(DEFAULT_EXCLUSIONS)
    @Test
    void gitFilesAreLeftOutAtTheTopOnly() {
        Path model = Models.folder(folder);
        for (String name : List.of(".git/config", ".gitignore", ".gitattributes", ".github/w.yml")) {
            file(model, name, "x");
            file(model, "sub/" + name, "x");
        }
        file(model, ".gitkeep", "x");

        assertThat(hash(model).files())
                .extracting(FileEntry::name)
                .containsExactly(
                        ".gitkeep",
                        "config.json",
                        "sub/.git/config",
                        "sub/.gitattributes",
                        "sub/.github/w.yml",
                        "sub/.gitignore",
                        "sub/tokenizer.txt",
                        "weights.bin");
    }

    @Test
    void gitFilesThatTheStatementListsAreHashedAndTheirNeighboursAreNot() {
        Path model = Models.folder(folder);
        file(model, ".git/config", "x");
        file(model, ".git/other", "x");
        VerifiedStatement statement = statement(List.of(".git/config", "weights.bin"), List.of("config.json", "sub"));

        assertThat(FileManifest.hash(model, Set.of(), statement, Progress.NONE, 1)
                        .files())
                .extracting(FileEntry::name)
                .containsExactly(".git/config", "weights.bin");
    }

    @Covers({SIGNATURE_FILE, IGNORED_PATHS})
    @Test
    void whatIsLeftOutIsNotHashedButRecorded() {
        Path model = Models.folder(folder);
        file(model, "deep/model.sig", "stays: it has another path");
        Path signature = file(model, "model.sig", "signature");

        FileManifest manifest = hash(model, signature, model.resolve("sub"), folder.resolve("outside"));

        assertThat(manifest.files())
                .extracting(FileEntry::name)
                .containsExactly("config.json", "deep/model.sig", "weights.bin");
        assertThat(manifest.ignorePaths())
                .containsExactly(".git", ".gitattributes", ".github", ".gitignore", "model.sig", "sub");
    }

    @Test
    void aSignatureFileThatDoesNotExistYetIsRecordedToo() {
        Path model = Models.folder(folder);

        assertThat(hash(model, model.resolve("model.sig")).ignorePaths()).contains("model.sig");
    }

    @Covers({EVERY_FILE, ONE_SUBJECT, NAMES})
    @Test
    void aSingleFileIsNamedByItsLastPart() {
        Path file = file(folder, "model.onnx", "weights");

        FileManifest manifest = hash(file);

        assertThat(manifest.files()).extracting(FileEntry::name).containsExactly("model.onnx");
        assertThat(manifest.subjectName()).isEqualTo("model.onnx");
        assertThat(manifest.compare(List.of(new SignedFile(".", Digest.sha256Of(Bytes.ofUtf8("weights"))))))
                .isEmpty();
    }

    @Test
    void theModelMayLieBelowALink() throws IOException {
        Path model = Models.folder(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("real"));
        Path signature = link.resolve("model/model.sig");
        Files.writeString(signature, "signature");

        assertThat(hash(link.resolve("model"), signature).root())
                .isEqualTo(hash(model, signature).root());
    }

    @Covers(NO_SYMLINKS)
    @Test
    void linksOfEveryKindAreRefused() throws IOException {
        Path outside = file(folder, "outside", "x");
        Path model = Models.folder(folder);
        Path link = model.resolve("link");
        for (Path target : List.of(outside, model.resolve("weights.bin"), model, model.resolve("nowhere"), link)) {
            Files.createSymbolicLink(link, target);
            assertRefused(() -> hash(model), "symbolic links", "'link'");
            Files.delete(link);
        }
        Files.createSymbolicLink(link, model.resolve("weights.bin"));
        assertRefused(() -> hash(link), "symbolic links");
        assertRefused(() -> hash(Files.createSymbolicLink(folder.resolve("current"), model)), "symbolic links");
    }

    @Covers(RESOURCES_SORTED)
    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPipeIsRefusedWithoutWaitingForIt() throws Exception {
        Path model = Models.folder(folder);
        Path pipe = model.resolve("pipe");
        Process process = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assertThat(process.waitFor()).isZero();

        assertRefused(() -> hash(model), "pipe");
        assertRefused(() -> hash(pipe), "pipe");
    }

    @Test
    void devicesAreRefused() {
        assertRefused(() -> hash(Path.of("/dev/zero")), "device");
    }

    @Covers(EVERY_FILE)
    @Test
    void nothingToSignIsRefused() throws IOException {
        Path model = folder.resolve("m");
        Files.createDirectories(model.resolve("sub"));
        assertRefused(() -> hash(model), "at least one file");
        file(model, ".git/config", "x");
        Path signature = file(model, "model.sig", "x");
        assertRefused(() -> hash(model, signature), "at least one file");
        assertRefused(() -> hash(folder.resolve("nowhere")), "there is nothing at");
    }

    @Test
    void aBackslashInANameIsRefused() {
        Path model = Models.folder(folder);
        file(model, "sub/a\\b", "x");

        assertRefused(() -> hash(model), "backslash");
    }

    @Covers(NAMES)
    @Test
    void aNameThatIsNotUtf8IsRefused() throws Exception {
        Path model = Models.folder(folder);
        Process process = new ProcessBuilder("sh", "-c", "touch \"$(printf 'bad\\377name')\"")
                .directory(model.toFile())
                .start();
        assertThat(process.waitFor()).isZero();

        assertRefused(() -> hash(model), "UTF-8", "bad%FFname");
    }

    @Test
    void progressCountsEveryByteOnce() {
        Path model = folder.resolve("m");
        file(model, "a", "x".repeat(1_000_000));
        file(model, "b", "x".repeat(345_678));
        AtomicLong highest = new AtomicLong();

        FileManifest.hash(
                model,
                Set.of(),
                (done, total) -> {
                    assertThat(total).isEqualTo(1_345_678);
                    highest.accumulateAndGet(done, Math::max);
                },
                2);

        assertThat(highest).hasValue(1_345_678);
    }

    @Test
    void cancellingStopsTheWorkAndLeavesNoThread() {
        Path model = folder.resolve("m");
        for (int i = 0; i < 20; i++) {
            file(model, "f" + i, "x".repeat(1_000_000));
        }
        AtomicBoolean cancelled = new AtomicBoolean();
        Progress progress = new Progress() {
            @Override
            public void report(long done, long total) {
                cancelled.set(done > 0);
            }

            @Override
            public boolean isCancelled() {
                return cancelled.get();
            }
        };

        assertThatThrownBy(() -> FileManifest.hash(model, Set.of(), progress, 3))
                .isInstanceOf(CancellationException.class);

        assertThat(hashingThreads()).isEmpty();
    }

    @Test
    void anInterruptCancelsAndIsKept() {
        Path model = Models.folder(folder);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> hash(model)).isInstanceOf(CancellationException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(hashingThreads()).isEmpty();
    }

    @Test
    void aListenerThatFailsFailsTheCall() {
        Path model = Models.folder(folder);

        assertThatThrownBy(() -> FileManifest.hash(
                        model,
                        Set.of(),
                        (done, total) -> {
                            if (done > 0) {
                                throw new IllegalStateException("from the listener");
                            }
                        },
                        2))
                .isInstanceOf(IllegalStateException.class);
        assertThat(hashingThreads()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "truncate", "overwrite", "delete", "replace"})
    void aFileThatChangesWhileItIsReadIsRefused(String change) {
        for (int threads = 1; threads <= 2; threads++) {
            Path model = folder.resolve("m" + threads);
            Path file = file(model, "weights.bin", "x".repeat(3_500_000));
            AtomicBoolean once = new AtomicBoolean();
            Progress writer = (done, total) -> {
                if (done > 0 && once.compareAndSet(false, true)) {
                    change(file, change);
                }
            };
            int many = threads;

            assertRefused(() -> FileManifest.hash(model, Set.of(), writer, many), "must not change", "weights.bin");
        }
    }

    /** With threads to spare, one reads while the other hashes. */
    @ParameterizedTest
    @ValueSource(ints = {1, 1 << 20, (1 << 20) + 1, (2 << 20) - 1, (3 << 20) + 7})
    void aFileIsReadAheadToItsVeryEnd(int length) throws IOException {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        Path model = Files.createDirectories(folder.resolve("m"));
        Files.write(model.resolve("weights.bin"), content);
        Digest expected = Digest.sha256Of(Bytes.of(content));
        for (int threads : new int[] {1, 2, 4}) {
            List<Long> told = Collections.synchronizedList(new ArrayList<>());

            FileManifest found = FileManifest.hash(model, Set.of(), (done, total) -> told.add(done), threads);

            assertThat(found.files().get(0).digest()).isEqualTo(expected);
            assertThat(told).isSorted().endsWith((long) length);
        }
        Files.write(model.resolve("weights.bin"), content, StandardOpenOption.APPEND);
        for (int threads : new int[] {1, 4}) {
            Serialization serialization = new Serialization(FileHash.SHA256, length);
            FileManifest.Scan scan =
                    FileManifest.Scan.toSign(Set.of(), true, FileManifest.Links.REFUSED, serialization);
            assertThat(FileManifest.hash(model, scan, Progress.NONE, threads).files())
                    .hasSize(2)
                    .allSatisfy(file -> assertThat(file.digest()).isEqualTo(expected));
        }
    }

    @Test
    void readingAheadEndsWithWhoeverAskedForIt() {
        Path model = folder.resolve("m");
        file(model, "weights.bin", "x".repeat(5_000_000));
        Progress cancelling = new Progress() {
            private volatile boolean begun;

            @Override
            public void report(long done, long total) {
                begun |= done > 0;
            }

            @Override
            public boolean isCancelled() {
                return begun;
            }
        };

        assertThatThrownBy(() -> FileManifest.hash(model, Set.of(), cancelling, 2))
                .isInstanceOf(CancellationException.class);
        assertThatThrownBy(() -> FileManifest.hash(
                        model,
                        Set.of(),
                        (done, total) -> {
                            if (done > 0) {
                                throw new IllegalStateException("a listener with a bug");
                            }
                        },
                        2))
                .isInstanceOf(IllegalStateException.class);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("modelops-hash"));
    }

    @Test
    void aSwappedFileCannotBeReadThroughALink() {
        Path model = folder.resolve("m");
        Path first = file(model, "a", "x".repeat(500_000));
        Path second = file(model, "b", "y");
        Path secret = file(folder, "secret", "z");
        AtomicBoolean once = new AtomicBoolean();
        Progress writer = (done, total) -> {
            if (done > 0 && once.compareAndSet(false, true)) {
                try {
                    Files.delete(second);
                    Files.createSymbolicLink(second, secret);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        };

        assertThat(first).exists();
        assertRefused(() -> FileManifest.hash(model, Set.of(), writer, 1), "symbolic links");
    }

    @Covers(ALL_AND_NOTHING_ELSE)
    @Test
    void comparisonNamesWhatDiffers() throws IOException {
        Path model = Models.folder(folder);
        List<SignedFile> signed = signed(hash(model));
        assertThat(hash(model).compare(signed)).isEmpty();
        List<SignedFile> shuffled = new ArrayList<>(signed);
        Collections.reverse(shuffled);
        assertThat(hash(model).compare(shuffled)).isEmpty();

        file(model, "extra", "x");
        assertRejected(model, signed, Reason.UNSIGNED_FILE, "'extra'");
        Files.delete(model.resolve("extra"));

        file(model, "empty/zero", "");
        assertRejected(model, signed, Reason.UNSIGNED_FILE, "'empty/zero'");
        Files.delete(model.resolve("empty/zero"));

        file(model, "config.json", "[]");
        assertRejected(model, signed, Reason.CONTENT_MISMATCH, "'config.json'");
        file(model, "config.json", "{}");

        Files.move(model.resolve("config.json"), model.resolve("Config.json"));
        assertRejected(model, signed, Reason.MISSING_FILE, "'config.json'");
        Files.move(model.resolve("Config.json"), model.resolve("config.json"));

        file(model, "config.json", "weights");
        file(model, "weights.bin", "{}");
        assertRejected(model, signed, Reason.CONTENT_MISMATCH, "'config.json', 'weights.bin'");
    }

    @Test
    void aFolderIsNotASingleFileNamedByADot() {
        Path model = folder.resolve("m");
        file(model, "only", "x");

        assertRejected(
                model, List.of(new SignedFile(".", Digest.sha256Of(Bytes.ofUtf8("x")))), Reason.MISSING_FILE, "'.'");
    }

    @Test
    void theOrderIsThatOfTheUtf8Bytes() {
        java.util.Random random = new java.util.Random(7);
        int[] codePoints = {'a', 'b', '/', '.', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
        for (int i = 0; i < 10_000; i++) {
            String a = random.ints(random.nextInt(4), 0, codePoints.length)
                    .map(n -> codePoints[n])
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            String b = random.ints(random.nextInt(4), 0, codePoints.length)
                    .map(n -> codePoints[n])
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();

            assertThat(Integer.signum(Names.ORDER.compare(a, b)))
                    .isEqualTo(Integer.signum(java.util.Arrays.compareUnsigned(
                            Bytes.ofUtf8(a).toByteArray(), Bytes.ofUtf8(b).toByteArray())));
        }
    }

    @Test
    void namesInMessagesCannotForgeLines() {
        assertThat(Names.quote("a\nINFO all is well\u202e")).isEqualTo("'a\\u000aINFO all is well\\u202e'");
        assertThat(Names.quote("x".repeat(10_000))).hasSizeLessThan(300);
    }

    /** Checks the whole chain under an ASCII locale, where the runtime's own text for a name has lost what it held. */
    @Covers(NAMES)
    @Test
    void theRootIsTheSameUnderAnAsciiLocale() throws Exception {
        Path model = folder.resolve("m");
        file(model, "plain", "1");
        file(model, "gr\u00fc\u00df/\u6a21\u578b.bin", "2");
        file(model, "\uD83D\uDE00", "3");
        file(model, "\uFF21", "4");
        String launcher =
                Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(
                launcher, "-cp", System.getProperty("java.class.path"), PrintRoot.class.getName(), model.toString());
        builder.environment().put("LC_ALL", "C");
        builder.redirectErrorStream(true);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output.strip()).isEqualTo("true " + hash(model).root());
    }

    /** Prints whether the platform encoding is ASCII, and the root of a model. */
    static final class PrintRoot {
        private PrintRoot() {}

        public static void main(String[] args) {
            boolean ascii = System.getProperty("sun.jnu.encoding").startsWith("ANSI");
            System.out.print(ascii + " " + hash(Path.of(args[0])).root());
        }
    }

    private static void change(Path file, String change) {
        try {
            switch (change) {
                case "append" -> Files.writeString(file, "more", StandardOpenOption.APPEND);
                case "truncate" -> Files.writeString(file, "less");
                case "overwrite" -> {
                    FileTime before = Files.getLastModifiedTime(file);
                    Files.writeString(file, "y".repeat(2_000_000));
                    Files.setLastModifiedTime(file, before);
                }
                case "delete" -> Files.delete(file);
                case "replace" -> {
                    Path other = Files.writeString(file.resolveSibling("other"), "y".repeat(2_000_000));
                    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
                    Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                }
                default -> throw new IllegalArgumentException(change);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> hashingThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("modelops-hash"))
                .toList();
    }

    private static List<SignedFile> signed(FileManifest manifest) {
        return manifest.files().stream()
                .map(f -> new SignedFile(f.name(), f.digest()))
                .toList();
    }

    private static VerifiedStatement statement(List<String> names, List<String> ignored) {
        Digest digest = Digest.sha256Of(Bytes.ofUtf8("x"));
        return new VerifiedStatement(
                digest,
                digest,
                "m",
                names.stream().map(name -> new SignedFile(name, digest)).toList(),
                SignedBy.key(digest),
                List.of(),
                false,
                ignored,
                Serialization.FILES);
    }

    private static void assertRejected(Path model, List<SignedFile> signed, Reason reason, String name) {
        assertThat(hash(model).compare(signed)).hasValueSatisfying(rejected -> {
            assertThat(rejected.reason()).isEqualTo(reason);
            assertThat(rejected.message()).contains(name);
        });
    }

    private interface Hashing {
        FileManifest run() throws IOException;
    }

    private static void assertRefused(Hashing hashing, String... parts) {
        assertThatThrownBy(hashing::run)
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContainingAll(parts);
    }
}
