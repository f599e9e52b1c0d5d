/** The registry as callers see it. */
@NullMarked
package dev.modelops.core.internal.registry;

import org.jspecify.annotations.NullMarked;
