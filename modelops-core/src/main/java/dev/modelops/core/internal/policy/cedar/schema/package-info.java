/** Cedar schemas: what entity types, attributes and actions exist, and whether requests and entities conform to them. */
@NullMarked
package dev.modelops.core.internal.policy.cedar.schema;

import org.jspecify.annotations.NullMarked;
