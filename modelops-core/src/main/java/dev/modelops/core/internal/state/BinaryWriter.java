package dev.modelops.core.internal.state;

import dev.modelops.Digest;
import dev.modelops.Principal;
import dev.modelops.core.internal.crypto.Crypto;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Writes values in the form that {@link BinaryReader} reads. What repeats is written once and then named by number. */
final class BinaryWriter {
    private static final int CHUNK = 1 << 16;

    private final List<byte[]> chunks = new ArrayList<>();
    private final Map<String, Integer> words = new HashMap<>();
    private final Map<Digest, Integer> digests = new HashMap<>();
    private final Map<Principal, Integer> principals = new HashMap<>();
    private byte[] chunk = new byte[CHUNK];
    private int used;

    void octet(int value) {
        if (used == chunk.length) {
            chunks.add(chunk);
            chunk = new byte[CHUNK];
            used = 0;
        }
        chunk[used++] = (byte) value;
    }

    void bytes(byte[] value) {
        int done = 0;
        while (done < value.length) {
            if (used == chunk.length) {
                chunks.add(chunk);
                chunk = new byte[CHUNK];
                used = 0;
            }
            int some = Math.min(value.length - done, chunk.length - used);
            System.arraycopy(value, done, chunk, used, some);
            used += some;
            done += some;
        }
    }

    void block(byte[] value) {
        number(value.length);
        bytes(value);
    }

    void fixed(long value) {
        for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            octet((int) (value >>> shift));
        }
    }

    /** Writes a number, of which small ones take few bytes. */
    void number(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            octet((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        octet((int) rest);
    }

    /** Writes a number that may be negative. */
    void signed(long value) {
        number((value << 1) ^ (value >> 63));
    }

    void text(String value) {
        // Half a character, which JSON can hold, has no form in UTF-8.
        if (value.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            number((long) bytes.length << 1);
            bytes(bytes);
            return;
        }
        number((long) value.length() << 1 | 1);
        for (int i = 0; i < value.length(); i++) {
            octet(value.charAt(i) >> 8);
            octet(value.charAt(i));
        }
    }

    /** Writes a text that may come again. */
    void word(String value) {
        if (isNew(words, value)) {
            text(value);
        }
    }

    void digest(Digest value) {
        if (isNew(digests, value)) {
            word(value.algorithm());
            bytes(value.value().toByteArray());
        }
    }

    void principal(Principal value) {
        if (isNew(principals, value)) {
            word(value.issuer());
            word(value.id());
        }
    }

    void time(Instant value) {
        signed(value.getEpochSecond());
        number(value.getNano());
    }

    <T> void all(Collection<T> values, Consumer<T> how) {
        number(values.size());
        values.forEach(how);
    }

    private <T> boolean isNew(Map<T, Integer> known, T value) {
        Integer before = known.putIfAbsent(value, known.size() + 1);
        number(before == null ? 0 : before);
        return before == null;
    }

    long length() {
        return (long) chunks.size() * CHUNK + used;
    }

    Digest digest() {
        MessageDigest sha256 = Crypto.sha256();
        chunks.forEach(sha256::update);
        sha256.update(chunk, 0, used);
        return Digest.sha256(sha256.digest());
    }

    InputStream open() {
        List<InputStream> parts = new ArrayList<>();
        chunks.forEach(part -> parts.add(new ByteArrayInputStream(part)));
        parts.add(new ByteArrayInputStream(chunk, 0, used));
        return new SequenceInputStream(Collections.enumeration(parts));
    }
}
