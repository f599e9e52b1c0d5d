package dev.modelops.core.internal.witness;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/** The body of an {@code add-checkpoint} request (C2SP tlog-witness). */
record AddCheckpoint(long oldSize, List<Digest> proof, String checkpoint) {
    static final int MAX_BYTES = 64 * 1024;
    static final int MAX_HASHES = 63;
    private static final int HASH_LENGTH = 32;
    private static final String OLD = "old ";

    String body() {
        StringBuilder text = new StringBuilder(OLD).append(oldSize).append('\n');
        proof.forEach(hash -> text.append(
                        Base64.getEncoder().encodeToString(hash.value().toByteArray()))
                .append('\n'));
        return text.append('\n').append(checkpoint).toString();
    }

    /** Parses a body; {@link IllegalArgumentException} with the reason if it is malformed. */
    static AddCheckpoint parse(byte[] bytes) {
        String text = utf8(bytes);
        int split = text.indexOf("\n\n");
        if (split < 0) {
            throw new IllegalArgumentException("expected an empty line before the checkpoint");
        }
        String[] lines = text.substring(0, split).split("\n", MAX_HASHES + 2);
        if (lines.length > MAX_HASHES + 1) {
            throw new IllegalArgumentException("expected at most " + MAX_HASHES + " hashes");
        }
        if (!lines[0].startsWith(OLD)) {
            throw new IllegalArgumentException("expected the old size in the first line");
        }
        List<Digest> proof = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            proof.add(hash(lines[i]));
        }
        return new AddCheckpoint(size(lines[0].substring(OLD.length())), List.copyOf(proof), text.substring(split + 2));
    }

    /** Parses a size: a decimal without sign or leading zeros. */
    static long size(String text) {
        try {
            long size = Long.parseLong(text);
            if (size >= 0 && String.format(Locale.ROOT, "%d", size).equals(text)) {
                return size;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a size, a decimal below 2^63", e);
        }
        throw new IllegalArgumentException("expected a size, a decimal without sign or leading zeros");
    }

    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("expected text in UTF-8", e);
        }
    }

    private static Digest hash(String line) {
        byte[] hash = Base64.getDecoder().decode(line);
        if (hash.length != HASH_LENGTH
                || !Base64.getEncoder().encodeToString(hash).equals(line)) {
            throw new IllegalArgumentException("expected hashes of 32 bytes in base64");
        }
        return Digest.sha256(hash);
    }

    /** Returns the name under which a witness gives out what it holds of a log. */
    static String originHash(String origin) {
        return Digest.sha256Of(Bytes.ofUtf8(origin)).toHex();
    }
}
