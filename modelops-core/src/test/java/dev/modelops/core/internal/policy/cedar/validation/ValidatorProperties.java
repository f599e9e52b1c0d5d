package dev.modelops.core.internal.policy.cedar.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.policy.cedar.Authorizer;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Query;
import dev.modelops.core.internal.policy.cedar.Scope;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValidatorProperties {
    private static final Schema SCHEMA = ValidatorTest.SCHEMA;
    private static final RequestEnvironment VIEW =
            new RequestEnvironment("User", new EntityUid("Action", "view"), "Doc");
    private static final Scope HEAD = new Scope.Eq(VIEW.action());
    private static final int POLICIES = 300;
    private static final int WORLDS = 30;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void aPolicyThatValidatesFailsOnlyByOverflowWhereNoEntityIsMissing(long seed) {
        Random random = new Random(seed);
        Validator validator = new Validator(SCHEMA);
        TypedExprs exprs = new TypedExprs(SCHEMA, VIEW, random);
        List<Query> worlds = worlds(random);
        int valid = 0;
        int invalidThatFail = 0;
        for (int i = 0; i < POLICIES; i++) {
            CedarPolicy policy = policy(exprs, random);
            boolean passes = validator.validate("p", policy).stream().noneMatch(Finding::isError);
            List<String> failures = failures(policy, worlds);
            if (passes) {
                valid++;
                assertThat(failures).as(policy::toString).allMatch(message -> message.contains("fit in 64 bits"));
            } else if (failures.stream().anyMatch(message -> !message.contains("fit in 64 bits"))) {
                invalidThatFail++;
            }
        }
        assertThat(valid).isBetween(POLICIES / 4, POLICIES * 9 / 10);
        assertThat(invalidThatFail).isGreaterThan(5);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void aPolicyThatIsCalledImpossibleIsNeverSatisfied(long seed) {
        Random random = new Random(seed);
        Validator validator = new Validator(SCHEMA);
        TypedExprs exprs = new TypedExprs(SCHEMA, VIEW, random);
        List<Query> worlds = worlds(random);
        int impossible = 0;
        for (int i = 0; i < POLICIES; i++) {
            CedarPolicy policy = policy(exprs, random);
            List<Finding> findings = validator.validate("p", policy);
            if (findings.stream().anyMatch(finding -> finding.kind() == Finding.Kind.IMPOSSIBLE_POLICY)) {
                impossible++;
                Authorizer authorizer = authorizer(policy);
                assertThat(worlds)
                        .as(policy::toString)
                        .allMatch(world -> authorizer.authorize(world).permits().isEmpty());
            }
        }
        assertThat(impossible).isPositive();
    }

    private static CedarPolicy policy(TypedExprs exprs, Random random) {
        List<Clause> clauses = new ArrayList<>();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            Expr body = exprs.truth(4);
            clauses.add(new Clause(random.nextInt(4) == 0 ? Clause.Kind.UNLESS : Clause.Kind.WHEN, body));
        }
        return new CedarPolicy(
                CedarPolicy.Effect.PERMIT, new Scope.All(), HEAD, new Scope.Is("Doc"), new TreeMap<>(), clauses);
    }

    private static List<Query> worlds(Random random) {
        Worlds worlds = new Worlds(SCHEMA, random);
        return Stream.generate(() -> worlds.query(VIEW)).limit(WORLDS).toList();
    }

    private static List<String> failures(CedarPolicy policy, List<Query> worlds) {
        Authorizer authorizer = authorizer(policy);
        return worlds.stream()
                .flatMap(world -> authorizer.authorize(world).failures().stream())
                .map(Authorizer.Failure::message)
                .toList();
    }

    private static Authorizer authorizer(CedarPolicy policy) {
        TreeMap<String, CedarPolicy> policies = new TreeMap<>();
        policies.put("p", policy);
        return new Authorizer(new CedarPolicySet(policies));
    }
}
