package dev.modelops.monitoring;

import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import java.time.Instant;

/**
 * An entry of the log that somebody is to be told of.
 *
 * @param position the position it brought the log to
 * @param id the identity of the entry, the same however often it is delivered
 * @param kind what happened
 * @param subject what it happened to: {@code name@number}, or the name of a model
 * @param model the model; of each the notifications come in the order of the log
 * @param environment where it happened
 * @param actor who did it
 * @param at when, in log time
 * @param event the entry as stored and hashed, a CloudEvents 1.0 JSON object in UTF-8, so that whoever is told can have it
 *     proved to be in the log
 */
public record Notification(
        LogPosition position,
        String id,
        Kind kind,
        String subject,
        ModelName model,
        Environment environment,
        Principal actor,
        Instant at,
        Bytes event) {

    /** What can be told of. */
    public enum Kind {
        /** A version became champion. */
        PROMOTED("champion.promoted"),
        /** A former champion became champion again. */
        ROLLED_BACK("champion.rolledback"),
        /** A version was put into quarantine. */
        QUARANTINED("version.quarantined"),
        /** A deployment fell back from a version. */
        FELL_BACK("handle.fellback"),
        /** A model was suspended. */
        SUSPENDED("serving.suspended"),
        /** A model was resumed. */
        RESUMED("serving.resumed"),
        /** An alert changed its state. */
        ALERT_CHANGED("alert.changed"),
        /** An experiment, or a stage of it, began. */
        EXPERIMENT_STARTED("experiment.started"),
        /** An experiment ended. */
        EXPERIMENT_ENDED("experiment.ended"),
        /** A verdict was reached on an experiment. */
        EXPERIMENT_JUDGED("experiment.judged"),
        /** A model is to be trained again. */
        RETRAINING_REQUESTED("retraining.requested");

        private final String type;

        Kind(String name) {
            this.type = "dev.modelops." + name + ".v1";
        }

        /**
         * Returns the type of the entries and events of this kind.
         *
         * @return such as {@code dev.modelops.champion.promoted.v1}
         */
        public String type() {
            return type;
        }
    }
}
