/**
 * Measures the budgets of the library, each beside a peer or a limit in the same run. {@link
 * dev.modelops.samples.benchmarks.Benchmarks} runs them.
 */
@NullMarked
package dev.modelops.samples.benchmarks;

import org.jspecify.annotations.NullMarked;
