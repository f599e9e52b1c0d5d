package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrontierTest {
    private final TestLog log = new TestLog(600);

    @Test
    void rootIsThatOfTheTreeAtEverySize() {
        NaiveTree naive = new NaiveTree(log.entries);
        Frontier frontier = Frontier.empty();
        for (int size = 0; size < 600; size++) {
            assertThat(frontier.size()).isEqualTo(size);
            assertThat(frontier.root()).isEqualTo(naive.hash(0, size));
            assertThat(frontier.hashes()).hasSize(Long.bitCount(size));
            frontier = frontier.append(log.leaves.get(size));
        }
    }

    @Test
    void batchesLeadWhereSingleLeavesLead() {
        for (int from : new int[] {0, 1, 7, 8, 255, 256, 300}) {
            Frontier start = Frontier.empty().appendAll(log.leaves.subList(0, from));
            for (int to : new int[] {300, 301, 511, 512, 600}) {
                assertThat(start.appendAll(log.leaves.subList(from, to)).root()).isEqualTo(log.tree.root(to));
            }
            assertThat(start.size()).isEqualTo(from);
            assertThat(start.root()).isEqualTo(log.tree.root(from));
        }
    }

    @Test
    void builderLeavesItsStartAndItsResultsAsTheyAre() {
        Frontier start = Frontier.empty().appendAll(log.leaves.subList(0, 5));
        FrontierBuilder builder = new FrontierBuilder(start);
        builder.append(log.leaves.get(5));
        Frontier result = builder.toFrontier();
        builder.append(log.leaves.get(6));
        assertThat(start.root()).isEqualTo(log.tree.root(5));
        assertThat(result.root()).isEqualTo(log.tree.root(6));
        assertThat(builder.root()).isEqualTo(log.tree.root(7));
        assertThat(builder.size()).isEqualTo(7);
    }

    @Test
    void frontierCanBeKeptAndTakenUpAgain() {
        Frontier kept = Frontier.empty().appendAll(log.leaves.subList(0, 333));
        Frontier again = Frontier.of(kept.size(), kept.hashes());
        assertThat(again.appendAll(log.leaves.subList(333, 600)).root()).isEqualTo(log.tree.root(600));
    }

    @Test
    void hashesThatDoNotFitTheSizeAreRefused() {
        Frontier kept = Frontier.empty().appendAll(log.leaves.subList(0, 6));
        assertThatIllegalArgumentException().isThrownBy(() -> Frontier.of(7, kept.hashes()));
        assertThatIllegalArgumentException().isThrownBy(() -> Frontier.of(-1, List.of()));
        List<byte[]> wrong = new ArrayList<>(kept.hashes());
        wrong.set(0, new byte[31]);
        assertThatIllegalArgumentException().isThrownBy(() -> Frontier.of(6, wrong));
        assertThatIllegalArgumentException().isThrownBy(() -> kept.append(new byte[33]));
    }
}
