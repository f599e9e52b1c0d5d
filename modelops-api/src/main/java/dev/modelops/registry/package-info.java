/**
 * Models, their immutable versions, and the acts that move them. {@link dev.modelops.registry.ModelRegistry}
 * is the entry point; nothing here is for applications to implement.
 */
@NullMarked
package dev.modelops.registry;

import org.jspecify.annotations.NullMarked;
