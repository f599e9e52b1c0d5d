package dev.modelops.core.internal.state;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Principal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads what {@link BinaryWriter} wrote, from bytes that may be anything: what it makes is never larger than what it has
 * read, and anything but the one form is an {@link IllegalArgumentException}.
 */
final class BinaryReader {
    private static final int MOST_TEXT = 1 << 17;

    private final InputStream in;
    private final long most;
    private final byte[] buffer = new byte[1 << 16];
    private final List<String> words = new ArrayList<>();
    private final List<Digest> digests = new ArrayList<>();
    private final List<Principal> principals = new ArrayList<>();
    private int at;
    private int end;
    private long total;

    /** A failure of the source, carried through code that cannot throw it. */
    static final class SourceException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SourceException(IOException reason) {
            super(reason.toString(), reason);
        }
    }

    @FunctionalInterface
    interface Element<T> {
        T read();
    }

    BinaryReader(InputStream in, long most) {
        this.in = in;
        this.most = most;
    }

    int octet() {
        if (at == end && !fill()) {
            throw new IllegalArgumentException("it ends in the middle");
        }
        return buffer[at++] & 0xFF;
    }

    byte[] bytes(int count) {
        byte[] value = new byte[Math.min(count, buffer.length)];
        int done = 0;
        while (done < count) {
            if (at == end && !fill()) {
                throw new IllegalArgumentException("it ends in the middle");
            }
            int some = Math.min(count - done, end - at);
            if (done + some > value.length) {
                value = Arrays.copyOf(value, (int) Math.min(count, Math.max(2L * value.length, done + some)));
            }
            System.arraycopy(buffer, at, value, done, some);
            at += some;
            done += some;
        }
        return value;
    }

    byte[] block(int most) {
        return bytes(count(most));
    }

    long fixed() {
        if (end - at >= Long.BYTES) {
            long value = ByteBuffer.wrap(buffer, at, Long.BYTES).getLong();
            at += Long.BYTES;
            return value;
        }
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << Byte.SIZE | octet();
        }
        return value;
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int octet = octet();
            value |= (octet & 0x7FL) << shift;
            if (octet < 0x80) {
                if (octet == 0 && shift > 0 || shift == 63 && octet > 1) {
                    throw new IllegalArgumentException("a number is not in its shortest form");
                }
                return value;
            }
        }
        throw new IllegalArgumentException("a number has too many bytes");
    }

    long signed() {
        long value = number();
        return (value >>> 1) ^ -(value & 1);
    }

    /** Reads a number from 0 to a limit. */
    long upTo(long limit) {
        long value = number();
        if (value < 0 || value > limit) {
            throw new IllegalArgumentException("expected a number up to " + limit + ", found " + value);
        }
        return value;
    }

    int count(int limit) {
        return (int) upTo(limit);
    }

    int integer() {
        return Math.toIntExact(signed());
    }

    String text() {
        int header = count(MOST_TEXT << 1 | 1);
        int length = header >> 1;
        if ((header & 1) == 0) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes(length)))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("a text is not UTF-8", e);
            }
        }
        char[] units = new char[length];
        ByteBuffer.wrap(bytes(2 * length)).asCharBuffer().get(units);
        return new String(units);
    }

    String word() {
        return known(words, this::text);
    }

    Digest digest() {
        return known(digests, () -> {
            String algorithm = word();
            return new Digest(algorithm, Bytes.of(bytes(algorithm.equals("blake2b") ? 64 : 32)));
        });
    }

    Principal principal() {
        return known(principals, () -> Principal.of(word(), word()));
    }

    Instant time() {
        try {
            return Instant.ofEpochSecond(signed(), upTo(999_999_999));
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("a time is out of range", e);
        }
    }

    <T> List<T> all(Element<T> element) {
        int count = count(Integer.MAX_VALUE);
        List<T> all = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            all.add(element.read());
        }
        return all;
    }

    void requireEnd() {
        if (at < end || fill()) {
            throw new IllegalArgumentException("it goes on after its end");
        }
    }

    private <T> T known(List<T> known, Element<T> next) {
        int place = count(known.size());
        if (place > 0) {
            return known.get(place - 1);
        }
        T value = next.read();
        known.add(value);
        return value;
    }

    private boolean fill() {
        try {
            int some = in.read(buffer, 0, buffer.length);
            if (some <= 0) {
                return false;
            }
            at = 0;
            end = some;
            total += some;
        } catch (IOException e) {
            throw new SourceException(e);
        }
        if (total > most) {
            throw new IllegalArgumentException("it has more than " + most + " bytes");
        }
        return true;
    }
}
