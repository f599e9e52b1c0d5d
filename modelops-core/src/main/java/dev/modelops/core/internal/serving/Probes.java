package dev.modelops.core.internal.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ModelOpsException;
import dev.modelops.core.internal.log.Json;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.VerifiedArtifact;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The golden inputs of a version, with the answers that it has to give. */
final class Probes {
    private static final String FORM = "modelops.dev/probes@v1";
    private static final int MOST_BYTES = 4 * 1024 * 1024;
    private static final int MOST_PROBES = 1000;
    private static final int MOST_ROUNDS = 1000;
    private static final int MOST_SHOWN = 200;

    private final List<Probe> probes;
    private final int rounds;
    private final long within;

    private Probes(List<Probe> probes, int rounds, long within) {
        this.probes = probes;
        this.rounds = rounds;
        this.within = within;
    }

    private record Probe(String name, String input, JsonNode expected, double tolerance) {}

    /** A model did not answer its golden inputs as it has to. */
    static final class FailedException extends ModelOpsException {
        private static final long serialVersionUID = 1L;

        FailedException(String message) {
            super(message);
        }

        FailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Returns the golden inputs among the files of a version, or null if there are none.
     *
     * @throws FailedException if they cannot be read
     */
    static @Nullable Probes of(VerifiedArtifact artifact) {
        if (artifact.files().stream().noneMatch(file -> file.name().equals(ModelLoader.PROBES))) {
            return null;
        }
        try (InputStream in = artifact.open(ModelLoader.PROBES)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IllegalArgumentException("it has more than " + MOST_BYTES + " bytes");
            }
            return read(Json.parseObject(bytes));
        } catch (IOException | IllegalArgumentException e) {
            throw new FailedException(
                    "'" + ModelLoader.PROBES + "' of " + artifact.ref() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Probes read(ObjectNode json) {
        requireMembers(json, Set.of("form", "probes", "tolerance", "rounds", "withinMillis"));
        if (!json.path("form").asText().equals(FORM)) {
            throw new IllegalArgumentException("expected the form '" + FORM + "', found " + json.path("form"));
        }
        JsonNode list = json.path("probes");
        if (!list.isArray() || list.isEmpty() || list.size() > MOST_PROBES) {
            throw new IllegalArgumentException("expected 1 to " + MOST_PROBES + " probes");
        }
        double tolerance = tolerance(json, 0);
        List<Probe> probes = new ArrayList<>();
        for (JsonNode probe : list) {
            requireMembers(probe, Set.of("name", "input", "expected", "tolerance"));
            if (!probe.has("input") || !probe.has("expected")) {
                throw new IllegalArgumentException(
                        "probe " + (probes.size() + 1) + " needs both 'input' and 'expected'");
            }
            probes.add(new Probe(
                    probe.path("name").asText(Integer.toString(probes.size() + 1)),
                    new String(Json.write(probe.path("input")), StandardCharsets.UTF_8),
                    probe.path("expected"),
                    tolerance(probe, tolerance)));
        }
        int rounds = json.path("rounds").asInt(1);
        if (json.has("rounds") && !json.path("rounds").isInt() || rounds < 1 || rounds > MOST_ROUNDS) {
            throw new IllegalArgumentException(
                    "expected 1 to " + MOST_ROUNDS + " rounds, found " + json.path("rounds"));
        }
        long within = json.has("withinMillis") ? json.path("withinMillis").asLong(0) : Integer.MAX_VALUE;
        if (within < 1 || within > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("expected at least 1 millisecond, found " + json.path("withinMillis"));
        }
        return new Probes(List.copyOf(probes), rounds, TimeUnit.MILLISECONDS.toNanos(within));
    }

    private static void requireMembers(JsonNode json, Set<String> known) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("expected an object, found " + json.getNodeType());
        }
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            if (!known.contains(member.getKey())) {
                throw new IllegalArgumentException("unknown member '" + member.getKey() + "'");
            }
        }
    }

    private static double tolerance(JsonNode json, double otherwise) {
        JsonNode given = json.get("tolerance");
        if (given == null) {
            return otherwise;
        }
        double tolerance = given.isNumber() ? given.doubleValue() : Double.NaN;
        if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
            throw new IllegalArgumentException("expected a tolerance of at least 0, found " + given);
        }
        return tolerance;
    }

    /**
     * Asks a model all golden inputs, round after round.
     *
     * @throws FailedException if an answer is another than expected, does not come, or does not come in time
     */
    <T> void ask(T model, ModelLoader<T> loader) {
        long[] quickest = new long[probes.size()];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < quickest.length; i++) {
                long took = ask(model, loader, probes.get(i));
                quickest[i] = round == 0 ? took : Math.min(quickest[i], took);
            }
        }
        for (int i = 0; i < quickest.length; i++) {
            if (quickest[i] > within) {
                throw new FailedException("probe '" + probes.get(i).name() + "' was answered within "
                        + TimeUnit.NANOSECONDS.toMillis(quickest[i]) + " ms at best, expected was "
                        + TimeUnit.NANOSECONDS.toMillis(within) + " ms");
            }
        }
    }

    private static <T> long ask(T model, ModelLoader<T> loader, Probe probe) {
        long begun = System.nanoTime();
        String text;
        try {
            text = loader.answer(model, probe.input());
        } catch (Exception | Error e) {
            throw new FailedException("probe '" + probe.name() + "' was not answered: " + e, e);
        }
        long took = System.nanoTime() - begun;
        JsonNode answer = parse(text, probe);
        if (!isSame(probe.expected(), answer, probe.tolerance())) {
            throw new FailedException("probe '" + probe.name() + "' expects "
                    + shown(probe.expected().toString()) + ", found " + shown(text));
        }
        return took;
    }

    private static JsonNode parse(@Nullable String text, Probe probe) {
        try {
            if (text == null || text.length() > MOST_BYTES) {
                throw new IllegalArgumentException(text == null ? "it is null" : "it is too long");
            }
            ObjectNode object = Json.parseObject(("{\"a\":" + text + "}").getBytes(StandardCharsets.UTF_8));
            if (object.size() != 1) {
                throw new IllegalArgumentException("it is more than one value");
            }
            return object.path("a");
        } catch (IllegalArgumentException e) {
            throw new FailedException("the answer to probe '" + probe.name() + "' is no JSON: " + e.getMessage(), e);
        }
    }

    private static boolean isSame(JsonNode expected, JsonNode found, double tolerance) {
        if (expected.isNumber() && found.isNumber()) {
            return expected.decimalValue().compareTo(found.decimalValue()) == 0
                    || Math.abs(expected.doubleValue() - found.doubleValue()) <= tolerance;
        }
        if (expected.getNodeType() != found.getNodeType() || expected.size() != found.size()) {
            return false;
        }
        if (expected.isObject()) {
            return expected.properties().stream()
                    .allMatch(member -> found.has(member.getKey())
                            && isSame(member.getValue(), found.path(member.getKey()), tolerance));
        }
        if (expected.isArray()) {
            Iterator<JsonNode> others = found.iterator();
            for (JsonNode one : expected) {
                if (!isSame(one, others.next(), tolerance)) {
                    return false;
                }
            }
            return true;
        }
        return expected.equals(found);
    }

    private static String shown(String text) {
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
    }
}
