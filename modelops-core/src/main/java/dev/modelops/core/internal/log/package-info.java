/** The bytes of the log: entries and writers' seals. */
@NullMarked
package dev.modelops.core.internal.log;

import org.jspecify.annotations.NullMarked;
