package dev.modelops;

import dev.modelops.audit.AuditLog;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.serving.Experiments;
import dev.modelops.serving.PredictionLog;
import dev.modelops.serving.Serving;

/** A governed log as one caller uses it. Safe for use by many threads. */
public interface Session {
    /**
     * Returns the models and their acts.
     *
     * @return the registry
     */
    ModelRegistry registry();

    /**
     * Returns the policy sets and how they change.
     *
     * @return the policy sets
     */
    PolicyAdministration policies();

    /**
     * Returns the record of every act.
     *
     * @return the log
     */
    AuditLog audit();

    /**
     * Returns the running of champions.
     *
     * @return the entry point
     */
    Serving serving();

    /**
     * Returns what models were asked and answered.
     *
     * @return the prediction log
     */
    PredictionLog predictions();

    /**
     * Returns the trying of challengers.
     *
     * @return the experiments
     */
    Experiments experiments();
}
