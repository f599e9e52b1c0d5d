package dev.modelops.core.audit;

import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.internal.signing.TestPki;
import dev.modelops.core.internal.signing.TestPki.Identity;
import dev.modelops.core.internal.signing.TestTsa;
import dev.modelops.core.signing.Timestamps;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.VerificationException;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint that a time-stamping authority has seen: proof of when a log was as it was, without a witness. */
class TimestampedCheckpointTest {
    private static final Identity ROOT = TestPki.draft("tsa root").authority(-1).selfSigned();

    @TempDir
    Path dir;

    @Test
    void theCheckpointOfAnExportIsStampedForEverybodyWhoReadsRfc3161() throws Exception {
        Path tiles = dir.resolve("tiles");
        try (GovernedLog log = GovernedLog.open();
                TestTsa tsa = new TestTsa(TestTsa.draft().issuedBy(ROOT))) {
            log.ops().as(AUDITOR).audit().export(tiles, Progress.NONE);

            Path stamp = Timestamps.stamp(tiles.resolve("checkpoint"), Timestamps.http(tsa.address()));

            assertThat(Timestamps.verify(tiles.resolve("checkpoint"), List.of(ROOT.certificate()))
                            .time())
                    .isEqualTo(TestPki.NOW);
            if (Files.isExecutable(Path.of("/usr/bin/openssl"))) {
                assertThat(openssl(tiles.resolve("checkpoint"), stamp)).contains("Verification: OK");
                Path other = Files.writeString(dir.resolve("other"), "another checkpoint");
                assertThat(openssl(other, stamp)).contains("Verification: FAILED");
            }
            log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            log.ops().as(AUDITOR).audit().export(tiles, Progress.NONE);
            assertThatExceptionOfType(VerificationException.class)
                    .isThrownBy(() -> Timestamps.verify(tiles.resolve("checkpoint"), List.of(ROOT.certificate())))
                    .withMessageContaining("something else");
        }
    }

    private String openssl(Path content, Path stamp) throws IOException, InterruptedException {
        Path anchor = Files.writeString(
                dir.resolve("anchor.pem"),
                "-----BEGIN CERTIFICATE-----\n"
                        + java.util.Base64.getMimeEncoder().encodeToString(encoded())
                        + "\n-----END CERTIFICATE-----\n");
        Process process = new ProcessBuilder(
                        "/usr/bin/openssl",
                        "ts",
                        "-verify",
                        "-data",
                        content.toString(),
                        "-in",
                        stamp.toString(),
                        "-CAfile",
                        anchor.toString(),
                        "-attime",
                        Long.toString(TestPki.NOW.getEpochSecond()))
                .redirectErrorStream(true)
                .start();
        String said = Bytes.of(process.getInputStream().readAllBytes()).toUtf8();
        process.waitFor();
        return said;
    }

    private static byte[] encoded() {
        try {
            return ROOT.certificate().getEncoded();
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
