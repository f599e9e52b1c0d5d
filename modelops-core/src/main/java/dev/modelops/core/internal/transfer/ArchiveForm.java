package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.tlog.TilePath;
import dev.modelops.storage.LogHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The form of an archive: a zip file in which nothing is compressed, so that what it unpacks to is never more than what it
 * is. It holds a header, the entries as C2SP bundles, the seals and checkpoints as lists of notes, and the blobs under their
 * digests.
 */
final class ArchiveForm {
    static final String HEADER = "archive.txt";
    static final String BLOBS = "blobs/sha256/";
    static final String LOG = "log/";
    static final String SEALS = "log/seals/";
    static final String CHECKPOINTS = "log/checkpoints/";

    /** How many notes a list has, but for the last. */
    static final int NOTES = 256;

    /** How many files an archive may have: the directory of a zip file is held in memory. */
    static final int MOST_FILES = 2_000_000;

    static final int MOST_HEADER_BYTES = 4096;
    static final int MOST_LIST_BYTES = 320 * 1024 * 1024;

    private static final String FIRST_LINE = "modelops.dev/archive@v1";

    private ArchiveForm() {}

    /** What the header says: the log, and how much of it is here. */
    record Header(LogKey logKey, LogHead head) {
        byte[] encode() {
            String text = FIRST_LINE + "\n" + logKey.text() + "\n" + head.size() + "\n" + head.root() + "\n";
            return text.getBytes(StandardCharsets.UTF_8);
        }

        static Header decode(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.UTF_8);
            List<String> lines = text.lines().toList();
            try {
                if (lines.size() == 4 && lines.get(0).equals(FIRST_LINE)) {
                    Header header = new Header(
                            new LogKey(lines.get(1)),
                            new LogHead(Long.parseLong(lines.get(2)), Digest.parse(lines.get(3))));
                    if (header.head().size() > 0 && new String(header.encode(), StandardCharsets.UTF_8).equals(text)) {
                        return header;
                    }
                }
            } catch (IllegalArgumentException e) {
                throw new IntegrityException("the header of the archive is malformed: " + e.getMessage(), e);
            }
            throw new IntegrityException("the header of the archive must be '" + FIRST_LINE
                    + "', the log key, the number of entries and the root, each on a line of its own; this is no archive of"
                    + " a log, or one of a later release");
        }
    }

    /** A note with the numbers it is filed under. */
    record Filed(long from, long size, String note) {}

    static String bundle(long index, int width) {
        return LOG + new TilePath(TilePath.ENTRIES, index, width);
    }

    static String list(String folder, long first) {
        return folder + String.format(Locale.ROOT, "%020d", first);
    }

    static String blob(Digest digest) {
        return BLOBS + digest.toHex();
    }

    /** Writes each note after a line with its numbers and its length in bytes. */
    static byte[] encode(List<Filed> notes) {
        StringBuilder text = new StringBuilder();
        for (Filed filed : notes) {
            int length = filed.note().getBytes(StandardCharsets.UTF_8).length;
            text.append(filed.from()).append(' ').append(filed.size()).append(' ');
            text.append(length).append('\n').append(filed.note());
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #encode} writes, and nothing else. */
    static List<Filed> decode(String name, byte[] bytes) {
        List<Filed> notes = new ArrayList<>();
        try {
            int at = 0;
            while (at < bytes.length) {
                int end = at;
                while (bytes[end] != '\n') {
                    end++;
                }
                String[] numbers = new String(bytes, at, end - at, StandardCharsets.US_ASCII).split(" ", 4);
                long from = Long.parseLong(numbers[0]);
                long size = Long.parseLong(numbers[1]);
                int length = Integer.parseInt(numbers[2]);
                boolean follows =
                        notes.isEmpty() || size > notes.get(notes.size() - 1).size();
                if (numbers.length != 3
                        || from < 0
                        || size <= from
                        || !follows
                        || length > bytes.length - end - 1
                        || notes.size() == NOTES) {
                    throw new IllegalArgumentException("a note with the numbers '" + String.join(" ", numbers) + "'");
                }
                notes.add(new Filed(from, size, new String(bytes, end + 1, length, StandardCharsets.UTF_8)));
                at = end + 1 + length;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IntegrityException(
                    "'" + name + "' in the archive is malformed after " + notes.size() + " notes: " + e.getMessage(),
                    e);
        }
        if (notes.isEmpty()) {
            throw new IntegrityException("'" + name + "' in the archive is empty");
        }
        return notes;
    }
}
