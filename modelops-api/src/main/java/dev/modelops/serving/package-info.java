/**
 * Running champions: loading verified artifacts and swapping them when the log says so. {@link
 * dev.modelops.serving.Serving} is the entry point; hosts implement {@link dev.modelops.serving.ModelLoader}.
 */
@NullMarked
package dev.modelops.serving;

import org.jspecify.annotations.NullMarked;
