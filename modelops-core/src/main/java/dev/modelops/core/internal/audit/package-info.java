/** Reading, proving and verifying the log, and replaying it under another policy set. */
@NullMarked
package dev.modelops.core.internal.audit;

import org.jspecify.annotations.NullMarked;
