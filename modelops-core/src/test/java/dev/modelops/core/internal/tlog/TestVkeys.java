package dev.modelops.core.internal.tlog;

/** Text forms of keys from their raw bytes. */
public final class TestVkeys {
    private TestVkeys() {}

    /** Returns the text form of a key with its type before it. */
    public static String of(String name, byte[] typedKey) {
        return new Vkey(name, typedKey).text();
    }
}
