package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.modelops.Bytes;
import dev.modelops.Progress;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationResult;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a key service that answers as the transit engine of Vault does. */
class VaultSignerTest {
    private static final String TOKEN = "marked-token-5f2e";
    private static final String PATH = "/v1/transit/sign/release/sha2-256";

    private final KeyPair keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
    private Signer inService = Signers.of(keys);
    private int status = 200;
    private String prefix = "vault:v1:";
    private HttpServer server;

    @TempDir
    Path folder;

    @BeforeEach
    void serve() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                boolean allowed = TOKEN.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))
                        && exchange.getRequestURI().getPath().equals(PATH);
                byte[] input = Base64.getDecoder().decode(body.replaceFirst(".*\"input\":\"([^\"]*)\".*", "$1"));
                String answer = "{\"data\":{\"key_version\":1,\"signature\":\"" + prefix
                        + inService.sign(Bytes.of(input)).toBase64() + "\"}}";
                byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(allowed ? status : 403, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void modelsAreSignedWithAKeyThatStaysInTheService() throws Exception {
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("weights.bin"), "weights");
        Path signature = folder.resolve("model.sig");

        ModelSignatures.sign(model, signature, signer(TOKEN), Progress.NONE);

        assertThat(Verifiers.key(keys.getPublic())
                        .verify(model, Bytes.of(Files.readAllBytes(signature)), Progress.NONE))
                .isInstanceOf(VerificationResult.Verified.class);
    }

    @Test
    void whatTheServiceRefusesOrGarblesIsAFailureThatNamesItAndNotTheToken() {
        assertFails(signer("marked-wrong"), "answered 403");
        status = 500;
        assertFails(signer(TOKEN), "answered 500");
        status = 200;
        prefix = "garbage ";
        assertFails(signer(TOKEN), "must answer with a signature");
        server.stop(0);
        assertFails(signer(TOKEN), "no usable answer");
    }

    /** The service may have rotated the key: what it signs then is of no use under the pinned public key. */
    @Test
    void aSignatureByAnotherKeyIsNotWritten() throws Exception {
        Path model = Files.writeString(folder.resolve("model.bin"), "weights");
        Path signature = folder.resolve("model.sig");
        inService = Signers.generate(SignatureAlgorithm.ECDSA_P256);

        assertThatThrownBy(() -> ModelSignatures.sign(model, signature, signer(TOKEN), Progress.NONE))
                .isInstanceOf(SigningException.class)
                .hasMessageContaining("does not verify");
        assertThat(signature).doesNotExist();
    }

    private Signer signer(String token) {
        URI vault = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/transit/");
        return new VaultSigner(HttpClient.newHttpClient(), vault, "release", () -> token, keys.getPublic());
    }

    private static void assertFails(Signer signer, String part) {
        assertThatThrownBy(() -> signer.sign(Bytes.ofUtf8("x")))
                .isInstanceOf(SigningException.class)
                .hasMessageContaining(part)
                .hasMessageNotContaining("marked");
        assertThat(signer.toString()).doesNotContain("marked");
    }
}
