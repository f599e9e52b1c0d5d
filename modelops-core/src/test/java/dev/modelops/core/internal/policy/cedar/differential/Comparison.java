package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs one comparison of the engines for many seeds and fails with the first cases that differ. */
final class Comparison {
    private final int cases;

    /**
     * Prepares as many cases as the property {@code modelops.cedar.cases} says, 100,000 if there is none, or a part of them.
     *
     * @param part one case of how many
     */
    Comparison(int part) {
        this.cases = Integer.getInteger("modelops.cedar.cases", 100_000) / part;
    }

    int cases() {
        return cases;
    }

    /** One case of a comparison. */
    interface Case {
        /** Tells what differs for a seed, null if nothing does. */
        @Nullable Difference difference(int seed) throws Refused;
    }

    /** A difference, explained only when it is shown: to make a case small takes a while. */
    interface Difference {
        String text() throws Refused;
    }

    void run(String what, Case each) {
        Map<Integer, Difference> differences = new ConcurrentSkipListMap<>();
        LongAdder compared = new LongAdder();
        long start = System.nanoTime();
        IntStream.range(0, cases).parallel().forEach(seed -> {
            Difference found;
            try {
                found = each.difference(seed);
            } catch (IllegalArgumentException | Refused e) {
                found = e::toString;
            }
            compared.increment();
            if (found != null) {
                differences.put(seed, found);
            }
        });
        System.out.printf(
                "Cedar, %s: %d compared with %s in %.1f s%n",
                what,
                compared.sum(),
                NativeCedar.orNull() == null
                        ? "ourselves, as there is no native library for " + NativeCedar.problem()
                        : "the reference implementation",
                (System.nanoTime() - start) / 1e9);
        List<String> shown = new ArrayList<>();
        differences.entrySet().stream()
                .limit(4)
                .forEach(entry -> shown.add("seed " + entry.getKey() + ": " + text(entry.getValue())));
        assertThat(shown)
                .as("%s: %s of %s differ", what, differences.size(), cases)
                .isEmpty();
        assertThat(compared.sum()).isEqualTo(cases);
    }

    private static String text(Difference difference) {
        try {
            return difference.text();
        } catch (Refused e) {
            return e.toString();
        }
    }
}
