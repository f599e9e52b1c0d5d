package dev.modelops.core.transfer;

import static dev.modelops.Environment.PRODUCTION;
import static dev.modelops.Environment.STAGING;
import static dev.modelops.core.GovernedLog.ADMIN;
import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.LOG_SIGNER;
import static dev.modelops.core.GovernedLog.PUBLISHER;
import static dev.modelops.core.GovernedLog.RELEASER;
import static dev.modelops.core.GovernedLog.SERVICE;
import static dev.modelops.core.GovernedLog.STRANGER;
import static dev.modelops.core.GovernedLog.UNKNOWN_PUBLISHER;
import static dev.modelops.core.GovernedLog.VALIDATOR;
import static dev.modelops.core.GovernedLog.WRITER;
import static dev.modelops.core.GovernedLog.person;
import static dev.modelops.core.GovernedLog.ref;
import static dev.modelops.core.policy.Condition.fact;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.Genesis;
import dev.modelops.IntegrityException;
import dev.modelops.InvalidModelException;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.WhatIfReport;
import dev.modelops.core.AlterableBlobs;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.StoreTransfer;
import dev.modelops.core.VersionPack;
import dev.modelops.core.internal.governor.LongLog;
import dev.modelops.core.internal.log.ActionJson;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyReview;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicySet;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionSpec;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A version on its way from the log of one network into that of another. */
class ImportVersionTest {
    private static final ModelName RISK = ModelName.of("risk");
    private static final Principal PORTER = person("porter");
    private static final Principal VERA = person("vera");
    private static final String RULE = "porters-import-from-development";

    @TempDir
    Path dir;

    private GovernedLog development;
    private GovernedLog production;
    private AlterableBlobs blobs;
    private Path pack;

    @BeforeEach
    void pack() {
        development = GovernedLog.in(Storages.inMemory(), GovernedLog::peopled);
        Histories.live(development, dir, 2);
        pack = export(development, 2);
        Storage memory = Storages.inMemory();
        blobs = new AlterableBlobs(memory.blobs());
        production = GovernedLog.in(new Storage(memory.log(), blobs), genesis -> production(trusting(development)));
        production.clock().advance(Duration.ofDays(30));
    }

    @AfterEach
    void close() {
        development.close();
        production.close();
    }

    private Path export(GovernedLog from, int version) {
        Path file = dir.resolve("risk-" + version + "-" + from.ops().position() + "-"
                + from.logKey().origin().replace('/', '-') + ".pack");
        VersionPack.export(from.storage(), from.logKey(), ref("risk", version), file, Progress.NONE);
        return file;
    }

    /** What a bank writes: who may import, and from where. */
    private static PolicySet trusting(GovernedLog source) {
        return Rules.from(Policies.builtIn())
                .permit(RULE)
                .role(Role.of("porter"))
                .on(Action.Type.IMPORT_VERSION)
                .when(fact("source.key").is(source.logKey().text()))
                .build();
    }

    private static Genesis production(PolicySet policies) {
        return GovernedLog.peopled(Genesis.of("bank.example/production", LOG_SIGNER, WRITER)
                        .publisher(PUBLISHER.publicKey()))
                .policies(policies)
                .grant(PORTER, Role.of("porter"))
                .grant(VERA, Role.VALIDATOR);
    }

    private Action action(int version) {
        return Action.importVersion(RISK, development.logKey().text(), ref("risk", version));
    }

    private ModelVersion imported() {
        return production.as(PORTER).importVersion(pack, development.logKey());
    }

    private static Set<Digest> listed(Storage storage) {
        Set<Digest> found = new HashSet<>();
        storage.blobs().list(blob -> found.add(blob.digest()));
        return found;
    }

    private static List<AuditReport.Finding> findings(Storage storage, LogKey key) {
        return StoreInspection.open(storage, key).audit().verify(Progress.NONE).findings();
    }

    private void assertNothingHappens(Class<? extends Throwable> type, String message, Runnable act) {
        var before = production.ops().position();
        Set<Digest> stored = listed(production.storage());
        assertThatThrownBy(act::run).isInstanceOf(type).hasMessageContaining(message);
        assertThat(production.ops().position()).isEqualTo(before);
        assertThat(listed(production.storage())).isEqualTo(stored);
    }

    @Test
    void aVersionCrossesBetweenNetworksIsApprovedHereAndServes() throws IOException {
        ModelVersion there = development.as(AUTHOR).get(ref("risk", 2));
        ModelVersion here = imported();

        assertThat(here.ref()).isEqualTo(ref("risk", 1));
        assertThat(here.artifact()).isEqualTo(there.artifact());
        assertThat(here.metrics()).isEqualTo(there.metrics());
        assertThat(here.byteCount()).isEqualTo(there.byteCount());
        assertThat(here.publisher()).isEqualTo(there.publisher()).isPresent();
        assertThat(here.author()).isEqualTo(PORTER);
        assertThat(here).isEqualTo(production.as(AUDITOR).get(here.ref()));
        assertThat(there.source()).isEmpty();
        VersionPack packed = VersionPack.verify(pack, development.logKey(), Progress.NONE);
        assertThat(here.source()).hasValueSatisfying(source -> {
            assertThat(source.origin()).isEqualTo("example.org/models");
            assertThat(source.logKey()).isEqualTo(development.logKey());
            assertThat(source.version()).isEqualTo(there.ref());
            assertThat(source.author()).isEqualTo(AUTHOR);
            assertThat(source.parent()).isEmpty();
            assertThat(source.checkpoint()).isEqualTo(packed.checkpoint().position());
            assertThat(source.root()).isEqualTo(packed.checkpoint().root());
            assertThat(source.registration())
                    .isEqualTo(Digest.sha256Of(packed.entries().get(0).body()));
            assertThat(source.pack()).isEqualTo(Digest.sha256Of(Bytes.of(read(pack))));
        });

        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> production.as(RELEASER).promote(here.ref(), PRODUCTION))
                .satisfies(e -> assertThat(e.decision().rules()).contains(Policies.GATE_APPROVAL));
        production.as(VALIDATOR).approve(here.ref(), PRODUCTION, "VR-77");
        production.as(RELEASER).promote(here.ref(), PRODUCTION);
        try (ModelHandle<Integer> handle = production
                .ops()
                .as(SERVICE)
                .serving()
                .open("risk", PRODUCTION, artifact -> artifact.files().size())) {
            assertThat(handle.version()).contains(here.ref());
        }
        production.ops().audit().checkpoint();
        assertThat(findings(production.storage(), production.logKey())).isEmpty();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void approvalsOfTheOtherLogAreEvidenceAndCountForNothing() {
        ModelVersion here = imported();

        assertThat(production.as(AUDITOR).approvals(here.ref())).isEmpty();
        assertThat(production.as(AUDITOR).champions(RISK, STAGING)).isEmpty();
        List<Evidence> evidence = production.as(AUDITOR).evidence(here.ref());
        assertThat(evidence).extracting(Evidence::type).containsExactly("validation-report", "source-entries");
        assertThat(production.as(AUDITOR).read(evidence.get(0))).isEqualTo(Bytes.ofUtf8("fit 2"));
        assertThat(evidence.get(0).at())
                .as("a document is as old here as there")
                .isEqualTo(
                        development.as(AUDITOR).evidence(ref("risk", 2)).get(0).at())
                .isBefore(here.registeredAt());
        assertThat(evidence)
                .allMatch(item -> item.by().equals(PORTER) && item.position().equals(here.position()));
        ObjectNode entries =
                Json.parseObject(production.as(AUDITOR).read(evidence.get(1)).toByteArray());
        assertThat(entries.get("source").asText())
                .isEqualTo(development.logKey().text());
        List<String> types = new ArrayList<>();
        entries.get("entries")
                .forEach(entry ->
                        types.add(Json.parseObject(entry.get("entry").asText().getBytes(StandardCharsets.UTF_8))
                                .get("type")
                                .asText()));
        assertThat(types)
                .containsExactly(
                        EntryType.VERSION_REGISTERED.typeName(),
                        EntryType.EVIDENCE_ATTACHED.typeName(),
                        EntryType.VERSION_APPROVED.typeName(),
                        EntryType.CHAMPION_PROMOTED.typeName());
        assertThat(here.source().orElseThrow().entries())
                .isEqualTo(evidence.get(1).digest());
    }

    @Test
    void whoMadeItThereOrBroughtItHereIsNotIndependentOfIt() {
        ModelVersion here = imported();
        production.as(ADMIN).grantRole(AUTHOR, Role.VALIDATOR);
        production.as(ADMIN).grantRole(PORTER, Role.VALIDATOR);

        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> production.as(AUTHOR).approve(here.ref(), PRODUCTION, "I made it"))
                .satisfies(e -> assertThat(e.decision().rules()).containsExactly(Policies.GATE_SOURCE_AUTHOR));
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> production.as(PORTER).approve(here.ref(), PRODUCTION, "I brought it"));
        assertThat(production.as(RELEASER).check(Action.promote(here.ref(), PRODUCTION)))
                .isInstanceOf(Decision.Deny.class);
        production.as(VERA).approve(here.ref(), PRODUCTION, "I looked at it");
        assertThat(production
                        .as(RELEASER)
                        .check(Action.promote(here.ref(), PRODUCTION))
                        .isAllowed())
                .isTrue();
    }

    @Test
    void anApprovalByWhoMadeItThereCountsForNothingEvenWhereItIsPermitted() {
        PolicySet lax = Rules.from(trusting(development))
                .without(Policies.GATE_SOURCE_AUTHOR)
                .build();
        assertThatThrownBy(() -> GovernedLog.in(Storages.inMemory(), genesis -> production(lax)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("environment 'production' requires the gates [gate-source-author]");
        try (GovernedLog log = GovernedLog.in(
                Storages.inMemory(), genesis -> production(lax).environment(PRODUCTION, Policies.GATE_SIGNATURE))) {
            ModelVersion here = log.as(PORTER).importVersion(pack, development.logKey());
            log.as(ADMIN).grantRole(AUTHOR, Role.VALIDATOR);
            log.as(AUTHOR).approve(here.ref(), PRODUCTION, "I made it");
            assertThat(log.as(RELEASER)
                            .check(Action.promote(here.ref(), PRODUCTION))
                            .isAllowed())
                    .isFalse();
            log.as(VERA).approve(here.ref(), PRODUCTION, "I looked at it");
            assertThat(log.as(RELEASER)
                            .check(Action.promote(here.ref(), PRODUCTION))
                            .isAllowed())
                    .isTrue();
        }
    }

    @Test
    void theBuiltInSetTrustsNoOtherLog() {
        try (GovernedLog plain = GovernedLog.in(Storages.inMemory(), genesis -> production(Policies.builtIn()))) {
            for (Principal who : List.of(ADMIN, AUTHOR, VALIDATOR, RELEASER, AUDITOR, SERVICE, PORTER, STRANGER)) {
                Decision decision = plain.as(who).check(action(2));
                assertThat(decision).isInstanceOf(Decision.Deny.class);
                assertThatExceptionOfType(AccessDeniedException.class)
                        .isThrownBy(() -> plain.as(who).importVersion(pack, development.logKey()));
            }
            assertThat(((Decision.Deny) plain.as(PORTER).check(action(2))).unmet())
                    .singleElement()
                    .satisfies(unmet -> assertThat(unmet.actual())
                            .contains("no rule for action 'importVersion'", "risk", "porter"));
        }
    }

    @Test
    void policyDecidesByRoleAndBySource() throws Exception {
        assertThat(production.as(PORTER).check(action(2)).isAllowed()).isTrue();
        assertThat(production.as(RELEASER).check(action(2)).isAllowed()).isFalse();
        assertNothingHappensButARefusal(RELEASER, pack, development.logKey(), "porter");

        try (GovernedLog other = GovernedLog.in(
                Storages.inMemory(),
                genesis -> GovernedLog.peopled(
                        Genesis.of("example.org/elsewhere", LOG_SIGNER, WRITER).publisher(PUBLISHER.publicKey())))) {
            Histories.live(other, dir, 1);
            assertNothingHappensButARefusal(PORTER, export(other, 1), other.logKey(), "source");
        }
        AuditEntry refusal = production
                .ops()
                .as(AUDITOR)
                .audit()
                .query(AuditQuery.all().type(EntryType.ACCESS_REFUSED.typeName()))
                .items()
                .get(0);
        ObjectNode data =
                (ObjectNode) Json.parseObject(refusal.body().toByteArray()).get("data");
        assertThat(ActionJson.read(data)).isEqualTo(action(2));
        assertThat(data.get("action").asText()).isEqualTo("importVersion risk@2 of example.org/models as risk");
    }

    private void assertNothingHappensButARefusal(Principal who, Path file, LogKey source, String unmet)
            throws InterruptedException {
        Set<Digest> stored = listed(production.storage());
        assertThatExceptionOfType(AccessDeniedException.class)
                .isThrownBy(() -> production.as(who).importVersion(file, source))
                .withMessageContaining("importVersion risk@")
                .satisfies(e -> assertThat(e.decision().unmet().toString()).contains(unmet));
        assertThat(listed(production.storage())).isEqualTo(stored);
        long size = production.ops().position().size();
        while (production.ops().sync().size() == 1) {
            Thread.sleep(5);
        }
        assertThat(size).isLessThanOrEqualTo(3);
        assertThat(production.as(AUDITOR).models()).isEmpty();
    }

    @Test
    void rulesMayNameWhereAVersionComesFromLongAfterItCame() {
        PolicySet onlyImported = Rules.from(trusting(development))
                .forbid("gate-source")
                .on(Action.Type.PROMOTE)
                .unless(fact("source.origin")
                        .is("example.org/models")
                        .and(fact("source.model").is("risk"))
                        .and(fact("source.version").is(2)))
                .build();
        try (GovernedLog strict = GovernedLog.in(Storages.inMemory(), genesis -> production(onlyImported))) {
            ModelRef own = strict.as(AUTHOR)
                    .register(VersionSpec.of("risk", dir.resolve("model")))
                    .ref();
            ModelRef came =
                    strict.as(PORTER).importVersion(pack, development.logKey()).ref();
            assertThat(came).isEqualTo(ref("risk", 2));
            assertThat(strict.as(RELEASER).check(Action.promote(own, STAGING)).isAllowed())
                    .isFalse();
            assertThat(strict.as(RELEASER).check(Action.promote(came, STAGING)).isAllowed())
                    .isTrue();
        }
    }

    @Test
    void rulesAboutImportsAreTestedLikeOthers() throws IOException {
        Files.writeString(dir.resolve("rules.json"), trusting(development).document());
        String request = """
                {"description": "%s", "principal": "example.org|porter", "roles": ["porter"], "action": "importVersion",
                 "resource": "risk", "name": "%s", "value": "risk@2", "facts": {"source.key": "%s"}, "decision": "%s"}""";
        String known = development.logKey().text();
        String other = production.logKey().text();
        Path tests = Files.writeString(
                dir.resolve("rules.test.json"),
                "{\"policies\": \"rules.json\", \"requests\": ["
                        + request.formatted("from development", known, known, "allow")
                        + ","
                        + request.formatted("from elsewhere", other, other, "deny")
                        + "]}");
        assertThat(PolicyReview.test(tests).trials())
                .hasSize(2)
                .allMatch(trial -> trial.failure().isEmpty());
    }

    @Test
    void theSameVersionIsImportedOnce() {
        imported();
        String already = "risk@2 of example.org/models was imported already: it is risk@1 here";
        assertNothingHappens(VersionConflictException.class, already, this::imported);
        assertNothingHappens(
                VersionConflictException.class,
                already,
                () -> production
                        .as(PORTER)
                        .importVersion(
                                pack,
                                Action.importVersion(
                                        ModelName.of("other"),
                                        development.logKey().text(),
                                        ref("risk", 2)),
                                Progress.NONE));
        development.as(VALIDATOR).reject(ref("risk", 2), PRODUCTION, "too old");
        development.ops().audit().checkpoint();
        Path later = export(development, 2);
        assertThat(read(later)).isNotEqualTo(read(pack));
        assertNothingHappens(
                VersionConflictException.class,
                already,
                () -> production.as(PORTER).importVersion(later, development.logKey()));
        assertThat(production
                        .as(PORTER)
                        .importVersion(export(development, 3), development.logKey())
                        .ref())
                .isEqualTo(ref("risk", 2));
    }

    @Test
    void aVersionMayGetAnotherNameHere() {
        ModelVersion here = production
                .as(PORTER)
                .importVersion(
                        pack,
                        Action.importVersion(
                                        ModelName.of("credit"),
                                        development.logKey().text(),
                                        ref("risk", 2))
                                .because("CR-9"),
                        Progress.NONE);
        assertThat(here.ref()).isEqualTo(ref("credit", 1));
        assertThat(here.source().orElseThrow().version()).isEqualTo(ref("risk", 2));
        assertThat(production
                        .ops()
                        .as(AUDITOR)
                        .audit()
                        .text(here.position().index()))
                .contains(new ErasableText.Kept("CR-9"));
    }

    @Test
    void aRepeatedCommandIsTheSameImport() {
        CommandId id = CommandId.of("import-1");
        ModelVersion first = production.as(PORTER).importVersion(pack, action(2).as(id), Progress.NONE);
        blobs.delete(first.bundle());
        var after = production.ops().position();

        assertThat(production.as(PORTER).importVersion(pack, action(2).as(id), Progress.NONE))
                .isEqualTo(first);
        assertThat(production.ops().position()).isEqualTo(after);
        assertThat(blobs.contains(first.bundle()))
                .as("what was lost meanwhile is put again")
                .isTrue();
        assertThat(production.ops().outcome(id))
                .hasValueSatisfying(done -> assertThat(done.subject()).isEqualTo("risk@1"));
        Path third = export(development, 3);
        for (Action other : List.of(
                action(3).as(id),
                Action.importVersion(ModelName.of("other"), development.logKey().text(), ref("risk", 2))
                        .as(id))) {
            assertNothingHappens(
                    VersionConflictException.class,
                    "was used for another act",
                    () -> production.as(PORTER).importVersion(third, other, Progress.NONE));
        }
        development.as(AUTHOR).comment(ref("risk", 2), "more");
        development.ops().audit().checkpoint();
        Path later = export(development, 2);
        assertNothingHappens(
                VersionConflictException.class,
                "imported from another pack",
                () -> production.as(PORTER).importVersion(later, action(2).as(id), Progress.NONE));
        assertNothingHappens(
                VersionConflictException.class,
                "was used for another act",
                () -> production
                        .as(AUTHOR)
                        .perform(Action.comment(first.ref(), "x").as(id)));
    }

    @Test
    void aPackThatIsNotWholeOrNotOfThatLogLeavesNothing() throws IOException {
        byte[] whole = read(pack);
        Path altered = dir.resolve("altered.pack");
        for (int at = 0; at < whole.length; at += 1 + whole.length / 15) {
            byte[] bytes = whole.clone();
            bytes[at] ^= (byte) (1 << at % 8);
            Files.write(altered, bytes);
            assertNothingHappens(
                    IntegrityException.class,
                    "altered.pack",
                    () -> production.as(PORTER).importVersion(altered, development.logKey()));
        }
        Files.write(altered, Arrays.copyOf(whole, whole.length / 2));
        assertNothingHappens(
                IntegrityException.class,
                "altered.pack",
                () -> production.as(PORTER).importVersion(altered, action(2), Progress.NONE));
        assertNothingHappens(
                IntegrityException.class,
                "but trusted is the log",
                () -> production.as(PORTER).importVersion(pack, production.logKey()));
        assertNothingHappens(
                NotFoundException.class,
                "there is no version pack",
                () -> production.as(PORTER).importVersion(dir.resolve("none.pack"), development.logKey()));
        assertNothingHappens(
                NotFoundException.class,
                "holds risk@2 of example.org/models, not risk@3",
                () -> production.as(PORTER).importVersion(pack, action(3), Progress.NONE));
        assertNothingHappens(
                IllegalArgumentException.class,
                "expected an import",
                () -> production.as(PORTER).importVersion(pack, Action.register(RISK), Progress.NONE));
        assertNothingHappens(
                IllegalArgumentException.class,
                "have methods of their own",
                () -> production.as(PORTER).perform(action(2)));
        assertThat(imported().ref()).isEqualTo(ref("risk", 1));
    }

    @Test
    void aModelThatNobodySignedWhomThisLogTrustsIsRefused() {
        UnaryOperator<Genesis> others =
                genesis -> GovernedLog.peopled(Genesis.of("bank.example/production", LOG_SIGNER, WRITER)
                                .publisher(UNKNOWN_PUBLISHER.publicKey()))
                        .policies(trusting(development))
                        .grant(PORTER, Role.of("porter"));
        try (GovernedLog distrusting = GovernedLog.bare(others, opening -> opening.publisher(UNKNOWN_PUBLISHER))) {
            Set<Digest> before = listed(distrusting.storage());
            assertThatExceptionOfType(VerificationException.class)
                    .isThrownBy(() -> distrusting.as(PORTER).importVersion(pack, development.logKey()))
                    .withMessageContaining("nobody signed it whom this log trusts");
            assertThat(distrusting.ops().position().size()).isEqualTo(1);
            assertThat(listed(distrusting.storage())).isEqualTo(before);
        }
    }

    @Test
    void aLogDoesNotImportFromItself() {
        PolicySet itself = Rules.from(Policies.builtIn())
                .permit(RULE)
                .role(Role.of("porter"))
                .on(Action.Type.IMPORT_VERSION)
                .build();
        try (GovernedLog one = GovernedLog.in(
                Storages.inMemory(),
                genesis -> GovernedLog.peopled(genesis).policies(itself).grant(PORTER, Role.of("porter")))) {
            Histories.live(one, dir, 1);
            Path own = export(one, 1);
            assertThatExceptionOfType(VersionConflictException.class)
                    .isThrownBy(() -> one.as(PORTER).importVersion(own, one.logKey()))
                    .withMessageContaining("of this log itself");
        }
    }

    @Test
    void anImportCanBeCancelled() {
        Progress cancelled = new Progress() {
            @Override
            public void report(long done, long total) {}

            @Override
            public boolean isCancelled() {
                return true;
            }
        };
        assertNothingHappens(
                CancellationException.class,
                "cancelled",
                () -> production.as(PORTER).importVersion(pack, action(2), cancelled));
    }

    @Test
    void versionsOfARecoveredLogAreKnownAgainInItsNextEpoch() {
        Signer root = Signers.of(TestKeys.seeded(43).keyPair(SignatureAlgorithm.ED25519, "root"));
        try (GovernedLog rooted = GovernedLog.in(
                Storages.inMemory(), genesis -> GovernedLog.peopled(genesis).roots(1, List.of(root.publicKey())))) {
            Histories.live(rooted, dir, 3);
            Path before = export(rooted, 2);
            LogKey next = Histories.recovered(rooted.storage(), rooted.logKey(), root, "one");
            Path after = dir.resolve("after.pack");
            VersionPack.export(rooted.storage(), next, ref("risk", 2), after, Progress.NONE);
            PolicySet byModel = Rules.from(Policies.builtIn())
                    .permit(RULE)
                    .role(Role.of("porter"))
                    .on(Action.Type.IMPORT_VERSION)
                    .when(fact("source.model").is("risk"))
                    .build();
            try (GovernedLog target = GovernedLog.in(Storages.inMemory(), genesis -> production(byModel))) {
                ModelVersion here = target.as(PORTER).importVersion(after, next);
                assertThat(here.source().orElseThrow().origin()).isEqualTo("example.org/models/2");
                assertThatExceptionOfType(VersionConflictException.class)
                        .isThrownBy(() -> target.as(PORTER).importVersion(before, rooted.logKey()))
                        .withMessageContaining("it is risk@1 here");
                target.ops().audit().checkpoint();
                assertThat(findings(target.storage(), target.logKey())).isEmpty();
            }
        }
    }

    @Test
    void anImportedVersionTravelsOnWithAllThatWasSaidOfIt() {
        ModelVersion here = imported();
        production.as(VALIDATOR).attach(here.ref(), "second-look", Bytes.ofUtf8("still fit"));
        production.ops().audit().checkpoint();
        Path onward = export(production, 1);
        PolicySet policies = Rules.from(Policies.builtIn())
                .permit(RULE)
                .role(Role.of("porter"))
                .on(Action.Type.IMPORT_VERSION)
                .when(fact("source.key").is(production.logKey().text()))
                .build();
        try (GovernedLog third = GovernedLog.in(
                Storages.inMemory(),
                genesis -> GovernedLog.peopled(Genesis.of("bank.example/branch", LOG_SIGNER, WRITER)
                                .publisher(PUBLISHER.publicKey()))
                        .policies(policies)
                        .grant(PORTER, Role.of("porter")))) {
            ModelVersion there = third.as(PORTER).importVersion(onward, production.logKey());
            assertThat(there.source().orElseThrow().author()).as("who made it").isEqualTo(AUTHOR);
            assertThat(third.as(AUDITOR).evidence(there.ref()))
                    .extracting(Evidence::type)
                    .containsExactly("validation-report", "source-entries", "second-look", "source-entries");
            assertThat(third.as(AUDITOR).evidence(there.ref()).get(0).at()).isBefore(here.registeredAt());
            third.ops().audit().checkpoint();
            assertThat(findings(third.storage(), third.logKey())).isEmpty();
        }
    }

    @Test
    void anImportIsPartOfHistoryOfCopiesAndOfWhatIf() {
        ModelVersion here = imported();
        production.as(VALIDATOR).approve(here.ref(), STAGING, "fine");
        production.ops().audit().checkpoint();

        assertThat(production.as(AUDITOR).asOf(here.position()).get(here.ref())).isEqualTo(here);
        try (ModelOps again = production.again()) {
            assertThat(again.as(AUDITOR).registry().get(here.ref())).isEqualTo(here);
        }
        Storage copy = Storages.inMemory();
        StoreTransfer.copy(production.storage(), copy, production.logKey(), Progress.NONE);
        assertThat(Histories.contents(copy, production.logKey()))
                .isEqualTo(Histories.contents(production.storage(), production.logKey()));
        assertThat(Histories.contents(copy, production.logKey()).blobs()).hasSizeGreaterThanOrEqualTo(6);

        WhatIfReport report = production.ops().as(AUDITOR).audit().whatIf(Policies.builtIn());
        assertThat(report.flips())
                .filteredOn(flip -> flip.kind() == WhatIfReport.Kind.ALLOW_TO_DENY)
                .singleElement()
                .satisfies(flip ->
                        assertThat(flip.index()).isEqualTo(here.position().index()));
    }

    @Test
    void verificationReadsTheReceiptsThatWereKeptAgain() {
        ModelVersion here = imported();
        production.ops().audit().checkpoint();
        ModelVersion.Source source = here.source().orElseThrow();
        blobs.alter(source.entries());
        assertThat(findings(production.storage(), production.logKey()))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.kind()).isEqualTo(AuditReport.Kind.BLOB);
                    assertThat(finding.message()).contains("of risk@1 was altered in the store");
                });
        blobs.alter(source.entries());
        Digest report = production.as(AUDITOR).evidence(here.ref()).get(0).digest();
        blobs.delete(report);
        assertThat(findings(production.storage(), production.logKey()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("evidence of risk@1 is missing"));
    }

    /** Whoever holds the keys of the log can write anything into it, but not make the other log have said it. */
    @Test
    void whatAnotherLogDidNotSayIsFound() {
        ModelVersion here = imported();
        ObjectNode told = Json.parseObject(production
                .ops()
                .as(AUDITOR)
                .audit()
                .get(here.position().index())
                .body()
                .toByteArray());
        ObjectNode data = (ObjectNode) told.get("data");
        assertThat(forge(data, honest -> {})).noneMatch(text -> text.contains("of example.org/models"));
        assertThat(forge(data, lying -> lying.putObject("metrics").put("auc", "0.99")))
                .anyMatch(text -> text.startsWith("STATE") && text.contains("in 'metrics'"));
        assertThat(forge(data, lying -> ((ObjectNode) lying.get("source")).put("author", VALIDATOR.toString())))
                .anyMatch(text -> text.startsWith("STATE") && text.contains("in 'source'"));
        assertThat(forge(data, lying -> ((ArrayNode) lying.get("evidence")).remove(0)))
                .anyMatch(text -> text.startsWith("STATE") && text.contains("in 'evidence'"));
        assertThat(forge(
                        data,
                        lying -> ((ObjectNode) lying.get("source"))
                                .put("logKey", production.logKey().text())))
                .anyMatch(text -> text.startsWith("SIGNATURE") && text.contains("not proved"));
        assertThat(forge(data, lying -> lying.put("entries", here.bundle().toString())))
                .anyMatch(text -> text.startsWith("SIGNATURE") && text.contains("not proved"));
        assertThat(forge(data, lying -> lying.remove("source")))
                .anyMatch(text -> text.contains("expected an object 'source'"));
    }

    private List<String> forge(ObjectNode data, Consumer<ObjectNode> lie) {
        Storage storage =
                new Storage(Storages.inMemory().log(), production.storage().blobs());
        LongLog log = LongLog.in(storage, genesis -> genesis);
        ObjectNode changed = data.deepCopy();
        lie.accept(changed);
        try {
            log.append(EntryType.VERSION_IMPORTED, "risk@1", changed);
        } catch (IllegalArgumentException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
        log.checkpoint();
        return findings(storage, log.key()).stream()
                .map(finding -> finding.kind() + " " + finding.message())
                .toList();
    }

    /** A source that is trusted to have versions of its own may still not put anything at all into this log. */
    @Test
    void aSourceThatSaysWhatNoLibraryWritesIsRefused() throws IOException {
        Entry honest = Entry.decode(
                0,
                VersionPack.verify(pack, development.logKey(), Progress.NONE)
                        .entries()
                        .get(0)
                        .body()
                        .toByteArray());
        assertThat(lying(honest, data -> {})).isNull();
        for (Consumer<ObjectNode> lie : List.<Consumer<ObjectNode>>of(
                data -> data.putObject("metrics").put("auc", 0.8),
                data -> data.putObject("metrics").put("x".repeat(200), "1"),
                data -> data.put("kind", ""),
                data -> data.put("description", "x".repeat(4001)),
                data -> data.putObject("parameters").putObject("a").put("b", 1),
                data -> data.putObject("tags").put("k", "x".repeat(1001)),
                data -> data.put("codeCommit", "x".repeat(300)),
                data -> data.put("fileCount", 3),
                data -> data.put("byteCount", 1))) {
            assertThat(lying(honest, lie)).isInstanceOf(InvalidModelException.class);
        }
    }

    private Throwable lying(Entry honest, Consumer<ObjectNode> lie) throws IOException {
        Storage storage = Storages.inMemory();
        for (Digest digest : listed(development.storage())) {
            try (InputStream in = development.storage().blobs().open(digest)) {
                storage.blobs().put(digest, new ByteArrayInputStream(in.readAllBytes()));
            }
        }
        LongLog source = LongLog.in(storage, genesis -> genesis);
        ObjectNode data = honest.data().deepCopy();
        lie.accept(data);
        source.append(EntryType.VERSION_REGISTERED, "risk@1", data);
        source.checkpoint();
        Path file = Files.createTempDirectory(dir, "lie").resolve("lie.pack");
        VersionPack.export(storage, source.key(), ref("risk", 1), file, Progress.NONE);
        PolicySet anywhere = Rules.from(Policies.builtIn())
                .permit(RULE)
                .role(Role.of("porter"))
                .on(Action.Type.IMPORT_VERSION)
                .build();
        try (GovernedLog target = GovernedLog.in(Storages.inMemory(), genesis -> production(anywhere))) {
            target.as(PORTER).importVersion(file, source.key());
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    @Test
    void whatAVersionWasMadeFromElsewhereLeavesItsLineageOpen() {
        development
                .as(AUTHOR)
                .register(VersionSpec.of("risk", Models.small(dir.resolve("model"), 9))
                        .parent(VersionNumber.of(1))
                        .dataSet("loans", Digest.sha256Of(Bytes.ofUtf8("loans"))));
        development.ops().audit().checkpoint();
        PolicySet policies = Rules.from(trusting(development))
                .forbid("gate-lineage")
                .on(Action.Type.PROMOTE)
                .unless(fact("lineage.complete").isTrue())
                .build();
        try (GovernedLog strict = GovernedLog.in(Storages.inMemory(), genesis -> production(policies))) {
            ModelVersion here = strict.as(PORTER).importVersion(export(development, 4), development.logKey());
            assertThat(here.source().orElseThrow().parent()).contains(VersionNumber.of(1));
            assertThat(here.parent()).isEmpty();
            assertThat(strict.as(RELEASER)
                            .check(Action.promote(here.ref(), STAGING))
                            .isAllowed())
                    .isFalse();
        }
    }

    @Test
    void judgementsHereAreOnTheEvidenceThatCameAlong() {
        ModelVersion here = imported();
        production.as(VALIDATOR).approve(here.ref(), PRODUCTION, "VR-1");
        Approval approval = production.as(AUDITOR).approvals(here.ref()).get(0);
        assertThat(approval.evidence())
                .isEqualTo(production.as(AUDITOR).evidence(here.ref()).stream()
                        .map(Evidence::digest)
                        .collect(Collectors.toSet()));
    }
}
