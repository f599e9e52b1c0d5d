/** How the library asks others over HTTP. */
@NullMarked
package dev.modelops.core.internal.http;

import org.jspecify.annotations.NullMarked;
