/** A log kept in Apache Ignite 3: a distributed database of three nodes or more, of which a minority may fail. */
@NullMarked
package dev.modelops.samples.ignite;

import org.jspecify.annotations.NullMarked;
