package dev.modelops.core.internal.signing;

import java.nio.charset.StandardCharsets;

/** The Dead Simple Signing Envelope, version 1: what exactly is signed. */
final class Dsse {
    static final String IN_TOTO = "application/vnd.in-toto+json";

    private Dsse() {}

    /** Returns the pre-authentication encoding of a payload. */
    static byte[] encode(String payloadType, byte[] payload) {
        byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
        byte[] start = ("DSSEv1 " + type.length + " ").getBytes(StandardCharsets.US_ASCII);
        byte[] middle = (" " + payload.length + " ").getBytes(StandardCharsets.US_ASCII);
        byte[] encoded = new byte[start.length + type.length + middle.length + payload.length];
        System.arraycopy(start, 0, encoded, 0, start.length);
        System.arraycopy(type, 0, encoded, start.length, type.length);
        System.arraycopy(middle, 0, encoded, start.length + type.length, middle.length);
        System.arraycopy(payload, 0, encoded, encoded.length - payload.length, payload.length);
        return encoded;
    }
}
