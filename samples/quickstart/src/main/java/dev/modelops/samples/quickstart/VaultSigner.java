package dev.modelops.samples.quickstart;

import dev.modelops.Bytes;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.PublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Signs with a key that never leaves a key service: here the transit engine of HashiCorp Vault or OpenBao, and a key of
 * the type {@code ecdsa-p256}. The services of clouds differ in nothing but the request. The token is asked for each time, as
 * it is soon another one.
 */
final class VaultSigner implements Signer {
    private static final Pattern SIGNATURE = Pattern.compile("\"vault:v[0-9]+:([A-Za-z0-9+/]+=*)\"");

    private final HttpClient http;
    private final URI signing;
    private final Supplier<String> token;
    private final PublicKey publicKey;

    /**
     * Creates a signer.
     *
     * @param vault such as {@code https://vault.example.org/v1/transit/}
     * @param key the key's name there
     * @param publicKey the key's public half, pinned here so that the service cannot pass off another
     */
    VaultSigner(HttpClient http, URI vault, String key, Supplier<String> token, PublicKey publicKey) {
        this.http = http;
        this.signing = vault.resolve("sign/" + key + "/sha2-256");
        this.token = token;
        this.publicKey = publicKey;
    }

    @Override
    public SignatureAlgorithm algorithm() {
        return SignatureAlgorithm.ECDSA_P256;
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    @Override
    public Bytes sign(Bytes message) {
        String body = "{\"input\":\"" + message.toBase64() + "\"}";
        HttpRequest request = HttpRequest.newBuilder(signing)
                .timeout(Duration.ofSeconds(10))
                .header("X-Vault-Token", token.get())
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            Matcher signature = SIGNATURE.matcher(answer.body());
            if (answer.statusCode() != 200 || !signature.find()) {
                throw new SigningException(
                        "the key service at " + signing + " must answer with a signature, but answered "
                                + answer.statusCode() + "; check that the token may use the key");
            }
            return Bytes.of(Base64.getDecoder().decode(signature.group(1)));
        } catch (IOException | IllegalArgumentException e) {
            throw new SigningException("the key service at " + signing + " gave no usable answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SigningException("signing with the key service was interrupted", e);
        }
    }
}
