/** The report on a model for people: what is shown, and the page that shows it. */
@NullMarked
package dev.modelops.core.internal.report;

import org.jspecify.annotations.NullMarked;
