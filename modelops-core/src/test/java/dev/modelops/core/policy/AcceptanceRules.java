package dev.modelops.core.policy;

import static dev.modelops.core.policy.Condition.fact;
import static dev.modelops.core.policy.Condition.inEnvironment;
import static dev.modelops.core.policy.Condition.metric;
import static dev.modelops.core.policy.Condition.onAction;
import static dev.modelops.core.policy.Condition.requesterHolds;
import static dev.modelops.core.policy.Condition.requesterIsAuthor;
import static dev.modelops.core.policy.Condition.requesterIsGrantee;
import static dev.modelops.core.policy.Condition.tag;

import dev.modelops.Environment;
import dev.modelops.Role;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Level;
import dev.modelops.policy.PolicySet;
import java.time.Duration;

/** The thirty-two rules of {@code rules.cedar}, written with the builder. */
final class AcceptanceRules {
    private static final Role CI = Role.of("ci");
    private static final Role ON_CALL = Role.of("on-call");
    private static final String DATA_SET = "sha256:0000000000000000000000000000000000000000000000000000000000000001";

    private AcceptanceRules() {}

    static PolicySet all() {
        Rules rules = Rules.create();
        access(rules);
        approval(rules);
        duties(rules);
        evidence(rules);
        runTime(rules);
        return rules.build();
    }

    private static void access(Rules rules) {
        rules.forbid("R01")
                .expects("a member of the model's project")
                .remedy("have the project's lead grant the project's role, or set the model's tag 'project'")
                .on(Type.REGISTER)
                .unless(fact("resource.model.project").isHeldByRequester())
                .permit("R02")
                .on(Type.READ)
                .when(fact("resource.model.confidential").isFalse())
                .forbid("R03")
                .expects("a serving identity of this environment")
                .remedy("grant the role 'service.' followed by the environment's name")
                .on(Type.SERVE)
                .unless(fact("environment.services").isHeldByRequester())
                .forbid("R04")
                .expects("the present champion of the environment, in a status that may be served")
                .remedy("promote the version")
                .on(Type.SERVE)
                .unless(fact("champion.current")
                        .isTrue()
                        .and(fact("resource.servable").isTrue()))
                .forbid("R04-expiry")
                .expects("a version that has not expired")
                .remedy("validate the version again and move its tag 'validUntil'")
                .on(Type.SERVE)
                .when(fact("resource.validUntil")
                        .isPresent()
                        .and(fact("resource.validUntil").isAhead().negate()))
                .forbid("R05")
                .expects("staging, the one place where build pipelines promote")
                .remedy("have a release manager promote")
                .role(CI)
                .on(Type.PROMOTE)
                .unless(inEnvironment(Environment.STAGING))
                .permit("R05-permit")
                .role(CI)
                .on(Type.REGISTER, Type.PROMOTE)
                .forbid("R06")
                .expects("an owner of the model or a delegate")
                .remedy("ask the model's owner")
                .on(Type.SET_ALIAS, Type.REMOVE_ALIAS, Type.SET_TAG, Type.REMOVE_TAG)
                .unless(fact("resource.model.owner")
                        .isHeldByRequester()
                        .or(fact("resource.model.delegates").isHeldByRequester()))
                .permit("R07")
                .role(Role.AUDITOR)
                .on(Type.READ, Type.AUDIT)
                .forbid("R07-only")
                .expects("somebody who is not an auditor")
                .remedy("act under an identity that does not hold the role auditor")
                .role(Role.AUDITOR)
                .unless(onAction(Type.READ, Type.AUDIT));
    }

    private static void approval(Rules rules) {
        Fact independent = fact("approvals.independent");
        Fact tier = fact("resource.model.tier");
        rules.forbid("R08")
                .expects("two approvals by different validators")
                .remedy("ask another validator to approve the version")
                .fix(Type.APPROVE)
                .on(Type.PROMOTE)
                .in(Environment.PRODUCTION)
                .unless(independent.atLeast(2))
                .forbid("R09")
                .expects("an approval of the version as it is now")
                .remedy("ask a validator to approve again; evidence attached later voids earlier approvals")
                .fix(Type.APPROVE)
                .on(Type.PROMOTE)
                .unless(fact("approvals.by").isEmpty().negate())
                .forbid("R10")
                .expects("two approvals of the last 30 days")
                .remedy("ask a validator to approve again")
                .fix(Type.APPROVE)
                .on(Type.PROMOTE)
                .in(Environment.PRODUCTION)
                .unless(fact("approvals.secondNewest").withinLast(Duration.ofDays(30)))
                .forbid("R11")
                .expects("an approval by risk and one by business")
                .remedy("ask a validator of the side that is missing")
                .fix(Type.APPROVE)
                .on(Type.PROMOTE)
                .unless(fact("approvals.roles").containsRoles(Role.of("risk"), Role.of("business")))
                .forbid("R12")
                .expects("three approvals for a model of tier 1, two for tier 2, one for tier 3")
                .remedy("ask more validators to approve")
                .fix(Type.APPROVE)
                .on(Type.PROMOTE)
                .unless(tier.is(1)
                        .and(independent.atLeast(3))
                        .or(tier.is(2).and(independent.atLeast(2)))
                        .or(tier.is(3).and(independent.atLeast(1))))
                .forbid("R13")
                .expects("no rejection that stands")
                .remedy("settle the objection with whoever rejected, who can then withdraw it")
                .fix(Type.WITHDRAW)
                .on(Type.PROMOTE)
                .unless(fact("approvals.rejections").atMost(0))
                .forbid("R14")
                .expects("an approval by the owners of each component that changed")
                .remedy("ask a validator who holds the owners' role to approve")
                .fix(Type.APPROVE)
                .on(Type.PROMOTE)
                .unless(fact("owners.missing").isEmpty());
    }

    private static void duties(Rules rules) {
        Fact units = fact("resource.author.units");
        rules.forbid("R15")
                .expects("a version somebody else registered")
                .remedy("ask another validator")
                .on(Type.APPROVE)
                .when(requesterIsAuthor())
                .forbid("R16")
                .expects("somebody other than the author and the last approver")
                .remedy("ask another release manager")
                .on(Type.PROMOTE)
                .when(requesterIsAuthor().or(fact("approvals.last").isRequester()))
                .forbid("R17")
                .expects("a validator of another unit than the author's")
                .remedy("ask a validator of another unit")
                .on(Type.APPROVE)
                .unless(units.isEmpty()
                        .negate()
                        .and(fact("principal.units").containsAny(units).negate()))
                .forbid("R18")
                .expects("somebody other than the receiver of the role")
                .remedy("ask another administrator")
                .on(Type.GRANT_ROLE)
                .when(requesterIsGrantee())
                .forbid("R18-policies")
                .expects("somebody other than the proposer of the policy set")
                .remedy("ask another administrator")
                .on(Type.INSTALL_POLICIES)
                .when(fact("policies.proposer").isRequester());
    }

    private static void evidence(Rules rules) {
        rules.forbid("R19")
                .expects("an AUC of at least 0.80, measured on the agreed data set")
                .remedy("train a better version, and name the data set it was measured on")
                .on(Type.PROMOTE)
                .unless(metric("auc")
                        .atLeast("0.80")
                        .and(fact("resource.dataSetDigests").containsAll(DATA_SET)))
                .forbid("R20")
                .expects("an AUC at most 0.01 below that of the present champion")
                .remedy("train a version that is no worse than what serves")
                .on(Type.PROMOTE)
                .when(fact("champion.exists").isTrue())
                .unless(fact("regression.auc").atMost("0.01"))
                .forbid("R21")
                .expects("fairness measured for every protected group, and nowhere above 0.10")
                .remedy("measure the missing groups; mitigate what is unfair")
                .on(Type.PROMOTE)
                .unless(fact("fairness.missing")
                        .isEmpty()
                        .and(fact("fairness.largest").atMost("0.10")))
                .forbid("R22")
                .expects("a signature by a key trusted for this model")
                .remedy("sign the model with such a key and register it as a new version")
                .on(Type.PROMOTE, Type.SERVE)
                .unless(fact("signature.trusted")
                        .isTrue()
                        .and(fact("resource.model.publishers").contains(fact("signature.publisher"))))
                .forbid("R23")
                .expects("a model card, a validation report and a data sheet")
                .remedy("attach the missing documents")
                .fix(Type.ATTACH_EVIDENCE)
                .on(Type.PROMOTE)
                .unless(fact("documents").containsAll("model-card", "validation-report", "data-sheet"))
                .forbid("R24")
                .expects("a known licence, a known line of descent, and no forbidden source in it")
                .remedy("set the tag 'licence' and name the data sets of every version it descends from")
                .on(Type.PROMOTE)
                .unless(tag("licence")
                        .isOneOf("apache-2.0", "cc-by-4.0", "proprietary")
                        .and(fact("lineage.complete").isTrue())
                        .and(fact("lineage.dataSets").containsAny("scraped-web").negate()))
                .forbid("R25")
                .expects("a scan of the last 7 days without findings")
                .remedy("scan the model again and mend what is found")
                .on(Type.PROMOTE)
                .unless(fact("findings.open")
                        .atMost(0)
                        .and(fact("findings.scannedAt").withinLast(Duration.ofDays(7))));
    }

    private static void runTime(Rules rules) {
        Fact tier = fact("resource.model.tier");
        Fact validation = fact("validation.at");
        Condition validated = validation
                .withinLast(Duration.ofDays(365))
                .or(tier.atLeast(2).and(validation.withinLast(Duration.ofDays(730))));
        String due = "a validation of the last year for tier 1, of the last two years below";
        String again = "validate the version again and attach the report";
        rules.forbid("R26")
                .expects("no open drift alert, checked in the last 24 hours")
                .remedy("resolve the alert, or have the check run")
                .on(Type.PROMOTE)
                .unless(fact("drift.open").atMost(0).and(fact("drift.checkedAt").withinLast(Duration.ofHours(24))))
                .forbid("R27")
                .expects("72 hours as champion of staging, with the error budget intact")
                .remedy("leave the version in staging for longer")
                .on(Type.PROMOTE)
                .in(Environment.PRODUCTION)
                .unless(fact("staging.since")
                        .atLeastAgo(Duration.ofHours(72))
                        .and(fact("canary.errorBudgetIntact").isTrue()))
                .forbid("R28")
                .level(Level.SOFT)
                .expects("a change window that is not frozen")
                .remedy("wait for the next change window, or have somebody on call override with an incident")
                .on(Type.PROMOTE)
                .in(Environment.PRODUCTION)
                .unless(fact("calendar.inChangeWindow")
                        .isTrue()
                        .and(fact("calendar.frozen").isFalse()))
                .forbid("R29")
                .expects("a region of the EU for personal data of the EU")
                .remedy("promote and serve the model in an EU region")
                .on(Type.PROMOTE, Type.SERVE)
                .when(fact("resource.model.dataClass").is("eu-personal"))
                .unless(fact("jurisdiction.region").is("eu"))
                .forbid("R29-export")
                .expects("a principal cleared for export-controlled models")
                .remedy("ask for the role export-cleared")
                .on(Type.READ, Type.SERVE)
                .when(fact("resource.model.exportControlled").isTrue())
                .unless(requesterHolds(Role.of("export-cleared")))
                .permit("R30")
                .role(ON_CALL)
                .on(Type.ROLLBACK)
                .when(fact("champion.former")
                        .isTrue()
                        .and(fact("champion.lastServed").withinLast(Duration.ofDays(90))))
                .permit("R31")
                .obligation("open-review(within 1d)")
                .role(ON_CALL)
                .on(Type.OVERRIDE)
                .forbid("R31-incident")
                .expects("an open incident with a ticket, not older than 4 hours")
                .remedy("open an incident")
                .on(Type.OVERRIDE)
                .unless(fact("incident.open")
                        .isTrue()
                        .and(fact("incident.ticket").isPresent())
                        .and(fact("incident.openedAt").withinLast(Duration.ofHours(4))))
                .forbid("R32")
                .expects(due)
                .remedy(again)
                .on(Type.PROMOTE)
                .unless(validated)
                .forbid("R32-serve")
                .level(Level.ADVISORY)
                .expects(due)
                .remedy(again)
                .on(Type.SERVE)
                .unless(validated);
    }
}
