package dev.modelops.serving;

import dev.modelops.Environment;

/** Opens handles on champions. Safe for use by many threads. */
public interface Serving {
    /**
     * Opens a handle on the champion of an environment. The champion is verified, permitted and loaded before this
     * returns; if there is none, or it cannot be admitted, or loading takes longer than the patience the log was opened
     * with, the handle opens all the same and refuses calls with the reason. From then on it follows the log, for the identity that
     * opened it: roles claimed by the host are those that {@link dev.modelops.PrincipalSource#renew} gives. A load that fails is tried again after half a second,
     * then after twice as long each time, up to a minute, and at once when the champion moves. While the champion is in
     * quarantine, the newest former champion serves that may.
     *
     * @param model the model's name
     * @param environment where it serves
     * @param loader makes a usable model of verified files
     * @param <T> what the loader makes
     * @return the handle; close it when done
     */
    <T> ModelHandle<T> open(String model, Environment environment, ModelLoader<T> loader);

    /**
     * Deploys the champion of an environment: opens a handle as {@link #open} does, with what a {@link Deployment.Spec} asks
     * for beyond that. It falls back for the identity that deployed it, whose right to do so policy decides.
     *
     * @param spec what is deployed, and how it is watched
     * @param <T> what the loader makes
     * @return the deployment; close it when done
     */
    <T> Deployment<T> deploy(Deployment.Spec<T> spec);
}
