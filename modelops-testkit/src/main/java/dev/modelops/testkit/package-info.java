/**
 * Tests against a governed log of their own. {@link dev.modelops.testkit.ModelOpsTest} is the entry point; a class that
 * needs other roles or environments registers a configured {@link dev.modelops.testkit.ModelOpsExtension} instead.
 */
@NullMarked
package dev.modelops.testkit;

import org.jspecify.annotations.NullMarked;
