package dev.modelops.samples.credit;

import static dev.modelops.Environment.PRODUCTION;
import static dev.modelops.core.policy.Condition.fact;

import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsProvider;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.EvidenceBundle;
import dev.modelops.core.policy.Condition;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.policy.Rules;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.Action.Type;
import dev.modelops.policy.Level;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.time.Clock;
import java.util.List;

/** The people of a bank, its rules, and its log. */
final class Bank {
    static final Principal ANNA = person("anna");
    static final Principal ADA = person("ada");
    static final Principal VERA = person("vera");
    static final Principal VICTOR = person("victor");
    static final Principal RITA = person("rita");
    static final Principal OSCAR = person("oscar");
    static final Principal AUDREY = person("audrey");
    static final Principal SERVICE = person("svc-loans");

    /** The type of evidence that a verdict is. */
    static final String VERDICT = "verdict";

    private static final Role ON_CALL = Role.of("on-call");

    private final Signer log = Signers.generate(SignatureAlgorithm.ED25519);
    private final Signer publisher = Signers.generate(SignatureAlgorithm.ECDSA_P256);
    private final Storage storage = Storages.inMemory();
    private final LogKey key;

    Bank(Clock clock) {
        key = ModelOpsProvider.load()
                .create(
                        storage,
                        Genesis.of("bank.example/models", log, log)
                                .publisher(publisher.publicKey())
                                .policies(rules())
                                .environment(PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new))
                                .grant(ANNA, Role.ADMIN)
                                .grant(ADA, Role.DATA_SCIENTIST)
                                .grant(VERA, Role.VALIDATOR)
                                .grant(VICTOR, Role.VALIDATOR)
                                .grant(RITA, Role.RELEASE_MANAGER)
                                .grant(OSCAR, Role.RELEASE_MANAGER)
                                .grant(OSCAR, ON_CALL)
                                .grant(AUDREY, Role.AUDITOR)
                                .grant(SERVICE, Role.SERVICE),
                        clock);
    }

    /** The built-in rules and three of the bank's own. */
    private static PolicySet rules() {
        return Rules.from(Policies.builtIn())
                .forbid("two-approvals")
                .on(Type.PROMOTE)
                .in(PRODUCTION)
                .unless(fact("approvals.independent").atLeast(2))
                .expects("two approvals by different validators, neither of them the author")
                .remedy("ask another validator to approve the version")
                .fix(Type.APPROVE)
                .forbid("shadow-before-callers")
                .description("A challenger answers callers once it was better as a shadow.")
                .on(Type.START_EXPERIMENT)
                .in(PRODUCTION)
                .when(fact("experiment.stage").isPresent())
                .unless(hasWon())
                .expects("the verdict that this version does better than the champion")
                .remedy("have the experiment judged once more outcomes are known")
                .fix(Type.JUDGE)
                .forbid("callers-before-champion")
                .description(
                        "Who replaces a champion has answered callers, and no verdict since says that it does worse.")
                .level(Level.SOFT)
                .on(Type.PROMOTE)
                .in(PRODUCTION)
                .when(fact("champion.exists").isTrue())
                .unless(fact("experiment.stage")
                        .isPresent()
                        .and(fact("experiment.stage").atLeast(2))
                        .and(hasWon()))
                .expects("an experiment in its second stage, and the verdict that this version does better")
                .remedy("try it as a challenger, and then on some callers")
                .fix(Type.START_EXPERIMENT)
                .forbid("verdict-cited")
                .description("Who replaces a champion cites the verdict, so that those who approve have seen it.")
                .level(Level.SOFT)
                .on(Type.PROMOTE)
                .in(PRODUCTION)
                .when(fact("champion.exists").isTrue())
                .unless(fact("documents").containsAll(VERDICT))
                .expects("the verdict of the experiment among the evidence")
                .remedy("attach it, and have the version approved anew")
                .fix(Type.ATTACH_EVIDENCE)
                .permit("on-call-overrides")
                .description("Whoever is on call may pass soft rules; the reason stands in the log.")
                .role(ON_CALL)
                .on(Type.OVERRIDE)
                .build();
    }

    private static Condition hasWon() {
        return fact("experiment.verdict")
                .isPresent()
                .and(fact("experiment.verdict").is("CHALLENGER_BETTER"));
    }

    ModelOps open(Clock clock) {
        return ModelOps.open(storage, key)
                .writer(log)
                .logSigner(log)
                .publisher(publisher)
                .clock(clock)
                .start();
    }

    Storage storage() {
        return storage;
    }

    EvidenceBundle.Trust trust() {
        return new EvidenceBundle.Trust(key, List.of(publisher.publicKey()), List.of());
    }

    private static Principal person(String id) {
        return Principal.of("https://id.bank.example", id);
    }
}
