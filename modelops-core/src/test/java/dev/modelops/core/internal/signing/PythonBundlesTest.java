package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.Models.file;
import static dev.modelops.core.internal.signing.OmsRule.HASH_FROM_STATEMENT;
import static dev.modelops.core.internal.signing.OmsRule.RESOURCES_SORTED;
import static dev.modelops.core.internal.signing.OmsRule.SERIALIZATION;
import static dev.modelops.core.internal.signing.OmsRule.SHARDS;
import static dev.modelops.core.internal.signing.OmsRule.SYMLINKS;
import static dev.modelops.core.internal.signing.OmsRule.SYMLINK_POLICY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.modelops.Bytes;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.core.internal.signing.ModelVerifier.Tolerance;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.VerificationResult.Note.Code;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles of the specification's reference client verify, with its departures noted. */
class PythonBundlesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-12-01T00:00:00Z"), ZoneOffset.UTC);
    private static final PublisherTrust TRUST =
            PublisherTrust.of(List.of(Pem.publicKey(text("key.pub.pem"))), Pem.certificates(text("root.pem")));

    private static final PublisherTrust FORMS =
            PublisherTrust.of(List.of(Pem.publicKey(text("forms.pub.pem"))), List.of());
    private static final Tolerance STRICT = Tolerance.STRICT;
    private static final Tolerance SHARDS_PERMITTED =
            new Tolerance(Set.of(), true, false, false, new Leniency(false, true, false));

    @TempDir
    Path folder;

    private Path model = Path.of("");

    @BeforeEach
    void makeModel() {
        model = folder.resolve("model");
        file(model, "a.bin", "a");
        file(model, "sub/b", "b");
        file(model, "sub-x/c", "c");
        file(model, "sub.txt", "d");
        file(model, "gr\u00f6\u00dfe.bin", "e");
    }

    @Test
    void modelsVerifyByKeyAndByCertificate() {
        for (String name : List.of("key", "certificate")) {
            file(model, "model.sig", text(name + ".bundle.json"));

            assertThat(verify(model, name)).isInstanceOfSatisfying(VerificationResult.Verified.class, verified -> {
                assertThat(verified.root())
                        .isEqualTo(
                                Models.hash(model, model.resolve("model.sig")).root());
                assertThat(verified.files())
                        .extracting(SignedFile::name)
                        .containsExactly("a.bin", "gr\u00f6\u00dfe.bin", "sub-x/c", "sub.txt", "sub/b");
                assertThat(verified.notes()).extracting(Note::code).containsExactly(Code.RESOURCE_ORDER);
            });
        }
        file(model, "sub/b", "B");
        assertThat(verify(model, "key"))
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Reason.CONTENT_MISMATCH));
    }

    @Test
    void aSingleFileIsListedAsADot() {
        assertThat(verify(model.resolve("a.bin"), "single-file"))
                .isInstanceOfSatisfying(
                        VerificationResult.Verified.class,
                        verified -> assertThat(verified.notes())
                                .extracting(Note::code)
                                .containsExactly(Code.SINGLE_FILE_AS_DOT));
        assertThat(verify(model.resolve("sub/b"), "single-file")).isInstanceOf(VerificationResult.Rejected.class);
    }

    @Covers({HASH_FROM_STATEMENT, RESOURCES_SORTED})
    @Test
    void filesHashedByBlake2bVerify() {
        VerificationResult.Verified verified = verifyForm("blake2b", STRICT).orThrow();

        assertThat(verified.files())
                .hasSize(6)
                .allMatch(file -> file.digest().algorithm().equals("blake2b"));
        assertThat(verified.notes()).extracting(Note::code).containsExactly(Code.RESOURCE_ORDER);
        file(model, "empty", "x");
        assertRejected(verifyForm("blake2b", STRICT), Reason.CONTENT_MISMATCH);
    }

    @Covers({SHARDS, SERIALIZATION})
    @ParameterizedTest
    @ValueSource(strings = {"shards", "shards-blake2b"})
    void shardsVerifyWhereTheirAlgorithmIsPermitted(String name) {
        VerificationResult.Verified verified =
                verifyForm(name, SHARDS_PERMITTED).orThrow();

        assertThat(verified.files())
                .extracting(SignedFile::name)
                .contains("sub/b:0:4", "sub/b:4:5", "sub.txt:0:4")
                .noneMatch(file -> file.startsWith("empty"));
        assertThat(verified.notes())
                .extracting(Note::code)
                .containsExactly(
                        Code.SHARD_SIZE_AS_FRACTION,
                        Code.EMPTY_FILES_NOT_COVERED,
                        Code.SHARD_ALGORITHM,
                        Code.RESOURCE_ORDER);
        assertRejected(verifyForm(name, STRICT), Reason.UNSUPPORTED);
        file(model, "sub/b", "bbbbB");
        assertRejected(verifyForm(name, SHARDS_PERMITTED), Reason.CONTENT_MISMATCH);
        file(model, "sub/b", "bbbbbb");
        assertRejected(verifyForm(name, SHARDS_PERMITTED), Reason.MISSING_FILE);
    }

    @Test
    void shardsOfASingleFileAreListedBelowADot() {
        Path single = formModel().resolve("gr\u00f6\u00dfe.bin");
        Bytes bundle = Bytes.ofUtf8(text("single-shards.bundle.json"));

        assertThat(verifier(FORMS)
                        .verify(single, bundle, SHARDS_PERMITTED, Progress.NONE)
                        .orThrow()
                        .notes())
                .extracting(Note::code)
                .contains(Code.SINGLE_FILE_AS_DOT, Code.SHARD_ALGORITHM);
        assertRejected(
                verifier(FORMS).verify(single.resolveSibling("sub.txt"), bundle, SHARDS_PERMITTED, Progress.NONE),
                Reason.MISSING_FILE);
    }

    /** That client signs a link to a file, but nothing behind a link to a folder, which an unsigned file could enter by. */
    @Covers({SYMLINKS, SYMLINK_POLICY})
    @Test
    void linksVerifyWherePermittedButNotWhatTheClientPassedOver() throws IOException {
        formModel();
        Tolerance links = new Tolerance(Set.of(), true, true, false, Leniency.NONE);
        Files.createSymbolicLink(model.resolve("link"), Path.of("sub.txt"));

        assertThat(verifyForm("links", links).orThrow().notes())
                .extracting(Note::code)
                .containsExactly(Code.SYMLINKS_ALLOWED, Code.RESOURCE_ORDER);
        Files.createSymbolicLink(model.resolve("linked"), Path.of("sub"));
        assertRejected(verifyForm("links", links), Reason.UNSIGNED_FILE);
        Files.delete(model.resolve("linked"));
        assertThatThrownBy(() -> verifyForm("links", STRICT))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContainingAll("permit them", "'link'");
    }

    private VerificationResult verifyForm(String name, Tolerance tolerance) {
        if (!Files.exists(model.resolve("empty"))) {
            formModel();
        }
        return verifier(FORMS).verify(model, Bytes.ofUtf8(text(name + ".bundle.json")), tolerance, Progress.NONE);
    }

    private Path formModel() {
        file(model, "sub/b", "bbbbb");
        file(model, "sub.txt", "dddd");
        file(model, "gr\u00f6\u00dfe.bin", "eeeeeeeee");
        file(model, "empty", "");
        return model;
    }

    private static ModelVerifier verifier(PublisherTrust trust) {
        return new ModelVerifier(trust, CLOCK, 2);
    }

    private static void assertRejected(VerificationResult result, Reason reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        VerificationResult.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .as(rejected.message())
                                .isEqualTo(reason));
    }

    private static VerificationResult verify(Path model, String name) {
        return new ModelVerifier(TRUST, CLOCK, 2)
                .verify(model, Bytes.ofUtf8(text(name + ".bundle.json")), Progress.NONE);
    }

    private static String text(String name) {
        try (InputStream in = PythonBundlesTest.class.getResourceAsStream("/oms-python/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return Bytes.of(in.readAllBytes()).toUtf8();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
