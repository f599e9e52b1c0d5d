package dev.modelops.serving;

import dev.modelops.ModelRef;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a host says of an answer that a model gave, to be kept in the {@linkplain PredictionLog prediction log}. Immutable;
 * the methods with an argument return changed copies. Values are texts, numbers and truth values; they are kept as the text
 * that {@link String#valueOf(Object)} gives.
 */
public final class Prediction {
    private static final int MOST_NAME = 128;
    private static final int MOST_TEXT = 4_000;
    private static final int MOST_VALUES = 1_000;
    private static final int MOST_CHARACTERS = 15_000;

    private final ModelRef version;
    private final Served.By by;
    private final long node;
    private final long sequence;
    private final @Nullable String request;
    private final @Nullable String caller;
    private final long experiment;
    private final long pair;
    private final Map<String, ?> input;
    private final Map<String, ?> output;

    private Prediction(
            ModelRef version,
            Served.By by,
            long node,
            long sequence,
            @Nullable String request,
            @Nullable String caller,
            long experiment,
            long pair,
            Map<String, ?> input,
            Map<String, ?> output) {
        this.version = version;
        this.by = by;
        this.node = node;
        this.sequence = sequence;
        this.request = request;
        this.caller = caller;
        this.experiment = experiment;
        this.pair = pair;
        this.input = input;
        this.output = output;
    }

    /**
     * Returns what is known of an answer by itself: its identity and the version that gave it.
     *
     * @param served the answer
     * @return the prediction, with no values
     */
    public static Prediction of(Served<?> served) {
        return new Prediction(
                served.version(),
                served.by(),
                served.node(),
                served.sequence(),
                null,
                null,
                served.experiment(),
                served.pair(),
                Map.of(),
                Map.of());
    }

    /**
     * Adds the host's own number of the request, by which the prediction can be found.
     *
     * @param id 1 to 128 characters
     * @return the changed copy
     */
    public Prediction request(String id) {
        return new Prediction(
                version, by, node, sequence, named("request", id), caller, experiment, pair, input, output);
    }

    /**
     * Adds who asked the model: a person or a system, as the host knows it. An opaque id is better than a name.
     *
     * @param id 1 to 128 characters
     * @return the changed copy
     */
    public Prediction caller(String id) {
        return new Prediction(
                version, by, node, sequence, request, named("caller", id), experiment, pair, input, output);
    }

    /**
     * Sets what the model was asked with.
     *
     * @param values the values by name, at most 1,000 with 15,000 characters together; copied in
     * @return the changed copy
     * @throws IllegalArgumentException if a name or a text is too long, or a value is neither text, number nor truth value
     */
    public Prediction input(Map<String, ?> values) {
        return new Prediction(version, by, node, sequence, request, caller, experiment, pair, checked(values), output);
    }

    /**
     * Sets what the model answered.
     *
     * @param values the values by name, at most 1,000 with 15,000 characters together; copied in
     * @return the changed copy
     * @throws IllegalArgumentException if a name or a text is too long, or a value is neither text, number nor truth value
     */
    public Prediction output(Map<String, ?> values) {
        return new Prediction(version, by, node, sequence, request, caller, experiment, pair, input, checked(values));
    }

    /**
     * Returns the version that answered.
     *
     * @return the version
     */
    public ModelRef version() {
        return version;
    }

    /**
     * Returns what answered, as {@link Served#by} does.
     *
     * @return what answered
     */
    public Served.By by() {
        return by;
    }

    /**
     * Returns the process that answered, as {@link Served#node} does.
     *
     * @return the random number of the process
     */
    public long node() {
        return node;
    }

    /**
     * Returns the count of the answer in its process, as {@link Served#sequence} does.
     *
     * @return the count
     */
    public long sequence() {
        return sequence;
    }

    /**
     * Returns the host's number of the request.
     *
     * @return the number, if given
     */
    public Optional<String> request() {
        return Optional.ofNullable(request);
    }

    /**
     * Returns who asked.
     *
     * @return the id, if given
     */
    public Optional<String> caller() {
        return Optional.ofNullable(caller);
    }

    /**
     * Returns the experiment that it counts for, as {@link Served#experiment} does.
     *
     * @return the position of the experiment, 0 if for none
     */
    public long experiment() {
        return experiment;
    }

    /**
     * Returns the count of the champion's answer beside which a shadow gave this one, as {@link Served#pair} does.
     *
     * @return the count, -1 if none did
     */
    public long pair() {
        return pair;
    }

    /**
     * Returns what the model was asked with.
     *
     * @return the values by name
     */
    public Map<String, ?> input() {
        return input;
    }

    /**
     * Returns what the model answered.
     *
     * @return the values by name
     */
    public Map<String, ?> output() {
        return output;
    }

    /**
     * Returns the identity, as {@link Served#predictionId} does.
     *
     * @return 16 hexadecimal digits, a hyphen, and 16 more
     */
    public String id() {
        return String.format("%016x-%016x", node, sequence);
    }

    private static String named(String what, String text) {
        if (text.isBlank() || text.length() > MOST_NAME || hasControls(text)) {
            throw new IllegalArgumentException(what + " of a prediction must have 1 to " + MOST_NAME
                    + " characters, none of them control characters, but was '" + cut(text) + "'");
        }
        return text;
    }

    private static Map<String, ?> checked(Map<String, ?> values) {
        if (values.size() > MOST_VALUES) {
            throw new IllegalArgumentException(
                    "a prediction may have " + MOST_VALUES + " values, but " + values.size() + " were given");
        }
        int characters = 0;
        for (Map.Entry<String, ?> entry : values.entrySet()) {
            if (entry.getKey() == null || entry.getValue() == null) {
                throw new IllegalArgumentException("value '" + entry.getKey()
                        + "' of a prediction must be a text, a number or a truth value, but was null; leave it out");
            }
            String name = named("a name of a value", entry.getKey());
            Object value = entry.getValue();
            if (!isPlain(value)) {
                throw new IllegalArgumentException("value '" + name
                        + "' of a prediction must be a text, a number or a truth value, but was a "
                        + value.getClass().getName());
            }
            int length = length(value);
            if (length > MOST_TEXT || value instanceof String text && hasControls(text)) {
                throw new IllegalArgumentException("value '" + name + "' of a prediction must have at most " + MOST_TEXT
                        + " characters, and no control characters but tabs and ends of lines, but had " + length);
            }
            characters += name.length() + length;
        }
        if (characters > MOST_CHARACTERS) {
            throw new IllegalArgumentException("the values of a prediction may have " + MOST_CHARACTERS
                    + " characters together, but had " + characters);
        }
        return Map.copyOf(values);
    }

    /** Values that cannot change after they were handed over. */
    private static boolean isPlain(Object value) {
        return value instanceof String
                || value instanceof Boolean
                || value instanceof Number
                        && value instanceof Comparable
                        && value.getClass().getPackageName().startsWith("java.");
    }

    private static int length(Object value) {
        boolean mayBeLong = value instanceof String || value instanceof BigInteger || value instanceof BigDecimal;
        return mayBeLong ? value.toString().length() : 0;
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(c -> c < ' ' && c != '\t' && c != '\n' && c != '\r');
    }

    private static String cut(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }

    @Override
    public String toString() {
        return id() + " of " + version + " " + new TreeMap<>(input) + " -> " + new TreeMap<>(output);
    }
}
