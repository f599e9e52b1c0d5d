package dev.modelops.core.internal.policy;

import dev.modelops.Assurance;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.Action;
import dev.modelops.policy.Facts;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** Requests for tests. */
public final class Requests {
    public static final Principal ADA = Principal.of("https://id.example.org", "ada");
    public static final Principal BOB = Principal.of("https://id.example.org", "bob");
    public static final ModelName RISK = ModelName.of("credit-risk");
    public static final ModelRef RISK_3 = ModelRef.of("credit-risk", 3);
    public static final Environment PRODUCTION = Environment.PRODUCTION;
    public static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private Requests() {}

    public static AccessRequest request(Principal who, Set<Role> roles, Action action, Map<String, Object> facts) {
        return new AccessRequest(
                new Identity(who, Assurance.ASSERTED, Set.of()),
                roles,
                action,
                Facts.of(facts),
                LogPosition.of(7),
                NOON);
    }

    public static AccessRequest request(Role role, Action action, Map<String, Object> facts) {
        return request(ADA, Set.of(role), action, facts);
    }
}
