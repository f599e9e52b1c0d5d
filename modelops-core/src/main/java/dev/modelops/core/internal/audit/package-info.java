/** Reading, proving and verifying the log. */
@NullMarked
package dev.modelops.core.internal.audit;

import org.jspecify.annotations.NullMarked;
