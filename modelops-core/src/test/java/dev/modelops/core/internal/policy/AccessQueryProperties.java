package dev.modelops.core.internal.policy;

import static dev.modelops.core.internal.policy.Requests.ADA;
import static dev.modelops.core.internal.policy.Requests.PRODUCTION;
import static dev.modelops.core.internal.policy.Requests.RISK;
import static dev.modelops.core.internal.policy.Requests.RISK_3;
import static dev.modelops.core.internal.policy.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelName;
import dev.modelops.Role;
import dev.modelops.core.internal.policy.cedar.AttributePath;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.Expr.Variable;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.policy.Action;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AccessQueryProperties {
    private static final String[] PARTS = {
        "a", "b", "metrics", "metricsRoundedUp", "resource", "environment", "assurance", "author", "x.y", ""
    };

    static List<Long> seeds() {
        return LongStream.range(0, 200).boxed().toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void quickAnswersAreTheOnesFoundByWalking(long seed) {
        Random random = new Random(seed);
        Map<String, Object> facts = new HashMap<>();
        for (int i = 0; i < 12; i++) {
            facts.put(String.join(".", parts(random)), value(random));
        }
        Action action = random.nextBoolean() ? Action.promote(RISK_3, PRODUCTION) : Action.read(RISK);
        AccessQuery query = new AccessQuery(
                request(ADA, Set.of(Role.ADMIN), action, facts),
                EntityNames.action(action.type().id()));
        for (int i = 0; i < 200; i++) {
            Variable root = Variable.values()[random.nextInt(4)];
            List<String> names = parts(random);
            Value quick = query.lookup(path(root, names));
            if (quick != null) {
                assertThat(quick).as(root + " " + names + " of " + facts).isEqualTo(walk(query, root, names));
            }
        }
    }

    @Test
    void whatTheResourceIsInIsToldAsItIsAnsweredOneByOne() {
        List<EntityUid> entities = List.of(
                EntityNames.model(RISK),
                EntityNames.model(ModelName.of("other")),
                EntityNames.version(RISK_3),
                EntityNames.user(ADA),
                EntityNames.role(Role.ADMIN),
                EntityNames.environment(PRODUCTION),
                EntityNames.LOG,
                EntityNames.TRANSITION,
                EntityNames.action("promote"));
        for (Action action : List.of(
                Action.promote(RISK_3, PRODUCTION),
                Action.read(RISK),
                Action.rollback(RISK, PRODUCTION),
                Action.transition(RISK_3, "submit"),
                Action.grantRole(ADA, Role.ADMIN),
                Action.audit())) {
            AccessQuery query = new AccessQuery(
                    request(ADA, Set.of(Role.ADMIN), action, Map.of("resource.roles", List.of(Role.ADMIN))),
                    EntityNames.action(action.type().id()));
            assertThat(query.resourceType()).isEqualTo(query.resource().type());
            for (EntityUid entity : entities) {
                assertThat(query.isResourceIn(entity))
                        .as("%s in %s", query.resource(), entity)
                        .isEqualTo(entity.equals(query.resource()) || query.isDescendant(query.resource(), entity));
            }
            for (EntityUid entity : entities) {
                Set<String> within = query.resourceWithin(entity.type());
                if (within != null) {
                    assertThat(query.isResourceIn(entity))
                            .as("%s in %s", query.resource(), entity)
                            .isEqualTo(within.contains(entity.id()));
                }
            }
        }
    }

    private static AttributePath path(Variable root, List<String> names) {
        Expr at = new Var(root);
        for (String name : names) {
            at = new GetAttr(at, name);
        }
        AttributePath path = AttributePath.of(at);
        if (path == null) {
            throw new AssertionError("no path: " + at);
        }
        return path;
    }

    private static @Nullable Value walk(AccessQuery query, Variable root, List<String> names) {
        Value at = switch (root) {
            case PRINCIPAL -> query.principal();
            case ACTION -> query.action();
            case RESOURCE -> query.resource();
            case CONTEXT -> query.context();
        };
        for (String name : names) {
            Value next = at instanceof RecordValue record
                    ? record.get(name)
                    : at instanceof EntityUid uid ? query.attribute(uid, name) : null;
            if (next == null) {
                return null;
            }
            at = next;
        }
        return at;
    }

    private static List<String> parts(Random random) {
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            parts.add(PARTS[random.nextInt(PARTS.length)]);
        }
        return parts;
    }

    private static Object value(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextBoolean();
            case 1 -> random.nextLong();
            case 2 -> "text";
            default -> new BigDecimal("0.12345");
        };
    }
}
