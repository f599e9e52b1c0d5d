package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.IntegrityException;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.MerkleTree;
import dev.modelops.core.internal.tlog.TreeHasher;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Records of one kind that were gathered, as a blob: lines, compressed. What its entry says of it is enough to skip it, to check it, and
 * to prove one of its records.
 *
 * @param kind what the records are
 * @param digest the digest of the blob
 * @param size how many bytes the blob has
 * @param length how many bytes the lines have before compression
 * @param count how many records there are
 * @param root the root of the Merkle tree over the lines
 * @param from the time of the earliest record
 * @param to the time of the latest
 * @param node the process, in hexadecimal; an empty text of outcomes, which are of no process
 * @param first the least count of a record in its process
 * @param last the greatest
 */
public record Segment(
        Kind kind,
        Digest digest,
        long size,
        long length,
        int count,
        Digest root,
        Instant from,
        Instant to,
        String node,
        long first,
        long last) {
    /** Beyond this many bytes a segment takes no further record. */
    static final int MOST_BYTES = 16 << 20;

    private static final int MOST_RECORDS = 100_000;
    private static final int MOST_VERSIONS = 64;

    /** What a segment has records of. */
    public enum Kind {
        /** What models were asked and answered. */
        PREDICTIONS("predictions", 1 << 18),
        /** What monitors counted. */
        WINDOWS("windows", 1 << 22),
        /** What came of predictions. */
        OUTCOMES("outcomes", 1 << 18);

        private final String word;
        private final int longest;

        Kind(String word, int longest) {
            this.word = word;
            this.longest = longest;
        }

        /** Returns how many bytes a line may have at most; what a prediction may have fits into it. */
        int longest() {
            return longest;
        }

        /** Tells whether records have a process, a count in it, and a version. */
        boolean isCounted() {
            return this != OUTCOMES;
        }

        /** Returns the kind that an entry names, or null if this library knows it not. */
        public static @Nullable Kind of(Entry entry) {
            String named = entry.find("kind");
            for (Kind kind : values()) {
                if (kind.word.equals(named)) {
                    return kind;
                }
            }
            return null;
        }

        @Override
        public String toString() {
            return word;
        }
    }

    /** Writes what the entry says. */
    ObjectNode write(SortedSet<Integer> versions, long lost, int oneIn) {
        ObjectNode data = Json.object();
        data.put("kind", kind.toString());
        data.put("segment", digest.toString());
        data.put("size", size);
        data.put("length", length);
        data.put("count", count);
        data.put("root", root.toString());
        data.put("from", from.toString());
        data.put("to", to.toString());
        if (kind.isCounted()) {
            data.put("node", node);
            data.put("first", first);
            data.put("last", last);
            if (versions.size() <= MOST_VERSIONS) {
                data.set("versions", versions(versions));
            }
        }
        if (oneIn > 1) {
            data.put("oneIn", oneIn);
        }
        if (lost > 0) {
            data.put("lost", lost);
        }
        return data;
    }

    private static ArrayNode versions(SortedSet<Integer> numbers) {
        ArrayNode list = Json.object().arrayNode();
        numbers.forEach(list::add);
        return list;
    }

    /** Reads what an entry says; {@link IllegalArgumentException} if it does not say it. */
    static Segment read(Entry entry) {
        var data = entry.data();
        Kind kind = Kind.of(entry);
        if (kind == null) {
            throw new IllegalArgumentException(
                    "expected a segment of " + List.of(Kind.values()) + ", found one of '" + entry.find("kind") + "'");
        }
        boolean isCounted = kind.isCounted();
        try {
            Segment segment = new Segment(
                    kind,
                    Digest.parse(entry.get("segment")),
                    Entry.number(data, "size"),
                    Entry.number(data, "length"),
                    Math.toIntExact(Entry.number(data, "count")),
                    Digest.parse(entry.get("root")),
                    Instant.parse(entry.get("from")),
                    Instant.parse(entry.get("to")),
                    isCounted ? entry.get("node") : "",
                    isCounted ? Entry.number(data, "first") : 0,
                    isCounted ? Entry.number(data, "last") : 0);
            if (segment.count < 1
                    || segment.count > MOST_RECORDS
                    || segment.size < 1
                    || segment.size > 2L * MOST_BYTES
                    || segment.length < 1
                    || segment.length > MOST_BYTES + kind.longest()) {
                throw new IllegalArgumentException("expected a segment of 1 to " + MOST_RECORDS + " records, found "
                        + segment.count + " in " + segment.length + " bytes");
            }
            return segment;
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("expected times and counts of a segment: " + e.getMessage(), e);
        }
    }

    /** Tells whether it may hold a prediction of a process. */
    boolean mayHold(String id) {
        long sequence = Long.parseUnsignedLong(id.substring(17), 16);
        return id.startsWith(node) && sequence >= first && sequence <= last;
    }

    /**
     * Returns the lines, held against what the entry says.
     *
     * @throws NotFoundException if the blob is missing
     * @throws IntegrityException if it is other than was recorded
     */
    List<byte[]> lines(BlobStore blobs) {
        try (InputStream in = blobs.open(digest)) {
            Bytes content = Bytes.of(in.readNBytes(Math.toIntExact(size) + 1));
            if (content.length() != size || !Digest.sha256Of(content).equals(digest)) {
                throw altered("other bytes");
            }
            List<byte[]> lines = split(unpack(content.toByteArray()), count);
            if (lines.size() != count || !root(lines).equals(root)) {
                throw altered("other records");
            }
            return lines;
        } catch (IOException e) {
            throw new StorageException("segment " + digest + " could not be read: " + e.getMessage(), e);
        }
    }

    private byte[] unpack(byte[] content) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(content))) {
            byte[] lines = in.readNBytes(Math.toIntExact(length) + 1);
            if (lines.length != length) {
                throw altered("more or fewer bytes");
            }
            return lines;
        } catch (IOException e) {
            throw altered("what is not compressed as it should be");
        }
    }

    private IntegrityException altered(String what) {
        return new IntegrityException("segment " + digest + " has " + what
                + " than its entry says; verify the log, and restore the blob from a backup");
    }

    /** Returns the lines, or more than so many if there are more: a few packed bytes may be millions of empty lines. */
    private static List<byte[]> split(byte[] all, int most) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < all.length && lines.size() <= most; i++) {
            if (all[i] == '\n') {
                lines.add(Arrays.copyOfRange(all, start, i));
                start = i + 1;
            }
        }
        if (start < all.length && lines.size() <= most) {
            lines.add(Arrays.copyOfRange(all, start, all.length));
        }
        return lines;
    }

    /**
     * Reads the segment that an entry names, and holds what the entry says against every record of it: queries pass over
     * segments by what their entries say.
     *
     * @throws NotFoundException if the blob is missing
     * @throws IntegrityException if it is other than was recorded
     * @throws IllegalArgumentException if the entry does not name one
     */
    public static void requireSound(Entry entry, BlobStore blobs) {
        Segment segment = read(entry);
        Instant earliest = Instant.MAX;
        Instant latest = Instant.MIN;
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        SortedSet<Integer> versions = new TreeSet<>();
        for (byte[] bytes : segment.lines(blobs)) {
            Line line = segment.line(bytes);
            if (line.version() != null && !line.version().name().value().equals(entry.subject())
                    || line.environment() != null && !line.environment().value().equals(entry.find("environment"))
                    || segment.kind.isCounted() && !line.process().equals(segment.node)) {
                throw segment.altered("a record of another model, environment or process");
            }
            least = Math.min(least, line.sequence());
            most = Math.max(most, line.sequence());
            earliest = line.at().isBefore(earliest) ? line.at() : earliest;
            latest = line.at().isAfter(latest) ? line.at() : latest;
            if (line.version() != null) {
                versions.add(line.version().version().value());
            }
        }
        if (!earliest.equals(segment.from)
                || !latest.equals(segment.to)
                || segment.kind.isCounted() && (least != segment.first || most != segment.last)
                || entry.data().has("versions")
                        && !versions(versions).equals(entry.data().get("versions"))) {
            throw segment.altered("records of other times, counts or versions");
        }
    }

    /** Reads what a line says of itself; {@link IllegalArgumentException} if it is none of the kind. */
    private Line line(byte[] bytes) {
        return switch (kind) {
            case PREDICTIONS -> {
                PredictionRecord record = Records.read(bytes);
                if (!record.id().matches("[0-9a-f]{16}-[0-9a-f]{16}")) {
                    throw new IllegalArgumentException("a prediction has the identity '" + record.id() + "'");
                }
                long sequence = Long.parseUnsignedLong(record.id().substring(17), 16);
                yield new Line(
                        record.at(),
                        record.version(),
                        record.environment(),
                        record.id().substring(0, 16),
                        sequence);
            }
            case WINDOWS -> {
                CountedWindow counted = CountedWindow.read(bytes);
                yield new Line(
                        counted.at(),
                        counted.ref(),
                        null,
                        HexFormat.of().toHexDigits(counted.node()),
                        counted.sequence());
            }
            case OUTCOMES -> new Line(Outcome.read(bytes).at(), null, null, "", 0);
        };
    }

    /** What is checked of a line. */
    private record Line(
            Instant at,
            @Nullable ModelRef version,
            @Nullable Environment environment,
            String process,
            long sequence) {}

    /** Returns the root of the tree over lines. */
    static Digest root(List<byte[]> lines) {
        TreeHasher hasher = new TreeHasher();
        FrontierBuilder tree = new FrontierBuilder(Frontier.empty());
        lines.forEach(line -> tree.append(hasher.leaf(line)));
        return Digest.sha256(tree.root());
    }

    /** Returns the path from a line to the root. */
    static List<String> path(List<byte[]> lines, int index) {
        TreeHasher hasher = new TreeHasher();
        List<byte[]> leaves = lines.stream().map(hasher::leaf).toList();
        MerkleTree tree =
                new MerkleTree((from, count) -> leaves.subList(Math.toIntExact(from), Math.toIntExact(from) + count));
        leaves.forEach(tree::append);
        return tree.inclusionProof(index, leaves.size()).stream()
                .map(HexFormat.of()::formatHex)
                .toList();
    }
}
