/** A command line for auditors: reads a store, verifies it, and takes proofs out of it. It changes nothing in the store. */
@NullMarked
package dev.modelops.samples.cli;

import org.jspecify.annotations.NullMarked;
