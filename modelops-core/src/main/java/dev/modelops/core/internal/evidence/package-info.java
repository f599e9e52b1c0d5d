/** What attached documents prove. */
@NullMarked
package dev.modelops.core.internal.evidence;

import org.jspecify.annotations.NullMarked;
