package dev.modelops;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** An immutable sequence of bytes with value equality. Arrays are copied in and out. */
public final class Bytes {
    private final byte[] value;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /**
     * Returns the bytes of an array, copied.
     *
     * @param value the bytes
     * @return the value
     */
    public static Bytes of(byte[] value) {
        return new Bytes(value.clone());
    }

    /**
     * Returns the UTF-8 encoding of a text.
     *
     * @param text the text
     * @return the value
     */
    public static Bytes ofUtf8(String text) {
        return new Bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Parses hexadecimal digits, two for each byte, in either case.
     *
     * @param hex the digits
     * @return the value
     * @throws IllegalArgumentException if the text is not hexadecimal
     */
    public static Bytes parseHex(String hex) {
        return new Bytes(HexFormat.of().parseHex(hex));
    }

    /**
     * Returns the number of bytes.
     *
     * @return the length, at least 0
     */
    public int length() {
        return value.length;
    }

    /**
     * Returns a copy as an array.
     *
     * @return a fresh array
     */
    public byte[] toByteArray() {
        return value.clone();
    }

    /**
     * Returns the lower-case hexadecimal digits.
     *
     * @return two digits for each byte
     */
    public String toHex() {
        return HexFormat.of().formatHex(value);
    }

    /**
     * Returns the standard base64 text with padding (RFC 4648, section 4).
     *
     * @return the text
     */
    public String toBase64() {
        return Base64.getEncoder().encodeToString(value);
    }

    /**
     * Returns the text that these bytes encode in UTF-8; malformed input is replaced by U+FFFD.
     *
     * @return the text
     */
    public String toUtf8() {
        return new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes that && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    /** Returns the hexadecimal form, cut after 64 bytes. */
    @Override
    public String toString() {
        return value.length <= 64 ? toHex() : HexFormat.of().formatHex(value, 0, 64) + "… (" + value.length + " bytes)";
    }
}
