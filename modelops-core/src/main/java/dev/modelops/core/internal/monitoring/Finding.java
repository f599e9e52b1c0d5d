package dev.modelops.core.internal.monitoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a check found in the latest windows, with everything that it was concluded from.
 *
 * @param check what was looked at
 * @param category of a check of fairness, the category that was compared with the privileged one, else an empty text
 * @param level what follows
 * @param measurements what was measured, the oldest window first
 * @param change the change that was seen, null if none was or none is looked for
 */
public record Finding(
        Check check,
        String category,
        Level level,
        List<Measurement> measurements,
        @Nullable Change change) {
    /** Beyond this many digits, two Java runtimes may differ. */
    private static final MathContext SHOWN = new MathContext(12);

    /** Copies the list. */
    public Finding {
        measurements = List.copyOf(measurements);
    }

    /** Returns what was found by looking at windows. */
    public Finding(Check check, String category, Level level, List<Measurement> measurements) {
        this(check, category, level, measurements, null);
    }

    /**
     * A change of the losses.
     *
     * @param since the number of the window with which the detector began
     * @param entry the entry with which it saw the change
     * @param after how many losses it had seen then
     * @param before the mean loss before
     */
    public record Change(long since, long entry, long after, double before) {}

    /** What follows from the measurements. */
    public enum Level {
        /** There are not enough observations in the latest window. */
        UNKNOWN,
        /** The latest window is within bounds. */
        WITHIN,
        /** The latest window is beyond bounds, but not enough of them are. */
        EXCEEDING,
        /** Enough of the latest windows are beyond bounds. */
        ALARMING
    }

    /**
     * What was measured in one window.
     *
     * @param window its number
     * @param reference how many observations of the reference there are
     * @param current how many observations of the window there are
     * @param statistic the test statistic
     * @param effect how large the difference is, in the unit of the floor
     * @param pValue how probable a test statistic like it would be if nothing differed
     * @param adjusted the same, corrected for all tests of the evaluation
     * @param sufficient whether there are enough observations; if not, the numbers are zero, the probabilities one
     * @param exceeds whether the difference is both significant and large enough
     */
    public record Measurement(
            long window,
            long reference,
            long current,
            double statistic,
            double effect,
            double pValue,
            double adjusted,
            boolean sufficient,
            boolean exceeds) {}

    /** Returns in how many windows the difference exceeds the bounds. */
    public int exceeding() {
        return (int) measurements.stream().filter(Measurement::exceeds).count();
    }

    /** Returns the number of the latest window. */
    public long latest() {
        return measurements.get(measurements.size() - 1).window();
    }

    /** Returns what identifies the check among those of its monitor. */
    public String key() {
        StringBuilder key = new StringBuilder(Members.word(check.statistic()));
        if (!check.signal().isEmpty()) {
            key.append(':').append(check.signal());
        }
        if (!category.isEmpty()) {
            key.append('=').append(category);
        }
        return key.toString();
    }

    /** Returns the finding as an object; numbers are rounded to 12 digits. */
    public ObjectNode toJson() {
        ObjectNode json = Json.object()
                .put("statistic", Members.word(check.statistic()))
                .put("signal", check.signal())
                .put("privileged", check.privileged())
                .put("category", category)
                .put("floor", check.floor())
                .put("level", Members.word(level));
        ArrayNode all = json.putArray("measurements");
        for (Measurement measured : measurements) {
            ObjectNode one = all.addObject()
                    .put("window", measured.window())
                    .put("reference", measured.reference())
                    .put("current", measured.current())
                    .put("sufficient", measured.sufficient())
                    .put("exceeds", measured.exceeds());
            put(one, "score", measured.statistic());
            put(one, "effect", measured.effect());
            put(one, "pValue", measured.pValue());
            put(one, "adjusted", measured.adjusted());
        }
        Change seen = change;
        if (seen != null) {
            put(
                    json.putObject("change")
                            .put("since", seen.since())
                            .put("entry", seen.entry())
                            .put("after", seen.after()),
                    "before",
                    seen.before());
        }
        return json;
    }

    /** Returns the bytes of the finding, in canonical form. */
    public byte[] toBytes() {
        return CanonicalJson.write(toJson());
    }

    private static void put(ObjectNode to, String name, double value) {
        if (Double.isFinite(value)) {
            to.put(name, new BigDecimal(value).round(SHOWN).doubleValue());
        } else {
            to.put(name, Double.toString(value));
        }
    }
}
