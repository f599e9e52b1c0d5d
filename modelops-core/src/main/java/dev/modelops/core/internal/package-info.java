/** The facade, and how logs are created and opened. */
@NullMarked
package dev.modelops.core.internal;

import org.jspecify.annotations.NullMarked;
