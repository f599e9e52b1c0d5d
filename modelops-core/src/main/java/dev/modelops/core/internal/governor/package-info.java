/** The only way into the log: following it, gathering the facts that decisions rest on, deciding acts, committing them. */
@NullMarked
package dev.modelops.core.internal.governor;

import org.jspecify.annotations.NullMarked;
