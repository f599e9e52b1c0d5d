package dev.modelops.core.internal.monitoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.internal.statistics.Counts;
import dev.modelops.core.internal.statistics.ExpectedScores;
import dev.modelops.core.internal.statistics.GroupOutcomes;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What was counted in a stretch of time: by one process or by many, with or without the labels that came later. Windows of
 * the same monitor and time add up exactly, in any order, so that it does not matter who saw what.
 *
 * @param monitor the digest of the monitor's bytes, which say what is counted
 * @param index the number of the window, by its length since 1970
 * @param predictions how many predictions there were
 * @param signals what was counted of each signal, in the order of the reference profile
 * @param expected how well the probabilities would do if they were right
 * @param scores how well the probabilities did, of those whose label is known
 * @param errors how well the predicted values did, of those of which it is known
 * @param slices the same for parts of the predictions
 */
public record Window(
        String monitor,
        long index,
        long predictions,
        List<SignalCounts> signals,
        @Nullable ExpectedScores expected,
        @Nullable BinaryScores scores,
        @Nullable RegressionErrors errors,
        SortedMap<Slice, SliceCounts> slices) {
    /** How many bytes a window may have. */
    public static final int MOST_BYTES = 16 << 20;

    private static final String FORMAT = "dev.modelops.window/1";
    private static final int MOST_SLICES = 20_000;
    private static final long MOST = 1L << 53;

    /** Copies the collections. */
    public Window {
        signals = List.copyOf(signals);
        slices = Collections.unmodifiableSortedMap(new TreeMap<>(slices));
        if (predictions < 0) {
            throw new IllegalArgumentException("a count is not negative, but was " + predictions);
        }
    }

    /**
     * What was counted of one signal.
     *
     * @param cells the counts, in the cells of the reference profile
     * @param sums of a number, its sums about the center that the profile says
     * @param least of a number, the least finite one, positive infinity if there was none
     * @param most of a number, the largest finite one, negative infinity if there was none
     */
    public record SignalCounts(ImmutableLongArray cells, CenteredSums sums, double least, double most) {
        /** Returns counts of a text. */
        public static SignalCounts of(ImmutableLongArray cells) {
            return new SignalCounts(cells, CenteredSums.NONE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        }

        SignalCounts plus(SignalCounts other) {
            return new SignalCounts(
                    Counts.sum(cells, other.cells),
                    sums.plus(other.sums),
                    Math.min(least, other.least),
                    Math.max(most, other.most));
        }

        /** Returns how many values were counted. */
        public long total() {
            return cells.stream().sum();
        }
    }

    /**
     * A part of the predictions: those in one cell of a categorical signal.
     *
     * @param signal the name of the signal
     * @param cell the number of the cell
     */
    public record Slice(String signal, int cell) implements Comparable<Slice> {
        @Override
        public int compareTo(Slice other) {
            int order = signal.compareTo(other.signal);
            return order != 0 ? order : Integer.compare(cell, other.cell);
        }
    }

    /** What was counted of a slice. */
    public record SliceCounts(
            GroupOutcomes group,
            @Nullable BinaryScores scores,
            @Nullable RegressionErrors errors) {
        SliceCounts plus(SliceCounts other) {
            return new SliceCounts(
                    group.plus(other.group),
                    sum(scores, other.scores, BinaryScores::plus),
                    sum(errors, other.errors, RegressionErrors::plus));
        }
    }

    /**
     * Returns both together.
     *
     * @throws IllegalArgumentException if they are not of the same monitor and time
     */
    public Window plus(Window other) {
        if (!monitor.equals(other.monitor) || index != other.index || signals.size() != other.signals.size()) {
            throw new IllegalArgumentException("only windows of one monitor and time add up, not " + monitor + ", "
                    + index + " and " + other.monitor + ", " + other.index);
        }
        List<SignalCounts> sums = new ArrayList<>(signals.size());
        for (int i = 0; i < signals.size(); i++) {
            sums.add(signals.get(i).plus(other.signals.get(i)));
        }
        SortedMap<Slice, SliceCounts> all = new TreeMap<>(slices);
        other.slices.forEach((slice, counts) -> all.merge(slice, counts, SliceCounts::plus));
        return new Window(
                monitor,
                index,
                predictions + other.predictions,
                sums,
                sum(expected, other.expected, ExpectedScores::plus),
                sum(scores, other.scores, BinaryScores::plus),
                sum(errors, other.errors, RegressionErrors::plus),
                all);
    }

    private static <T> @Nullable T sum(@Nullable T one, @Nullable T other, BinaryOperator<T> plus) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return plus.apply(one, other);
    }

    /** Returns how many predictions have a label. */
    public long labelled() {
        return scores != null ? scores.count() : errors != null ? errors.count() : 0;
    }

    /** Returns the bytes of the window, in canonical form. */
    public byte[] toBytes() {
        return CanonicalJson.write(toJson());
    }

    /** Returns the window as an object. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("format", FORMAT)
                .put("monitor", monitor)
                .put("index", index)
                .put("predictions", predictions);
        ArrayNode all = json.putArray("signals");
        for (SignalCounts signal : signals) {
            ObjectNode one = all.addObject();
            SumsJson.put(one, "cells", signal.cells());
            if (signal.sums().count() > 0) {
                SumsJson.put(one, "sums", signal.sums());
                one.put("least", signal.least()).put("most", signal.most());
            }
        }
        put(json, "expected", expected, SumsJson::write);
        put(json, "scores", scores, SumsJson::write);
        put(json, "errors", errors, SumsJson::write);
        ArrayNode parts = json.putArray("slices");
        slices.forEach((slice, counts) -> {
            ObjectNode one = parts.addObject().put("signal", slice.signal()).put("cell", slice.cell());
            one.set("group", SumsJson.write(counts.group()));
            put(one, "scores", counts.scores(), SumsJson::write);
            put(one, "errors", counts.errors(), SumsJson::write);
        });
        return json;
    }

    private static <T> void put(ObjectNode to, String name, @Nullable T value, Function<T, ObjectNode> write) {
        if (value != null) {
            to.set(name, write.apply(value));
        }
    }

    /**
     * Reads a window.
     *
     * @throws IllegalArgumentException if the bytes are no window in canonical form, or too many
     */
    public static Window parse(byte[] bytes) {
        return read(new Members(CanonicalJson.parse(bytes, MOST_BYTES), "window"));
    }

    /** Reads a window that is part of something; {@link IllegalArgumentException} if it is none. */
    public static Window read(Members members) {
        if (!members.text("format").equals(FORMAT)) {
            throw members.wrong("format", FORMAT);
        }
        List<SignalCounts> signals = new ArrayList<>();
        for (Members one : members.each("signals", ReferenceProfile.MOST_SIGNALS)) {
            ImmutableLongArray cells = one.counts("cells", ReferenceProfile.MOST_CELLS);
            signals.add(
                    one.has("sums")
                            ? new SignalCounts(
                                    cells, SumsJson.sums(one.members("sums")), one.real("least"), one.real("most"))
                            : SignalCounts.of(cells));
            one.end();
        }
        SortedMap<Slice, SliceCounts> slices = new TreeMap<>();
        for (Members one : members.each("slices", MOST_SLICES)) {
            Slice slice = new Slice(one.text("signal"), (int) one.integer("cell", 0, ReferenceProfile.MOST_CELLS));
            SliceCounts counts = new SliceCounts(
                    SumsJson.group(one.members("group")),
                    one.has("scores") ? SumsJson.scores(one.members("scores")) : null,
                    one.has("errors") ? SumsJson.errors(one.members("errors")) : null);
            one.end();
            if (slices.put(slice, counts) != null) {
                throw new IllegalArgumentException("the window has the slice " + slice + " twice");
            }
        }
        Window window = new Window(
                members.text("monitor"),
                members.integer("index", -MOST, MOST),
                members.integer("predictions", 0, MOST),
                signals,
                members.has("expected") ? SumsJson.expected(members.members("expected")) : null,
                members.has("scores") ? SumsJson.scores(members.members("scores")) : null,
                members.has("errors") ? SumsJson.errors(members.members("errors")) : null,
                slices);
        members.end();
        return window;
    }
}
