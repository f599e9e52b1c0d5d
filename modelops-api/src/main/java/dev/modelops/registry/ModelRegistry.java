package dev.modelops.registry;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.signing.VerificationException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The registry: its acts and, inherited, its reads.
 *
 * <p>Every act is decided by the policy set in force, on the state it will change, and is one entry of the log. When an
 * act returns, it is durable and visible to later reads in this process; when it throws anything but
 * {@link dev.modelops.InDoubtException}, nothing happened. Refusals are {@link AccessDeniedException}; the first of
 * its kind is an entry of the log, repeats within the hour are counted there together. Without a writer key, or when the
 * queue is full, a refusal is not recorded.
 * Besides the exceptions named at the methods, every act may throw {@link dev.modelops.OverloadedException},
 * {@link dev.modelops.ClosedException}, {@link dev.modelops.ReadOnlyException} and
 * {@link dev.modelops.storage.StorageException}. Safe for use by many threads.
 */
public interface ModelRegistry extends RegistryView {
    /**
     * Registers a version: hashes and signs the files, or checks the signature that came with them, stores them, and
     * records the version.
     *
     * @param spec the files and what is known about them
     * @return the version, with its number
     * @throws dev.modelops.InvalidModelException if the files cannot be a model
     * @throws VerificationException if a signature came along and does not hold for the files
     * @throws VersionConflictException if a number was demanded that exists with other content, or is not the next
     * @throws NotFoundException if the parent does not exist
     * @throws AccessDeniedException if policy refuses
     * @throws IllegalArgumentException if all text together does not fit an entry of the log
     */
    ModelVersion register(VersionSpec spec);

    /**
     * Takes in a version of another log, which this one never meets, from a pack; it keeps the model's name. As {@link
     * #importVersion(Path, Action, Progress)} says.
     *
     * @param pack the file that the version was packed into, there
     * @param source the key of the log that it must come from, had from elsewhere than the pack
     * @return the version, with its number here
     */
    ModelVersion importVersion(Path pack, LogKey source);

    /**
     * Takes in a version of another log, which this one never meets, from a pack. Before policy decides in the log, the pack
     * is verified to its last byte: every entry by its receipt under the pinned key, every file by its digest, and the
     * signature of the model by the publishers that this log trusts, now.
     *
     * <p>One entry records the version as the next of its model, where it comes from, and the evidence that it brings. What
     * was registered with it there (kind, description, metrics, parameters, tags, data sets, commit) is taken over as it is.
     * Documents keep the time at which they were attached there, so that nothing grows younger by travelling. Approvals,
     * rejections and champions of the other log are not those of this one: they can be read in the evidence of the type
     * {@link ModelVersion.Source#ENTRIES}, and count for nothing here. The built-in policy set permits no import: a set must
     * name whom it trusts, by the fact {@code source.key}: a {@code source.origin} is only a name, which whoever makes a log
     * may give it.
     *
     * @param pack the file that the version was packed into, there
     * @param action an {@link Action#importVersion}, which says what the pack must hold and what it becomes here, with its
     *     reason and command id
     * @param progress asked whether to go on
     * @return the version, with its number here
     * @throws NotFoundException if there is no such file, or it holds another version
     * @throws dev.modelops.IntegrityException if it is not a pack that the other log's entries make
     * @throws VerificationException if no publisher whom this log trusts signed the model
     * @throws VersionConflictException if that version was imported already, also under another name or from another pack
     *     (the message says which version it is), or the pack is of this log itself
     * @throws dev.modelops.InvalidModelException if it says more, or other things, than a version of this log can
     * @throws AccessDeniedException if policy refuses
     * @throws IllegalArgumentException if the action is no import, or all it brings does not fit an entry of the log
     * @throws java.util.concurrent.CancellationException if the progress said so; nothing is imported
     */
    ModelVersion importVersion(Path pack, Action action, Progress progress);

    /**
     * Attaches a document to a version. A signed envelope (DSSE) must hold a statement about this very version, attached under
     * its predicate type; which of the keys that the log trusts to sign models have signed it, is recorded.
     *
     * @param ref the version
     * @param type a predicate type URI, or a plain name such as {@code validation-report}; 1 to 256 characters
     * @param document its content
     * @return the evidence
     * @throws NotFoundException if there is no such version
     * @throws VersionConflictException if the document is attached already under this type, or the version has 256
     * @throws AccessDeniedException if policy refuses
     * @throws dev.modelops.signing.VerificationException if it is a signed envelope that is not well formed, is of another
     *     type, or is about something else
     * @throws IllegalArgumentException if the type has another length, or the document more than 64 MiB
     */
    Evidence attach(ModelRef ref, String type, Bytes document);

    /**
     * Carries out an act, with all its options. The methods below are shorthand for it.
     *
     * @param action any action but register, import, attach evidence, read, audit and serve
     * @return the record
     * @throws NotFoundException if what it names does not exist
     * @throws VersionConflictException if a condition of the action does not hold, or the life cycle has no such step
     * @throws AccessDeniedException if policy refuses
     * @throws IllegalArgumentException if the action is not one to carry out here
     */
    Recorded perform(Action action);

    /**
     * Decides an action without doing it: the dry run of every act.
     *
     * @param action the action
     * @return what policy says now, in full
     * @throws NotFoundException if what it names does not exist
     */
    Decision check(Action action);

    /**
     * Decides a registration without doing it. The files are not read.
     *
     * @param spec the version that would be registered
     * @return what policy says now, in full
     */
    Decision check(VersionSpec spec);

    /**
     * Returns the registry as it was at a position.
     *
     * @param position a position that the log has reached
     * @return the view
     * @throws NotFoundException if the log has not reached it
     */
    RegistryView asOf(LogPosition position);

    /**
     * Returns the registry as it was at a time: after the last entry that is not later.
     *
     * @param time a time, compared with log time
     * @return the view
     * @throws NotFoundException if the log began later
     */
    RegistryView asOf(Instant time);

    /**
     * Returns the registry as it is now, unmoved by what comes later.
     *
     * @return the view
     */
    RegistryView snapshot();

    /**
     * Writes the verified files of a version into a folder, and its signature bundle beside it. Files are verified while
     * they are written; if anything is wrong nothing is left.
     *
     * @param ref the version
     * @param folder the folder to make; must not exist
     * @param bundle the signature file to make; must not exist
     * @param progress follows the work, in bytes
     * @throws NotFoundException if there is no such version
     * @throws dev.modelops.InvalidModelException if the folder or the signature file exists
     * @throws VerificationException if the stored files are not the signed ones
     * @throws AccessDeniedException if policy refuses the {@code read} action
     */
    void download(ModelRef ref, Path folder, Path bundle, Progress progress);

    /**
     * Reads an attached document, verified against its digest.
     *
     * @param evidence the evidence, as listed
     * @return its content
     * @throws dev.modelops.IntegrityException if the stored document is not the attached one
     */
    Bytes read(Evidence evidence);

    /**
     * Comments on a version.
     *
     * @param ref the version
     * @param text the comment
     * @return the record
     */
    default Recorded comment(ModelRef ref, String text) {
        return perform(Action.comment(ref, text));
    }

    /**
     * Approves a version for an environment, as it is now, with the evidence attached now.
     *
     * @param ref the version
     * @param environment the environment
     * @param reason why
     * @return the record
     */
    default Recorded approve(ModelRef ref, Environment environment, String reason) {
        return perform(Action.approve(ref, environment).because(reason));
    }

    /**
     * Rejects a version for an environment.
     *
     * @param ref the version
     * @param environment the environment
     * @param reason why
     * @return the record
     */
    default Recorded reject(ModelRef ref, Environment environment, String reason) {
        return perform(Action.reject(ref, environment).because(reason));
    }

    /**
     * Withdraws the caller's own judgement.
     *
     * @param ref the version
     * @param environment the environment
     * @param reason why
     * @return the record
     */
    default Recorded withdraw(ModelRef ref, Environment environment, String reason) {
        return perform(Action.withdraw(ref, environment).because(reason));
    }

    /**
     * Makes a version the champion of an environment.
     *
     * @param ref the version
     * @param environment the environment
     * @return the record
     */
    default Recorded promote(ModelRef ref, Environment environment) {
        return perform(Action.promote(ref, environment));
    }

    /**
     * Moves the champion of an environment back, to the newest former champion that may be served today.
     *
     * @param model the model
     * @param environment the environment
     * @param reason why
     * @return the record; its subject is the version that is champion again
     */
    default Recorded rollback(ModelName model, Environment environment, String reason) {
        return perform(Action.rollback(model, environment).because(reason));
    }

    /**
     * Makes an alias name a version.
     *
     * @param ref the version
     * @param alias the alias
     * @return the record
     */
    default Recorded setAlias(ModelRef ref, Alias alias) {
        return perform(Action.setAlias(ref, alias));
    }

    /**
     * Removes an alias.
     *
     * @param model the model
     * @param alias the alias
     * @return the record
     */
    default Recorded removeAlias(ModelName model, Alias alias) {
        return perform(Action.removeAlias(model, alias));
    }

    /**
     * Sets a tag.
     *
     * @param ref the version
     * @param key the tag's key
     * @param value the tag's value
     * @return the record
     */
    default Recorded setTag(ModelRef ref, String key, String value) {
        return perform(Action.setTag(ref, key, value));
    }

    /**
     * Removes a tag.
     *
     * @param ref the version
     * @param key the tag's key
     * @return the record
     */
    default Recorded removeTag(ModelRef ref, String key) {
        return perform(Action.removeTag(ref, key));
    }

    /**
     * Sets a tag of a model.
     *
     * @param model the model, which need not have versions yet
     * @param key the tag's key
     * @param value the tag's value
     * @return the record
     */
    default Recorded setTag(ModelName model, String key, String value) {
        return perform(Action.setTag(model, key, value));
    }

    /**
     * Removes a tag of a model.
     *
     * @param model the model
     * @param key the tag's key
     * @return the record
     */
    default Recorded removeTag(ModelName model, String key) {
        return perform(Action.removeTag(model, key));
    }

    /**
     * Grants a role.
     *
     * @param grantee who receives it
     * @param role the role
     * @return the record
     */
    default Recorded grantRole(Principal grantee, Role role) {
        return perform(Action.grantRole(grantee, role));
    }

    /**
     * Revokes a role.
     *
     * @param grantee who loses it
     * @param role the role
     * @return the record
     */
    default Recorded revokeRole(Principal grantee, Role role) {
        return perform(Action.revokeRole(grantee, role));
    }

    /**
     * Deprecates a version: it is still served, but no longer promoted.
     *
     * @param ref the version
     * @param reason why
     * @return the record
     */
    default Recorded deprecate(ModelRef ref, String reason) {
        return perform(Action.transition(ref, "deprecate").because(reason));
    }

    /**
     * Retires a version: it is no longer served.
     *
     * @param ref the version
     * @param reason why
     * @return the record
     */
    default Recorded retire(ModelRef ref, String reason) {
        return perform(Action.transition(ref, "retire").because(reason));
    }

    /**
     * Revokes a version: it is no longer served, for ever.
     *
     * @param ref the version
     * @param reason why
     * @return the record
     */
    default Recorded revoke(ModelRef ref, String reason) {
        return perform(Action.transition(ref, "revoke").because(reason));
    }
}
