/**
 * Keys, signing and verifying of models by OpenSSF Model Signing v1.0. {@link dev.modelops.core.signing.Signers} and
 * {@link dev.modelops.core.signing.Verifiers} make the signers and verifiers, from what
 * {@link dev.modelops.core.signing.Keys} generates or reads; {@link dev.modelops.core.signing.ModelSignatures} signs a model
 * where there is no registry, such as in a build.
 */
@NullMarked
package dev.modelops.core.signing;

import org.jspecify.annotations.NullMarked;
