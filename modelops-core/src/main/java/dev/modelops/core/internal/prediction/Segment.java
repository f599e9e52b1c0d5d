package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
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

/**
 * Records that were gathered, as a blob: lines, compressed. What its entry says of it is enough to skip it, to check it, and
 * to prove one of its records.
 *
 * @param digest the digest of the blob
 * @param size how many bytes the blob has
 * @param length how many bytes the lines have before compression
 * @param count how many records there are
 * @param root the root of the Merkle tree over the lines
 * @param from the time of the earliest record
 * @param to the time of the latest
 * @param node the process, in hexadecimal
 * @param first the least count of a prediction in its process
 * @param last the greatest
 */
public record Segment(
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
    /** What segments of predictions are called. */
    static final String PREDICTIONS = "predictions";

    /** Beyond this many bytes a segment takes no further record. */
    static final int MOST_BYTES = 16 << 20;

    /** The longest line; what a prediction may have fits into it. */
    static final int MOST_LINE = 1 << 18;

    private static final int MOST_RECORDS = 100_000;
    private static final int MOST_VERSIONS = 64;

    /** Writes what the entry says. */
    ObjectNode write(SortedSet<Integer> versions, long lost, int oneIn) {
        ObjectNode data = Json.object();
        data.put("kind", PREDICTIONS);
        data.put("segment", digest.toString());
        data.put("size", size);
        data.put("length", length);
        data.put("count", count);
        data.put("root", root.toString());
        data.put("from", from.toString());
        data.put("to", to.toString());
        data.put("node", node);
        data.put("first", first);
        data.put("last", last);
        if (versions.size() <= MOST_VERSIONS) {
            data.set("versions", versions(versions));
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
        try {
            Segment segment = new Segment(
                    Digest.parse(entry.get("segment")),
                    Entry.number(data, "size"),
                    Entry.number(data, "length"),
                    Math.toIntExact(Entry.number(data, "count")),
                    Digest.parse(entry.get("root")),
                    Instant.parse(entry.get("from")),
                    Instant.parse(entry.get("to")),
                    entry.get("node"),
                    Entry.number(data, "first"),
                    Entry.number(data, "last"));
            if (segment.count < 1
                    || segment.count > MOST_RECORDS
                    || segment.size < 1
                    || segment.size > 2L * MOST_BYTES
                    || segment.length < 1
                    || segment.length > MOST_BYTES + MOST_LINE) {
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
        for (byte[] line : segment.lines(blobs)) {
            PredictionRecord record = Records.read(line);
            if (!record.version().name().value().equals(entry.subject())
                    || !record.environment().value().equals(entry.find("environment"))
                    || !record.id().matches("[0-9a-f]{16}-[0-9a-f]{16}")
                    || !record.id().substring(0, 16).equals(segment.node)) {
                throw segment.altered("a record of another model, environment or process");
            }
            long sequence = Long.parseUnsignedLong(record.id().substring(17), 16);
            least = Math.min(least, sequence);
            most = Math.max(most, sequence);
            earliest = record.at().isBefore(earliest) ? record.at() : earliest;
            latest = record.at().isAfter(latest) ? record.at() : latest;
            versions.add(record.version().version().value());
        }
        if (!PREDICTIONS.equals(entry.find("kind"))
                || !earliest.equals(segment.from)
                || !latest.equals(segment.to)
                || least != segment.first
                || most != segment.last
                || entry.data().has("versions")
                        && !versions(versions).equals(entry.data().get("versions"))) {
            throw segment.altered("records of another kind, or of other times, counts or versions,");
        }
    }

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
