/**
 * Entry points of the implementation beyond the contracts: {@link dev.modelops.core.StoreInspection} looks into a store
 * that one holds, and {@link dev.modelops.core.CheckpointMemories} remembers checkpoints outside it.
 */
@NullMarked
package dev.modelops.core;

import org.jspecify.annotations.NullMarked;
