package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport.Finding;
import dev.modelops.audit.AuditReport.Kind;
import dev.modelops.audit.LogKey;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.signing.TrustPolicies;
import dev.modelops.policy.Action;
import dev.modelops.registry.Approval.Verdict;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.Signer;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With a writer's key and the store, nobody puts a trust policy into force or says what a person signed. */
class ForgedTrustTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Signer ROOT = Site.KEYS.ed25519("root");
    private static final Signer THIEF = Site.KEYS.ed25519("thief");
    private static final Signer VERA = Site.KEYS.ed25519("vera's own");
    private static final TrustPolicy TRUST = TrustPolicy.of(Site.ORIGIN, 1, List.of(ROOT.publicKey()))
            .role(TrustPolicy.PUBLISHER, 1, Site.KEYS.ecdsa("publisher").publicKey())
            .role(TrustPolicy.APPROVER, 1, Key.of(VERA.publicKey()).owner(Site.VERA));
    private static final TrustPolicy STOLEN = TrustPolicy.of(Site.ORIGIN, 1, List.of(THIEF.publicKey()))
            .role(TrustPolicy.PUBLISHER, 1, Site.KEYS.ecdsa("thief").publicKey());

    @TempDir
    Path dir;

    private Path folder;
    private LogKey key;
    private long trust;
    private long approval;

    @BeforeEach
    void makeLog() {
        folder = dir.resolve("store");
        key = Site.create(folder, Site.genesis().roots(1, List.of(ROOT.publicKey())));
        try (ModelOps ops = Site.open(folder, key)) {
            ModelVersion first = Site.register(ops, dir, "risk", 1);
            var unused = Site.register(ops, dir, "risk", 2);
            ops.as(Site.ADMIN).policies().installTrust(TrustPolicies.sign(TRUST, ROOT));
            trust = ops.position().index();
            Action approve = Action.approve(first.ref(), Site.PRODUCTION)
                    .signed(Attestation.sign("risk@1", first.artifact(), said(ops, first.ref()), VERA));
            approval = Site.registry(ops, Site.VERA).perform(approve).position().index();
        }
    }

    private static Predicate.Approval said(ModelOps ops, ModelRef ref) {
        return new Predicate.Approval(
                Site.ORIGIN,
                ref,
                Site.PRODUCTION,
                Verdict.APPROVED,
                Site.VERA,
                ops.as(Site.ADMIN).policies().current().digest(),
                Set.of(),
                Site.registry(ops, Site.VERA).get(ref).registeredAt(),
                Optional.empty());
    }

    enum Forgery {
        A_POLICY_SIGNED_BY_ITS_OWN_KEYS(true) {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("envelope", TrustPolicies.sign(STOLEN, THIEF).toUtf8());
            }
        },
        A_POLICY_WITHOUT_SIGNATURE_THAT_HOLDS(true) {
            @Override
            void change(ObjectNode entry) {
                String envelope = TrustPolicies.sign(STOLEN, ROOT).toUtf8();
                String other = TrustPolicies.sign(TRUST, ROOT).toUtf8();
                String payload = payload(envelope);
                data(entry).put("envelope", other.replace(payload(other), payload));
            }
        },
        ANOTHER_VERSION_THAN_WAS_SIGNED(true) {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("version", 2);
            }
        },
        NO_ENVELOPE(true) {
            @Override
            void change(ObjectNode entry) {
                data(entry).remove("envelope");
            }
        },
        AN_APPROVAL_OF_ANOTHER_VERSION(false) {
            @Override
            void change(ObjectNode entry) {
                entry.put("subject", "risk@2");
            }
        },
        AN_APPROVAL_FOR_ANOTHER_ENVIRONMENT(false) {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("environment", "staging");
            }
        },
        AN_APPROVAL_BY_ANOTHER_PERSON(false) {
            @Override
            void change(ObjectNode entry) {
                ((ObjectNode) data(entry).get("actor")).put("principal", Site.RITA.toString());
            }
        },
        A_REJECTION_TURNED_ROUND(false) {
            @Override
            void change(ObjectNode entry) {
                entry.put("type", "dev.modelops.version.rejected.v1");
            }
        },
        AN_APPROVAL_UNDER_ANOTHER_KEY(false) {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("signer", Key.of(THIEF.publicKey()).id().toString());
            }
        },
        AN_APPROVAL_SHOWN_AGAIN_AS_ANOTHER_ACT(false) {
            @Override
            void change(ObjectNode entry) {
                data(entry).put("command", "another");
            }
        };

        private final boolean ofTrust;

        Forgery(boolean ofTrust) {
            this.ofTrust = ofTrust;
        }

        abstract void change(ObjectNode entry);

        private static ObjectNode data(ObjectNode entry) {
            return (ObjectNode) entry.get("data");
        }

        private static String payload(String envelope) {
            return envelope.substring("{\"payload\":\"".length(), envelope.indexOf("\",\"payloadType"));
        }
    }

    @Test
    void whatWasDoneIsSound() {
        assertThat(findings()).isEmpty();
        Site.open(folder, key).close();
    }

    @ParameterizedTest
    @EnumSource
    void aLogInWhichAWriterSaysOtherwiseIsNotBelieved(Forgery forgery) throws Exception {
        long index = forgery.ofTrust ? trust : approval;
        try (Attacker attacker = Attacker.on(folder)) {
            ObjectNode entry = (ObjectNode) JSON.readTree(attacker.body(index));
            forgery.change(entry);
            attacker.run("BEGIN IMMEDIATE");
            attacker.body(index, entry.toString().getBytes(StandardCharsets.UTF_8));
            attacker.run("DELETE FROM modelops_seal WHERE size > ?", index);
            attacker.run("DELETE FROM modelops_checkpoint WHERE size > ?", index);
            attacker.head();
            attacker.seal(index, Site.KEYS.ed25519("writer"));
            attacker.run("COMMIT");
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Site.open(folder, key))
                .withMessageContaining("entry " + index + " does not follow");
        assertThat(findings()).anySatisfy(finding -> {
            assertThat(finding.kind()).isEqualTo(Kind.STATE);
            assertThat(finding.index()).hasValue(index);
        });
    }

    private List<Finding> findings() {
        try (StoreInspection inspection = StoreInspection.open(folder, key)) {
            return inspection.audit().verify(Progress.NONE).findings();
        }
    }
}
