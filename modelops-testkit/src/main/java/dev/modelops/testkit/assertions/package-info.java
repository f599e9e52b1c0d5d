/**
 * Assertions about decisions, versions, verification results and logs.
 * {@link dev.modelops.testkit.assertions.ModelOpsAssertions} is the entry point.
 */
@NullMarked
package dev.modelops.testkit.assertions;

import org.jspecify.annotations.NullMarked;
