package dev.modelops.core.internal.notification;

import dev.modelops.monitoring.Notification;
import dev.modelops.monitoring.NotificationSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes notifications to a logger. */
public final class LoggingSink implements NotificationSink {
    private final Logger logger;

    /** Creates a sink for the logger of a name. */
    public LoggingSink(String logger) {
        this.logger = LoggerFactory.getLogger(logger);
    }

    @Override
    public void deliver(Notification notification) {
        String line = "{} of {} in {} by {} at {}, position {}";
        Object[] arguments = {
            notification.kind(),
            notification.subject(),
            notification.environment(),
            notification.actor(),
            notification.at(),
            notification.position()
        };
        switch (notification.kind()) {
            case ROLLED_BACK, QUARANTINED, FELL_BACK, SUSPENDED, ALERT_CHANGED, RETRAINING_REQUESTED ->
                logger.warn(line, arguments);
            case PROMOTED, RESUMED, EXPERIMENT_STARTED, EXPERIMENT_ENDED, EXPERIMENT_JUDGED ->
                logger.info(line, arguments);
        }
    }
}
