package dev.modelops.samples.benchmarks;

import static dev.modelops.Environment.PRODUCTION;
import static dev.modelops.core.policy.Condition.fact;
import static dev.modelops.core.policy.Condition.metric;
import static dev.modelops.core.policy.Condition.requesterIsAuthor;

import dev.modelops.Assurance;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.policy.Rules;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Facts;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** A promotion decided by our engine without a log, its facts at hand: as many permits, of which the last applies, and a gate. */
final class ReadyDecision {
    private static final Set<String> GATES = Set.of("own");

    private final PolicyEngine engine;
    private final Identity identity = new Identity(Principal.of("example.org", "rita"), Assurance.ASSERTED, Set.of());
    private final Set<Role> roles = Set.of(Role.RELEASE_MANAGER);
    private final Action action;
    private final Facts facts = Facts.of(Map.of(
            "metrics.auc",
            new BigDecimal("0.807"),
            "approvals.independent",
            2L,
            "resource.author",
            Principal.of("example.org", "ada").toString()));
    private final Instant now = Instant.parse("2026-01-01T12:00:00Z");

    ReadyDecision(int permits) {
        Rules rules = Rules.create();
        for (int i = 0; i < permits; i++) {
            rules.permit("permit-" + i)
                    .role(Role.RELEASE_MANAGER)
                    .on(Action.Type.PROMOTE)
                    .model(ModelName.of("model-" + i))
                    .when(metric("auc").atLeast("0.80"))
                    .when(fact("approvals.independent").atLeast(2));
        }
        rules.forbid("own").on(Action.Type.PROMOTE).when(requesterIsAuthor());
        engine = PolicyEngine.compile(rules.build());
        action = Action.promote(ModelRef.of("model-" + (permits - 1), 3), PRODUCTION);
    }

    Decision decide() {
        return engine.decide(new AccessRequest(identity, roles, action, facts, LogPosition.of(7), now), GATES);
    }
}
