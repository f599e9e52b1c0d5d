/** Champion and challenger: who gets which, what came of it, and what may be concluded at any time. */
@NullMarked
package dev.modelops.core.internal.experiment;

import org.jspecify.annotations.NullMarked;
