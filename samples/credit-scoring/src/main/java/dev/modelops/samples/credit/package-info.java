/**
 * Two scoring models in use, on real loans: one that decays, one whose inputs drift without harm. {@link
 * dev.modelops.samples.credit.CreditScoring} is where to begin.
 */
@NullMarked
package dev.modelops.samples.credit;

import org.jspecify.annotations.NullMarked;
