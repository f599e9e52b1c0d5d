/**
 * Deciding who may do what: requests, decisions that explain themselves, and the policy sets in force. A host
 * may implement {@link dev.modelops.policy.Policy} to narrow what the log's own policy set allows.
 */
@NullMarked
package dev.modelops.policy;

import org.jspecify.annotations.NullMarked;
