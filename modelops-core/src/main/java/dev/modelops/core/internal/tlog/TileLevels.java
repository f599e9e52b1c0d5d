package dev.modelops.core.internal.tlog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The right edge of a tree in tiles: takes leaves in order and gives out each tile once it is full. */
final class TileLevels {
    private final TreeHasher hasher;
    private final Sink sink;
    private final List<List<byte[]>> edge = new ArrayList<>();
    private final List<Long> indexes = new ArrayList<>();

    /** Takes a tile. */
    @FunctionalInterface
    interface Sink {
        void tile(TilePath path, byte[] hashes) throws IOException;
    }

    TileLevels(TreeHasher hasher, Sink sink) {
        this.hasher = hasher;
        this.sink = sink;
    }

    void add(byte[] leafHash) throws IOException {
        byte[] hash = leafHash;
        for (int level = 0; ; level++) {
            if (level == edge.size()) {
                edge.add(new ArrayList<>());
                indexes.add(0L);
            }
            List<byte[]> tile = edge.get(level);
            tile.add(hash);
            if (tile.size() < TilePath.FULL) {
                return;
            }
            emit(level);
            hash = hasher.root(tile);
            tile.clear();
            indexes.set(level, indexes.get(level) + 1);
        }
    }

    /** Gives out the partial tiles at the right edge. */
    void emitPartials() throws IOException {
        for (int level = 0; level < edge.size(); level++) {
            if (!edge.get(level).isEmpty()) {
                emit(level);
            }
        }
    }

    /** Returns the root of the tree so far. */
    byte[] root() {
        List<byte[]> hashes = new ArrayList<>();
        for (List<byte[]> tile : edge) {
            // What the lower levels leave over stands at the right of this one, as a last and narrower hash.
            hashes.addAll(0, tile);
            if (!hashes.isEmpty()) {
                hashes = new ArrayList<>(List.of(hasher.root(hashes)));
            }
        }
        return hashes.isEmpty() ? Merkle.emptyRoot() : hashes.get(0);
    }

    private void emit(int level) throws IOException {
        List<byte[]> tile = edge.get(level);
        byte[] hashes = new byte[tile.size() * TreeHasher.LENGTH];
        for (int i = 0; i < tile.size(); i++) {
            System.arraycopy(tile.get(i), 0, hashes, i * TreeHasher.LENGTH, TreeHasher.LENGTH);
        }
        sink.tile(new TilePath(level, indexes.get(level), tile.size()), hashes);
    }
}
