/**
 * OpenSSF Model Signing v1.0: {@link dev.modelops.core.internal.signing.FileManifest} says what a model's files are,
 * {@link dev.modelops.core.internal.signing.Bundle} is the signed form, and
 * {@link dev.modelops.core.internal.signing.PublisherTrust} decides whether to believe one.
 */
@NullMarked
package dev.modelops.core.internal.signing;

import org.jspecify.annotations.NullMarked;
