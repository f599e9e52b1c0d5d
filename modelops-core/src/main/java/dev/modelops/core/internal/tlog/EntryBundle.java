package dev.modelops.core.internal.tlog;

import dev.modelops.IntegrityException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Up to 256 entries in one file, each after its length in two bytes (C2SP tlog-tiles). */
public final class EntryBundle {
    /** How long an entry may be. */
    public static final int MAX_ENTRY = 0xffff;
    /** How long a bundle may be. */
    public static final int MAX_LENGTH = TilePath.FULL * (Short.BYTES + MAX_ENTRY);

    private EntryBundle() {}

    /** Returns the bundle of up to 256 entries. */
    public static byte[] encode(List<byte[]> entries) {
        int length =
                entries.stream().mapToInt(entry -> Short.BYTES + entry.length).sum();
        ByteBuffer bundle = ByteBuffer.allocate(length);
        entries.forEach(entry -> bundle.putShort((short) entry.length).put(entry));
        return bundle.array();
    }

    /** Returns the entries of a bundle that holds exactly that many. */
    public static List<byte[]> decode(byte[] bytes, int count) {
        ByteBuffer bundle = ByteBuffer.wrap(bytes);
        List<byte[]> entries = new ArrayList<>(count);
        while (entries.size() < count) {
            int length = bundle.remaining() < Short.BYTES ? MAX_LENGTH : Short.toUnsignedInt(bundle.getShort());
            if (length > bundle.remaining()) {
                throw new IntegrityException(
                        "expected " + count + " entries, but found " + entries.size() + " and part of another");
            }
            byte[] entry = new byte[length];
            bundle.get(entry);
            entries.add(entry);
        }
        if (bundle.hasRemaining()) {
            throw new IntegrityException("expected " + count + " entries, but found more");
        }
        return entries;
    }
}
