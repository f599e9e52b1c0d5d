/**
 * Signing and verifying. {@link dev.modelops.signing.Signer} is for hosts to implement over a key service or
 * hardware; everything else is implemented by the library.
 */
@NullMarked
package dev.modelops.signing;

import org.jspecify.annotations.NullMarked;
