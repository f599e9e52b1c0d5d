package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Refused;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Reads and writes policies by our engine and by the reference implementation. */
class TextDifferentialTest {
    private static final double NOISE = 0.04;

    private final int cases = Integer.getInteger("modelops.cedar.cases", 100_000) / 10;

    @Test
    void textsMeanWhatTheReferenceImplementationReads() {
        check("texts read", seed -> {
            RandomWorld draw = new RandomWorld(seed, NOISE);
            ObjectNode policy = draw.policy(draw.random().nextInt(4) == 0);
            String text = SloppyText.join(SloppyText.words(policy, draw.random()), draw.random());
            CedarPolicySet ours = OurCedar.parse(text);
            if (!OurCedar.normal(ours).equals(OurCedar.normal(OurCedar.read(OurCedar.named(policy))))) {
                return "our parser reads " + text + "\n  as " + OurCedar.write(ours) + "\n  not " + policy;
            }
            return null;
        });
    }

    private void check(String what, IntFunction<@Nullable String> difference) {
        ConcurrentLinkedQueue<String> differences = new ConcurrentLinkedQueue<>();
        LongAdder compared = new LongAdder();
        IntStream.range(0, cases).parallel().forEach(seed -> {
            String found = difference.apply(seed);
            compared.increment();
            if (found != null) {
                differences.add("seed " + seed + ": " + found);
            }
        });
        System.out.printf("Cedar %s compared with the reference implementation: %d%n", what, compared.sum());
        assertThat(differences.stream().limit(5))
                .as("%s of %s", differences.size(), cases)
                .isEmpty();
    }
}
