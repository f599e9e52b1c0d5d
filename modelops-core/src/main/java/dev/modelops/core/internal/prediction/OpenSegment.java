package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.TreeHasher;
import dev.modelops.serving.PredictionLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A segment that still takes records. Not safe for use by several threads. */
final class OpenSegment {
    private final Segment.Kind kind;
    private final Environment environment;
    private final PredictionLog.Rules rules;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    private final ByteArrayOutputStream packed = new ByteArrayOutputStream(1 << 16);
    private final GZIPOutputStream gzip;
    private JsonGenerator json;
    private final TreeHasher hasher = new TreeHasher();
    private final FrontierBuilder tree = new FrontierBuilder(Frontier.empty());
    private final SortedSet<Integer> versions = new TreeSet<>();
    private @Nullable Instant from;
    private @Nullable Instant to;
    private long node;
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;
    private long length;
    private int count;

    /** A segment that takes no further record. */
    record Sealed(Segment segment, Bytes content, ObjectNode said) {}

    OpenSegment(Segment.Kind kind, Environment environment, PredictionLog.Rules rules) {
        this.kind = kind;
        this.environment = environment;
        this.rules = rules;
        try {
            // Four times as fast as by default, for a tenth more of bytes.
            this.gzip = new GZIPOutputStream(packed, 1 << 13) {
                {
                    def.setLevel(Deflater.BEST_SPEED);
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.json = writer();
    }

    int count() {
        return count;
    }

    /** Tells whether records of a process may go in: a segment is of one. */
    boolean takes(long from) {
        return count == 0 || from == node;
    }

    boolean isFull() {
        return count >= rules.most() || length >= Segment.MOST_BYTES;
    }

    /** Adds a record; {@link IllegalArgumentException} if its line is too long. Nothing was added if this fails. */
    void add(Gathered taken) {
        byte[] bytes = line(taken);
        try {
            gzip.write(bytes);
            gzip.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        length += bytes.length + 1;
        tree.append(hasher.leaf(bytes));
        node = taken.node();
        first = Math.min(first, taken.sequence());
        last = Math.max(last, taken.sequence());
        versions.add(taken.version());
        from = from == null || taken.at().isBefore(from) ? taken.at() : from;
        to = to == null || taken.at().isAfter(to) ? taken.at() : to;
        count++;
    }

    private byte[] line(Gathered taken) {
        line.reset();
        boolean isWhole = false;
        try {
            taken.write(json, environment, rules.redacted());
            isWhole = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (!isWhole) {
                json = writer();
            }
        }
        if (line.size() >= kind.longest()) {
            throw new IllegalArgumentException(
                    "a record of " + kind + " has less than " + kind.longest() + " bytes, but one has " + line.size());
        }
        return line.toByteArray();
    }

    private JsonGenerator writer() {
        try {
            return Records.writer(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it; at least one record must be in it. */
    Sealed seal(long lost) {
        try {
            // Gives back what it holds outside the heap, too.
            gzip.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Instant earliest = from;
        Instant latest = to;
        if (earliest == null || latest == null) {
            throw new IllegalStateException("a segment without records was ended");
        }
        Bytes content = Bytes.of(packed.toByteArray());
        Segment segment = new Segment(
                kind,
                Digest.sha256Of(content),
                content.length(),
                length,
                count,
                Digest.sha256(tree.root()),
                earliest,
                latest,
                kind.isCounted() ? HexFormat.of().toHexDigits(node) : "",
                first,
                last);
        return new Sealed(
                segment, content, segment.write(versions, lost, kind == Segment.Kind.PREDICTIONS ? rules.oneIn() : 1));
    }
}
