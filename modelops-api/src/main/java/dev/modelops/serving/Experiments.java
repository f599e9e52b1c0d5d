package dev.modelops.serving;

import dev.modelops.Environment;
import dev.modelops.registry.Recorded;
import java.util.Optional;

/**
 * Trying challengers. Every step is an act: policy decides who may start, judge and end, and the log holds the plan, the
 * verdicts and the end. Each {@link Deployment} of the model in the environment, in whichever process, takes part from the
 * moment it has read that and has loaded the challenger. To promote the challenger remains an act of its own, for which a
 * policy may demand a verdict. Safe for use by many threads.
 */
public interface Experiments {
    /**
     * Starts an experiment, or its next stage if one of that id is running. Deployments of this process are ready for it when
     * this returns, unless the challenger takes longer to load than the patience the log was opened with, or cannot be.
     *
     * @param plan what is tried
     * @return the experiment
     * @throws dev.modelops.policy.AccessDeniedException if policy refuses
     * @throws dev.modelops.NotFoundException if there is no such version, or no champion to compare it with
     * @throws dev.modelops.VersionConflictException if the version is the champion, or another experiment is running
     */
    Experiment start(Experiment.Plan plan);

    /**
     * Returns what is being tried.
     *
     * @param model the model's name
     * @param environment where
     * @return the experiment, empty if there is none
     * @throws dev.modelops.policy.AccessDeniedException if the caller may not read the model
     */
    Optional<Experiment> running(String model, Environment environment);

    /**
     * Concludes what may be concluded from the predictions and outcomes that the log holds by now, and records it. If nothing
     * came since the last verdict, that one is returned. If the challenger does harm, this ends the experiment.
     *
     * @param model the model's name
     * @param environment where
     * @return the verdict
     * @throws dev.modelops.policy.AccessDeniedException if policy refuses
     * @throws dev.modelops.NotFoundException if nothing is tried there, or segments of the stage have expired
     */
    Verdict judge(String model, Environment environment);

    /**
     * Judges, and starts the next stage with the share that the challenger has earned if its plan is
     * {@linkplain Experiment.Plan#adaptive adaptive}: the probability, from flat priors, that it is right more often than the
     * champion, by the cases of all stages since the plan was started. Nothing is started if that is the share it has, if the
     * challenger does harm, or if the cases cannot be compared. Outcomes that come when their stage is over no longer count, so
     * adapt no more often than outcomes come.
     *
     * @param model the model's name
     * @param environment where
     * @return the stage that is under way now
     * @throws dev.modelops.policy.AccessDeniedException if policy refuses to judge, or to start the next stage
     * @throws dev.modelops.NotFoundException if nothing is tried there any more, or segments of the stage have expired
     * @throws IllegalArgumentException if the plan is not adaptive
     */
    Experiment adapt(String model, Environment environment);

    /**
     * Ends what is being tried.
     *
     * @param model the model's name
     * @param environment where
     * @param reason why, 1 to 500 characters, kept in the log in clear for ever
     * @return the record of the act
     * @throws dev.modelops.policy.AccessDeniedException if policy refuses
     * @throws dev.modelops.NotFoundException if nothing is tried there
     */
    Recorded end(String model, Environment environment, String reason);
}
