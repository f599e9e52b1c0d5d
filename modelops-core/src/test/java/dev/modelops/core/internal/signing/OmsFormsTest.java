package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.Models.file;
import static dev.modelops.core.internal.signing.OmsRule.ALL_AND_NOTHING_ELSE;
import static dev.modelops.core.internal.signing.OmsRule.DEFAULT_EXCLUSIONS;
import static dev.modelops.core.internal.signing.OmsRule.EVERY_FILE;
import static dev.modelops.core.internal.signing.OmsRule.HASH_FROM_STATEMENT;
import static dev.modelops.core.internal.signing.OmsRule.IGNORED_PATHS;
import static dev.modelops.core.internal.signing.OmsRule.NAMES;
import static dev.modelops.core.internal.signing.OmsRule.NO_SYMLINKS;
import static dev.modelops.core.internal.signing.OmsRule.REQUIRED_FORMS;
import static dev.modelops.core.internal.signing.OmsRule.RESOURCES_SORTED;
import static dev.modelops.core.internal.signing.OmsRule.RESOURCE_MEMBERS;
import static dev.modelops.core.internal.signing.OmsRule.ROOT_DIGEST;
import static dev.modelops.core.internal.signing.OmsRule.SCHEMAS;
import static dev.modelops.core.internal.signing.OmsRule.SERIALIZATION;
import static dev.modelops.core.internal.signing.OmsRule.SHARDS;
import static dev.modelops.core.internal.signing.OmsRule.SIGNATURE_FILE;
import static dev.modelops.core.internal.signing.OmsRule.SYMLINKS;
import static dev.modelops.core.internal.signing.OmsRule.SYMLINK_POLICY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.SignatureClaims;
import dev.modelops.core.signing.SigningOptions;
import dev.modelops.core.signing.SigningOptions.Hash;
import dev.modelops.core.signing.VerificationOptions;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Note.Code;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.signing.Verifier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every form of OpenSSF Model Signing v1.0 as a caller signs and verifies it. */
class OmsFormsTest {
    private static final KeyPair KEYS = TestPki.keys("secp256r1");
    private static final Signer BY_KEY = Crypto.signer(KEYS.getPrivate(), KEYS.getPublic(), List.of());
    private static final Verifier KEY = Verifiers.key(KEYS.getPublic());
    private static final TestPki.Identity ROOT =
            TestPki.draft("root").authority(-1).selfSigned();
    private static final Signer BY_CERTIFICATE = Crypto.signer(
            KEYS.getPrivate(),
            KEYS.getPublic(),
            List.of(TestPki.draft("leaf").keys(KEYS).issuedBy(ROOT).certificate()));
    private static final SigningOptions DEFAULT = SigningOptions.DEFAULT;
    private static final VerificationOptions STRICT = VerificationOptions.STRICT;

    @TempDir
    Path folder;

    static Stream<Arguments> forms() {
        return Stream.of(Hash.values())
                .flatMap(hash -> Stream.of(0L, 3L, SigningOptions.USUAL_SHARD_SIZE)
                        .flatMap(shard -> Stream.of(BY_KEY, BY_CERTIFICATE)
                                .map(signer -> arguments(
                                        hash,
                                        shard,
                                        signer.certificateChain().isEmpty() ? "key" : "certificate",
                                        signer))));
    }

    @Covers({REQUIRED_FORMS, SCHEMAS, ROOT_DIGEST, HASH_FROM_STATEMENT, SHARDS, SERIALIZATION, RESOURCE_MEMBERS})
    @ParameterizedTest(name = "{0}, shards of {1}, {2}")
    @MethodSource("forms")
    void everyFormVerifiesAndFitsTheSchemas(Hash hash, long shardSize, String method, Signer signer)
            throws IOException {
        Path model = Models.folder(folder);
        SigningOptions options = DEFAULT.withHash(hash).withShardSize(shardSize);
        Path signature = model.resolve("model.sig");

        Digest root = ModelSignatures.sign(model, signature, signer, options, Progress.NONE);

        Bytes bundle = Bytes.of(Files.readAllBytes(signature));
        JsonNode json = Models.JSON.readTree(bundle.toByteArray());
        ObjectNode statement = Models.statement(bundle);
        assertThat(OfficialVectorsTest.errors("bundle", json)).isEmpty();
        assertThat(OfficialVectorsTest.errors("envelope", json.get("dsseEnvelope")))
                .isEmpty();
        assertThat(OfficialVectorsTest.errors("statement", statement)).isEmpty();
        assertThat(OfficialVectorsTest.errors("predicate", statement.get("predicate")))
                .isEmpty();
        Verifier verifier = signer == BY_KEY
                ? KEY
                : Verifiers.certificate(List.of(ROOT.certificate()), Clock.fixed(TestPki.NOW, ZoneOffset.UTC));
        VerificationResult.Verified verified = ModelSignatures.verify(model, signature, verifier, STRICT, Progress.NONE)
                .orThrow();
        assertThat(verified.root()).isEqualTo(root);
        assertThat(root.algorithm()).isEqualTo("sha256");
        assertThat(verified.notes())
                .extracting(Note::code)
                .isEqualTo(shardSize == 0 ? List.of() : List.of(Code.EMPTY_FILES_NOT_COVERED));
        SignatureClaims claims = ModelSignatures.inspect(bundle);
        assertThat(claims.root()).isEqualTo(root);
        assertThat(claims.hash()).isEqualToIgnoringCase(hash.name());
        assertThat(claims.shardSize()).isEqualTo(shardSize);
        assertThat(claims.method().name()).isEqualToIgnoringCase(method);
        assertThat(claims.keyHint())
                .isEqualTo(
                        signer == BY_KEY
                                ? java.util.Optional.of(Pem.hint(KEYS.getPublic()))
                                : java.util.Optional.empty());
        file(model, "config.json", "{ ");
        assertRejected(
                ModelSignatures.verify(model, signature, verifier, STRICT, Progress.NONE), Reason.CONTENT_MISMATCH);
    }

    @Covers({HASH_FROM_STATEMENT, ROOT_DIGEST})
    @ParameterizedTest
    @CsvSource({
        "SHA256, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "BLAKE2B, ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
        "BLAKE3, 6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
    })
    void theHashesGiveTheirPublishedValuesOfAbc(Hash hash, String hex) {
        Path model = folder.resolve("m");
        file(model, "f", "abc");

        Digest digest = ModelSignatures.digest(model, DEFAULT.withHash(hash), Progress.NONE);
        VerificationResult.Verified verified =
                verify(model, sign(model, DEFAULT.withHash(hash)), STRICT).orThrow();

        assertThat(verified.files().get(0).digest().toHex()).isEqualTo(hex);
        assertThat(verified.root()).isEqualTo(Digest.sha256Of(Bytes.parseHex(hex)));
        assertThat(digest).isEqualTo(verified.root());
    }

    @Covers({SHARDS, RESOURCES_SORTED})
    @Test
    void filesAreCutIntoRangesNamedByTheLastTwoColons() {
        Path model = folder.resolve("m");
        for (int size : new int[] {0, 1, 3, 4, 5, 8, 9}) {
            file(model, "f" + size, "x".repeat(size));
        }
        file(model, "c:1:2", "x".repeat(5));
        file(model, "w", "0123456789ab");

        Path fours = sign(model, DEFAULT.withShardSize(4));
        assertThat(verify(model, fours, STRICT).orThrow().files())
                .extracting(SignedFile::name)
                .containsExactly(
                        "c:1:2:0:4",
                        "c:1:2:4:5",
                        "f1:0:1",
                        "f3:0:3",
                        "f4:0:4",
                        "f5:0:4",
                        "f5:4:5",
                        "f8:0:4",
                        "f8:4:8",
                        "f9:0:4",
                        "f9:4:8",
                        "f9:8:9",
                        "w:0:4",
                        "w:4:8",
                        "w:8:12");
        Path threes = sign(model, DEFAULT.withShardSize(3).withIgnorePaths(without(model, "w")));
        assertThat(verify(model, threes, STRICT).orThrow().files())
                .extracting(SignedFile::name)
                .containsExactly("w:0:3", "w:3:6", "w:6:9", "w:9:12");
        Path ones = sign(model, DEFAULT.withShardSize(1).withIgnorePaths(without(model, "w")));
        assertThat(verify(model, ones, STRICT).orThrow().files())
                .extracting(SignedFile::name)
                .startsWith("w:0:1", "w:10:11", "w:11:12", "w:1:2")
                .endsWith("w:9:10");
        assertThat(Models.resources(statement(ones)))
                .extracting(r -> r.get("name").asText())
                .isSortedAccordingTo(Names.ORDER);
    }

    @Covers(SHARDS)
    @Test
    void emptyFilesAreOutsideOfShards() throws IOException {
        Path model = folder.resolve("m");
        file(model, "empty", "");
        assertThatThrownBy(() -> sign(model, DEFAULT.withShardSize(4)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("not empty");
        file(model, "f", "x");
        Path signature = sign(model, DEFAULT.withShardSize(4));

        file(model, "another", "");
        Files.delete(model.resolve("empty"));

        assertThat(verify(model, signature, STRICT).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Code.EMPTY_FILES_NOT_COVERED);
        file(model, "another", "x");
        assertRejected(verify(model, signature, STRICT), Reason.UNSIGNED_FILE);
    }

    @Test
    void aShardSizeThatCouldNotBeReadBackIsRefused() {
        for (long size : new long[] {-1, (1L << 53) + 1, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> DEFAULT.withShardSize(size))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("shard size");
        }
    }

    @Test
    void tooManyShardsAreRefusedBeforeAnyIsRead() {
        Path model = folder.resolve("m");
        file(model, "f", "x".repeat(FileManifest.MAX_FILES + 1));

        assertThatThrownBy(() -> sign(model, DEFAULT.withShardSize(1)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("shards");
    }

    @Test
    void aFileThatChangesBetweenItsShardsIsRefused() {
        Path model = folder.resolve("m");
        Path file = file(model, "f", "x".repeat(1_000_000));
        AtomicBoolean once = new AtomicBoolean();
        Progress writer = (done, total) -> {
            if (done > 0 && once.compareAndSet(false, true)) {
                try {
                    Files.writeString(file, "y", StandardOpenOption.WRITE);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };

        assertThatThrownBy(() -> ModelSignatures.digest(model, DEFAULT.withShardSize(100_000), writer))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("must not change");
    }

    static Stream<Arguments> brokenShards() {
        return Stream.of(
                shard("a parent", s -> name(s, 0, "../w:0:4")),
                shard("an absolute path", s -> name(s, 0, "/w:0:4")),
                shard("an empty part", s -> name(s, 0, "a//w:0:4")),
                shard("no path", s -> name(s, 0, ":0:4")),
                shard("no range", s -> name(s, 0, "w")),
                shard("one number", s -> name(s, 0, "w:4")),
                shard("an empty range", s -> name(s, 0, "w:0:0")),
                shard("a range backwards", s -> name(s, 0, "w:4:0")),
                shard("leading zeros", s -> name(s, 0, "w:00:4")),
                shard("a sign", s -> name(s, 0, "w:+0:4")),
                shard("a negative start", s -> name(s, 0, "w:-4:4")),
                shard("other digits", s -> name(s, 0, "w:\u0660:\u0664")),
                shard("an endless number", s -> name(s, 0, "w:0:" + "9".repeat(1000))),
                shard("a range too long", s -> name(s, 2, "w:8:13")),
                shard("a short range in between", s -> name(s, 1, "w:4:7")),
                shard("a gap", s -> Models.resources(s).remove(1)),
                shard("no start", s -> Models.resources(s).remove(0)),
                shard("an overlap", s -> name(s, 1, "w:3:7")),
                shard("a range twice", s -> name(s, 1, "w:0:4")),
                shard("a file below a file", s -> name(s, 2, "w/x:0:4")),
                shard("a dot beside others", s -> name(s, 2, ".:0:4")),
                shard(
                        "another algorithm",
                        s -> ((ObjectNode) Models.resources(s).get(0)).put("algorithm", "blake3")),
                shard(
                        "another size in the algorithm",
                        s -> ((ObjectNode) Models.resources(s).get(0)).put("algorithm", "sha256-sharded-5")),
                shard("no shard size", s -> Models.serialization(s).remove("shard_size")),
                shard("shard size 0", s -> Models.serialization(s).put("shard_size", 0)),
                shard("shard size -4", s -> Models.serialization(s).put("shard_size", -4)),
                shard("shard size 4.5", s -> Models.serialization(s).put("shard_size", 4.5)),
                shard("shard size 1e300", s -> Models.serialization(s).put("shard_size", 1e300)),
                shard(
                        "shard size 2^63",
                        s -> Models.serialization(s)
                                .put("shard_size", new java.math.BigInteger("9223372036854775808"))),
                shard("shard size as text", s -> Models.serialization(s).put("shard_size", "4")),
                shard("shard size null", s -> Models.serialization(s).putNull("shard_size")),
                shard("another shard size", s -> Models.serialization(s).put("shard_size", 3)),
                shard(
                        "the files method with a shard size",
                        s -> Models.serialization(s).put("method", "files")),
                shard("another method", s -> Models.serialization(s).put("method", "tree")),
                shard("another hash", s -> Models.serialization(s).put("hash_type", "blake3")),
                shard("an unregistered hash", s -> Models.serialization(s).put("hash_type", "sha512")),
                shard("a hash in capitals", s -> Models.serialization(s).put("hash_type", "SHA256")));
    }

    @Covers({SHARDS, SERIALIZATION, NAMES, RESOURCE_MEMBERS})
    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenShards")
    void aTrustedKeyDoesNotMakeBrokenShardsGood(String what, Consumer<ObjectNode> edit) throws IOException {
        Path model = folder.resolve("m");
        file(model, "w", "0123456789ab");
        Path signature = sign(model, DEFAULT.withShardSize(4));
        Bytes broken = Models.restated(Bytes.of(Files.readAllBytes(signature)), BY_KEY, statement -> {
            edit.accept(statement);
            Models.fixRoot(statement);
        });
        Files.write(signature, broken.toByteArray());

        assertRejected(
                verify(
                        model,
                        signature,
                        STRICT.withCompatibility(Set.of(VerificationOptions.Compatibility.SHARD_ALGORITHMS))),
                Reason.INVALID_STATEMENT);
    }

    @Test
    void aWholeNumberMayBeWrittenWithAFraction() throws IOException {
        Path model = folder.resolve("m");
        file(model, "w", "0123456789ab");
        Path signature = sign(model, DEFAULT.withShardSize(4));
        Files.write(
                signature,
                Models.restated(
                                Bytes.of(Files.readAllBytes(signature)),
                                BY_KEY,
                                s -> Models.serialization(s).put("shard_size", 4.0))
                        .toByteArray());

        assertThat(verify(model, signature, STRICT).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Code.SHARD_SIZE_AS_FRACTION, Code.EMPTY_FILES_NOT_COVERED);
    }

    @Covers({IGNORED_PATHS, EVERY_FILE})
    @Test
    void ignoredPathsAreExactAndRecordedAndUsedWhenVerifying() {
        Path model = Models.folder(folder);
        file(model, "cache/a", "x");
        file(model, "cache/deep/b", "x");
        file(model, "sub/cache/c", "x");
        file(model, "cached", "x");
        Path signature = sign(
                model,
                DEFAULT.withIgnorePaths(
                        List.of(model.resolve("cache"), model.resolve("nothing"), folder.resolve("elsewhere"))));

        assertThat(verify(model, signature, STRICT).orThrow().files())
                .extracting(SignedFile::name)
                .containsExactly("cached", "config.json", "sub/cache/c", "sub/tokenizer.txt", "weights.bin");
        assertThat(ModelSignatures.inspect(read(signature)).ignorePaths())
                .containsExactly(".git", ".gitattributes", ".github", ".gitignore", "cache", "model.sig", "nothing");
        file(model, "cache/new", "x");
        file(model, "nothing", "x");
        assertThat(verify(model, signature, STRICT)).isInstanceOf(VerificationResult.Verified.class);
        file(model, "sub/cache/new", "x");
        assertRejected(verify(model, signature, STRICT), Reason.UNSIGNED_FILE);
        assertThat(verify(model, signature, STRICT.withIgnorePaths(List.of(model.resolve("sub/cache/new")))))
                .isInstanceOf(VerificationResult.Verified.class);
    }

    @Covers({IGNORED_PATHS, ALL_AND_NOTHING_ELSE})
    @Test
    void whatIsSignedIsCheckedThoughTheVerifierIgnoresIt() {
        Path model = Models.folder(folder);
        Path signature = sign(model, DEFAULT);
        VerificationOptions ignoring = STRICT.withIgnorePaths(List.of(model.resolve("sub")));

        file(model, "sub/new", "x");
        assertThat(verify(model, signature, ignoring)).isInstanceOf(VerificationResult.Verified.class);
        file(model, "sub/tokenizer.txt", "changed");
        assertRejected(verify(model, signature, ignoring), Reason.CONTENT_MISMATCH);
    }

    @Covers(IGNORED_PATHS)
    @ParameterizedTest
    @ValueSource(strings = {"a*", "b?", "c[1]"})
    void patternsAreNotSignedAndTakenAsTheyStandWhenRead(String name) throws IOException {
        Path model = Models.folder(folder);
        assertThatThrownBy(() -> sign(model, DEFAULT.withIgnorePaths(List.of(model.resolve(name)))))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("* ? [");
        assertThat(folder.resolve("model/model.sig")).doesNotExist();
        Path signature = sign(model, DEFAULT);
        Files.write(
                signature,
                Models.restated(
                                read(signature),
                                BY_KEY,
                                s -> ((ArrayNode) Models.serialization(s).get("ignore_paths")).add(name))
                        .toByteArray());
        file(model, name, "x");

        assertThat(verify(model, signature, STRICT).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Code.IGNORED_PATH_LIKE_PATTERN, Code.IGNORED_PATHS_PRESENT);
        file(model, "a1", "x");
        assertRejected(verify(model, signature, STRICT), Reason.UNSIGNED_FILE);
    }

    @Covers(SIGNATURE_FILE)
    @ParameterizedTest
    @ValueSource(strings = {"model.sig", "signatures/v1.sig", "../beside.sig"})
    void theSignatureFileMayLieAnywhere(String name) throws IOException {
        Path model = Models.folder(folder);
        Files.createDirectories(model.resolve("signatures"));
        Path signature = model.resolve(name);
        ModelSignatures.sign(model, signature, BY_KEY, DEFAULT, Progress.NONE);
        Digest again = ModelSignatures.sign(model, signature, BY_KEY, DEFAULT, Progress.NONE);

        assertThat(verify(model, signature, STRICT).orThrow().root()).isEqualTo(again);
        Path copy = Files.copy(signature, model.resolve("copy.sig"));
        assertRejected(verify(model, signature, STRICT), Reason.UNSIGNED_FILE);
        Files.delete(signature);
        assertThat(verify(model, copy, STRICT)).isInstanceOf(VerificationResult.Verified.class);
    }

    @Covers(DEFAULT_EXCLUSIONS)
    @Test
    void gitFilesAreSignedOnlyIfAskedForAndMissedOnlyIfAskedFor() throws IOException {
        Path model = Models.folder(folder);
        file(model, ".gitattributes", "lfs");
        Path all = sign(model, DEFAULT.withIgnoreGitPaths(false));
        assertThat(verify(model, all, STRICT).orThrow().files())
                .extracting(SignedFile::name)
                .contains(".gitattributes");
        file(model, ".gitattributes", "changed");
        assertRejected(verify(model, all, STRICT), Reason.CONTENT_MISMATCH);
        file(model, ".gitattributes", "lfs");
        file(model, ".git/config", "x");
        assertThat(verify(model, all, STRICT)).isInstanceOf(VerificationResult.Verified.class);
        assertRejected(verify(model, all, STRICT.withIgnoreGitPaths(false)), Reason.UNSIGNED_FILE);
    }

    @Covers(ALL_AND_NOTHING_ELSE)
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void unsignedFilesOfAnyKindMayBeIgnoredAndSignedOnesNever() throws Exception {
        Path model = Models.folder(folder);
        Path signature = sign(model, DEFAULT);
        VerificationOptions ignoring = STRICT.withIgnoreUnsignedFiles(true);
        assertThat(verify(model, signature, ignoring).orThrow().notes()).isEmpty();

        file(model, "sub/extra", "x");
        Files.createSymbolicLink(model.resolve("link"), Path.of("/dev/zero"));
        run(model, "mkfifo pipe; touch \"$(printf 'bad\\377name')\"");
        assertThat(verify(model, signature, ignoring).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Code.UNSIGNED_FILES_IGNORED);
        file(model, "config.json", "x");
        assertRejected(verify(model, signature, ignoring), Reason.CONTENT_MISMATCH);
        Files.delete(model.resolve("config.json"));
        assertRejected(verify(model, signature, ignoring), Reason.MISSING_FILE);
        Files.createSymbolicLink(model.resolve("config.json"), Path.of("weights.bin"));
        assertThatThrownBy(() -> verify(model, signature, ignoring)).isInstanceOf(InvalidModelException.class);
        for (String name : List.of("config.json", "weights.bin", "sub/tokenizer.txt")) {
            Files.delete(model.resolve(name));
        }
        assertRejected(verify(model, signature, ignoring), Reason.MISSING_FILE);
    }

    @Covers({ALL_AND_NOTHING_ELSE, SHARDS})
    @Test
    void aSignedFileThatGrewByAShardIsNotAnUnsignedFile() throws IOException {
        Path model = folder.resolve("m");
        Path file = file(model, "w", "01234567");
        Path signature = sign(model, DEFAULT.withShardSize(4));
        Files.writeString(file, "89ab", StandardOpenOption.APPEND);

        assertRejected(verify(model, signature, STRICT.withIgnoreUnsignedFiles(true)), Reason.UNSIGNED_FILE);
        Files.writeString(file, "0123");
        assertRejected(verify(model, signature, STRICT.withIgnoreUnsignedFiles(true)), Reason.MISSING_FILE);
    }

    @Covers({SYMLINKS, SYMLINK_POLICY})
    @Test
    void linksWithinTheModelAreSignedUnderTheirOwnNames() throws IOException {
        Path model = Models.folder(folder);
        Files.createSymbolicLink(model.resolve("one"), Path.of("weights.bin"));
        Files.createSymbolicLink(model.resolve("two"), Path.of("one"));
        Files.createSymbolicLink(model.resolve("dir"), Path.of("sub"));
        Files.createSymbolicLink(model.resolve("sub/up"), Path.of("../config.json"));
        Path signature = sign(model, DEFAULT.withAllowSymlinks(true));
        VerificationOptions links = STRICT.withAllowSymlinks(true);

        VerificationResult.Verified verified = verify(model, signature, links).orThrow();

        assertThat(verified.files())
                .extracting(SignedFile::name)
                .containsExactly(
                        "config.json",
                        "dir/tokenizer.txt",
                        "dir/up",
                        "one",
                        "sub/tokenizer.txt",
                        "sub/up",
                        "two",
                        "weights.bin");
        assertThat(verified.notes()).extracting(Note::code).containsExactly(Code.SYMLINKS_ALLOWED);
        assertThatThrownBy(() -> verify(model, signature, STRICT))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("permit them");
        Files.delete(model.resolve("two"));
        Files.createSymbolicLink(model.resolve("two"), Path.of("config.json"));
        assertRejected(verify(model, signature, links), Reason.CONTENT_MISMATCH);
        Files.delete(model.resolve("two"));
        file(model, "two", "weights");
        assertThat(verify(model, signature, links)).isInstanceOf(VerificationResult.Verified.class);
    }

    @Covers({SYMLINK_POLICY, NO_SYMLINKS})
    @Test
    void linksAreNotFollowedWhereThePublisherDidNotThoughTheVerifierWould() throws IOException {
        Path model = Models.folder(folder);
        Path signature = sign(model, DEFAULT);
        Files.delete(model.resolve("config.json"));
        file(folder, "outside", "{}");
        Files.createSymbolicLink(model.resolve("config.json"), Path.of("../outside"));

        assertThatThrownBy(() -> verify(model, signature, STRICT.withAllowSymlinks(true)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("no symbolic links");
    }

    @Covers(SYMLINKS)
    @ParameterizedTest
    @CsvSource({
        "link, ., lead back",
        "link, sub/.., lead back",
        "sub/link, .., lead back",
        "sub/link, ../sub, lead back",
        "link, link, in a circle",
        "link, nowhere, nowhere",
        "link, ../outside, out of it",
        "link, /dev/zero, out of it",
        "link, ../outside-folder, out of it"
    })
    void linksThatLeadOutOrRoundOrNowhereAreRefused(String link, String target, String said) throws IOException {
        Path model = Models.folder(folder);
        file(folder, "outside", "secret");
        file(folder, "outside-folder/f", "secret");
        Files.createSymbolicLink(model.resolve(link), Path.of(target));

        assertThatThrownBy(() -> sign(model, DEFAULT.withAllowSymlinks(true)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining(said);
    }

    @Covers(SYMLINKS)
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void linksThatMultiplyOrCrossOrReachAPipeEnd() throws Exception {
        Path model = Models.folder(folder);
        Files.createDirectories(model.resolve("a"));
        Files.createDirectories(model.resolve("b"));
        Files.createSymbolicLink(model.resolve("a/to-b"), Path.of("../b"));
        Files.createSymbolicLink(model.resolve("b/to-a"), Path.of("../a"));
        assertThatThrownBy(() -> sign(model, DEFAULT.withAllowSymlinks(true))).hasMessageContaining("lead back");
        Path many = folder.resolve("many");
        file(many, "d30/f", "x");
        for (int i = 0; i < 30; i++) {
            Files.createDirectories(many.resolve("d" + i));
            Files.createSymbolicLink(many.resolve("d" + i + "/x"), Path.of("../d" + (i + 1)));
            Files.createSymbolicLink(many.resolve("d" + i + "/y"), Path.of("../d" + (i + 1)));
        }
        assertThatThrownBy(() -> sign(many, DEFAULT.withAllowSymlinks(true)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("at most");
        Path piped = Models.folder(folder.resolve("piped"));
        run(piped, "mkfifo pipe; ln -s pipe link; mkdir .git; mv pipe .git/pipe; rm link; ln -s .git/pipe link");
        assertThatThrownBy(() -> sign(piped, DEFAULT.withAllowSymlinks(true)))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("pipe");
    }

    @Test
    void aLinkThatIsTurnedWhileItsTargetIsReadIsRefused() throws IOException {
        Path model = folder.resolve("m");
        file(model, "a", "x".repeat(500_000));
        file(model, "b", "y".repeat(500_000));
        Path link = Files.createSymbolicLink(model.resolve("link"), Path.of("a"));
        AtomicBoolean once = new AtomicBoolean();
        Progress turner = (done, total) -> {
            if (done > 0 && once.compareAndSet(false, true)) {
                try {
                    Files.delete(link);
                    Files.createSymbolicLink(link, Path.of("b"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };

        assertThatThrownBy(() -> ModelSignatures.digest(model, DEFAULT.withAllowSymlinks(true), turner))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("must not change");
    }

    @Test
    void aModelThatIsItselfALinkKeepsTheNameItIsCalledBy() throws IOException {
        Path model = Models.folder(folder);
        Path link = Files.createSymbolicLink(folder.resolve("current"), model);
        Path signature = folder.resolve("current.sig");
        ModelSignatures.sign(link, signature, BY_KEY, DEFAULT.withAllowSymlinks(true), Progress.NONE);

        assertThat(ModelSignatures.inspect(read(signature)).subject()).isEqualTo("current");
        assertThat(verify(link, signature, STRICT.withAllowSymlinks(true)))
                .isInstanceOf(VerificationResult.Verified.class);
        assertThat(verify(model, signature, STRICT)).isInstanceOf(VerificationResult.Verified.class);
    }

    /** Signs and verifies in a runtime whose own text for such names has lost what they hold. */
    @Covers(NAMES)
    @ParameterizedTest
    @CsvSource({"0", "2"})
    void oddNamesVerifyUnderAnAsciiLocale(long shardSize) throws Exception {
        Path model = folder.resolve("m");
        List<String> names = List.of(
                "line\nbreak",
                "c:o:l:o:n",
                " space ",
                "quote'\"",
                "100%25",
                "#?+&",
                "\u6a21\u578b/gr\u00f6\u00dfe.bin",
                "e\u0301",
                "\u00e9",
                "\uD83D\uDE00",
                "\uFF21",
                "-",
                "...");
        names.forEach(name -> file(model, name, name));
        Path signature = folder.resolve("m.sig");
        Path key = Files.writeString(folder.resolve("key.pem"), Keys.privateKeyPem(KEYS));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SignAndVerify.class.getName(),
                model.toString(),
                signature.toString(),
                key.toString(),
                Long.toString(shardSize));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

        assertThat(process.waitFor()).as(output).isZero();
        VerificationResult.Verified verified = verify(model, signature, STRICT).orThrow();
        assertThat(output.strip()).isEqualTo("true Verified " + verified.root());
        if (shardSize == 0) {
            List<String> sorted = new ArrayList<>(names);
            sorted.sort(Names.ORDER);
            assertThat(verified.files()).extracting(SignedFile::name).isEqualTo(sorted);
        }
    }

    /** Signs and verifies a model, and says whether the platform encoding is ASCII. */
    static final class SignAndVerify {
        private SignAndVerify() {}

        public static void main(String[] args) {
            Signer signer = dev.modelops.core.signing.Signers.pem(Path.of(args[2]));
            Path model = Path.of(args[0]);
            Path signature = Path.of(args[1]);
            SigningOptions options = DEFAULT.withShardSize(Long.parseLong(args[3]));
            Digest root = ModelSignatures.sign(model, signature, signer, options, Progress.NONE);
            VerificationResult result =
                    ModelSignatures.verify(model, signature, Verifiers.key(signer.publicKey()), STRICT, Progress.NONE);
            boolean ascii = System.getProperty("sun.jnu.encoding").startsWith("ANSI");
            System.out.print(ascii + " " + result.getClass().getSimpleName() + " " + root);
        }
    }

    @Test
    void aMissingOrEndlessSignatureIsARejection() throws IOException {
        Path model = Models.folder(folder);
        assertRejected(verify(model, folder.resolve("no.sig"), STRICT), Reason.MALFORMED_BUNDLE);
        Path endless = folder.resolve("endless.sig");
        try (var channel = Files.newByteChannel(endless, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.position(Bundle.MAX_BYTES).write(java.nio.ByteBuffer.wrap(new byte[1]));
        }
        assertRejected(verify(model, endless, STRICT), Reason.MALFORMED_BUNDLE);
    }

    @Test
    void aVerifierOfAnotherKindCannotTakeOptions() {
        Path model = Models.folder(folder);
        Path signature = sign(model, DEFAULT);

        assertThatThrownBy(() -> ModelSignatures.verify(
                        model,
                        signature,
                        (m, bundle, progress) -> new VerificationResult.Rejected(Reason.UNSUPPORTED, "no"),
                        STRICT,
                        Progress.NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Covers(RESOURCES_SORTED)
    @Test
    void anyOrderOfShardsVerifiesAndIsFlagged() throws IOException {
        Path model = folder.resolve("m");
        file(model, "w", "0123456789ab");
        Path signature = sign(model, DEFAULT.withShardSize(4));
        Files.write(
                signature,
                Models.restated(read(signature), BY_KEY, statement -> {
                            List<JsonNode> items = new ArrayList<>();
                            Models.resources(statement).forEach(items::add);
                            Collections.reverse(items);
                            Models.resources(statement).removeAll().addAll(items);
                            Models.fixRoot(statement);
                        })
                        .toByteArray());

        assertThat(verify(model, signature, STRICT).orThrow().notes())
                .extracting(Note::code)
                .contains(Code.RESOURCE_ORDER);
    }

    private static List<Path> without(Path model, String kept) {
        try (Stream<Path> files = Files.list(model)) {
            return files.filter(file -> !file.getFileName().toString().equals(kept))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Arguments shard(String what, Consumer<ObjectNode> edit) {
        return arguments(what, edit);
    }

    private static void name(ObjectNode statement, int index, String name) {
        ((ObjectNode) Models.resources(statement).get(index)).put("name", name);
    }

    private static Path sign(Path model, SigningOptions options) {
        Path signature = model.resolve("model.sig");
        ModelSignatures.sign(model, signature, BY_KEY, options, Progress.NONE);
        return signature;
    }

    private static VerificationResult verify(Path model, Path signature, VerificationOptions options) {
        return ModelSignatures.verify(model, signature, KEY, options, Progress.NONE);
    }

    private static Bytes read(Path signature) {
        try {
            return Bytes.of(Files.readAllBytes(signature));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ObjectNode statement(Path signature) {
        return Models.statement(read(signature));
    }

    private static void run(Path folder, String command) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", command)
                .directory(folder.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
    }

    private static void assertRejected(VerificationResult result, Reason reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .as(rejected.message())
                                .isEqualTo(reason));
    }
}
