package dev.modelops.core.internal.monitoring;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.monitoring.MonitorSpec.OutputKind;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Categorical;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Signal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where each signal of a monitor is counted: its cells among all cells, its sums among all sums. Immutable. */
public final class Layout {
    private static final int MOST_LINEAR = 32;

    final String monitor;
    final MonitorSpec spec;
    final ReferenceProfile profile;
    final int cells;
    final double[] centers;
    final int output;
    final int sliceCells;

    private final List<String> numberNames;
    private final List<String> textNames;
    private final int[] numericAt;
    private final double[][] edges;
    private final int[] categoricalAt;
    private final List<Map<String, Integer>> categories = new ArrayList<>();
    private final int[] sliceSignals;
    private final int[] sliceAt;

    /**
     * Lays out what a monitor counts.
     *
     * @throws IllegalArgumentException if it does not fit the profile
     */
    public Layout(MonitorSpec spec, ReferenceProfile profile) {
        spec.requireFits(profile);
        this.spec = spec;
        this.profile = profile;
        this.monitor = Digest.sha256Of(Bytes.of(spec.toBytes())).toString();
        List<Numeric> numbers = new ArrayList<>();
        List<Categorical> texts = new ArrayList<>();
        List<Integer> numbersAt = new ArrayList<>();
        List<Integer> textsAt = new ArrayList<>();
        int next = 0;
        for (Signal signal : profile.signals()) {
            if (signal instanceof Numeric numeric) {
                numbers.add(numeric);
                numbersAt.add(next);
            } else if (signal instanceof Categorical categorical) {
                texts.add(categorical);
                textsAt.add(next);
            }
            next += signal.cells().length();
        }
        cells = next;
        numericAt = numbersAt.stream().mapToInt(Integer::intValue).toArray();
        categoricalAt = textsAt.stream().mapToInt(Integer::intValue).toArray();
        edges = numbers.stream().map(numeric -> numeric.edges().toArray()).toArray(double[][]::new);
        centers = numbers.stream().mapToDouble(Numeric::center).toArray();
        for (Categorical categorical : texts) {
            Map<String, Integer> places = new HashMap<>();
            for (String category : categorical.categories()) {
                places.put(category, places.size());
            }
            categories.add(places);
        }
        numberNames = numbers.stream().map(Numeric::name).toList();
        textNames = texts.stream().map(Categorical::name).toList();
        output = spec.output().kind() == OutputKind.NONE
                ? -1
                : numberNames.indexOf(spec.output().signal());
        sliceSignals = spec.slices().stream().mapToInt(textNames::indexOf).toArray();
        sliceAt = new int[sliceSignals.length];
        int sliced = 0;
        for (int i = 0; i < sliceSignals.length; i++) {
            sliceAt[i] = sliced;
            sliced += texts.get(sliceSignals[i]).cells().length();
        }
        sliceCells = sliced;
    }

    /** Returns what is watched. */
    public MonitorSpec spec() {
        return spec;
    }

    /** Returns what it is compared with. */
    public ReferenceProfile profile() {
        return profile;
    }

    /** Returns the digest of the monitor's bytes. */
    public String monitor() {
        return monitor;
    }

    /** Returns the names of the numbers of a row, in their order. */
    public List<String> numberNames() {
        return numberNames;
    }

    /** Returns the names of the texts of a row, in their order. */
    public List<String> textNames() {
        return textNames;
    }

    /** Returns in how many cells is counted, slices included. */
    public int allCells() {
        return cells + sliceCells;
    }

    /** Returns how many numbers a row has. */
    public int numbers() {
        return numericAt.length;
    }

    /** Returns how many texts a row has. */
    public int texts() {
        return categoricalAt.length;
    }

    boolean isProbability() {
        return spec.output().kind() == OutputKind.PROBABILITY;
    }

    int numericCell(int number, double value) {
        double[] of = edges[number];
        int first = numericAt[number];
        if (!ReferenceProfile.isSummable(value)) {
            return first + of.length + (Double.isNaN(value) ? 1 : 2);
        }
        if (of.length > MOST_LINEAR) {
            return first + above(of, value);
        }
        int bin = 0;
        for (double edge : of) {
            bin += value >= edge ? 1 : 0;
        }
        return first + bin;
    }

    /** Returns how many edges are at or below a value. */
    private static int above(double[] edges, double value) {
        int low = 0;
        int high = edges.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (edges[middle] <= value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    int categoricalCell(int text, @Nullable String value) {
        return categoricalAt[text] + place(text, value);
    }

    private int place(int text, @Nullable String value) {
        Map<String, Integer> places = categories.get(text);
        if (value == null) {
            return places.size() + 1;
        }
        Integer place = places.get(value);
        return place == null ? places.size() : place;
    }

    /** Returns the slices that a row is in, one for each signal by which is sliced. */
    public int[] slices(@Nullable String[] texts) {
        int[] slices = new int[sliceSignals.length];
        for (int i = 0; i < slices.length; i++) {
            slices[i] = slice(i, texts);
        }
        return slices;
    }

    int sliceSignals() {
        return sliceSignals.length;
    }

    int slice(int number, @Nullable String[] texts) {
        return sliceAt[number] + place(sliceSignals[number], texts[sliceSignals[number]]);
    }

    Window.Slice sliceOf(int cell) {
        int number = sliceAt.length - 1;
        while (sliceAt[number] > cell) {
            number--;
        }
        return new Window.Slice(spec.slices().get(number), cell - sliceAt[number]);
    }

    /** Tells whether a window is of this monitor and has its cells. */
    public boolean counts(Window window) {
        List<Signal> signals = profile.signals();
        if (!window.monitor().equals(monitor) || window.signals().size() != signals.size()) {
            return false;
        }
        for (int i = 0; i < signals.size(); i++) {
            Window.SignalCounts counts = window.signals().get(i);
            long finite = signals.get(i) instanceof Numeric numeric
                            && counts.cells().length() == numeric.cells().length()
                    ? counts.cells().subArray(0, numeric.bins()).stream().sum()
                    : 0;
            if (counts.cells().length() != signals.get(i).cells().length()
                    || counts.sums().count() != finite) {
                return false;
            }
        }
        return true;
    }

    void requireRow(double[] numbers, @Nullable String[] texts) {
        if (numbers.length != numericAt.length || texts.length != categoricalAt.length) {
            throw new IllegalArgumentException("a row of the monitor '" + spec.name() + "' has " + numericAt.length
                    + " numbers and " + categoricalAt.length + " texts, but one has " + numbers.length + " and "
                    + texts.length);
        }
    }
}
