package dev.modelops.core.internal.monitoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the data of a version looked like when it was made: for each signal the cells that everything later is counted in, and
 * what was in them. It is signed with the version, so that nobody can later argue about the bins.
 *
 * @param signals the signals, in the order in which values are recorded
 * @param scores how well its probabilities did on labelled data, if that is known
 * @param errors how well its predicted values did on labelled data, if that is known
 */
public record ReferenceProfile(
        List<Signal> signals,
        @Nullable BinaryScores scores,
        @Nullable RegressionErrors errors) {
    /** How many bytes a profile may have. */
    public static final int MOST_BYTES = 4 << 20;

    /** Numbers of this amount or more count as infinite, so that sums of squares never are. */
    static final double LARGEST = 1e100;

    static final int MOST_SIGNALS = 2000;
    static final int MOST_CELLS = 1002;
    static final int LONGEST_NAME = 200;

    private static final String FORMAT = "dev.modelops.reference-profile/1";

    /** Copies the list, and checks that no two signals have one name. */
    public ReferenceProfile {
        signals = List.copyOf(signals);
        if (signals.isEmpty() || signals.size() > MOST_SIGNALS) {
            throw new IllegalArgumentException(
                    "a profile has 1 to " + MOST_SIGNALS + " signals, but this one has " + signals.size());
        }
        Set<String> names = new HashSet<>();
        for (Signal signal : signals) {
            if (!names.add(signal.name())) {
                throw new IllegalArgumentException("two signals have the name '" + signal.name() + "'");
            }
        }
    }

    /** Something that is recorded with every prediction: an input or an output. */
    public sealed interface Signal {
        /** Returns its name. */
        String name();

        /** Returns the counts: of its bins or categories, then of two further cells. */
        ImmutableLongArray cells();

        /** Returns how often it was missing. */
        default long missing() {
            return cells().get(cells().length() - (this instanceof Numeric ? 2 : 1));
        }

        /** Returns how many rows were counted. */
        default long total() {
            return cells().stream().sum();
        }
    }

    /**
     * A number.
     *
     * @param name its name
     * @param edges where one bin ends and the next begins, rising: a value at an edge is in the bin above
     * @param cells the counts of the bins, then of missing values (not a number), then of infinite ones
     * @param means the mean of each bin, rising
     * @param center the mean of all finite values, about which windows sum
     * @param deviation the standard deviation of all finite values
     * @param least the least finite value
     * @param most the largest finite value
     */
    public record Numeric(
            String name,
            ImmutableDoubleArray edges,
            ImmutableLongArray cells,
            ImmutableDoubleArray means,
            double center,
            double deviation,
            double least,
            double most)
            implements Signal {
        /** Checks that everything fits together. */
        public Numeric {
            requireName(name);
            requireCells(name, cells);
            if (edges.length() + 3 != cells.length() || means.length() != edges.length() + 1) {
                throw new IllegalArgumentException("signal '" + name
                        + "' needs one bin and one mean more than edges, and " + "two cells more than bins");
            }
            if (!rises(edges, false) || !rises(means, true)) {
                throw new IllegalArgumentException("the edges and means of signal '" + name + "' must rise");
            }
            if (!isSummable(center) || !Double.isFinite(deviation) || deviation < 0 || !(least <= most)) {
                throw new IllegalArgumentException("the moments of signal '" + name + "' do not fit together");
            }
        }

        private static boolean rises(ImmutableDoubleArray values, boolean mayRest) {
            for (int i = 0; i < values.length(); i++) {
                if (!Double.isFinite(values.get(i))
                        || i > 0
                                && !(mayRest
                                        ? values.get(i - 1) <= values.get(i)
                                        : values.get(i - 1) < values.get(i))) {
                    return false;
                }
            }
            return true;
        }

        /** Returns how many bins there are. */
        public int bins() {
            return means.length();
        }

        /** Returns how many values were infinite. */
        public long infinite() {
            return cells.get(cells.length() - 1);
        }
    }

    /**
     * One of some texts.
     *
     * @param name its name
     * @param categories the texts that have a cell of their own
     * @param cells the counts of the categories, then of all others, then of missing ones
     */
    public record Categorical(String name, List<String> categories, ImmutableLongArray cells) implements Signal {
        /** Copies the list, and checks that everything fits together. */
        public Categorical {
            categories = List.copyOf(categories);
            requireName(name);
            requireCells(name, cells);
            if (categories.size() + 2 != cells.length()) {
                throw new IllegalArgumentException("signal '" + name + "' needs two cells more than categories");
            }
            if (new HashSet<>(categories).size() != categories.size()) {
                throw new IllegalArgumentException("signal '" + name + "' has a category twice");
            }
        }

        /** Returns how often a category had no cell of its own. */
        public long other() {
            return cells.get(cells.length() - 2);
        }
    }

    private static void requireName(String name) {
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new IllegalArgumentException("the name of a signal has 1 to " + LONGEST_NAME + " characters");
        }
    }

    private static void requireCells(String name, ImmutableLongArray cells) {
        if (cells.length() < 3 || cells.length() > MOST_CELLS) {
            throw new IllegalArgumentException(
                    "signal '" + name + "' needs 3 to " + MOST_CELLS + " cells, but has " + cells.length());
        }
        if (cells.stream().anyMatch(count -> count < 0)) {
            throw new IllegalArgumentException("a cell of signal '" + name + "' counts less than nothing");
        }
    }

    /** Tells whether a number is finite and small enough to be summed. */
    static boolean isSummable(double value) {
        return Math.abs(value) < LARGEST;
    }

    /** Returns the place of a signal among {@link #signals}; {@link IllegalArgumentException} if there is none. */
    public int indexOf(String name) {
        for (int i = 0; i < signals.size(); i++) {
            if (signals.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("the reference profile has no signal '" + name + "'");
    }

    /** Returns the bytes of the profile, in canonical form. */
    public byte[] toBytes() {
        ObjectNode json = Json.object().put("format", FORMAT);
        ArrayNode all = json.putArray("signals");
        for (Signal signal : signals) {
            ObjectNode one = all.addObject().put("name", signal.name());
            if (signal instanceof Numeric numeric) {
                one.put("center", numeric.center())
                        .put("deviation", numeric.deviation())
                        .put("least", numeric.least())
                        .put("most", numeric.most());
                SumsJson.put(one, "edges", numeric.edges());
                SumsJson.put(one, "means", numeric.means());
            } else if (signal instanceof Categorical categorical) {
                ArrayNode categories = one.putArray("categories");
                categorical.categories().forEach(categories::add);
            }
            SumsJson.put(one, "cells", signal.cells());
        }
        if (scores != null) {
            json.set("scores", SumsJson.write(scores));
        }
        if (errors != null) {
            json.set("errors", SumsJson.write(errors));
        }
        return CanonicalJson.write(json);
    }

    /**
     * Reads a profile.
     *
     * @throws IllegalArgumentException if the bytes are no profile in canonical form, or too many
     */
    public static ReferenceProfile parse(byte[] bytes) {
        Members members = new Members(CanonicalJson.parse(bytes, MOST_BYTES), "profile");
        if (!members.text("format").equals(FORMAT)) {
            throw members.wrong("format", FORMAT);
        }
        List<Signal> signals = members.each("signals", MOST_SIGNALS).stream()
                .map(ReferenceProfile::signal)
                .toList();
        BinaryScores scores = members.has("scores") ? SumsJson.scores(members.members("scores")) : null;
        RegressionErrors errors = members.has("errors") ? SumsJson.errors(members.members("errors")) : null;
        members.end();
        return new ReferenceProfile(signals, scores, errors);
    }

    private static Signal signal(Members members) {
        String name = members.text("name");
        ImmutableLongArray cells = members.counts("cells", MOST_CELLS);
        Signal signal = members.has("categories")
                ? new Categorical(name, members.texts("categories", MOST_CELLS), cells)
                : new Numeric(
                        name,
                        members.reals("edges", MOST_CELLS),
                        cells,
                        members.reals("means", MOST_CELLS),
                        members.real("center"),
                        members.real("deviation"),
                        members.real("least"),
                        members.real("most"));
        members.end();
        return signal;
    }
}
