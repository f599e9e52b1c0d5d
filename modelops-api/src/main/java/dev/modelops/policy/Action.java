package dev.modelops.policy;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Something a caller wants to do: what policy decides on, what a dry run checks, and, with its options, what is carried
 * out. Made by the static factories; immutable. {@link #because}, {@link #as}, {@link #signed},
 * {@link #overriding(String)} and {@link #expectChampion} return changed copies.
 */
public final class Action {
    private final Type type;
    private final @Nullable ModelName model;
    private final @Nullable VersionNumber version;
    private final @Nullable Environment environment;
    private final @Nullable Principal grantee;
    private final @Nullable Role role;
    private final @Nullable String name;
    private final @Nullable String value;
    private final @Nullable Digest policies;
    private final @Nullable Source source;
    private final @Nullable LogPosition position;
    private final @Nullable Integer trust;
    private final @Nullable Bytes envelope;
    private final @Nullable String reason;
    private final @Nullable CommandId commandId;
    private final @Nullable Expectation expected;
    private final @Nullable String overriding;

    private Action(Builder b) {
        this.type = b.type;
        this.model = b.model;
        this.version = b.version;
        this.environment = b.environment;
        this.grantee = b.grantee;
        this.role = b.role;
        this.name = b.name;
        this.value = b.value;
        this.policies = b.policies;
        this.source = b.source;
        this.position = b.position;
        this.trust = b.trust;
        this.envelope = b.envelope;
        this.reason = b.reason;
        this.commandId = b.commandId;
        this.expected = b.expected;
        this.overriding = b.overriding;
    }

    /** The kinds of action; {@link #id} is the name policies use. */
    public enum Type {
        /** Register a version of a model. */
        REGISTER("register"),
        /** Take in a version of another log, from a pack. */
        IMPORT_VERSION("importVersion"),
        /** Attach evidence to a version. */
        ATTACH_EVIDENCE("attachEvidence"),
        /** Comment on a version. */
        COMMENT("comment"),
        /** Approve a version for an environment. */
        APPROVE("approve"),
        /** Reject a version for an environment. */
        REJECT("reject"),
        /** Withdraw one's own approval or rejection. */
        WITHDRAW("withdraw"),
        /** Make a version the champion of an environment. */
        PROMOTE("promote"),
        /** Move the champion of an environment back. */
        ROLLBACK("rollback"),
        /** Bar a version from serving in an environment until it is approved anew. */
        QUARANTINE("quarantine"),
        /** Serve an earlier version in place of one that misbehaves, which is quarantined. */
        FALL_BACK("fallBack"),
        /** Serve no version of a model in an environment. */
        SUSPEND("suspend"),
        /** Serve the model again. */
        RESUME("resume"),
        /** Set an alias. */
        SET_ALIAS("setAlias"),
        /** Remove an alias. */
        REMOVE_ALIAS("removeAlias"),
        /** Set a tag. */
        SET_TAG("setTag"),
        /** Remove a tag. */
        REMOVE_TAG("removeTag"),
        /** Grant a role to a principal. */
        GRANT_ROLE("grantRole"),
        /** Revoke a role from a principal. */
        REVOKE_ROLE("revokeRole"),
        /** Move a version along its life cycle; the transition's name is what policies see. */
        TRANSITION("transition"),
        /** Propose a policy set. */
        PROPOSE_POLICIES("proposePolicies"),
        /** Put a proposed policy set into force. */
        INSTALL_POLICIES("installPolicies"),
        /** Put the next trust policy into force. */
        INSTALL_TRUST("installTrust"),
        /** Erase the text that somebody wrote. */
        ERASE("erase"),
        /** Place a legal hold, which keeps texts from being erased. */
        HOLD("hold"),
        /** Lift a legal hold. */
        LIFT_HOLD("liftHold"),
        /** Record what a model is asked and answers in an environment. */
        RECORD("record"),
        /** Let recorded predictions go. */
        EXPIRE_RECORDS("expireRecords"),
        /** Record that an alert on a version changed. */
        ALERT("alert"),
        /** Take on the trouble that an alert is about. */
        ACKNOWLEDGE("acknowledge"),
        /** Try a version beside the champion of an environment, or go on to the next stage of trying it. */
        START_EXPERIMENT("startExperiment"),
        /** End the trying of a version. */
        END_EXPERIMENT("endExperiment"),
        /** Record what may be concluded of an experiment. */
        JUDGE("judge"),
        /** Ask that a model be trained anew. */
        REQUEST_RETRAINING("requestRetraining"),
        /** Read what is recorded about a model, or the policy sets. */
        READ("read"),
        /** Read the log, verify it and export it. */
        AUDIT("audit"),
        /** Load the champion of an environment and serve it. */
        SERVE("serve"),
        /** Pass soft rules; decided beside the action that is to pass them, never carried out by itself. */
        OVERRIDE("override");

        private final String id;

        Type(String id) {
            this.id = id;
        }

        /**
         * Returns the name that policies use.
         *
         * @return the name, such as {@code promote}
         */
        public String id() {
            return id;
        }
    }

    /**
     * Returns the registration of a version, as policy sees it.
     *
     * @param model the model
     * @return the action
     */
    public static Action register(ModelName model) {
        return new Builder(Type.REGISTER).model(model).build();
    }

    /**
     * Returns the import of a version of another log, as policy sees it. Whether the caller may take in versions from there is
     * for the policy set to say: it sees the model, and the facts {@code source.origin}, {@code source.key}, {@code
     * source.model} and {@code source.version}. Of these only the key says whose log it is; whoever makes a log may give it
     * any origin.
     *
     * @param model the model that it becomes a version of, here
     * @param logKey the key of the other log in text form, as its holders gave it
     * @param version the version there
     * @return the action
     * @throws IllegalArgumentException if the key has another form
     */
    public static Action importVersion(ModelName model, String logKey, ModelRef version) {
        return new Builder(Type.IMPORT_VERSION)
                .model(model)
                .source(new Source(logKey, version))
                .build();
    }

    /**
     * Returns the attachment of evidence, as policy sees it.
     *
     * @param ref the version
     * @return the action
     */
    public static Action attachEvidence(ModelRef ref) {
        return new Builder(Type.ATTACH_EVIDENCE).ref(ref).build();
    }

    /**
     * Returns a comment on a version.
     *
     * @param ref the version
     * @param text the comment, 1 to 4,000 characters
     * @return the action
     */
    public static Action comment(ModelRef ref, String text) {
        return new Builder(Type.COMMENT).ref(ref).reason(text).build();
    }

    /**
     * Returns an approval of a version for an environment.
     *
     * @param ref the version
     * @param environment the environment
     * @return the action
     */
    public static Action approve(ModelRef ref, Environment environment) {
        return new Builder(Type.APPROVE).ref(ref).environment(environment).build();
    }

    /**
     * Returns a rejection of a version for an environment.
     *
     * @param ref the version
     * @param environment the environment
     * @return the action
     */
    public static Action reject(ModelRef ref, Environment environment) {
        return new Builder(Type.REJECT).ref(ref).environment(environment).build();
    }

    /**
     * Returns the withdrawal of the caller's own approval or rejection.
     *
     * @param ref the version
     * @param environment the environment
     * @return the action
     */
    public static Action withdraw(ModelRef ref, Environment environment) {
        return new Builder(Type.WITHDRAW).ref(ref).environment(environment).build();
    }

    /**
     * Returns a promotion: the version becomes champion of the environment.
     *
     * @param ref the version
     * @param environment the environment
     * @return the action
     */
    public static Action promote(ModelRef ref, Environment environment) {
        return new Builder(Type.PROMOTE).ref(ref).environment(environment).build();
    }

    /**
     * Returns a rollback: the newest former champion that may still be served becomes champion again.
     *
     * @param model the model
     * @param environment the environment
     * @return the action
     */
    public static Action rollback(ModelName model, Environment environment) {
        return new Builder(Type.ROLLBACK).model(model).environment(environment).build();
    }

    /**
     * Returns the quarantine of a version: from now on it is neither served nor promoted in the environment, whatever policy
     * says, until a validator who is not its author approves it there anew. Handles on it go back to the newest former
     * champion that may be served; the champion on record stays who it is.
     *
     * @param ref the version
     * @param environment the environment
     * @return the action
     */
    public static Action quarantine(ModelRef ref, Environment environment) {
        return new Builder(Type.QUARANTINE).ref(ref).environment(environment).build();
    }

    /**
     * Returns the fallback of a deployment, which records that it serves an earlier version in place of one that misbehaves,
     * and puts that one into quarantine. Deployments perform it by themselves.
     *
     * @param from the version that misbehaves
     * @param environment the environment
     * @param to the version of the same model that serves in its place
     * @param cause what was seen, 1 to 128 characters, kept in the log in clear for ever
     * @return the action
     */
    public static Action fallBack(ModelRef from, Environment environment, VersionNumber to, String cause) {
        return new Builder(Type.FALL_BACK)
                .ref(from)
                .environment(environment)
                .name(cause)
                .value(to.toString())
                .build();
    }

    /**
     * Returns the suspension of a model in an environment: handles everywhere refuse its calls, whatever policy says, until
     * it is resumed.
     *
     * @param model the model
     * @param environment the environment
     * @return the action
     */
    public static Action suspend(ModelName model, Environment environment) {
        return new Builder(Type.SUSPEND).model(model).environment(environment).build();
    }

    /**
     * Returns the end of a suspension.
     *
     * @param model the model
     * @param environment the environment
     * @return the action
     */
    public static Action resume(ModelName model, Environment environment) {
        return new Builder(Type.RESUME).model(model).environment(environment).build();
    }

    /**
     * Returns the setting of an alias.
     *
     * @param ref the version it is to name
     * @param alias the alias
     * @return the action
     */
    public static Action setAlias(ModelRef ref, Alias alias) {
        return new Builder(Type.SET_ALIAS).ref(ref).name(alias.value()).build();
    }

    /**
     * Returns the removal of an alias.
     *
     * @param model the model
     * @param alias the alias
     * @return the action
     */
    public static Action removeAlias(ModelName model, Alias alias) {
        return new Builder(Type.REMOVE_ALIAS).model(model).name(alias.value()).build();
    }

    /**
     * Returns the setting of a tag.
     *
     * @param ref the version
     * @param key the tag's key, 1 to 128 characters
     * @param value the tag's value, at most 1,000 characters
     * @return the action
     */
    public static Action setTag(ModelRef ref, String key, String value) {
        return new Builder(Type.SET_TAG).ref(ref).name(key).value(value).build();
    }

    /**
     * Returns the setting of a tag of a model. Policies read some of these as attributes of the model, such as {@code tier};
     * the rest, and those of versions, are tags to them.
     *
     * @param model the model, which need not have versions yet
     * @param key the tag's key, 1 to 128 characters
     * @param value the tag's value, at most 1,000 characters
     * @return the action
     */
    public static Action setTag(ModelName model, String key, String value) {
        return new Builder(Type.SET_TAG).model(model).name(key).value(value).build();
    }

    /**
     * Returns the removal of a tag of a model.
     *
     * @param model the model
     * @param key the tag's key
     * @return the action
     */
    public static Action removeTag(ModelName model, String key) {
        return new Builder(Type.REMOVE_TAG).model(model).name(key).build();
    }

    /**
     * Returns the removal of a tag.
     *
     * @param ref the version
     * @param key the tag's key
     * @return the action
     */
    public static Action removeTag(ModelRef ref, String key) {
        return new Builder(Type.REMOVE_TAG).ref(ref).name(key).build();
    }

    /**
     * Returns the grant of a role.
     *
     * @param grantee who receives it
     * @param role the role
     * @return the action
     */
    public static Action grantRole(Principal grantee, Role role) {
        return new Builder(Type.GRANT_ROLE).grant(grantee, role).build();
    }

    /**
     * Returns the revocation of a role.
     *
     * @param grantee who loses it
     * @param role the role
     * @return the action
     */
    public static Action revokeRole(Principal grantee, Role role) {
        return new Builder(Type.REVOKE_ROLE).grant(grantee, role).build();
    }

    /**
     * Returns a step along the life cycle.
     *
     * @param ref the version
     * @param transition the transition's name, such as {@code retire}
     * @return the action
     */
    public static Action transition(ModelRef ref, String transition) {
        return new Builder(Type.TRANSITION).ref(ref).name(transition).build();
    }

    /**
     * Returns the proposal of a policy set, as policy sees it.
     *
     * @param digest the set
     * @return the action
     */
    public static Action proposePolicies(Digest digest) {
        return new Builder(Type.PROPOSE_POLICIES).policies(digest).build();
    }

    /**
     * Returns the installation of a proposed policy set: it comes into force.
     *
     * @param digest the set
     * @return the action
     */
    public static Action installPolicies(Digest digest) {
        return new Builder(Type.INSTALL_POLICIES).policies(digest).build();
    }

    /**
     * Returns the installation of a trust policy: it comes into force. To be carried out it needs what the root keys {@linkplain
     * #signed signed}; policy decides without.
     *
     * @param version the version, which must be one more than that in force
     * @return the action
     * @throws IllegalArgumentException if the version is not positive
     */
    public static Action installTrust(int version) {
        if (version < 1) {
            throw new IllegalArgumentException("the version of a trust policy is at least 1, but was " + version);
        }
        return new Builder(Type.INSTALL_TRUST).trust(version).build();
    }

    /**
     * Returns the erasure of the text that an entry commits to: of a comment, or the reason of an act. The entry and all
     * proofs stay; text and salt are removed from the store for good. Fails with {@link
     * dev.modelops.VersionConflictException} while a legal hold covers the text, whatever policy says.
     *
     * @param position the position to which the entry brought the log, as {@link dev.modelops.registry.Comment#position}
     *     says
     * @param ground why, in a word or a reference, such as {@code request}, {@code retention} or {@code DSR-2026-17}; 1 to
     *     128 characters, kept in the log in clear for ever
     * @return the action
     */
    public static Action erase(LogPosition position, String ground) {
        return new Builder(Type.ERASE).position(position).name(ground).build();
    }

    /**
     * Returns a legal hold on all texts of the log.
     *
     * @param name its name, such as the number of a case; 1 to 128 characters, kept in the log in clear for ever
     * @return the action
     */
    public static Action hold(String name) {
        return new Builder(Type.HOLD).name(name).build();
    }

    /**
     * Returns a legal hold on all texts about a model and its versions.
     *
     * @param name its name, such as the number of a case; 1 to 128 characters, kept in the log in clear for ever
     * @param model the model
     * @return the action
     */
    public static Action hold(String name, ModelName model) {
        return new Builder(Type.HOLD).name(name).model(model).build();
    }

    /**
     * Returns the lifting of a legal hold.
     *
     * @param name its name
     * @return the action
     */
    public static Action liftHold(String name) {
        return new Builder(Type.LIFT_HOLD).name(name).build();
    }

    /**
     * Returns the recording of what a model is asked and answers, as policy sees it.
     *
     * @param model the model
     * @param environment where it serves
     * @return the action
     */
    public static Action record(ModelName model, Environment environment) {
        return new Builder(Type.RECORD).model(model).environment(environment).build();
    }

    /**
     * Returns the letting go of predictions of a model: of all whose segments were recorded up to a position. The entries
     * stay, and proofs of single predictions made before still hold; the segments are no longer needed, and the next {@code
     * BlobSweep} removes them. Fails with {@link dev.modelops.VersionConflictException} while a legal hold covers the model,
     * whatever policy says.
     *
     * @param model the model
     * @param until the position: what was recorded after it is kept
     * @param ground why, in a word or a reference, such as {@code retention}; 1 to 128 characters, kept in the log in clear
     *     for ever
     * @return the action
     */
    public static Action expireRecords(ModelName model, LogPosition until, String ground) {
        return new Builder(Type.EXPIRE_RECORDS)
                .model(model)
                .position(until)
                .name(ground)
                .build();
    }

    /**
     * Returns the recording of an alert's change, as policy sees it.
     *
     * @param ref the version that the alert is about
     * @param environment where
     * @return the action
     */
    public static Action alert(ModelRef ref, Environment environment) {
        return new Builder(Type.ALERT).ref(ref).environment(environment).build();
    }

    /**
     * Returns the acknowledgement of an alert: somebody has taken the trouble on. Fails with
     * {@link dev.modelops.VersionConflictException} unless the alert is firing.
     *
     * @param ref the version that the alert is about
     * @param environment where
     * @param check what was checked, as the alert says; 1 to 500 characters
     * @return the action
     */
    public static Action acknowledge(ModelRef ref, Environment environment, String check) {
        return new Builder(Type.ACKNOWLEDGE)
                .ref(ref)
                .environment(environment)
                .words(check)
                .build();
    }

    /**
     * Returns the start of an experiment, or of its next stage, as policy sees it.
     *
     * @param challenger the version that is tried
     * @param environment where
     * @return the action
     */
    public static Action startExperiment(ModelRef challenger, Environment environment) {
        return new Builder(Type.START_EXPERIMENT)
                .ref(challenger)
                .environment(environment)
                .build();
    }

    /**
     * Returns the end of the experiment under way. Fails with {@link dev.modelops.VersionConflictException} if there is none
     * with that challenger.
     *
     * @param challenger the version that is tried
     * @param environment where
     * @param cause why, 1 to 500 characters, kept in the log in clear for ever
     * @return the action
     */
    public static Action endExperiment(ModelRef challenger, Environment environment, String cause) {
        return new Builder(Type.END_EXPERIMENT)
                .ref(challenger)
                .environment(environment)
                .words(cause)
                .build();
    }

    /**
     * Returns the recording of a verdict on an experiment, as policy sees it.
     *
     * @param challenger the version that is tried
     * @param environment where
     * @return the action
     */
    public static Action judge(ModelRef challenger, Environment environment) {
        return new Builder(Type.JUDGE).ref(challenger).environment(environment).build();
    }

    /**
     * Returns the request to train a model anew, as policy sees it.
     *
     * @param ref the version that does not do any longer
     * @param environment where
     * @param cause why, 1 to 500 characters, kept in the log in clear for ever
     * @return the action
     */
    public static Action requestRetraining(ModelRef ref, Environment environment, String cause) {
        return new Builder(Type.REQUEST_RETRAINING)
                .ref(ref)
                .environment(environment)
                .words(cause)
                .build();
    }

    /**
     * Returns the reading of the policy sets.
     *
     * @return the action
     */
    public static Action readPolicies() {
        return new Builder(Type.READ).build();
    }

    /**
     * Returns the reading of what is recorded about a model.
     *
     * @param model the model
     * @return the action
     */
    public static Action read(ModelName model) {
        return new Builder(Type.READ).model(model).build();
    }

    /**
     * Returns the reading of the log.
     *
     * @return the action
     */
    public static Action audit() {
        return new Builder(Type.AUDIT).build();
    }

    /**
     * Returns the serving of a version in an environment.
     *
     * @param ref the version
     * @param environment the environment
     * @return the action
     */
    public static Action serve(ModelRef ref, Environment environment) {
        return new Builder(Type.SERVE).ref(ref).environment(environment).build();
    }

    /**
     * Returns the overriding of soft rules for an action, as policy sees it: the same resource and environment under the
     * kind {@link Type#OVERRIDE}. To have soft rules overridden, use {@link #overriding(String)}.
     *
     * @param action the action that soft rules refuse
     * @return the action
     */
    public static Action override(Action action) {
        return new Builder(Type.OVERRIDE, action).build();
    }

    /**
     * Returns this action with the demand to pass rules of {@link Level#SOFT} that refuse it. Whether the caller may is
     * for the policy set to say: it then decides a second request, with the action {@code override} on the same resource
     * and the facts {@code override.action} (the kind of this action, or the name of its transition),
     * {@code override.rules} (the ids of the soft rules to be passed) and {@code override.reason}. Only if that request is
     * allowed, with no soft rule passed over, is this one. Rules of {@link Level#HARD} are never passed. The reason, the
     * rules passed and the permits that let them be passed are recorded with the act. Without a soft rule that refuses,
     * nothing is decided or recorded about an override.
     *
     * @param why the reason, such as the number of an incident, 1 to 1,000 characters
     * @return the changed copy
     */
    public Action overriding(String why) {
        if (type == Type.OVERRIDE) {
            throw new IllegalArgumentException("an override cannot itself be overridden");
        }
        return new Builder(this).overriding(why).build();
    }

    /**
     * Returns this action with a reason. The log commits to it; the text itself is kept where it can be erased, unless the
     * act is refused: then it is not kept at all.
     *
     * @param text the reason, 1 to 4,000 characters
     * @return the changed copy
     */
    public Action because(String text) {
        return new Builder(this).reason(text).build();
    }

    /**
     * Returns this action with what was signed of it: for an approval or rejection, the statement of that very judgement under
     * the own key of the person who acts, without a reason, which {@link #because} gives; for the installation of a trust
     * policy, that policy under root keys. It is verified before anything is done, recorded, and verified again by whoever
     * verifies the log. A judgement that a person signed is done at most once: what was signed is its {@linkplain #as
     * identity} too, so it takes no other.
     *
     * @param statement the DSSE envelope as JSON
     * @return the changed copy
     * @throws IllegalArgumentException if it is another action
     */
    public Action signed(Bytes statement) {
        if (type != Type.APPROVE && type != Type.REJECT && type != Type.INSTALL_TRUST) {
            throw new IllegalArgumentException(
                    "what was signed fits approve, reject and installTrust, not " + type.id());
        }
        return new Builder(this).envelope(statement).build();
    }

    /**
     * Returns this action under an identity chosen by the caller, so that a retry is recognised.
     *
     * @param id the identity
     * @return the changed copy
     */
    public Action as(CommandId id) {
        return new Builder(this).command(id).build();
    }

    /**
     * Returns this promotion or rollback with a condition: it fails with
     * {@link dev.modelops.VersionConflictException} unless the environment's champion is the expected one.
     *
     * @param champion the expected champion; null to expect that there is none
     * @return the changed copy
     */
    public Action expectChampion(@Nullable VersionNumber champion) {
        if (type != Type.PROMOTE && type != Type.ROLLBACK) {
            throw new IllegalArgumentException("expectChampion fits promote and rollback, not " + type.id());
        }
        return new Builder(this).expect(champion).build();
    }

    /**
     * Returns this setting of an alias with a condition: it fails with {@link dev.modelops.VersionConflictException}
     * unless the alias names the expected version.
     *
     * @param current the version the alias is expected to name; null to expect that it names none
     * @return the changed copy
     */
    public Action expectAlias(@Nullable VersionNumber current) {
        if (type != Type.SET_ALIAS && type != Type.REMOVE_ALIAS) {
            throw new IllegalArgumentException("expectAlias fits setAlias and removeAlias, not " + type.id());
        }
        return new Builder(this).expect(current).build();
    }

    /**
     * Returns the kind.
     *
     * @return the kind
     */
    public Type type() {
        return type;
    }

    /**
     * Returns the model concerned.
     *
     * @return the model, if the action concerns one
     */
    public Optional<ModelName> model() {
        return Optional.ofNullable(model);
    }

    /**
     * Returns the version concerned.
     *
     * @return the version, if the action concerns one
     */
    public Optional<ModelRef> version() {
        return model == null || version == null ? Optional.empty() : Optional.of(new ModelRef(model, version));
    }

    /**
     * Returns the environment concerned.
     *
     * @return the environment, if the action concerns one
     */
    public Optional<Environment> environment() {
        return Optional.ofNullable(environment);
    }

    /**
     * Returns who receives or loses a role.
     *
     * @return the principal, for grants and revocations
     */
    public Optional<Principal> grantee() {
        return Optional.ofNullable(grantee);
    }

    /**
     * Returns the role granted or revoked.
     *
     * @return the role, for grants and revocations
     */
    public Optional<Role> role() {
        return Optional.ofNullable(role);
    }

    /**
     * Returns the alias, the key of the tag, the name of the transition or of the hold, the ground of the erasure or
     * expiry, what an acknowledged alert checks, or the cause of a fallback, of the end of an experiment or of a retraining.
     *
     * @return the name, for those actions
     */
    public Optional<String> name() {
        return Optional.ofNullable(name);
    }

    /**
     * Returns the value of the tag, or the number of the version fallen back to.
     *
     * @return the value, for setting a tag and falling back
     */
    public Optional<String> value() {
        return Optional.ofNullable(value);
    }

    /**
     * Returns the policy set proposed or installed.
     *
     * @return the digest of the set, for those actions
     */
    public Optional<Digest> policies() {
        return Optional.ofNullable(policies);
    }

    /**
     * Returns where an imported version comes from.
     *
     * @return the source, for an import
     */
    public Optional<Source> source() {
        return Optional.ofNullable(source);
    }

    /**
     * Returns the position of the entry whose text is to be erased, or up to which records expire.
     *
     * @return the position, for erasures and expiries
     */
    public Optional<LogPosition> position() {
        return Optional.ofNullable(position);
    }

    /**
     * Returns the version of the trust policy to be installed.
     *
     * @return the version, for that action
     */
    public OptionalInt trustVersion() {
        return trust == null ? OptionalInt.empty() : OptionalInt.of(trust);
    }

    /**
     * Returns what was signed of the action.
     *
     * @return the DSSE envelope, if one was given
     */
    public Optional<Bytes> envelope() {
        return Optional.ofNullable(envelope);
    }

    /**
     * Returns the reason or, for a comment, its text.
     *
     * @return the reason, if one was given
     */
    public Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    /**
     * Returns the identity the caller chose.
     *
     * @return the identity, if one was chosen
     */
    public Optional<CommandId> commandId() {
        return Optional.ofNullable(commandId);
    }

    /**
     * Returns the condition on the present champion or alias.
     *
     * @return the condition, if one was set
     */
    public Optional<Expectation> expected() {
        return Optional.ofNullable(expected);
    }

    /**
     * Returns why soft rules are to be passed.
     *
     * @return the reason, if they are
     */
    public Optional<String> overriding() {
        return Optional.ofNullable(overriding);
    }

    /**
     * A condition on a present value.
     *
     * @param version the version expected there; empty to expect none
     */
    public record Expectation(Optional<VersionNumber> version) {}

    /**
     * A version of another log.
     *
     * @param logKey the key of that log in text form, {@code <origin>+<key id>+<key>}
     * @param version the version there
     */
    public record Source(String logKey, ModelRef version) {
        private static final Pattern FORM = Pattern.compile("[^\\s+]{1,900}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{1,90}={0,2}");

        /**
         * Creates a source.
         *
         * @param logKey the key of that log in text form
         * @param version the version there
         * @throws IllegalArgumentException if the key has another form
         */
        public Source {
            if (!FORM.matcher(logKey).matches()) {
                throw new IllegalArgumentException(
                        "log key must look like <origin>+<8 hexadecimal digits>+<base64>, but was '" + logKey + "'");
            }
        }

        /**
         * Returns the identity of the log.
         *
         * @return the origin
         */
        public String origin() {
            return logKey.substring(0, logKey.indexOf('+'));
        }

        /** Returns the version and its log, such as {@code credit-risk@3 of example.org/development}. */
        @Override
        public String toString() {
            return version + " of " + origin();
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Action that
                && type == that.type
                && Objects.equals(model, that.model)
                && Objects.equals(version, that.version)
                && Objects.equals(environment, that.environment)
                && Objects.equals(grantee, that.grantee)
                && Objects.equals(role, that.role)
                && Objects.equals(name, that.name)
                && Objects.equals(value, that.value)
                && Objects.equals(policies, that.policies)
                && Objects.equals(source, that.source)
                && Objects.equals(position, that.position)
                && Objects.equals(trust, that.trust)
                && Objects.equals(envelope, that.envelope)
                && Objects.equals(reason, that.reason)
                && Objects.equals(commandId, that.commandId)
                && Objects.equals(expected, that.expected)
                && Objects.equals(overriding, that.overriding);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                type,
                model,
                version,
                environment,
                grantee,
                role,
                name,
                value,
                policies,
                source,
                position,
                trust,
                reason,
                commandId,
                expected);
    }

    /** Returns the action in words, such as {@code promote credit-risk@3 in production}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(type == Type.TRANSITION ? String.valueOf(name) : type.id());
        if (role != null) {
            text.append(' ')
                    .append(role)
                    .append(type == Type.GRANT_ROLE ? " to " : " from ")
                    .append(grantee);
        }
        if (position != null) {
            text.append(type == Type.ERASE ? " the text at position " : " up to position ")
                    .append(position)
                    .append(" on the ground of");
        }
        if (name != null && type != Type.TRANSITION) {
            text.append(' ').append(name);
        }
        if (trust != null) {
            text.append(' ').append(trust);
        }
        if (policies != null) {
            text.append(' ').append(policies);
        } else if (type == Type.READ && model == null) {
            text.append(" policies");
        }
        if (source != null) {
            text.append(' ').append(source).append(" as");
        }
        if (model != null) {
            text.append(name != null && type != Type.TRANSITION ? " of " : " ").append(model);
        }
        if (version != null) {
            text.append('@').append(version);
        }
        if (environment != null) {
            text.append(" in ").append(environment);
        }
        if (overriding != null) {
            text.append(", overriding soft rules");
        }
        return text.toString();
    }

    private static final class Builder {
        private final Type type;
        private @Nullable ModelName model;
        private @Nullable VersionNumber version;
        private @Nullable Environment environment;
        private @Nullable Principal grantee;
        private @Nullable Role role;
        private @Nullable String name;
        private @Nullable String value;
        private @Nullable Digest policies;
        private @Nullable Source source;
        private @Nullable LogPosition position;
        private @Nullable Integer trust;
        private @Nullable Bytes envelope;
        private @Nullable String reason;
        private @Nullable CommandId commandId;
        private @Nullable Expectation expected;
        private @Nullable String overriding;

        Builder(Type type) {
            this.type = type;
        }

        Builder(Action from) {
            this.type = from.type;
            this.model = from.model;
            this.version = from.version;
            this.environment = from.environment;
            this.grantee = from.grantee;
            this.role = from.role;
            this.name = from.name;
            this.value = from.value;
            this.policies = from.policies;
            this.source = from.source;
            this.position = from.position;
            this.trust = from.trust;
            this.envelope = from.envelope;
            this.reason = from.reason;
            this.commandId = from.commandId;
            this.expected = from.expected;
            this.overriding = from.overriding;
        }

        /** Begins an action of another kind about the same. */
        Builder(Type type, Action about) {
            this.type = type;
            this.model = about.model;
            this.version = about.version;
            this.environment = about.environment;
            this.grantee = about.grantee;
            this.role = about.role;
            this.name = about.name;
            this.value = about.value;
            this.policies = about.policies;
            this.source = about.source;
            this.position = about.position;
            this.trust = about.trust;
        }

        Builder model(ModelName value) {
            this.model = value;
            return this;
        }

        Builder ref(ModelRef ref) {
            this.model = ref.name();
            this.version = ref.version();
            return this;
        }

        Builder environment(Environment value) {
            this.environment = value;
            return this;
        }

        Builder grant(Principal to, Role value) {
            this.grantee = to;
            this.role = value;
            return this;
        }

        Builder name(String value) {
            if (value.isEmpty() || value.length() > 128) {
                throw new IllegalArgumentException("name must have 1 to 128 characters, but had " + value.length());
            }
            this.name = value;
            return this;
        }

        Builder words(String text) {
            if (text.isBlank() || text.length() > 500) {
                throw new IllegalArgumentException(
                        "what an act says of itself must have 1 to 500 characters, but had " + text.length());
            }
            this.name = text;
            return this;
        }

        Builder value(String text) {
            if (text.length() > 1000) {
                throw new IllegalArgumentException("value must have at most 1000 characters, but had " + text.length());
            }
            this.value = text;
            return this;
        }

        Builder policies(Digest digest) {
            this.policies = digest;
            return this;
        }

        Builder source(Source from) {
            this.source = from;
            return this;
        }

        Builder position(LogPosition value) {
            this.position = value;
            return this;
        }

        Builder trust(int value) {
            this.trust = value;
            return this;
        }

        Builder envelope(Bytes value) {
            this.envelope = value;
            return this;
        }

        Builder reason(String text) {
            if (text.isBlank() || text.length() > 4000) {
                throw new IllegalArgumentException(
                        "text must have 1 to 4000 characters and not be blank, but had " + text.length());
            }
            this.reason = text;
            return this;
        }

        Builder command(CommandId id) {
            this.commandId = id;
            return this;
        }

        Builder expect(@Nullable VersionNumber number) {
            this.expected = new Expectation(Optional.ofNullable(number));
            return this;
        }

        Builder overriding(String why) {
            if (why.isBlank() || why.length() > 1000) {
                throw new IllegalArgumentException(
                        "the reason of an override must have 1 to 1000 characters and not be blank, but had "
                                + why.length());
            }
            this.overriding = why;
            return this;
        }

        Action build() {
            return new Action(this);
        }
    }
}
