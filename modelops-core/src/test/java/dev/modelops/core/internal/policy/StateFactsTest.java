package dev.modelops.core.internal.policy;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.UNKNOWN_PUBLISHER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.person;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate.Resource;
import dev.modelops.core.evidence.Predicate.TestResult;
import dev.modelops.core.evidence.Predicate.VerificationSummary;
import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.schema.Conformance;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.core.policy.Policies;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.FactException;
import dev.modelops.policy.Facts;
import dev.modelops.registry.Evidence.Outcome;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("every-store")
class StateFactsTest {
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final Environment STAGING = Environment.STAGING;
    private static final ModelName RISK = ModelName.of("risk");
    private static final ModelRef V1 = ref("risk", 1);
    private static final ModelRef V2 = ref("risk", 2);
    private static final Principal SECOND = person("second");
    private static final Principal THIRD = person("third");
    private static final Digest LOANS = Digest.sha256Of(Bytes.ofUtf8("loans"));
    private static final Digest SCRAPED = Digest.sha256Of(Bytes.ofUtf8("scraped"));

    @TempDir
    static Path dir;

    private volatile @Nullable AccessRequest latest;
    private final GovernedLog log = GovernedLog.open(
            genesis -> genesis.grant(SECOND, Role.VALIDATOR)
                    .grant(SECOND, Role.of("risk"))
                    .grant(SECOND, Role.of("unit.validation"))
                    .grant(THIRD, Role.VALIDATOR)
                    .grant(AUTHOR, Role.of("unit.retail")),
            opening -> opening.narrowedBy(request -> {
                latest = request;
                return new Decision.Allow(
                        List.of("host"), Digest.sha256Of(Bytes.ofUtf8("host")), request.asOf(), request.at());
            }));

    @AfterEach
    void verifyAndClose() {
        assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
        log.close();
    }

    private Facts facts(Principal who, Action action) {
        log.as(who).check(action);
        AccessRequest asked = latest;
        if (asked == null) {
            throw new AssertionError("the host's policy was not asked");
        }
        return asked.facts();
    }

    private Facts ofPromotion(ModelRef ref) {
        return facts(RELEASER, Action.promote(ref, PRODUCTION));
    }

    private void register(UnaryOperator<VersionSpec> more) {
        log.as(AUTHOR).register(more.apply(VersionSpec.of("risk", Models.small(dir.resolve("v1")))));
    }

    @Test
    void approvalsCountOnceForEachIndependentValidatorOnWhatTheVersionIsNow() {
        register(spec -> spec);
        Facts before = ofPromotion(V1);
        assertThat(before.get("approvals.independent")).contains(0L);
        assertThat(before.get("approvals.by")).contains(Set.of());
        assertThat(before.get("approvals.last")).isEmpty();
        assertThat(before.get("approvals.newest")).isEmpty();
        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
        log.clock().advance(Duration.ofDays(1));
        log.as(SECOND).approve(V1, PRODUCTION, "fine");
        log.clock().advance(Duration.ofDays(1));
        log.as(VALIDATOR).approve(V1, PRODUCTION, "still fine");
        log.as(THIRD).approve(V1, STAGING, "elsewhere");
        Facts two = ofPromotion(V1);
        assertThat(two.get("now")).contains(START.plus(Duration.ofDays(2)));
        assertThat(two.get("approvals.independent")).contains(2L);
        assertThat(two.get("approvals.by")).contains(Set.of(VALIDATOR, SECOND));
        assertThat(two.get("approvals.last")).contains(VALIDATOR);
        assertThat(two.get("approvals.newest")).contains(START.plus(Duration.ofDays(2)));
        assertThat(two.get("approvals.secondNewest")).contains(START.plus(Duration.ofDays(1)));
        assertThat(two.get("approvals.thirdNewest")).isEmpty();
        assertThat(two.get("approvals.roles"))
                .contains(Set.of(Role.VALIDATOR, Role.of("risk"), Role.of("unit.validation")));
        log.as(ADMIN).revokeRole(VALIDATOR, Role.VALIDATOR);
        assertThat(ofPromotion(V1).get("approvals.by")).contains(Set.of(SECOND));
        log.as(THIRD).reject(V1, PRODUCTION, "no");
        assertThat(ofPromotion(V1).get("approvals.rejections")).contains(1L);
        log.as(AUTHOR).attach(V1, "model-card", Bytes.ofUtf8("card"));
        Facts changed = ofPromotion(V1);
        assertThat(changed.get("approvals.independent")).contains(0L);
        assertThat(changed.get("documents")).contains(Set.of("model-card"));
        assertThat(changed.get("validation.at")).isEmpty();
        log.as(THIRD).attach(V1, "validation-report", Bytes.ofUtf8("report"));
        assertThat(ofPromotion(V1).get("validation.at")).contains(START.plus(Duration.ofDays(2)));
    }

    @Test
    void onlyWhatTrustedKeysSignedIsAttestedAndTheNewestOutcomeCounts() {
        register(spec -> spec);
        Digest artifact = log.as(AUTHOR).get(V1).artifact();
        log.as(AUTHOR)
                .attach(
                        V1,
                        TestResult.TYPE,
                        Attestation.sign("v1", artifact, tests(Outcome.PASSED), UNKNOWN_PUBLISHER));
        Facts untrusted = ofPromotion(V1);
        assertThat(untrusted.get("documents")).contains(Set.of(TestResult.TYPE));
        assertThat(untrusted.get("attested.types")).contains(Set.of());
        assertThat(untrusted.get("attested.tests")).isEmpty();
        log.as(AUTHOR).attach(V1, TestResult.TYPE, Attestation.sign("v1", artifact, tests(Outcome.PASSED), PUBLISHER));
        Facts passed = ofPromotion(V1);
        assertThat(passed.get("attested.types")).contains(Set.of(TestResult.TYPE));
        assertThat(passed.get("attested.tests")).contains("PASSED");
        assertThat(passed.get("attested.verification")).isEmpty();
        log.as(AUTHOR).attach(V1, TestResult.TYPE, Attestation.sign("v1", artifact, tests(Outcome.FAILED), PUBLISHER));
        log.as(AUTHOR)
                .attach(
                        V1,
                        VerificationSummary.TYPE,
                        Attestation.sign(
                                "v1",
                                artifact,
                                new VerificationSummary(
                                        "https://example.org/verifier",
                                        START,
                                        "pkg:generic/risk@1",
                                        new Resource("", "https://example.org/policy", Map.of()),
                                        List.of(),
                                        Outcome.PASSED,
                                        List.of(),
                                        Optional.empty()),
                                PUBLISHER));
        Facts both = ofPromotion(V1);
        assertThat(both.get("attested.types")).contains(Set.of(TestResult.TYPE, VerificationSummary.TYPE));
        assertThat(both.get("attested.tests")).contains("FAILED");
        assertThat(both.get("attested.verification")).contains("PASSED");
    }

    private static TestResult tests(Outcome outcome) {
        return new TestResult(outcome, List.of(), List.of(), List.of(), List.of());
    }

    @Test
    void tagsOfAModelAreItsAttributesAndOnesOfAnotherFormFail() {
        assertThat(log.as(RELEASER).setTag(RISK, "tier", "1").subject()).isEqualTo("risk");
        assertThat(log.as(AUDITOR).models()).isEmpty();
        assertThat(log.as(AUDITOR).model(RISK)).isEmpty();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> log.as(RELEASER).removeAlias(RISK, Alias.of("best")));
        register(spec -> spec);
        assertThat(log.as(AUDITOR).model(RISK))
                .hasValueSatisfying(model -> assertThat(model.tags()).containsEntry("tier", "1"));
        log.as(RELEASER).setTag(RISK, "project", "team-risk");
        log.as(RELEASER).setTag(RISK, "confidential", "true");
        log.as(RELEASER).setTag(RISK, "publishers", " a, b,,");
        log.as(RELEASER).setTag(RISK, "exportControlled", "perhaps");
        log.as(RELEASER).setTag(RISK, "owner", "Not A Role");
        Facts facts = ofPromotion(V1);
        assertThat(facts.get("resource.model")).contains(RISK);
        assertThat(facts.get("resource.model.tier")).contains(1L);
        assertThat(facts.get("resource.model.project")).contains(Role.of("team-risk"));
        assertThat(facts.get("resource.model.confidential")).contains(true);
        assertThat(facts.get("resource.model.publishers")).contains(Set.of("a", "b"));
        assertThat(facts.get("resource.model.dataClass")).isEmpty();
        for (String name : List.of("resource.model.exportControlled", "resource.model.owner")) {
            assertThatExceptionOfType(FactException.class).isThrownBy(() -> facts.get(name));
            assertThat(facts.names()).contains(name);
        }
        Facts ofModel = facts(AUTHOR, Action.register(RISK));
        assertThat(ofModel.get("resource.model.tier")).contains(1L);
        assertThat(ofModel.get("resource.tier")).contains(1L);
        log.as(RELEASER).removeTag(RISK, "tier");
        assertThat(ofPromotion(V1).get("resource.model.tier")).isEmpty();
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> log.as(RELEASER).removeTag(RISK, "tier"));
        Facts tagging = facts(RELEASER, Action.setTag(RISK, "tier", "3"));
        assertThat(tagging.get("tag.key")).contains("tier");
        assertThat(tagging.get("tag.value")).contains("3");
    }

    @Test
    void authorsDoNotTagModels() {
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(AUTHOR).setTag(RISK, "tier", "3"))
                .satisfies(e -> assertThat(e.decision().rules()).containsExactly("gate-model-tags"));
    }

    @Test
    void metricsAreHeldAgainstTheChampionAndRoundedAgainstTheRequester() {
        register(spec -> spec.metric("auc", "0.800001").metric("loss", "0.2").metric("old", "1"));
        Facts first = ofPromotion(V1);
        assertThat(first.get("champion.exists")).contains(false);
        assertThat(first.get("champion.version")).isEmpty();
        assertThat(first.get("regression.auc")).isEmpty();
        assertThat(first.get("metrics.auc")).contains(new BigDecimal("0.800001"));
        log.as(VALIDATOR).approve(V1, PRODUCTION, "fine");
        log.as(RELEASER).promote(V1, PRODUCTION);
        register(spec -> spec.metric("auc", "0.79").metric("loss", "0.21").metric("new", "1"));
        Facts facts = ofPromotion(V2);
        assertThat(facts.get("champion.exists")).contains(true);
        assertThat(facts.get("champion.version")).contains(V1);
        assertThat(facts.get("champion.current")).contains(false);
        assertThat(facts.get("regression.auc")).contains(new BigDecimal("0.0101"));
        assertThat(facts.get("increase.loss")).contains(new BigDecimal("0.0100"));
        assertThat(facts.get("regression.loss")).contains(new BigDecimal("-0.0100"));
        assertThat(facts.get("regression.old")).isEmpty();
        assertThat(facts.get("regression.new")).isEmpty();
        assertThat(ofPromotion(V1).get("regression.auc")).contains(new BigDecimal("0.0000"));
    }

    @Test
    void historyTellsWhenAVersionServed() {
        register(spec -> spec);
        register(spec -> spec);
        for (ModelRef ref : List.of(V1, V2)) {
            log.as(VALIDATOR).approve(ref, PRODUCTION, "fine");
        }
        assertThat(ofPromotion(V1).get("champion.lastServed")).isEmpty();
        assertThat(ofPromotion(V1).get("staging.since")).isEmpty();
        log.as(RELEASER).promote(V1, STAGING);
        log.clock().advance(Duration.ofHours(5));
        log.as(RELEASER).promote(V1, PRODUCTION);
        log.clock().advance(Duration.ofHours(5));
        Facts current = ofPromotion(V1);
        assertThat(current.get("staging.since")).contains(START);
        assertThat(current.get("champion.current")).contains(true);
        assertThat(current.get("champion.former")).contains(false);
        assertThat(current.get("champion.lastServed")).contains(START.plus(Duration.ofHours(10)));
        log.as(RELEASER).promote(V2, PRODUCTION);
        log.as(RELEASER).promote(V2, STAGING);
        log.clock().advance(Duration.ofHours(5));
        Facts former = ofPromotion(V1);
        assertThat(former.get("staging.since")).isEmpty();
        assertThat(former.get("champion.former")).contains(true);
        assertThat(former.get("champion.lastServed")).contains(START.plus(Duration.ofHours(10)));
        Facts back = facts(RELEASER, Action.rollback(RISK, PRODUCTION));
        assertThat(back.get("champion.former")).contains(true);
        assertThat(back.get("resource.servable")).contains(true);
        assertThat(back.get("champion.lastServed")).contains(START.plus(Duration.ofHours(10)));
    }

    @Test
    void lineageFairnessAndOwnersAreComputedFromWhatWasRegistered() {
        log.as(RELEASER).setTag(RISK, "slices", "sex,age");
        log.as(RELEASER).setTag(RISK, "owner.pricing", "risk");
        register(spec -> spec.dataSet("scraped-web", SCRAPED));
        register(spec -> spec.parent(V1.version())
                .dataSet("loans", LOANS)
                .metric("fairness.sex", "-0.12")
                .metric("fairness.region", "0.01")
                .tag("components", "pricing"));
        Facts facts = ofPromotion(V2);
        assertThat(facts.get("resource.dataSets")).contains(Set.of("loans"));
        assertThat(facts.get("lineage.dataSets")).contains(Set.of("loans", "scraped-web"));
        assertThat(facts.get("lineage.dataSetDigests")).contains(Set.of(LOANS.toString(), SCRAPED.toString()));
        assertThat(facts.get("lineage.complete")).contains(true);
        assertThat(facts.get("fairness.missing")).contains(Set.of("age"));
        assertThat(facts.get("fairness.slices")).contains(Set.of("sex", "region"));
        assertThat(facts.get("fairness.largest")).contains(new BigDecimal("0.1200"));
        assertThat(facts.get("owners.missing")).contains(Set.of(Role.of("risk")));
        log.as(VALIDATOR).approve(V2, PRODUCTION, "fine");
        assertThat(ofPromotion(V2).get("owners.missing")).contains(Set.of(Role.of("risk")));
        log.as(SECOND).approve(V2, PRODUCTION, "fine");
        assertThat(ofPromotion(V2).get("owners.missing")).contains(Set.of());
        log.as(AUTHOR).setTag(V2, "components", "pricing, features");
        Facts unowned = ofPromotion(V2);
        assertThatExceptionOfType(FactException.class)
                .isThrownBy(() -> unowned.get("owners.missing"))
                .withMessageContaining("owner.features");
    }

    @Test
    void peopleHaveRolesAndUnits() {
        register(spec -> spec.tag("validUntil", "2027-01-31T00:00:00Z"));
        Facts facts = facts(SECOND, Action.approve(V1, PRODUCTION));
        assertThat(facts.get("resource.author")).contains(AUTHOR);
        assertThat(facts.get("resource.author.units")).contains(Set.of(Role.of("unit.retail")));
        assertThat(facts.get("resource.validUntil")).contains(java.time.Instant.parse("2027-01-31T00:00:00Z"));
        assertThat(facts.get("environment.services")).contains(Role.of("service.production"));
        assertThat(facts.get("nothing.of.the.kind")).isEmpty();
        Facts grant = facts(ADMIN, Action.grantRole(SECOND, Role.ADMIN));
        assertThat(grant.get("resource.units")).contains(Set.of(Role.of("unit.validation")));
        assertThat(grant.get("grant.self")).contains(false);
        log.as(AUTHOR).setTag(V1, "validUntil", "soon");
        Facts bad = facts(SERVICE, Action.serve(V1, PRODUCTION));
        assertThatExceptionOfType(FactException.class).isThrownBy(() -> bad.get("resource.validUntil"));
    }

    @Test
    void whatRulesSeeConformsToTheSchema() {
        log.as(RELEASER).setTag(RISK, "tier", "1");
        log.as(RELEASER).setTag(RISK, "publishers", "a");
        for (int i = 0; i < 2; i++) {
            register(spec -> spec.metric("auc", "0.8")
                    .metric("fairness.sex", "0.1")
                    .dataSet("loans", LOANS)
                    .tag("validUntil", "2027-01-31T00:00:00Z"));
        }
        log.as(VALIDATOR).attach(V1, "validation-report", Bytes.ofUtf8("report"));
        for (ModelRef ref : List.of(V1, V2)) {
            log.as(VALIDATOR).approve(ref, PRODUCTION, "fine");
            log.as(RELEASER).promote(ref, STAGING);
            log.as(RELEASER).promote(ref, PRODUCTION);
        }
        Schema schema = SchemaText.read(Policies.schema(List.of("auc", "fairness.sex")));
        Digest set = Digest.sha256Of(Bytes.ofUtf8("set"));
        for (Action action : List.of(
                Action.register(RISK),
                Action.register(ModelName.of("new")),
                Action.importVersion(RISK, "example.org/elsewhere+00000000+AA==", V2),
                Action.attachEvidence(V1),
                Action.comment(V1, "well"),
                Action.approve(V1, PRODUCTION),
                Action.reject(V2, STAGING),
                Action.withdraw(V1, PRODUCTION),
                Action.promote(V1, PRODUCTION),
                Action.promote(V2, STAGING),
                Action.rollback(RISK, PRODUCTION),
                Action.setAlias(V1, Alias.of("best")),
                Action.removeAlias(RISK, Alias.of("best")),
                Action.setTag(V1, "k", "v"),
                Action.setTag(RISK, "k", "v"),
                Action.removeTag(V1, "k"),
                Action.removeTag(RISK, "tier"),
                Action.grantRole(SECOND, Role.ADMIN),
                Action.revokeRole(SECOND, Role.ADMIN),
                Action.transition(V1, "retire"),
                Action.proposePolicies(set),
                Action.read(RISK),
                Action.readPolicies(),
                Action.audit(),
                Action.serve(V2, PRODUCTION))) {
            facts(ADMIN, action);
            AccessRequest asked = latest;
            if (asked == null) {
                throw new AssertionError("the host's policy was not asked");
            }
            AccessQuery query = new AccessQuery(
                    asked,
                    EntityNames.action(
                            action.type() == Action.Type.TRANSITION
                                    ? action.name().orElseThrow()
                                    : action.type().id()));
            assertThat(Conformance.ofRequest(
                            schema, query.principal(), query.action(), query.resource(), query.context()))
                    .as(action.toString())
                    .isEmpty();
            SortedMap<String, Value> attributes = new TreeMap<>();
            for (String name : asked.facts().names()) {
                if (name.startsWith("resource.")) {
                    String first = name.substring("resource.".length()).split("\\.")[0];
                    Value value = query.attribute(query.resource(), first);
                    if (value != null) {
                        attributes.put(first, value);
                    }
                }
            }
            Entity resource = new Entity(query.resource(), new Value.RecordValue(attributes), Set.of());
            assertThat(Conformance.ofEntities(schema, EntityStore.of(List.of(resource))))
                    .as(action + " on " + resource)
                    .noneMatch(problem -> !problem.startsWith("action "));
        }
    }
}
