package dev.modelops.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.CommandId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandIndexProperties {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void itAnswersAsAMapDoesAndEveryVersionOfItGoesOnToDoSo(long seed) {
        Random random = new Random(seed);
        Map<CommandId, Long> map = new HashMap<>();
        CommandIndex index = CommandIndex.empty();
        List<CommandIndex> versions = new ArrayList<>();
        List<Map<CommandId, Long>> copies = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            CommandId id = CommandId.of("id-" + random.nextInt(8000));
            CommandIndex next = index.plus(id, i);
            if (map.putIfAbsent(id, (long) i) != null) {
                assertThat(next).isSameAs(index);
            }
            index = next;
            if (i % 700 == 0) {
                versions.add(index);
                copies.add(Map.copyOf(map));
            }
        }
        versions.add(index);
        copies.add(map);
        for (int v = 0; v < versions.size(); v++) {
            assertThat(versions.get(v).size()).isEqualTo(copies.get(v).size());
            for (int i = 0; i < 8000; i++) {
                CommandId id = CommandId.of("id-" + i);
                assertThat(versions.get(v).get(id)).isEqualTo(copies.get(v).get(id));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 33, 34, 256, 257, 3000, 20_000})
    void itsFormDependsOnWhatItHoldsAndNotOnTheOrder(int count) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            order.add(i);
        }
        CommandIndex one = of(order);
        Collections.shuffle(order, new Random(count));
        CommandIndex other = of(order);
        assertThat(other).isEqualTo(one).hasSameHashCodeAs(one);
        assertThat(CommandIndex.of(packed(one), count)).isEqualTo(one);
        assertThat(one.plus(CommandId.of("more"), 1)).isNotEqualTo(one);
    }

    @Test
    void whatIsPackedMustAscend() {
        long[] packed = packed(of(List.of(1, 2, 3)));
        System.arraycopy(packed, 0, packed, 3, 3);
        assertThatIllegalArgumentException().isThrownBy(() -> CommandIndex.of(packed, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CommandIndex.of(new long[] {0, 1, 5, -1, 0, 5, 0, 0, 5}, 3));
    }

    private static CommandIndex of(List<Integer> order) {
        CommandIndex index = CommandIndex.empty();
        for (int i : order) {
            index = index.plus(CommandId.of("id-" + i), i);
        }
        return index;
    }

    private static long[] packed(CommandIndex index) {
        long[] packed = new long[3 * index.size()];
        int[] at = {0};
        index.forEach((high, low, place) -> {
            packed[at[0]++] = high;
            packed[at[0]++] = low;
            packed[at[0]++] = place;
        });
        return packed;
    }
}
