/** Tells others what happened to models, with the log as the outbox. */
@NullMarked
package dev.modelops.core.internal.notification;

import org.jspecify.annotations.NullMarked;
