/**
 * The append-only log of every act, its signed checkpoints and its proofs. {@link dev.modelops.audit.AuditLog}
 * is the entry point; hosts may implement {@link dev.modelops.audit.CheckpointMemory}.
 */
@NullMarked
package dev.modelops.audit;

import org.jspecify.annotations.NullMarked;
