package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A second implementation of verification, from the text of the specification with the Java runtime's own cryptography. It
 * shares nothing with the first and judges only honest input; it says what is wrong, or "ok".
 */
final class IndependentVerifier {
    private IndependentVerifier() {}

    static String verifyByKey(Path folder, byte[] bundle, byte[] subjectPublicKeyInfo) throws Exception {
        JsonNode root = new ObjectMapper().readTree(bundle);
        PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(subjectPublicKeyInfo)
                + "\n-----END PUBLIC KEY-----\n";
        String hint = hex(sha256(pem.getBytes(StandardCharsets.US_ASCII)));
        if (!root.at("/verificationMaterial/publicKey/hint").asText().equals(hint)) {
            return "hint";
        }
        return verify(folder, root, key);
    }

    static String verifyByLeaf(Path folder, byte[] bundle) throws Exception {
        JsonNode root = new ObjectMapper().readTree(bundle);
        byte[] der = root.at("/verificationMaterial/x509CertificateChain/certificates/0/rawBytes")
                .binaryValue();
        PublicKey key = CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der))
                .getPublicKey();
        return verify(folder, root, key);
    }

    private static String verify(Path folder, JsonNode root, PublicKey key) throws Exception {
        JsonNode envelope = root.get("dsseEnvelope");
        byte[] payload = envelope.get("payload").binaryValue();
        String type = envelope.get("payloadType").asText();
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signed.write(("DSSEv1 " + type.length() + " " + type + " " + payload.length + " ")
                .getBytes(StandardCharsets.US_ASCII));
        signed.write(payload);
        int bits = ((java.security.interfaces.ECPublicKey) key)
                .getParams()
                .getCurve()
                .getField()
                .getFieldSize();
        String hash = bits == 256 ? "SHA256" : bits == 384 ? "SHA384" : "SHA512";
        Signature verifier = Signature.getInstance(hash + "withECDSA", "SunEC");
        verifier.initVerify(key);
        verifier.update(signed.toByteArray());
        if (!verifier.verify(envelope.at("/signatures/0/sig").binaryValue())) {
            return "signature";
        }
        JsonNode statement = new ObjectMapper().readTree(payload);
        if (!statement.get("predicateType").asText().equals("https://model_signing/signature/v1.0")) {
            return "predicate";
        }
        Map<String, String> expected = new HashMap<>();
        MessageDigest digests = MessageDigest.getInstance("SHA-256");
        for (JsonNode resource : statement.at("/predicate/resources")) {
            expected.put(resource.get("name").asText(), resource.get("digest").asText());
            digests.update(HexFormat.of().parseHex(resource.get("digest").asText()));
        }
        if (!statement.at("/subject/0/digest/sha256").asText().equals(hex(digests.digest()))) {
            return "root";
        }
        Map<String, String> found = new HashMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(path).toString();
                boolean ignored = false;
                for (JsonNode ignore : statement.at("/predicate/serialization/ignore_paths")) {
                    ignored |= name.equals(ignore.asText()) || name.startsWith(ignore.asText() + "/");
                }
                if (!ignored) {
                    found.put(name, hex(sha256(Files.readAllBytes(path))));
                }
            }
        }
        return found.equals(expected) ? "ok" : "files: " + found.keySet() + " instead of " + expected.keySet();
    }

    private static byte[] sha256(byte[] content) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(content);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
