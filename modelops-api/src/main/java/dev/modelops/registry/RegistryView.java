package dev.modelops.registry;

import dev.modelops.Alias;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.policy.AccessDeniedException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The registry as one caller may see it. Each call is answered from one consistent state; a view obtained by
 * {@link ModelRegistry#asOf(LogPosition)} is answered from the same state for ever. Reads never wait for a writer, and
 * touch the store only for the later pages of a listing whose state is long past. Reading a single model demands the
 * {@code read} action and fails with {@link AccessDeniedException} without it; lists show what the caller may read. Safe
 * for use by many threads.
 */
public interface RegistryView {
    /**
     * Returns the state this view answers from.
     *
     * @return the position, for a live view the present one
     */
    LogPosition position();

    /**
     * Finds a version.
     *
     * @param ref the model and number
     * @return the version, empty if there is none
     */
    Optional<ModelVersion> find(ModelRef ref);

    /**
     * Returns a version.
     *
     * @param ref the model and number
     * @return the version
     * @throws NotFoundException if there is none
     */
    default ModelVersion get(ModelRef ref) {
        return find(ref)
                .orElseThrow(() -> new NotFoundException("there is no version " + ref + " at position " + position()
                        + "; list the model to see what there is"));
    }

    /**
     * Finds the version that an alias names.
     *
     * @param name the model
     * @param alias the alias
     * @return the version, empty if the model has no such alias
     */
    Optional<ModelVersion> find(ModelName name, Alias alias);

    /**
     * Finds the champion of an environment.
     *
     * @param name the model
     * @param environment the environment
     * @return the version, empty if none was promoted there
     */
    Optional<ModelVersion> champion(ModelName name, Environment environment);

    /**
     * Finds a model.
     *
     * @param name its name
     * @return the model, empty if there is none
     */
    Optional<Model> model(ModelName name);

    /**
     * Lists the models, by name.
     *
     * @return the models the caller may read
     */
    List<Model> models();

    /**
     * Lists versions that meet the conditions, in the order of registration. All pages of a listing are answered from the
     * state of the first.
     *
     * @param query the conditions
     * @return a page of the versions the caller may read
     * @throws IllegalArgumentException if the query's cursor is none of this log
     */
    Page<ModelVersion> query(VersionQuery query);

    /**
     * Lists the former and present champions of an environment, oldest first. A version that came back stands again.
     *
     * @param name the model
     * @param environment the environment
     * @return the versions' numbers
     */
    List<VersionNumber> champions(ModelName name, Environment environment);

    /**
     * Lists the standing judgements of a version: those not withdrawn nor replaced by a later one of the same person.
     *
     * @param ref the version
     * @return the judgements, oldest first
     */
    List<Approval> approvals(ModelRef ref);

    /**
     * Lists the evidence attached to a version.
     *
     * @param ref the version
     * @return the evidence, oldest first
     */
    List<Evidence> evidence(ModelRef ref);

    /**
     * Lists the comments on a version.
     *
     * @param ref the version
     * @return the comments, oldest first
     */
    List<Comment> comments(ModelRef ref);

    /**
     * Returns the roles granted to a principal in the log.
     *
     * @param principal who
     * @return the roles
     */
    Set<Role> roles(Principal principal);
}
