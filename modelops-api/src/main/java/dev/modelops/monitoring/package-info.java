/**
 * Watching models while they run, and telling others what happened to them. {@link dev.modelops.monitoring.Monitoring} and
 * {@link dev.modelops.monitoring.Notifications} are the entry points; hosts implement {@link
 * dev.modelops.monitoring.NotificationSink} and {@link dev.modelops.monitoring.RetrainingTrigger}.
 */
@NullMarked
package dev.modelops.monitoring;

import org.jspecify.annotations.NullMarked;
