package dev.modelops.monitoring;

/**
 * What is done when a check alarms. It is done in the name of whoever opened the monitor, and policy allows or refuses it like
 * any other act.
 */
public enum Response {
    /** Nothing but that the alert is in the log. */
    NOTIFY,
    /** Somebody is asked to train the model anew, unless that was asked a short while ago. */
    REQUEST_RETRAINING,
    /** The version is put into quarantine. */
    QUARANTINE,
    /** The environment goes back to the champion before, if the version is the champion. */
    ROLL_BACK
}
