package dev.modelops.core.internal.monitoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.json.CanonicalJson;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Categorical;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Numeric;
import dev.modelops.core.internal.monitoring.ReferenceProfile.Signal;
import dev.modelops.core.internal.statistics.MultipleTesting;
import dev.modelops.monitoring.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * What is watched of a version, and when it is alarming. A check alarms if, in enough of the latest windows, a difference is
 * both more than chance would make it, over all checks and windows together, and large enough to matter.
 *
 * @param name which monitor this is
 * @param profile the digest of the reference profile's bytes
 * @param window how long a window is
 * @param output what is predicted
 * @param slices the categorical signals by whose values performance and decisions are told apart
 * @param checks what is looked at
 * @param alpha how probable a false alarm may be, in each evaluation, if nothing differs
 * @param correction how the tests of one evaluation are corrected for each other
 * @param needed in how many of the latest windows a check must exceed its bounds
 * @param among how many of the latest windows are looked at
 * @param minimum how many observations a window must have to be looked at
 * @param clearAfter after how many windows within bounds an alert is over
 * @param grace how long after the end of a window its parts are waited for
 * @param labels how long after the end of a window the outcomes of its predictions are waited for
 * @param coolDown for how long a model is not asked to be trained anew a second time
 */
public record MonitorSpec(
        String name,
        Digest profile,
        Duration window,
        Output output,
        List<String> slices,
        List<Check> checks,
        double alpha,
        MultipleTesting correction,
        int needed,
        int among,
        long minimum,
        int clearAfter,
        Duration grace,
        Duration labels,
        Duration coolDown) {
    /** How many bytes a specification may have. */
    public static final int MOST_BYTES = 1 << 20;

    static final int MOST_CHECKS = 5000;
    static final int MOST_SLICES = 20;
    static final int MOST_WINDOWS = 100;

    /** How many windows may lie between the end of one and the time when it is judged. */
    static final int MOST_WAITED = 2000;

    private static final String FORMAT = "dev.modelops.monitor/1";

    /** Copies the lists, and checks the bounds. */
    public MonitorSpec {
        slices = List.copyOf(slices);
        checks = List.copyOf(checks);
        if (name.isEmpty() || name.length() > ReferenceProfile.LONGEST_NAME) {
            throw new IllegalArgumentException(
                    "the name of a monitor has 1 to " + ReferenceProfile.LONGEST_NAME + " characters");
        }
        if (window.compareTo(Duration.ofMillis(1)) < 0 || window.compareTo(Duration.ofDays(366)) > 0) {
            throw new IllegalArgumentException("a window is a millisecond to 366 days long, but was " + window);
        }
        if (checks.isEmpty()
                || checks.size() > MOST_CHECKS
                || checks.stream().map(Check::bare).distinct().count() != checks.size()) {
            throw new IllegalArgumentException("a monitor has 1 to " + MOST_CHECKS + " different checks");
        }
        if (slices.size() > MOST_SLICES || new HashSet<>(slices).size() != slices.size()) {
            throw new IllegalArgumentException("a monitor has at most " + MOST_SLICES + " different slices");
        }
        if (!(alpha > 0 && alpha < 0.5)) {
            throw new IllegalArgumentException("alpha is between 0 and 0.5, but was " + alpha);
        }
        if (needed < 1 || needed > among || among > MOST_WINDOWS) {
            throw new IllegalArgumentException("expected that some windows are needed among 1 to " + MOST_WINDOWS
                    + ", found " + needed + " of " + among);
        }
        if (minimum < 2) {
            throw new IllegalArgumentException("a window needs at least 2 observations, not " + minimum);
        }
        if (clearAfter < 1 || clearAfter > MOST_WINDOWS) {
            throw new IllegalArgumentException(
                    "an alert is over after 1 to " + MOST_WINDOWS + " windows, not after " + clearAfter);
        }
        if (grace.isNegative()
                || grace.isZero()
                || labels.compareTo(grace) < 0
                || coolDown.isNegative()
                || coolDown.isZero()) {
            throw new IllegalArgumentException("outcomes are waited for at least as long as windows, and each time is"
                    + " positive, but found were " + grace + ", " + labels + " and " + coolDown);
        }
        if (labels.compareTo(window.multipliedBy(MOST_WAITED)) > 0) {
            throw new IllegalArgumentException("outcomes are waited for at most " + MOST_WAITED + " windows, but found"
                    + " was " + labels + " with windows of " + window);
        }
    }

    /** What a version predicts. */
    public enum OutputKind {
        /** Nothing that could be compared with what happened. */
        NONE,
        /** The probability that something happens. */
        PROBABILITY,
        /** A value. */
        VALUE
    }

    /**
     * Where the prediction stands.
     *
     * @param kind what it is
     * @param signal the numeric signal, or an empty text if there is none
     * @param threshold from which probability on is decided for
     */
    public record Output(OutputKind kind, String signal, double threshold) {
        /** No prediction. */
        public static final Output NONE = new Output(OutputKind.NONE, "", 0.5);

        /** Checks that a signal is named if one is needed. */
        public Output {
            if ((kind == OutputKind.NONE) != signal.isEmpty()) {
                throw new IllegalArgumentException("an output names its signal, and none names none");
            }
            if (!(threshold >= 0 && threshold <= 1)) {
                throw new IllegalArgumentException("a threshold is from 0 to 1, but was " + threshold);
            }
        }
    }

    /**
     * One thing that is looked at.
     *
     * @param statistic what
     * @param signal of which signal, an empty text where it is of the prediction
     * @param privileged the category that others are compared with, an empty text unless it is about fairness
     * @param floor how large a difference must be to matter
     * @param response what is done when it alarms
     * @param bound at which bound a detector sees a change, 0 for every other check
     * @param over how many windows a detector looks back over, 0 for every other check
     */
    public record Check(
            Statistic statistic,
            String signal,
            String privileged,
            double floor,
            Response response,
            double bound,
            int over) {
        private static final int USUAL_OVER = 30;
        private static final double USUAL_SUM = 50;
        private static final double USUAL_DEVIATIONS = 3;
        private static final double USUAL_ERROR = 0.002;

        /** Checks that what is needed is named. */
        public Check {
            boolean ofPrediction = switch (statistic.kind()) {
                case PROBABILITY, VALUE, CHANGE -> true;
                case DISTRIBUTION, ORDERED, FAIRNESS -> false;
            };
            if (ofPrediction != signal.isEmpty()) {
                throw new IllegalArgumentException("the check " + Members.word(statistic)
                        + (ofPrediction ? " is of the prediction and names no signal" : " must name its signal"));
            }
            if ((statistic.kind() == Statistic.Kind.FAIRNESS) == privileged.isEmpty()) {
                throw new IllegalArgumentException("a check of fairness, and only that, names the privileged category");
            }
            if (!(floor >= 0) || Double.isInfinite(floor)) {
                throw new IllegalArgumentException("a floor is finite and not negative, but was " + floor);
            }
            if (statistic.kind() != Statistic.Kind.CHANGE) {
                if (bound != 0 || over != 0) {
                    throw new IllegalArgumentException("the check " + Members.word(statistic)
                            + " sees no changes, so it has no bound and looks back over no windows");
                }
            } else if (over < 1 || over > MOST_WINDOWS) {
                throw new IllegalArgumentException(
                        "a detector looks back over 1 to " + MOST_WINDOWS + " windows, not " + over);
            } else if (!(bound > 0) || Double.isInfinite(bound) || statistic == Statistic.ADWIN && bound >= 1) {
                throw new IllegalArgumentException("the bound of " + Members.word(statistic) + " is above 0"
                        + (statistic == Statistic.ADWIN ? " and below 1, a probability" : "") + ", but was " + bound);
            }
        }

        private Check(Statistic statistic, String signal, String privileged, double floor) {
            this(
                    statistic,
                    signal,
                    privileged,
                    floor,
                    Response.NOTIFY,
                    switch (statistic) {
                        case PAGE_HINKLEY -> USUAL_SUM;
                        case DDM -> USUAL_DEVIATIONS;
                        case ADWIN -> USUAL_ERROR;
                        default -> 0;
                    },
                    statistic.kind() == Statistic.Kind.CHANGE ? USUAL_OVER : 0);
        }

        /** Returns a check of one signal. */
        public static Check of(Statistic statistic, String signal, double floor) {
            return new Check(statistic, signal, "", floor);
        }

        /** Returns a check of the prediction. */
        public static Check of(Statistic statistic, double floor) {
            return new Check(statistic, "", "", floor);
        }

        /** Returns a check of fairness. */
        public static Check of(Statistic statistic, String signal, String privileged, double floor) {
            return new Check(statistic, signal, privileged, floor);
        }

        /** Returns the same check with another response. */
        public Check then(Response other) {
            return new Check(statistic, signal, privileged, floor, other, bound, over);
        }

        /** Returns the same check of changes with another bound. */
        public Check seenAt(double other) {
            return new Check(statistic, signal, privileged, floor, response, other, over);
        }

        /** Returns the same check of changes that looks back over other windows. */
        public Check over(int windows) {
            return new Check(statistic, signal, privileged, floor, response, bound, windows);
        }

        /** Returns when it is judged, and together with what. */
        public Family family() {
            boolean needsOutcomes = switch (statistic.kind()) {
                case DISTRIBUTION, ORDERED, CHANGE -> false;
                case PROBABILITY -> statistic != Statistic.EXPECTED_AUC && statistic != Statistic.EXPECTED_ACCURACY;
                case VALUE -> true;
                case FAIRNESS -> statistic == Statistic.EQUAL_OPPORTUNITY;
            };
            return statistic.kind() == Statistic.Kind.CHANGE
                    ? Family.CHANGES
                    : needsOutcomes ? Family.OUTCOMES : Family.COUNTS;
        }

        /** Returns what is looked at, without how large it must be or what is done then. */
        private Check bare() {
            return new Check(statistic, signal, privileged, 0);
        }
    }

    /** Checks that are judged at the same time, and corrected for each other. */
    public enum Family {
        /** What was counted when it was asked. */
        COUNTS,
        /** What came of what was asked in a window. */
        OUTCOMES,
        /** What became known in a window, in its order; not tests, so they are not corrected. */
        CHANGES
    }

    /** Returns how long after the end of a window checks are judged. */
    public Duration wait(Family family) {
        return family == Family.OUTCOMES ? labels : grace;
    }

    /** Returns the checks of a family. */
    public List<Check> checks(Family family) {
        return checks.stream().filter(check -> check.family() == family).toList();
    }

    /** Returns how many windows detectors of changes look back over, 0 if there are none. */
    public int over() {
        return checks.stream().mapToInt(Check::over).max().orElse(0);
    }

    /** Returns when a window ends. */
    public Instant endOf(long index) {
        return beginOf(Math.addExact(index, 1));
    }

    /** Returns the number of the window that a time is in. */
    public long windowOf(Instant time) {
        return Math.floorDiv(time.toEpochMilli(), window.toMillis());
    }

    /** Returns when a window begins. */
    public Instant beginOf(long index) {
        return Instant.ofEpochMilli(Math.multiplyExact(index, window.toMillis()));
    }

    /** Refuses a profile that does not have what this looks at, with {@link IllegalArgumentException}. */
    public void requireFits(ReferenceProfile of) {
        if (!Digest.sha256Of(Bytes.of(of.toBytes())).equals(profile)) {
            throw new IllegalArgumentException(
                    "the monitor '" + name + "' is made for the reference profile " + profile + ", not for this one");
        }
        if (!output.signal().isEmpty() && !(signal(of, output.signal()) instanceof Numeric)) {
            throw new IllegalArgumentException("the output '" + output.signal() + "' must be a numeric signal");
        }
        for (String slice : slices) {
            if (!(signal(of, slice) instanceof Categorical)) {
                throw new IllegalArgumentException("the slice '" + slice + "' must be a categorical signal");
            }
        }
        checks.forEach(check -> requireFits(check, of));
    }

    private void requireFits(Check check, ReferenceProfile of) {
        String what = "the check " + Members.word(check.statistic());
        switch (check.statistic().kind()) {
            case DISTRIBUTION -> signal(of, check.signal());
            case ORDERED -> {
                if (!(signal(of, check.signal()) instanceof Numeric)) {
                    throw new IllegalArgumentException(
                            what + " needs a numeric signal, which '" + check.signal() + "' is not");
                }
            }
            case PROBABILITY -> {
                if (output.kind() != OutputKind.PROBABILITY || of.scores() == null) {
                    throw new IllegalArgumentException(
                            what + " needs a probability as output and its scores in the reference profile");
                }
            }
            case VALUE -> {
                if (output.kind() != OutputKind.VALUE || of.errors() == null) {
                    throw new IllegalArgumentException(
                            what + " needs a value as output and its errors in the reference profile");
                }
            }
            case CHANGE -> {
                boolean fits = switch (output.kind()) {
                    case NONE -> false;
                    case PROBABILITY -> true;
                    case VALUE ->
                        check.statistic() == Statistic.PAGE_HINKLEY
                                && of.errors() != null
                                && of.errors().amounts().deviation() > 0;
                };
                if (!fits) {
                    throw new IllegalArgumentException(what + " needs a probability as output"
                            + (check.statistic() == Statistic.PAGE_HINKLEY
                                    ? ", or a value and errors that differ in the reference profile"
                                    : ""));
                }
            }
            case FAIRNESS -> {
                if (output.kind() != OutputKind.PROBABILITY
                        || !slices.contains(check.signal())
                        || !(signal(of, check.signal()) instanceof Categorical categorical)
                        || !categorical.categories().contains(check.privileged())) {
                    throw new IllegalArgumentException(what
                            + " needs a probability as output, and a slice that has the category '" + check.privileged()
                            + "'");
                }
            }
        }
    }

    private static Signal signal(ReferenceProfile profile, String name) {
        return profile.signals().get(profile.indexOf(name));
    }

    /** Returns the bytes of the specification, in canonical form. */
    public byte[] toBytes() {
        ObjectNode json = Json.object()
                .put("format", FORMAT)
                .put("name", name)
                .put("profile", profile.toString())
                .put("window", window.toString())
                .put("alpha", alpha)
                .put("correction", Members.word(correction))
                .put("needed", needed)
                .put("among", among)
                .put("minimum", minimum)
                .put("clearAfter", clearAfter)
                .put("grace", grace.toString())
                .put("labels", labels.toString())
                .put("coolDown", coolDown.toString());
        json.putObject("output")
                .put("kind", Members.word(output.kind()))
                .put("signal", output.signal())
                .put("threshold", output.threshold());
        ArrayNode names = json.putArray("slices");
        slices.forEach(names::add);
        ArrayNode all = json.putArray("checks");
        for (Check check : checks) {
            ObjectNode one = all.addObject()
                    .put("statistic", Members.word(check.statistic()))
                    .put("signal", check.signal())
                    .put("privileged", check.privileged())
                    .put("floor", check.floor())
                    .put("response", Members.word(check.response()));
            if (check.family() == Family.CHANGES) {
                one.put("bound", check.bound()).put("over", check.over());
            }
        }
        return CanonicalJson.write(json);
    }

    /**
     * Reads a specification.
     *
     * @throws IllegalArgumentException if the bytes are no specification in canonical form, or too many
     */
    public static MonitorSpec parse(byte[] bytes) {
        Members members = new Members(CanonicalJson.parse(bytes, MOST_BYTES), "monitor");
        if (!members.text("format").equals(FORMAT)) {
            throw members.wrong("format", FORMAT);
        }
        Members of = members.members("output");
        Output output = new Output(of.word("kind", OutputKind.class), of.text("signal"), of.real("threshold"));
        of.end();
        List<Check> checks = new ArrayList<>();
        for (Members check : members.each("checks", MOST_CHECKS)) {
            Statistic statistic = check.word("statistic", Statistic.class);
            boolean ofChanges = statistic.kind() == Statistic.Kind.CHANGE;
            checks.add(new Check(
                    statistic,
                    check.text("signal"),
                    check.text("privileged"),
                    check.real("floor"),
                    check.word("response", Response.class),
                    ofChanges ? check.real("bound") : 0,
                    ofChanges ? (int) check.integer("over", 1, MOST_WINDOWS) : 0));
            check.end();
        }
        MonitorSpec spec = new MonitorSpec(
                members.text("name"),
                Digest.parse(members.text("profile")),
                members.duration("window"),
                output,
                members.texts("slices", MOST_SLICES),
                checks,
                members.real("alpha"),
                members.word("correction", MultipleTesting.class),
                (int) members.integer("needed", 1, MOST_WINDOWS),
                (int) members.integer("among", 1, MOST_WINDOWS),
                members.integer("minimum", 2, Long.MAX_VALUE),
                (int) members.integer("clearAfter", 1, MOST_WINDOWS),
                members.duration("grace"),
                members.duration("labels"),
                members.duration("coolDown"));
        members.end();
        return spec;
    }
}
