package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TileLevelsTest {
    private final TreeHasher hasher = new TreeHasher();

    @Test
    void rootIsThatOfTheTreeAtEverySize() throws Exception {
        TestLog log = new TestLog(1400);
        TileLevels levels = new TileLevels(hasher, (path, hashes) -> {});
        assertThat(levels.root()).isEqualTo(Merkle.emptyRoot());
        for (int size = 1; size <= 1400; size++) {
            levels.add(log.leaves.get(size - 1));
            assertThat(levels.root()).isEqualTo(log.tree.root(size));
        }
    }

    @Test
    void tilesOfTheSizeInTheSpecificationAreTheOnesItLists() throws Exception {
        int size = 70_000;
        FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
        List<String> paths = new ArrayList<>();
        TileLevels levels = new TileLevels(hasher, (path, hashes) -> {
            assertThat(hashes).hasSize(path.width() * 32);
            paths.add(path.toString());
        });
        for (int i = 0; i < size; i++) {
            byte[] leaf = hasher.leaf(new byte[] {(byte) (i >> 16), (byte) (i >> 8), (byte) i});
            levels.add(leaf);
            frontier.append(leaf);
            if (i == 65_534 || i == 65_535 || i == 65_536) {
                assertThat(levels.root()).isEqualTo(frontier.root());
            }
        }
        levels.emitPartials();
        assertThat(levels.root()).isEqualTo(frontier.root());
        List<String> expected = new ArrayList<>();
        for (int tile = 0; tile < 273; tile++) {
            expected.add("tile/0/%03d".formatted(tile));
        }
        expected.addAll(List.of("tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"));
        assertThat(paths).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void fullTilesGoUpAndPartialOnesDoNot() throws Exception {
        TestLog log = new TestLog(257);
        List<TilePath> paths = new ArrayList<>();
        List<byte[]> tiles = new ArrayList<>();
        TileLevels levels = new TileLevels(hasher, (path, hashes) -> {
            paths.add(path);
            tiles.add(hashes);
        });
        for (byte[] leaf : log.leaves) {
            levels.add(leaf);
        }
        levels.emitPartials();
        assertThat(paths).containsExactly(new TilePath(0, 0, 256), new TilePath(0, 1, 1), new TilePath(1, 0, 1));
        assertThat(Arrays.copyOf(tiles.get(0), 32)).isEqualTo(log.leaves.get(0));
        assertThat(tiles.get(1)).isEqualTo(log.leaves.get(256));
        assertThat(tiles.get(2)).isEqualTo(log.tree.root(256));
    }
}
