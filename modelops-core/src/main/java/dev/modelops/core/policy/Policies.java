package dev.modelops.core.policy;

import static dev.modelops.core.policy.Condition.fact;
import static dev.modelops.core.policy.Condition.inEnvironment;
import static dev.modelops.core.policy.Condition.onModelItself;
import static dev.modelops.core.policy.Condition.requesterHolds;
import static dev.modelops.core.policy.Condition.requesterIsAuthor;
import static dev.modelops.core.policy.Condition.requesterIsGrantee;
import static dev.modelops.core.policy.Condition.requesterIsSourceAuthor;

import dev.modelops.Environment;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.GovernanceSchema;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.LifeCycle;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * The built-in policy set.
 *
 * <p>Permits, by role; roles add up, but whoever is a service does nothing else:
 *
 * <table>
 * <caption>Who may do what</caption>
 * <tr><th>role</th><th>may</th></tr>
 * <tr><td>data-scientist</td><td>register, attach evidence, comment, set and remove tags, acknowledge alerts, request
 *     retraining</td></tr>
 * <tr><td>validator</td><td>approve, reject, withdraw, quarantine, comment, attach evidence, acknowledge alerts, judge
 *     experiments</td></tr>
 * <tr><td>release-manager</td><td>promote, roll back, quarantine, suspend and resume, set and remove aliases and tags, move
 *     along the life cycle, acknowledge alerts, start, judge and end experiments, request retraining</td></tr>
 * <tr><td>auditor</td><td>audit</td></tr>
 * <tr><td>service</td><td>serve, fall back, record what it answers, raise alerts, judge and end experiments, request
 *     retraining</td></tr>
 * <tr><td>admin</td><td>grant and revoke roles, propose and install policy sets, install what root keys signed as trust policy,
 *     audit</td></tr>
 * <tr><td>privacy-officer</td><td>erase texts, let records expire, audit</td></tr>
 * <tr><td>legal-officer</td><td>place and lift legal holds</td></tr>
 * <tr><td>each of these</td><td>read</td></tr>
 * </table>
 *
 * <p>Gates, which no permit outweighs:
 *
 * <table>
 * <caption>What is demanded</caption>
 * <tr><th>gate</th><th>demands</th></tr>
 * <tr><td>{@link #GATE_OWN_VERSION}</td><td>to approve or reject: a version somebody else registered</td></tr>
 * <tr><td>{@link #GATE_APPROVAL}</td><td>to promote where it applies: an independent approval that stands</td></tr>
 * <tr><td>{@link #GATE_SIGNED_APPROVAL}</td><td>to promote where it is required: as many such approvals signed by the persons'
 *     own keys as the trust policy has approvers agree, at least one</td></tr>
 * <tr><td>{@link #GATE_REJECTION}</td><td>to promote where it applies: no rejection that stands</td></tr>
 * <tr><td>{@link #GATE_SIGNATURE}</td><td>to promote, roll back or serve: a trusted signature</td></tr>
 * <tr><td>{@link #GATE_STATUS}</td><td>to promote: a status that may become champion</td></tr>
 * <tr><td>{@link #GATE_SERVABLE}</td><td>to roll back or serve: a status that may be served</td></tr>
 * <tr><td>{@link #GATE_FORMER_CHAMPION}</td><td>to roll back: a target that has been champion there before</td></tr>
 * <tr><td>{@link #GATE_PROMOTER}</td><td>to promote: somebody other than the version's author</td></tr>
 * <tr><td>{@link #GATE_SOURCE_AUTHOR}</td><td>to approve, reject or promote: somebody other than the author of an imported
 *     version in the log that it comes from</td></tr>
 * <tr><td>{@link #GATE_SERVICE}</td><td>of a service: to do what services do, or read</td></tr>
 * <tr><td>{@link #GATE_MODEL_TAGS}</td><td>to set or remove a tag of a model itself: a release manager</td></tr>
 * <tr><td>{@link #GATE_SELF_GRANT}</td><td>to grant a role: somebody other than its receiver</td></tr>
 * <tr><td>{@link #GATE_POLICY_AUTHOR}</td><td>to install a policy set: somebody other than its proposer</td></tr>
 * </table>
 *
 * <p>{@link #GATE_APPROVAL} and {@link #GATE_REJECTION} apply in {@link Environment#PRODUCTION}, always, and in every
 * environment, whatever its name, whose required gates name them; which those are is the fact {@code required.gates}. Where
 * that fact is absent they apply too. {@link #GATE_SIGNED_APPROVAL} applies only where it is known to be required. All other
 * gates apply in every environment.
 *
 * <p>Nobody may import versions of other logs: a set must say whose, since no set can know whom a log trusts. One rule does:
 *
 * <pre>{@code
 * Rules.from(Policies.builtIn())
 *         .permit("release-managers-import-from-development")
 *         .role(Role.RELEASE_MANAGER)
 *         .on(Action.Type.IMPORT_VERSION)
 *         .when(Condition.fact("source.key").is(developmentKey.text()))
 * }</pre>
 *
 * <p>Serving and rolling back ask for signature and status but not for an approval: an approval that later evidence voids
 * must not stop what already serves, nor bar the way back to what served before. To stop a version, revoke it.
 */
public final class Policies {
    /** The id of the gate that keeps authors from judging their own versions. */
    public static final String GATE_OWN_VERSION = "gate-own-version";

    /** The id of the gate that demands an independent approval, in production and wherever it is required. */
    public static final String GATE_APPROVAL = "gate-approval";

    /**
     * The id of the gate that demands independent approvals signed by the persons' own keys, wherever it is required and
     * nowhere else.
     */
    public static final String GATE_SIGNED_APPROVAL = "gate-signed-approval";

    /** The id of the gate that demands that no rejection stands, in production and wherever it is required. */
    public static final String GATE_REJECTION = "gate-rejection";

    /** The id of the gate that demands a trusted signature. */
    public static final String GATE_SIGNATURE = "gate-signature";

    /** The id of the gate that demands a status that may become champion. */
    public static final String GATE_STATUS = "gate-status";

    /** The id of the gate that demands a status that may be served. */
    public static final String GATE_SERVABLE = "gate-servable";

    /** The id of the gate that lets only former champions be rolled back to. */
    public static final String GATE_FORMER_CHAMPION = "gate-former-champion";

    /** The id of the gate that keeps authors from promoting their own versions. */
    public static final String GATE_PROMOTER = "gate-promoter";

    /** The id of the gate that keeps those who made a version in another log from judging and promoting it here. */
    public static final String GATE_SOURCE_AUTHOR = "gate-source-author";

    /** The id of the gate that keeps services from all but serving, falling back and reading. */
    public static final String GATE_SERVICE = "gate-service";

    /** The id of the gate that keeps the tags of models, which policies read, from all but release managers. */
    public static final String GATE_MODEL_TAGS = "gate-model-tags";

    /** The id of the gate that keeps everybody from granting roles to themselves. */
    public static final String GATE_SELF_GRANT = "gate-self-grant";

    /** The id of the gate that keeps everybody from installing policy sets that they proposed themselves. */
    public static final String GATE_POLICY_AUTHOR = "gate-policy-author";

    /**
     * The gates that every environment where models serve for real should require, whatever it is called: so that none of
     * them can be dropped unnoticed, and that approvals are demanded there.
     */
    public static final Set<String> PRODUCTION_GATES = Set.of(
            GATE_OWN_VERSION,
            GATE_APPROVAL,
            GATE_REJECTION,
            GATE_SIGNATURE,
            GATE_STATUS,
            GATE_SERVABLE,
            GATE_FORMER_CHAMPION,
            GATE_PROMOTER,
            GATE_SOURCE_AUTHOR,
            GATE_POLICY_AUTHOR);

    private static final Type[] DONE_BY_SERVICES = {
        Type.SERVE, Type.FALL_BACK, Type.RECORD, Type.ALERT, Type.JUDGE, Type.END_EXPERIMENT, Type.REQUEST_RETRAINING
    };

    private static final PolicySet BUILT_IN = write();

    private Policies() {}

    /**
     * Returns the built-in policy set.
     *
     * @return the policy set; use {@link Rules#from} to change a copy of it
     */
    public static PolicySet builtIn() {
        return BUILT_IN;
    }

    /**
     * Returns the schema of what policies may speak of, for editors and validators: the entities, the actions, and the facts
     * that each action has, those included that hosts usually give. Cedar's records are closed, so the metrics that rules
     * read are named here.
     *
     * @param metrics the names of the metrics that rules may read
     * @return the schema, in the Cedar schema language
     */
    public static String schema(Collection<String> metrics) {
        return schema(metrics, Map.of(), LifeCycle.standard());
    }

    /**
     * Returns the schema of what policies may speak of, with what is special to a log and its host.
     *
     * @param metrics the names of the metrics that rules may read
     * @param facts the types of the facts that providers give, by name, such as {@code Long}, {@code datetime} or {@code
     *     Set<String>}; the usual ones need not be given: calendar, canary, drift, findings, incident and jurisdiction
     * @param lifeCycle the life cycle of the log, whose steps are actions
     * @return the schema, in the Cedar schema language
     * @throws IllegalArgumentException if a name or type is not one
     */
    public static String schema(Collection<String> metrics, Map<String, String> facts, LifeCycle lifeCycle) {
        return GovernanceSchema.text(metrics, facts, lifeCycle);
    }

    private static PolicySet write() {
        Rules rules = Rules.create();
        writePermits(rules);
        writeGatesOfPeople(rules);
        writeGatesOfVersions(rules);
        return rules.build();
    }

    private static void writePermits(Rules rules) {
        rules.permit("anyone-reads")
                .description("Whoever holds a role may read.")
                .role(
                        Role.ADMIN,
                        Role.AUDITOR,
                        Role.DATA_SCIENTIST,
                        Role.LEGAL_OFFICER,
                        Role.PRIVACY_OFFICER,
                        Role.RELEASE_MANAGER,
                        Role.SERVICE,
                        Role.VALIDATOR)
                .on(Type.READ)
                .permit("data-scientist-contributes")
                .description(
                        "Data scientists register versions, attach evidence, comment and tag, take alerts on, and ask for"
                                + " retraining.")
                .role(Role.DATA_SCIENTIST)
                .on(
                        Type.REGISTER,
                        Type.ATTACH_EVIDENCE,
                        Type.COMMENT,
                        Type.SET_TAG,
                        Type.REMOVE_TAG,
                        Type.ACKNOWLEDGE,
                        Type.REQUEST_RETRAINING)
                .permit("validator-judges")
                .description(
                        "Validators approve, reject, withdraw what they said, quarantine, comment, attach evidence, take"
                                + " alerts on, and judge experiments.")
                .role(Role.VALIDATOR)
                .on(
                        Type.APPROVE,
                        Type.REJECT,
                        Type.WITHDRAW,
                        Type.QUARANTINE,
                        Type.COMMENT,
                        Type.ATTACH_EVIDENCE,
                        Type.ACKNOWLEDGE,
                        Type.JUDGE)
                .permit("release-manager-releases")
                .description(
                        "Release managers move champions, aliases, tags and the life cycle, stop what serves, and have"
                                + " challengers tried.")
                .role(Role.RELEASE_MANAGER)
                .on(
                        Type.PROMOTE,
                        Type.ROLLBACK,
                        Type.QUARANTINE,
                        Type.SUSPEND,
                        Type.RESUME,
                        Type.SET_ALIAS,
                        Type.REMOVE_ALIAS,
                        Type.SET_TAG,
                        Type.REMOVE_TAG,
                        Type.TRANSITION,
                        Type.ACKNOWLEDGE,
                        Type.START_EXPERIMENT,
                        Type.END_EXPERIMENT,
                        Type.JUDGE,
                        Type.REQUEST_RETRAINING)
                .permit("auditor-audits")
                .description("Auditors read the log, verify it and export it.")
                .role(Role.AUDITOR)
                .on(Type.AUDIT)
                .permit("admin-audits")
                .description("Administrators read the log, verify it and export it.")
                .role(Role.ADMIN)
                .on(Type.AUDIT)
                .permit("admin-administers-roles")
                .description("Administrators grant and revoke roles.")
                .role(Role.ADMIN)
                .on(Type.GRANT_ROLE, Type.REVOKE_ROLE)
                .permit("admin-administers-policies")
                .description("Administrators propose policy sets and install those of others.")
                .role(Role.ADMIN)
                .on(Type.PROPOSE_POLICIES, Type.INSTALL_POLICIES)
                .permit("admin-installs-trust")
                .description("Administrators install trust policies that enough root keys have signed.")
                .role(Role.ADMIN)
                .on(Type.INSTALL_TRUST)
                .permit("privacy-officer-erases")
                .description(
                        "Privacy officers erase texts that people wrote, let records expire, and read the log to find"
                                + " them.")
                .role(Role.PRIVACY_OFFICER)
                .on(Type.ERASE, Type.EXPIRE_RECORDS, Type.AUDIT)
                .permit("legal-officer-holds")
                .description("Legal officers place and lift legal holds.")
                .role(Role.LEGAL_OFFICER)
                .on(Type.HOLD, Type.LIFT_HOLD)
                .permit("service-serves")
                .description(
                        "Services load champions and serve them, fall back from those that misbehave, record what they"
                                + " answer and what is to be concluded from it, and stop challengers that do harm.")
                .role(Role.SERVICE)
                .on(DONE_BY_SERVICES);
    }

    private static void writeGatesOfPeople(Rules rules) {
        rules.forbid(GATE_OWN_VERSION)
                .description("Nobody judges a version of their own.")
                .on(Type.APPROVE, Type.REJECT)
                .unless(requesterIsAuthor().negate())
                .expects("a judge other than the version's author")
                .remedy("ask another validator")
                .forbid(GATE_PROMOTER)
                .description("Nobody promotes a version of their own.")
                .on(Type.PROMOTE)
                .unless(requesterIsAuthor().negate())
                .expects("a release manager other than the version's author")
                .remedy("ask another release manager")
                .forbid(GATE_SOURCE_AUTHOR)
                .description("Nobody judges or promotes here what they made elsewhere.")
                .on(Type.APPROVE, Type.REJECT, Type.PROMOTE)
                .unless(requesterIsSourceAuthor().negate())
                .expects("somebody other than the version's author in the log that it comes from")
                .remedy("ask somebody who did not make the version")
                .forbid(GATE_SERVICE)
                .description("A service serves, watches and reads, whatever other roles it was given.")
                .role(Role.SERVICE)
                .unless(Condition.onAction(DONE_BY_SERVICES).or(Condition.onAction(Type.READ)))
                .expects(
                        "a person; a service may only serve, fall back, record, raise alerts, judge and end experiments,"
                                + " ask for retraining, and read")
                .remedy("act as a person, under an identity that does not hold the role service")
                .forbid(GATE_MODEL_TAGS)
                .description("What policies know of a model, such as its tier, is not for its authors to set.")
                .on(Type.SET_TAG, Type.REMOVE_TAG)
                .when(onModelItself())
                .unless(requesterHolds(Role.RELEASE_MANAGER))
                .expects("a release manager, who alone tags models themselves")
                .remedy("ask a release manager, or tag the version")
                .forbid(GATE_SELF_GRANT)
                .description("Nobody grants a role to themselves.")
                .on(Type.GRANT_ROLE)
                .unless(requesterIsGrantee().negate())
                .expects("an administrator other than the receiver of the role")
                .remedy("ask another administrator")
                .forbid(GATE_POLICY_AUTHOR)
                .description("Nobody installs a policy set that they proposed themselves.")
                .on(Type.INSTALL_POLICIES)
                .unless(fact("policies.self").isFalse())
                .expects("an administrator other than the proposer of the policy set")
                .remedy("ask another administrator to install it");
    }

    private static void writeGatesOfVersions(Rules rules) {
        rules.forbid(GATE_APPROVAL)
                .description(
                        "Production needs an independent approval, and so does whatever environment requires this gate.")
                .on(Type.PROMOTE)
                .when(inProductionOrRequired(GATE_APPROVAL))
                .unless(fact("approvals.independent").atLeast(1))
                .expects("at least one approval for this environment by a validator who is not the author, given on"
                        + " exactly this artifact and evidence")
                .remedy("ask a validator to approve the version; evidence attached later voids earlier approvals")
                .fix(Type.APPROVE)
                .forbid(GATE_SIGNED_APPROVAL)
                .description("Where this gate is required, those who approve do so by their own keys.")
                .on(Type.PROMOTE)
                .when(fact("required.gates")
                        .isPresent()
                        .and(fact("required.gates").containsAll(GATE_SIGNED_APPROVAL)))
                .unless(fact("approvals.signaturesMissing").atMost(0))
                .expects(
                        "as many approvals signed by the approvers' own keys as the trust policy demands, at least one")
                .remedy("ask approvers to sign their approval of the version as it is now, each with their own key")
                .fix(Type.APPROVE)
                .forbid(GATE_REJECTION)
                .description("A rejection that stands bars production, and whatever environment requires this gate.")
                .on(Type.PROMOTE)
                .when(inProductionOrRequired(GATE_REJECTION))
                .unless(fact("approvals.rejections").atMost(0))
                .expects("no rejection that stands for this environment")
                .remedy("settle the objection with the validator, who can then withdraw it")
                .fix(Type.WITHDRAW)
                .forbid(GATE_SIGNATURE)
                .description("Only versions signed by a trusted publisher are promoted, rolled back to or served.")
                .on(Type.PROMOTE, Type.ROLLBACK, Type.SERVE)
                .unless(fact("signature.trusted").isTrue())
                .expects("a signature by a publisher this log trusts")
                .remedy("sign the model with a trusted publisher's key and register it as a new version")
                .forbid(GATE_STATUS)
                .description("Only versions in a status that may become champion are promoted.")
                .on(Type.PROMOTE)
                .unless(fact("resource.promotable").isTrue())
                .expects("a version whose status lets it become champion")
                .remedy("promote another version, or move this one to such a status if its life cycle lets you")
                .forbid(GATE_SERVABLE)
                .description("Only versions in a status that may be served are rolled back to or served.")
                .on(Type.ROLLBACK, Type.SERVE)
                .unless(fact("resource.servable").isTrue())
                .expects("a version whose status lets it be served")
                .remedy("promote a version that may be served")
                .forbid(GATE_FORMER_CHAMPION)
                .description("A rollback leads to a version that has been champion before.")
                .on(Type.ROLLBACK)
                .unless(fact("champion.former").isTrue())
                .expects("an earlier champion of this environment to return to")
                .remedy("promote the version instead");
    }

    private static Condition inProductionOrRequired(String gate) {
        return inEnvironment(Environment.PRODUCTION).or(fact("required.gates").containsAll(gate));
    }
}
