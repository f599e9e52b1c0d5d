package dev.modelops.core.internal.signing;

import static dev.modelops.core.internal.signing.Models.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Note.Code;
import dev.modelops.signing.VerificationResult.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles of the specification's reference client verify, with its departures noted. */
class PythonBundlesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-12-01T00:00:00Z"), ZoneOffset.UTC);
    private static final PublisherTrust TRUST =
            PublisherTrust.of(List.of(Pem.publicKey(text("key.pub.pem"))), Pem.certificates(text("root.pem")));

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
                assertThat(verified.notes())
                        .extracting(VerificationResult.Note::code)
                        .containsExactly(Code.RESOURCE_ORDER);
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
                                .extracting(VerificationResult.Note::code)
                                .containsExactly(Code.SINGLE_FILE_AS_DOT));
        assertThat(verify(model.resolve("sub/b"), "single-file")).isInstanceOf(VerificationResult.Rejected.class);
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
