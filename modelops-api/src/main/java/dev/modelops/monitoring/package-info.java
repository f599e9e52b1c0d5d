/**
 * Telling others what happened to models. {@link dev.modelops.monitoring.Notifications} is the entry point; hosts implement
 * {@link dev.modelops.monitoring.NotificationSink} and {@link dev.modelops.monitoring.RetrainingTrigger}.
 */
@NullMarked
package dev.modelops.monitoring;

import org.jspecify.annotations.NullMarked;
