package dev.modelops.core.registry;

import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditQuery;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.Model;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionQuery;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be read, by whom, and as of when. */
@Tag("every-store")
class ReadingTest {
    private static final ModelName RISK = ModelName.of("risk");
    private static final Environment PRODUCTION = Environment.PRODUCTION;
    private static final PolicySet OTHER_POLICIES = Rules.from(Policies.builtIn())
            .forbid("gate-other")
            .on(Action.Type.AUDIT)
            .role(Role.SERVICE)
            .build();

    @TempDir
    static Path dir;

    private GovernedLog log;

    @BeforeEach
    void openLog() {
        log = GovernedLog.open();
    }

    @AfterEach
    void closeLog() {
        log.close();
    }

    private ModelVersion register(String model, UnaryOperator<VersionSpec> more) {
        return log.as(AUTHOR).register(more.apply(VersionSpec.of(model, Models.small(dir.resolve("v1"), 1))));
    }

    private ModelVersion register(String model) {
        return register(model, UnaryOperator.identity());
    }

    private List<String> found(VersionQuery query) {
        return log.as(AUDITOR).query(query).items().stream()
                .map(version -> version.ref().toString())
                .toList();
    }

    @Test
    void everyConditionFindsWhatMeetsIt() {
        Digest data = Digest.sha256Of(Bytes.ofUtf8("data"));
        log.clock().advance(Duration.ofSeconds(1));
        ModelVersion first = register("risk");
        log.clock().advance(Duration.ofSeconds(1));
        ModelVersion second = log.as(AUTHOR)
                .register(VersionSpec.of("risk", Models.small(dir.resolve("v2"), 2))
                        .kind("classifier")
                        .description("A Credit model")
                        .metric("auc", "0.80")
                        .parameter("depth", "6")
                        .tag("team", "a")
                        .parent(VersionNumber.of(1))
                        .dataSet("train", data)
                        .codeCommit("0123abcd"));
        log.clock().advance(Duration.ofSeconds(1));
        register("fraud");
        log.as(RELEASER).deprecate(ref("fraud", 1), "old");
        log.as(RELEASER).setAlias(second.ref(), Alias.of("next"));
        log.as(RELEASER).promote(second.ref(), Environment.STAGING);

        VersionQuery all = VersionQuery.all();
        assertThat(found(all)).containsExactly("risk@1", "risk@2", "fraud@1");
        assertThat(found(all.model(RISK))).containsExactly("risk@1", "risk@2");
        for (VersionQuery query : List.of(
                all.kind("classifier"),
                all.description("credit MODEL"),
                all.metric("auc", new BigDecimal("0.8"), null),
                all.metric("auc", null, new BigDecimal("0.800")),
                all.metric("auc", new BigDecimal("0.7"), new BigDecimal("0.9")),
                all.metric("auc", null, null),
                all.parameter("depth", "6"),
                all.tag("team", "a"),
                all.parent(VersionNumber.of(1)),
                all.dataSet(data),
                all.codeCommit("0123abcd"),
                all.artifact(second.artifact()),
                all.registered(second.registeredAt(), second.registeredAt().plusMillis(1)),
                all.alias(Alias.of("next")),
                all.champion(Environment.STAGING))) {
            assertThat(found(query)).as("%s", query.conditions()).containsExactly("risk@2");
        }
        assertThat(found(all.status("deprecated"))).containsExactly("fraud@1");
        assertThat(found(all.author(AUTHOR))).hasSize(3);
        assertThat(found(all.registered(null, second.registeredAt()))).containsExactly("risk@1");
        assertThat(found(all.registered(second.registeredAt().plusNanos(1), null)))
                .containsExactly("fraud@1");
        for (VersionQuery query : List.of(
                all.kind("classif"),
                all.metric("auc", new BigDecimal("0.81"), null),
                all.metric("auc", null, new BigDecimal("0.79")),
                all.metric("f1", null, null),
                all.parameter("depth", "7"),
                all.parameter("width", ""),
                all.tag("team", "b"),
                all.tag("nothing", ""),
                all.parent(VersionNumber.of(2)),
                all.codeCommit("0123"),
                all.author(VALIDATOR),
                all.alias(Alias.of("last")),
                all.champion(PRODUCTION),
                all.kind("classifier").model(ModelName.of("fraud")),
                all.kind("classifier").kind("model"),
                all.dataSet(first.artifact()),
                all.registered(second.registeredAt(), second.registeredAt()))) {
            assertThat(found(query)).as("%s", query.conditions()).isEmpty();
        }
    }

    @Test
    void pagesStayThoseOfTheFirstWhileOthersWrite() {
        IntStream.range(0, 5).forEach(i -> register("m" + i));
        List<String> seen = new ArrayList<>();
        Page<ModelVersion> page = log.as(AUDITOR).query(VersionQuery.all().limit(2));
        LogPosition first = page.position();
        while (true) {
            assertThat(page.position()).isEqualTo(first);
            page.items().forEach(version -> seen.add(version.ref() + version.status()));
            register("later" + seen.size());
            log.as(RELEASER).retire(ref("m4", 1), "while listing");
            log.as(RELEASER).revoke(ref("m4", 1), "for good");
            register("m4");
            if (page.next().isEmpty()) {
                break;
            }
            page = log.as(AUDITOR)
                    .query(VersionQuery.all().limit(2).after(page.next().get()));
            if (seen.size() >= 2) {
                break;
            }
        }
        while (true) {
            page.items().forEach(version -> seen.add(version.ref() + version.status()));
            if (page.next().isEmpty()) {
                break;
            }
            page = log.as(AUDITOR)
                    .query(VersionQuery.all().limit(2).after(page.next().get()));
        }
        assertThat(seen).containsExactly("m0@1active", "m1@1active", "m2@1active", "m3@1active", "m4@1active");
    }

    @Test
    void cursorsThatNoPageGaveAreRefused() {
        IntStream.range(0, 3).forEach(i -> register("m" + i));
        RegistryView past = log.as(AUDITOR).asOf(LogPosition.of(2));
        for (String cursor : List.of(
                "",
                "x",
                "1",
                "-",
                "1-",
                "-1",
                "1-2-3",
                "0-0",
                "999999999999999999-0",
                "5-1",
                "99999999999999999999-1",
                "1 -1",
                "4-999999",
                "\u0661-\u0661")) {
            assertThatIllegalArgumentException()
                    .as(cursor)
                    .isThrownBy(() -> log.as(AUDITOR).query(VersionQuery.all().after(cursor)));
            assertThatIllegalArgumentException()
                    .as(cursor)
                    .isThrownBy(() -> past.query(VersionQuery.all().after(cursor)));
            assertThatIllegalArgumentException()
                    .as(cursor)
                    .isThrownBy(() ->
                            log.ops().as(AUDITOR).audit().query(AuditQuery.all().after(cursor)));
        }
        String live = log.as(AUDITOR).query(VersionQuery.all().limit(1)).next().orElseThrow();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> past.query(VersionQuery.all().limit(1).after(live)));
    }

    @Test
    void whoHoldsNoRoleSeesNothing() {
        ModelVersion version = register("risk");
        var evidence = log.as(VALIDATOR).attach(version.ref(), "report", Bytes.ofUtf8("x"));
        RegistryView live = log.as(STRANGER);
        for (RegistryView view : List.of(live, log.as(STRANGER).snapshot())) {
            assertThat(view.models()).isEmpty();
            assertThat(view.query(VersionQuery.all()).items()).isEmpty();
            for (ThrowingCallable read : List.<ThrowingCallable>of(
                    () -> view.find(version.ref()),
                    () -> view.get(version.ref()),
                    () -> view.find(RISK, Alias.of("next")),
                    () -> view.champion(RISK, PRODUCTION),
                    () -> view.champions(RISK, PRODUCTION),
                    () -> view.model(RISK),
                    () -> view.approvals(version.ref()),
                    () -> view.evidence(version.ref()),
                    () -> view.comments(version.ref()),
                    () -> log.as(STRANGER).read(evidence))) {
                assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(read);
            }
        }
        log.as(ADMIN).grantRole(STRANGER, Role.AUDITOR);
        assertThat(live.models()).hasSize(1);
        log.as(ADMIN).revokeRole(STRANGER, Role.AUDITOR);
        assertThat(live.models()).isEmpty();
    }

    @Test
    void listsShowWhatTheCallerMayRead() {
        log.close();
        log = GovernedLog.open(
                genesis -> genesis.policies(Rules.from(Policies.builtIn())
                        .forbid("gate-secret")
                        .on(Action.Type.READ)
                        .model(ModelName.of("secret"))
                        .unless(dev.modelops.core.policy.Condition.requesterHolds(Role.AUDITOR))
                        .build()),
                UnaryOperator.identity());
        register("risk");
        register("secret");
        register("trees");
        assertThat(log.as(AUTHOR).models())
                .extracting(model -> model.name().value())
                .containsExactly("risk", "trees");
        Page<ModelVersion> page = log.as(AUTHOR).query(VersionQuery.all().limit(2));
        assertThat(page.items())
                .extracting(version -> version.ref().name().value())
                .containsExactly("risk", "trees");
        assertThat(log.as(AUDITOR).models()).hasSize(3);
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> log.as(AUTHOR).find(ref("secret", 1)));
    }

    @Test
    void auditorsReadEverythingAndChangeNothing() {
        ModelVersion version = register("risk");
        var unused = log.ops().as(ADMIN).policies().propose(OTHER_POLICIES, null);
        assertThat(Picture.of(log.as(AUDITOR), List.of(AUDITOR)).versions()).containsExactly(version);
        assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).isSound())
                .isTrue();
        for (Action.Type type : Action.Type.values()) {
            boolean reads = type == Action.Type.READ || type == Action.Type.AUDIT;
            assertThat(log.as(AUDITOR).check(any(type)).isAllowed())
                    .as(type.id())
                    .isEqualTo(reads);
        }
        for (Principal who : List.of(AUTHOR, VALIDATOR, RELEASER, SERVICE, STRANGER)) {
            for (ThrowingCallable read : List.<ThrowingCallable>of(
                    () -> log.ops().as(who).audit().get(0),
                    () -> log.ops().as(who).audit().query(AuditQuery.all()),
                    () -> log.ops().as(who).audit().export(dir.resolve("stolen"), Progress.NONE),
                    () -> log.ops().as(who).audit().verify(Progress.NONE))) {
                assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(read);
            }
            assertThat(log.ops().as(who).audit().receipt(0)).startsWith("c2sp.org/tlog-proof@v1\n");
        }
        assertThat(dir.resolve("stolen")).doesNotExist();
    }

    private static Action any(Action.Type type) {
        var v = ref("risk", 1);
        return switch (type) {
            case REGISTER -> Action.register(RISK);
            case IMPORT_VERSION -> Action.importVersion(RISK, "example.org/development+00000000+AA==", v);
            case ATTACH_EVIDENCE -> Action.attachEvidence(v);
            case COMMENT -> Action.comment(v, "x");
            case APPROVE -> Action.approve(v, PRODUCTION);
            case REJECT -> Action.reject(v, PRODUCTION);
            case WITHDRAW -> Action.withdraw(v, PRODUCTION);
            case PROMOTE -> Action.promote(v, PRODUCTION);
            case ROLLBACK -> Action.rollback(RISK, PRODUCTION);
            case SET_ALIAS -> Action.setAlias(v, Alias.of("a"));
            case REMOVE_ALIAS -> Action.removeAlias(RISK, Alias.of("a"));
            case SET_TAG -> Action.setTag(v, "k", "v");
            case REMOVE_TAG -> Action.removeTag(v, "k");
            case GRANT_ROLE -> Action.grantRole(STRANGER, Role.ADMIN);
            case REVOKE_ROLE -> Action.revokeRole(AUTHOR, Role.DATA_SCIENTIST);
            case TRANSITION -> Action.transition(v, "retire");
            case PROPOSE_POLICIES -> Action.proposePolicies(OTHER_POLICIES.digest());
            case INSTALL_POLICIES -> Action.installPolicies(OTHER_POLICIES.digest());
            case INSTALL_TRUST -> Action.installTrust(1);
            case ERASE -> Action.erase(LogPosition.of(1), "request");
            case HOLD -> Action.hold("case-1");
            case LIFT_HOLD -> Action.liftHold("case-1");
            case RECORD -> Action.record(RISK, PRODUCTION);
            case EXPIRE_RECORDS -> Action.expireRecords(RISK, LogPosition.of(1), "retention");
            case QUARANTINE -> Action.quarantine(v, PRODUCTION);
            case FALL_BACK -> Action.fallBack(v, PRODUCTION, VersionNumber.of(2), "exceptions");
            case SUSPEND -> Action.suspend(RISK, PRODUCTION);
            case RESUME -> Action.resume(RISK, PRODUCTION);
            case ALERT -> Action.alert(v, PRODUCTION);
            case ACKNOWLEDGE -> Action.acknowledge(v, PRODUCTION, "mean:age");
            case START_EXPERIMENT -> Action.startExperiment(v, PRODUCTION);
            case END_EXPERIMENT -> Action.endExperiment(v, PRODUCTION, "harm");
            case JUDGE -> Action.judge(v, PRODUCTION);
            case REQUEST_RETRAINING -> Action.requestRetraining(v, PRODUCTION, "decay");
            case READ -> Action.read(RISK);
            case AUDIT -> Action.audit();
            case SERVE -> Action.serve(v, PRODUCTION);
            case OVERRIDE -> Action.override(Action.promote(v, PRODUCTION));
        };
    }

    @Test
    void aMomentIsWhatWasThereAtTheEndOfIt() {
        LogPosition one = register("risk").position();
        LogPosition two = register("risk").position();
        log.clock().advance(Duration.ofMillis(1));
        LogPosition three = register("risk").position();
        RegistryView auditor = log.as(AUDITOR);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> log.as(AUDITOR).asOf(START.minusNanos(1)));
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> log.as(AUDITOR).asOf(Instant.MIN));
        assertThat(log.as(AUDITOR).asOf(START).position()).isEqualTo(two);
        assertThat(log.as(AUDITOR).asOf(START.plusNanos(999_999)).position()).isEqualTo(two);
        assertThat(log.as(AUDITOR).asOf(START.plusMillis(1)).position()).isEqualTo(three);
        assertThat(log.as(AUDITOR).asOf(Instant.MAX).position()).isEqualTo(three);
        assertThat(log.as(AUDITOR).asOf(one).model(RISK).map(Model::latest)).contains(VersionNumber.of(1));
        assertThat(log.as(AUDITOR).asOf(LogPosition.of(1)).models()).isEmpty();
        assertThat(auditor.position()).isEqualTo(three);
        for (long size : new long[] {0, 5, Long.MAX_VALUE}) {
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> log.as(AUDITOR).asOf(LogPosition.of(size)));
        }
    }

    @Test
    void aSnapshotIsUnmovedByWhatComesLater() {
        register("risk");
        RegistryView snapshot = log.as(AUDITOR).snapshot();
        Picture before = Picture.of(snapshot, List.of(STRANGER));
        register("risk");
        log.as(RELEASER).retire(ref("risk", 1), "old");
        log.as(ADMIN).grantRole(STRANGER, Role.AUDITOR);
        assertThat(Picture.of(snapshot, List.of(STRANGER))).isEqualTo(before);
        assertThat(snapshot.find(ref("risk", 2))).isEmpty();
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> snapshot.get(ref("risk", 2)));
        assertThat(log.as(AUDITOR).find(ref("risk", 1)).map(ModelVersion::status))
                .isEqualTo(Optional.of("retired"));
    }
}
