package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.AuditReport.Finding;
import dev.modelops.audit.AuditReport.Kind;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.PolicyBundle;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.PolicyAdministration;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.serving.ModelHandle;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Where policy publishers are enrolled, nothing comes into force that none of them signed, not even by a writer's hand. */
@Tag("every-store")
class SignedPoliciesTest {
    private static final Signer PUBLISHER = Site.KEYS.ed25519("policy publisher");
    private static final Signer STRANGER = Site.KEYS.ed25519("strange policy publisher");
    private static final PolicySet NEXT = Site.policies("gate-next");
    private static final PolicySet LATER = Site.policies("gate-later");

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;

    @BeforeEach
    void makeLog() {
        folder = dir.resolve("store");
        key = Site.create(folder, Site.genesis().policyPublisher(PUBLISHER.publicKey()));
    }

    private static PolicyAdministration admin(ModelOps ops) {
        return ops.as(Site.ADMIN).policies();
    }

    private static PolicyProposal install(ModelOps ops, PolicySet set, long revision) {
        PolicyProposal proposal = admin(ops).proposeBundle(PolicyBundle.sign(set, revision, PUBLISHER), null);
        assertThat(ops.as(Site.SECOND_ADMIN).policies().install(set.digest()).number())
                .isEqualTo(revision);
        return proposal;
    }

    private List<Finding> findings() {
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            return inspection.audit().verify(Progress.NONE).findings();
        }
    }

    @Test
    void aSignedSetComesIntoForceUnderTheRevisionOfItsBundle() {
        try (ModelOps ops = Site.open(folder, key)) {
            PolicyProposal proposal = install(ops, NEXT, 12);
            assertThat(proposal.basedOn()).isEqualTo(1);
            assertThat(proposal.revision()).isEqualTo(12);
            assertThat(proposal.bundle()).contains(Digest.sha256Of(PolicyBundle.sign(NEXT, 12, PUBLISHER)));
            var unused = install(ops, LATER, 13);
        }
        try (ModelOps again = Site.open(folder, key)) {
            assertThat(admin(again).current().number()).isEqualTo(13);
            assertThat(admin(again).current().digest()).isEqualTo(LATER.digest());
        }
        assertThat(findings()).isEmpty();
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            assertThat(inspection.policies()).extracting(PolicyRevision::number).containsExactly(1L, 12L, 13L);
            assertThat(inspection.policySet(NEXT.digest())).isEqualTo(NEXT);
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> inspection.policySet(
                            Site.policies("gate-unheard-of").digest()));
        }
    }

    static Stream<Arguments> refused() {
        String good = PolicyBundle.sign(LATER, 13, PUBLISHER).toUtf8();
        return Stream.of(
                arguments(
                        "altered",
                        good.replaceFirst("\"payload\":\"e", "\"payload\":\"f"),
                        VerificationException.class),
                arguments("truncated", good.substring(1), VerificationException.class),
                arguments("a bare set", LATER.document(), VerificationException.class),
                arguments(
                        "a strange publisher",
                        PolicyBundle.sign(LATER, 13, STRANGER).toUtf8(),
                        VerificationException.class),
                arguments(
                        "the revision in force",
                        PolicyBundle.sign(LATER, 12, PUBLISHER).toUtf8(),
                        VersionConflictException.class),
                arguments(
                        "an earlier revision",
                        PolicyBundle.sign(LATER, 2, PUBLISHER).toUtf8(),
                        VersionConflictException.class),
                arguments(
                        "the set in force",
                        PolicyBundle.sign(NEXT, 13, PUBLISHER).toUtf8(),
                        VersionConflictException.class),
                arguments(
                        "a set that is not fit",
                        PolicyBundle.sign(
                                        Rules.from(LATER)
                                                .without(Policies.GATE_APPROVAL)
                                                .build(),
                                        13,
                                        PUBLISHER)
                                .toUtf8(),
                        InvalidPolicyException.class));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void aBundleThatFailsLeavesTheOldSetInForce(String what, String bundle, Class<? extends ModelOpsException> how) {
        try (ModelOps ops = Site.open(folder, key)) {
            var unused = install(ops, NEXT, 12);
            long size = ops.position().size();
            assertThatExceptionOfType(how).isThrownBy(() -> admin(ops).proposeBundle(Bytes.ofUtf8(bundle), null));
            assertThat(ops.position().size()).isEqualTo(size);
            assertThat(admin(ops).current().number()).isEqualTo(12);
            assertThat(admin(ops).proposals()).isEmpty();
        }
    }

    @Test
    void aSetWithoutSignatureIsRefusedWithWhatToDo() {
        try (ModelOps ops = Site.open(folder, key)) {
            assertThatExceptionOfType(InvalidPolicyException.class)
                    .isThrownBy(() -> admin(ops).propose(NEXT, null))
                    .withMessageContaining("have it signed and propose the bundle");
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() -> ops.as(Site.ADA).policies().propose(NEXT, null));
            assertThatExceptionOfType(AccessDeniedException.class)
                    .isThrownBy(() ->
                            ops.as(Site.ADA).policies().proposeBundle(PolicyBundle.sign(NEXT, 2, PUBLISHER), null));
            assertThat(admin(ops).proposals()).isEmpty();
        }
    }

    @Test
    void aLogWithoutPolicyPublishersTakesNoBundles() {
        try (ModelOps ops = Site.inMemory()) {
            assertThatExceptionOfType(InvalidPolicyException.class)
                    .isThrownBy(() -> admin(ops).proposeBundle(PolicyBundle.sign(NEXT, 2, PUBLISHER), null))
                    .withMessageContaining("propose the policy set itself");
        }
    }

    @Test
    void aPolicyPublisherMustHaveAnEd25519Key() {
        Signer ec = Site.KEYS.ecdsa("policy publisher");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Site.create(dir.resolve("other"), Site.genesis().policyPublisher(ec.publicKey())))
                .withMessageContaining("policy publisher keys must be Ed25519");
    }

    /** What somebody with a writer's key and the store may do to the two entries of an installation. */
    enum Forgery {
        A_REVISION_THAT_WAS_NOT_SIGNED {
            @Override
            String change(String body) {
                return body.replace("\"revision\":12", "\"revision\":99");
            }
        },
        NO_BUNDLE {
            @Override
            String change(String body) {
                return body.replaceFirst("\"bundle\":\"[^\"]*\"", "\"note\":\"none\"");
            }
        },
        A_BUNDLE_OF_ANOTHER_SET {
            @Override
            String change(String body) {
                return body.replace(NEXT.digest().toString(), LATER.digest().toString());
            }
        };

        abstract String change(String body);
    }

    @ParameterizedTest
    @EnumSource
    void notEvenAWriterPutsASetIntoForceThatWasNotSigned(Forgery forgery) throws Exception {
        try (ModelOps ops = Site.open(folder, key)) {
            var unused = install(ops, NEXT, 12);
            // The other set is in the store too, but signed for nothing.
            unused = admin(ops).proposeBundle(PolicyBundle.sign(LATER, 13, PUBLISHER), null);
        }
        try (ModelOps follower = Site.opening(Storages.existingDirectory(copyOf(1)), key)
                        .pollInterval(Duration.ofMillis(20))
                        .start();
                ModelHandle<String> handle =
                        follower.as(Site.SCORING).serving().open("risk", Site.PRODUCTION, model -> "loaded")) {
            forge(dir.resolve("copy"), forgery);
            Site.await("the follower refuses", () -> isFaulty(follower));
            assertThat(follower.position().size()).isEqualTo(1);
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> handle.apply(model -> model));
        }
        forge(folder, forgery);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Site.open(folder, key))
                .withMessageContaining("came into force without a signature that holds");
        assertThat(findings()).anySatisfy(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.SIGNATURE);
            assertThat(finding.index()).hasValue(1);
        });
    }

    private static boolean isFaulty(ModelOps ops) {
        try {
            ops.sync();
            return false;
        } catch (IntegrityException e) {
            return true;
        }
    }

    /** A copy of the store in which the log has only its first entries yet. */
    private Path copyOf(long size) throws Exception {
        Path copy = dir.resolve("copy");
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Path to = copy.resolve(folder.relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
        try (Attacker attacker = Attacker.on(copy)) {
            attacker.run("CREATE TABLE kept AS SELECT * FROM modelops_record WHERE idx >= ?", size);
            attacker.run("DELETE FROM modelops_record WHERE idx >= ?", size);
            attacker.run("DELETE FROM modelops_seal WHERE size > ?", size);
            attacker.run("DELETE FROM modelops_checkpoint WHERE size > ?", size);
            attacker.head();
        }
        return copy;
    }

    private static void forge(Path store, Forgery forgery) throws Exception {
        try (Attacker attacker = Attacker.on(store)) {
            attacker.run("BEGIN IMMEDIATE");
            if (attacker.number("SELECT count(*) FROM sqlite_schema WHERE name = 'kept'") > 0) {
                attacker.run("INSERT INTO modelops_record SELECT * FROM kept");
                attacker.run("DROP TABLE kept");
            }
            for (long index = 1; index <= 2; index++) {
                String body = new String(attacker.body(index), StandardCharsets.UTF_8);
                attacker.body(index, forgery.change(body).getBytes(StandardCharsets.UTF_8));
            }
            attacker.run("DELETE FROM modelops_seal WHERE size > 1");
            attacker.run("DELETE FROM modelops_checkpoint WHERE size > 1");
            attacker.head();
            attacker.seal(1, Site.KEYS.ed25519("writer"));
            attacker.run("COMMIT");
        }
    }

    @Test
    void aSetInForceThatIsMissingOrAlteredIsNotReplacedByAnother() throws Exception {
        try (ModelOps ops = Site.open(folder, key)) {
            var unused = install(ops, NEXT, 12);
        }
        String hex = NEXT.digest().toHex();
        Path blob = folder.resolve("blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex.substring(2));
        byte[] content = Files.readAllBytes(blob);
        Files.write(blob, Policies.builtIn().document().getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> Site.open(folder, key));
        assertThat(findings()).extracting(Finding::kind).containsOnly(Kind.BLOB);
        Files.delete(blob);
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Site.open(folder, key))
                .withMessageContaining("missing");
        Files.write(blob, content);
        Site.open(folder, key).close();
        assertThat(findings()).isEmpty();
    }
}
