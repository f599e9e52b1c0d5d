package dev.modelops.core.evidence;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.signing.Signer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Makes envelopes as the specification says, whatever is in them. */
public final class Envelopes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Envelopes() {}

    public static byte[] payload(Bytes envelope) throws IOException {
        return Base64.getDecoder()
                .decode(JSON.readTree(envelope.toByteArray()).path("payload").textValue());
    }

    public static byte[] encode(String payloadType, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("DSSEv1 " + payloadType.length() + " " + payloadType + " " + payload.length + " ")
                .getBytes(StandardCharsets.UTF_8));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** Signs any text, once with each signer. */
    public static Bytes sign(String payloadType, String payload, Signer... signers) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        ObjectNode envelope = JSON.createObjectNode();
        envelope.put("payload", Base64.getEncoder().encodeToString(bytes));
        envelope.put("payloadType", payloadType);
        ArrayNode signatures = envelope.putArray("signatures");
        for (Signer signer : List.of(signers)) {
            signatures
                    .addObject()
                    .put(
                            "sig",
                            signer.sign(Bytes.of(encode(payloadType, bytes))).toBase64());
        }
        return Bytes.ofUtf8(envelope.toString());
    }
}
