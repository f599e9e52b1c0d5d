/**
 * What is known about a model version, in the form that the supply-chain world reads: statements (in-toto) over the root
 * digest of its files, in signed envelopes (DSSE). {@link dev.modelops.core.evidence.Attestation} makes and verifies them,
 * {@link dev.modelops.core.evidence.Predicate} is what they say; {@link dev.modelops.registry.ModelRegistry#attach} keeps
 * them with a version.
 */
@NullMarked
package dev.modelops.core.evidence;

import org.jspecify.annotations.NullMarked;
