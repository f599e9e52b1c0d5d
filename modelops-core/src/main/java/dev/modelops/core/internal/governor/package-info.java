/** The only way into the log: following it, deciding acts on it, committing them. */
@NullMarked
package dev.modelops.core.internal.governor;

import org.jspecify.annotations.NullMarked;
