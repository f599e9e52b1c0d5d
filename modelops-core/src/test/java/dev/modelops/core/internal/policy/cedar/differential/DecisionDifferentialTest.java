package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Answer;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Policies;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Decides generated requests by our engine and by the reference implementation: decision, determining and erring policies
 * must be the same. Where the native library cannot be loaded, ours is held against the answers recorded from it.
 */
class DecisionDifferentialTest {
    private static final int REQUESTS = 8;
    private static final double NOISE = 0.04;
    private static final int RECORDED_WORLDS = 250;
    private static final String RECORD = "decisions.json";

    private final int cases = Integer.getInteger("modelops.cedar.cases", 100_000);

    /** Policies and what is asked of them, drawn from a seed. */
    private record World(ObjectNode policies, ArrayNode entities, List<ObjectNode> requests) {
        static World of(int seed) {
            RandomWorld draw = new RandomWorld(seed, NOISE);
            ObjectNode policies = draw.policySet();
            ArrayNode entities = draw.entities();
            List<ObjectNode> requests = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                ObjectNode request = draw.request();
                request.set("entities", entities);
                requests.add(request);
            }
            return new World(policies, entities, requests);
        }

        ObjectNode whole(int request) {
            ObjectNode whole = requests.get(request).deepCopy();
            whole.set("policies", policies);
            return whole;
        }
    }

    @Test
    void decisionsReasonsAndErrorsAreThoseOfTheReferenceImplementation() throws IOException {
        NativeCedar engine = NativeCedar.orNull();
        if (engine == null) {
            System.out.println(
                    "No native Cedar for " + NativeCedar.problem() + "; recorded answers are compared instead");
            ourDecisionsAreTheRecordedOnes();
            return;
        }
        ConcurrentLinkedQueue<Integer> differing = new ConcurrentLinkedQueue<>();
        LongAdder compared = new LongAdder();
        LongAdder allowed = new LongAdder();
        LongAdder erring = new LongAdder();
        long start = System.nanoTime();
        IntStream.range(0, cases / REQUESTS).parallel().forEach(seed -> {
            World world = World.of(seed);
            List<String> ours = ours(world);
            List<String> theirs = theirs(engine, world);
            if (!ours.equals(theirs)) {
                differing.add(seed);
            }
            for (String answer : theirs) {
                compared.increment();
                allowed.add(answer.startsWith("allow") ? 1 : 0);
                erring.add(answer.endsWith("[]") ? 0 : 1);
            }
        });
        System.out.printf(
                "Cedar decisions compared with the reference implementation: %d, %d of them allowed, %d with errors, in %.1f s%n",
                compared.sum(), allowed.sum(), erring.sum(), (System.nanoTime() - start) / 1e9);
        assertThat(differing.stream().sorted().limit(3).map(seed -> "seed " + seed + ": " + explain(engine, seed)))
                .as("%d of %d sets of policies decide differently", differing.size(), cases / REQUESTS)
                .isEmpty();
        assertThat(compared.sum()).isEqualTo((long) cases / REQUESTS * REQUESTS);
        assertThat(allowed.sum()).isGreaterThan(compared.sum() / 10);
        assertThat(erring.sum()).isGreaterThan(compared.sum() / 10);
    }

    @Test
    void ourDecisionsAreTheRecordedOnes() throws IOException {
        NativeCedar engine = NativeCedar.orNull();
        String file = System.getProperty("modelops.cedar.record");
        if (file != null) {
            record(Objects.requireNonNull(engine, "only the native engine can be recorded"), Path.of(file));
        }
        JsonNode recorded;
        try (InputStream in = DecisionDifferentialTest.class.getResourceAsStream(RECORD)) {
            recorded = Json.MAPPER.readTree(Objects.requireNonNull(in, RECORD));
        }
        assertThat(recorded).hasSize(RECORDED_WORLDS);
        for (int seed = 0; seed < RECORDED_WORLDS; seed++) {
            List<String> answers = new ArrayList<>();
            recorded.path(seed).forEach(answer -> answers.add(answer.asText()));
            assertThat(ours(World.of(seed))).as("seed %s", seed).isEqualTo(answers);
            if (engine != null) {
                assertThat(theirs(engine, World.of(seed)))
                        .as("what was recorded of seed %s", seed)
                        .isEqualTo(answers);
            }
        }
    }

    private static void record(NativeCedar engine, Path file) throws IOException {
        ArrayNode all = Json.NODES.arrayNode();
        for (int seed = 0; seed < RECORDED_WORLDS; seed++) {
            ArrayNode answers = all.addArray();
            theirs(engine, World.of(seed)).forEach(answers::add);
        }
        Files.writeString(file, all.toString().replace("],[", "],\n[") + "\n");
    }

    private static List<String> ours(World world) {
        List<String> answers = new ArrayList<>();
        try {
            OurCedar engine = new OurCedar(world.policies());
            EntityStore entities = OurCedar.entities(world.entities());
            for (ObjectNode request : world.requests()) {
                answers.add(text(engine.decide(request, entities)));
            }
        } catch (IllegalArgumentException e) {
            answers.add("refused: " + e.getMessage());
        }
        return answers;
    }

    private static List<String> theirs(NativeCedar engine, World world) {
        List<String> answers = new ArrayList<>();
        try (Policies policies = engine.parse(world.policies().toString())) {
            for (ObjectNode request : world.requests()) {
                answers.add(text(policies.decide(request)));
            }
        } catch (Refused e) {
            throw new AssertionError("the reference implementation refuses " + world.policies(), e);
        }
        return answers;
    }

    private static String text(Answer answer) {
        return (answer.allows() ? "allow " : "deny ") + answer.reasons() + " " + answer.errors();
    }

    private static @Nullable String explain(NativeCedar engine, int seed) {
        World world = World.of(seed);
        for (int i = 0; i < REQUESTS; i++) {
            if (Difference.of(engine, world.whole(i)).isThere()) {
                return Difference.smallest(engine, world.whole(i));
            }
        }
        return "the same when each request is decided alone";
    }
}
