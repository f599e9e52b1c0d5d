package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.IntegrityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MerkleTreeTest {
    @Test
    void everyProofOfEverySmallTreeIsTheOneDefined() {
        TestLog log = new TestLog(130);
        NaiveTree naive = new NaiveTree(log.entries);
        for (int size = 1; size <= 130; size++) {
            byte[] root = naive.hash(0, size);
            assertThat(log.tree.root(size)).isEqualTo(root);
            for (int index = 0; index < size; index++) {
                List<byte[]> proof = log.tree.inclusionProof(index, size);
                assertThat(hex(proof)).isEqualTo(hex(naive.path(index, 0, size)));
                assertThat(Merkle.verifyInclusion(index, size, log.leaves.get(index), proof, root))
                        .isTrue();
                List<byte[]> consistency = log.tree.consistencyProof(index + 1, size);
                assertThat(hex(consistency)).isEqualTo(hex(naive.proof(index + 1, size)));
                assertThat(Merkle.verifyConsistency(index + 1, size, naive.hash(0, index + 1), root, consistency))
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {255, 256, 257, 511, 512, 513, 767, 768, 1000, 2047, 2048, 2049, 3001})
    void proofsAcrossBlocksAreTheOnesDefinedAndReadAtMostTwoRanges(int size) {
        TestLog log = new TestLog(3001);
        NaiveTree naive = new NaiveTree(log.entries);
        assertThat(log.tree.root(size)).isEqualTo(naive.hash(0, size));
        for (int index = 0; index < size; index += index < 3 || index > size - 4 ? 1 : 37) {
            log.ranges = 0;
            assertThat(hex(log.tree.inclusionProof(index, size))).isEqualTo(hex(naive.path(index, 0, size)));
            assertThat(log.ranges).isBetween(0, 2);
            log.ranges = 0;
            assertThat(hex(log.tree.consistencyProof(index + 1, size))).isEqualTo(hex(naive.proof(index + 1, size)));
            assertThat(log.ranges).isBetween(0, 2);
        }
        assertThat(log.widest).isLessThanOrEqualTo(256);
    }

    @Test
    void rootOfCompleteBlocksReadsNothing() {
        TestLog log = new TestLog(1024);
        log.ranges = 0;
        assertThat(log.tree.root(1024)).isEqualTo(new NaiveTree(log.entries).hash(0, 1024));
        assertThat(log.tree.root(768)).isEqualTo(new NaiveTree(log.entries).hash(0, 768));
        assertThat(log.ranges).isZero();
    }

    @Test
    void treeWithoutLeavesHasTheEmptyRootAndNoProofs() {
        MerkleTree tree = new TestLog(0).tree;
        assertThat(tree.size()).isZero();
        assertThat(tree.root(0)).isEqualTo(Merkle.emptyRoot());
        assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusionProof(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.consistencyProof(0, 0));
    }

    @Test
    void sizesAndIndexesOutOfRangeAreRefused() {
        MerkleTree tree = new TestLog(5).tree;
        assertThatIllegalArgumentException().isThrownBy(() -> tree.root(6));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.root(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusionProof(5, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusionProof(-1, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.inclusionProof(0, 6));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.consistencyProof(0, 5));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.consistencyProof(5, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.consistencyProof(5, 6));
        assertThatIllegalArgumentException().isThrownBy(() -> tree.append(new byte[31]));
        assertThat(tree.size()).isEqualTo(5);
    }

    @Test
    void leavesThatChangedSinceTheyWereAppendedAreNotProved() {
        TestLog log = new TestLog(600);
        log.leaves.set(17, Merkle.leafHash(new byte[] {1}));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> log.tree.inclusionProof(17, 600))
                .withMessageContaining("entries 0 to 255");
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> log.tree.root(18));
        assertThat(log.tree.inclusionProof(300, 600)).isNotEmpty();
    }

    @Test
    void unfinishedBlockIsNotReadFromTheSourceThatMayHaveChanged() {
        TestLog log = new TestLog(600);
        byte[] before = log.tree.root(600);
        log.leaves.set(599, Merkle.leafHash(new byte[] {1}));
        assertThat(log.tree.root(600)).isEqualTo(before);
        assertThat(log.tree.root(600)).isEqualTo(new NaiveTree(log.entries).hash(0, 600));
    }

    @Test
    void sourceThatReturnsTooFewLeavesIsRefused() {
        List<byte[]> leaves = new TestLog(300).leaves;
        MerkleTree tree = new MerkleTree((from, count) -> leaves.subList(0, count - 1));
        leaves.forEach(tree::append);
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> tree.root(10));
    }

    @Test
    void readersSeeAConsistentPrefixWhileTheTreeGrows() throws Exception {
        List<byte[]> leaves = new TestLog(6000).leaves;
        List<byte[]> roots = new ArrayList<>();
        FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
        roots.add(frontier.root());
        for (byte[] leaf : leaves) {
            frontier.append(leaf);
            roots.add(frontier.root());
        }
        MerkleTree tree = new MerkleTree((from, count) -> leaves.subList((int) from, (int) from + count));
        ExecutorService readers = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> reading = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++) {
                reading.add(readers.submit(() -> {
                    for (long size = 0; size < 6000; ) {
                        size = tree.size();
                        byte[] root = tree.root(size);
                        assertThat(root).isEqualTo(roots.get((int) size));
                        if (size > 0) {
                            long index = size * 7919 / 7920;
                            assertThat(Merkle.verifyInclusion(
                                            index,
                                            size,
                                            leaves.get((int) index),
                                            tree.inclusionProof(index, size),
                                            root))
                                    .isTrue();
                        }
                    }
                }));
            }
            leaves.forEach(tree::append);
            for (Future<?> each : reading) {
                each.get();
            }
        } finally {
            readers.shutdownNow();
        }
    }

    private static List<String> hex(List<byte[]> hashes) {
        return hashes.stream().map(HexFormat.of()::formatHex).toList();
    }
}
