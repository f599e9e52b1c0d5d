package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.signing.VerificationResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signs with a key that never leaves its token. Needs SoftHSM; see the profile {@code hsm}. */
@Tag("hsm")
class Pkcs11Test {
    private static final Path LIBRARY =
            Path.of(System.getProperty("modelops.softhsm", "/usr/lib/softhsm/libsofthsm2.so"));

    @TempDir
    Path folder;

    @Test
    void modelsAreSignedInTheTokenAndEveryRefusalSaysWhy() throws Exception {
        assertThat(LIBRARY)
                .as("SoftHSM; install softhsm2, or name its library with -Dmodelops.softhsm")
                .exists();
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("weights.bin"), "weights");
        Path configuration = initialisedToken();

        Map<String, String> lines = useToken(configuration, model);

        assertThat(lines.get("alone")).isEqualTo("ECDSA_P256, certificates 0, signed 32");
        assertThat(lines.get("chained")).isEqualTo("ECDSA_P384, certificates 2, signed 32");
        assertThat(lines.get("wrong PIN")).contains("did not let this process in: CKR_PIN_INCORRECT; check the PIN");
        assertThat(lines.get("empty token")).contains("must hold a private key with the alias 'alone', but shows none");
        assertThat(lines.get("no such key")).contains("'nobody'", "alone", "chained");
        assertThat(lines.get("RSA")).contains("P-256");
        assertThat(lines.get("registered")).isEqualTo("false");
        assertThat(lines.values())
                .noneMatch(line -> line.contains(String.valueOf(TokenProcess.PIN)))
                .noneMatch(line -> line.contains(String.valueOf(TokenProcess.WRONG_PIN)));
        VerificationResult result = Verifiers.key(Keys.publicKey(Files.readString(folder.resolve("alone.pub"))))
                .verify(model, Bytes.of(Files.readAllBytes(folder.resolve("alone.sig"))), Progress.NONE);
        assertThat(result).isInstanceOf(VerificationResult.Verified.class);
        assertThat(Bundle.parse(Bytes.of(Files.readAllBytes(folder.resolve("chained.sig")))))
                .isNotNull();
    }

    private Path initialisedToken() throws Exception {
        Path tokens = Files.createDirectory(folder.resolve("tokens"));
        Files.writeString(
                folder.resolve("softhsm2.conf"),
                "directories.tokendir = " + tokens + "\nobjectstore.backend = file\nlog.level = ERROR\n");
        run(List.of(
                "softhsm2-util",
                "--init-token",
                "--free",
                "--label",
                "test",
                "--so-pin",
                "for-the-officer",
                "--pin",
                String.valueOf(TokenProcess.PIN)));
        return Files.writeString(
                folder.resolve("token.cfg"), "name = test\nlibrary = " + LIBRARY + "\nslotListIndex = 0\n");
    }

    private Map<String, String> useToken(Path configuration, Path model) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TokenProcess.class.getName(),
                configuration.toString(),
                model.toString()));
        return Arrays.stream(run(command).split("\n"))
                .filter(line -> line.contains(": "))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf(": ")), line -> line.substring(line.indexOf(": ") + 2)));
    }

    private String run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .put("SOFTHSM2_CONF", folder.resolve("softhsm2.conf").toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
