package dev.modelops.core.internal.signing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Formats of files that can run code as they are loaded, told by how a file begins or is named. A signature says who made a
 * file, not that loading it is harmless; and a file that hides what it is from a glance at its beginning is not found.
 */
enum CodeFormat {
    /** What Python's pickle writes, and with it joblib, cloudpickle and PyTorch before 1.6. */
    PICKLE("Python pickle"),
    /** An archive that holds pickles, as PyTorch writes it. */
    PICKLE_ARCHIVE("archive with a Python pickle, as of PyTorch"),
    /** An array of NumPy whose items are pickled. */
    NUMPY_OBJECTS("NumPy array of pickled objects"),
    /** What Java's own serialization writes. */
    JAVA_OBJECTS("serialized Java objects");

    private static final int PICKLE_PROTO = 0x80;
    /** What can follow in a pickle after its version: a frame, an empty collection, a mark, a name, a constant. */
    private static final String PICKLE_OPCODES =
            "\u0095}])(cNKJMIFGXUTSVBLC\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f";
    /** A pickle of the versions 0 and 1, which begin with what they do: name a function, or make a collection. */
    private static final Pattern OLD_PICKLE = Pattern.compile(
            "c[A-Za-z_][\\w.]*\\n[A-Za-z_][\\w.]*\\n(?:\\(|q\\d+\\n).*|\\((?:dp|lp|tp)\\d+\\n.*", Pattern.DOTALL);

    private static final Pattern PICKLE_NAME =
            Pattern.compile(".*\\.(?:pkl|pickle|joblib|dill|cloudpickle)", Pattern.DOTALL);
    private static final Pattern PICKLE_ENTRY = Pattern.compile(".*\\.(?:pkl|pickle)", Pattern.DOTALL);
    private static final int LONGEST_PICKLE_ENDING = ".pickle".length();
    private static final Pattern NUMPY_OBJECT = Pattern.compile(".*'[|<>=]?O[0-9]*'.*", Pattern.DOTALL);
    private static final int JAVA_MAGIC = 0xaced0005;
    private static final int ZIP_MAGIC = 0x504b0304;
    private static final int ZIP_HEADER = 30;
    private static final String NUMPY_MAGIC = "\u0093NUMPY";
    private static final int MOST_NUMPY_HEADER = 4096;
    private static final int MOST_OLD_PICKLE = 512;

    private final String words;

    CodeFormat(String words) {
        this.words = words;
    }

    /** Returns what people call it. */
    String words() {
        return words;
    }

    /**
     * Looks at the beginning of a file.
     *
     * @param name the name of the file
     * @param start its first bytes, as many as were read; left as it was
     */
    static Optional<CodeFormat> of(String name, ByteBuffer start) {
        ByteBuffer bytes = start.duplicate();
        if (PICKLE_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches() || isPickle(bytes)) {
            return Optional.of(PICKLE);
        }
        if (bytes.remaining() >= Integer.BYTES) {
            int magic = bytes.getInt(bytes.position());
            if (magic == JAVA_MAGIC) {
                return Optional.of(JAVA_OBJECTS);
            }
            if (magic == ZIP_MAGIC) {
                return inArchive(bytes);
            }
        }
        return isNumpyObjects(bytes, bytes.position()) ? Optional.of(NUMPY_OBJECTS) : Optional.empty();
    }

    private static boolean isPickle(ByteBuffer bytes) {
        if (bytes.remaining() >= 3 && at(bytes, 0) == PICKLE_PROTO) {
            int version = at(bytes, 1);
            return version >= 2 && version <= 5 && PICKLE_OPCODES.indexOf(at(bytes, 2)) >= 0;
        }
        return OLD_PICKLE
                .matcher(text(bytes, bytes.position(), MOST_OLD_PICKLE))
                .matches();
    }

    /** The entries whose headers lie in what was read; how long they are need not stand there. */
    private static Optional<CodeFormat> inArchive(ByteBuffer bytes) {
        for (int i = bytes.position(); i + ZIP_HEADER <= bytes.limit(); i++) {
            if (bytes.get(i) != 'P' || bytes.getInt(i) != ZIP_MAGIC) {
                continue;
            }
            int nameLength = littleEndian(bytes, i + 26);
            int content = i + ZIP_HEADER + nameLength + littleEndian(bytes, i + 28);
            // Names may overlap, so that reading each in full would cost the square of what was read.
            int tail = Math.min(nameLength, LONGEST_PICKLE_ENDING);
            if (PICKLE_ENTRY
                    .matcher(text(bytes, i + ZIP_HEADER + nameLength - tail, tail))
                    .matches()) {
                return Optional.of(PICKLE_ARCHIVE);
            }
            if (isNumpyObjects(bytes, content)) {
                return Optional.of(NUMPY_OBJECTS);
            }
        }
        return Optional.empty();
    }

    private static boolean isNumpyObjects(ByteBuffer bytes, int from) {
        if (!text(bytes, from, NUMPY_MAGIC.length()).equals(NUMPY_MAGIC)) {
            return false;
        }
        String header = text(bytes, from, MOST_NUMPY_HEADER);
        int end = header.indexOf('\n');
        return NUMPY_OBJECT.matcher(end < 0 ? header : header.substring(0, end)).matches();
    }

    private static String text(ByteBuffer bytes, int from, int length) {
        int start = Math.min(from, bytes.limit());
        byte[] text = new byte[Math.min(length, bytes.limit() - start)];
        bytes.get(start, text);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static int littleEndian(ByteBuffer bytes, int at) {
        return bytes.get(at) & 0xff | (bytes.get(at + 1) & 0xff) << 8;
    }

    private static int at(ByteBuffer bytes, int offset) {
        return bytes.get(bytes.position() + offset) & 0xff;
    }
}
