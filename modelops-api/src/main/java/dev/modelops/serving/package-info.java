/**
 * Running champions: loading verified artifacts and swapping them when the log says so. {@link
 * dev.modelops.serving.Serving} is the entry point, {@link dev.modelops.serving.Deployment} a handle that watches over what it
 * serves; hosts implement {@link dev.modelops.serving.ModelLoader}.
 */
@NullMarked
package dev.modelops.serving;

import org.jspecify.annotations.NullMarked;
