package dev.modelops.samples.benchmarks;

import com.cedarpolicy.BasicAuthorizationEngine;
import com.cedarpolicy.model.AuthorizationRequest;
import com.cedarpolicy.model.AuthorizationResponse;
import com.cedarpolicy.model.ValidationRequest;
import com.cedarpolicy.model.entity.Entity;
import com.cedarpolicy.model.exception.AuthException;
import com.cedarpolicy.model.exception.CacheException;
import com.cedarpolicy.model.exception.InternalException;
import com.cedarpolicy.model.policy.PolicySet;
import com.cedarpolicy.model.schema.Schema;
import com.cedarpolicy.value.CedarList;
import com.cedarpolicy.value.Decimal;
import com.cedarpolicy.value.EntityTypeName;
import com.cedarpolicy.value.EntityUID;
import com.cedarpolicy.value.PrimLong;
import com.cedarpolicy.value.PrimString;
import com.cedarpolicy.value.Value;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.casbin.jcasbin.main.Enforcer;

/** The decision of {@link Promotions} by engines that are not ours. */
final class OtherEngines {
    private OtherEngines() {}

    /** The reference implementation of Cedar through its Java API, its policies kept parsed. */
    static final class CedarJava {
        private final BasicAuthorizationEngine engine = new BasicAuthorizationEngine();
        private final PolicySet policies;
        private final AuthorizationRequest request;
        private final Set<Entity> entities;

        CedarJava(int count) {
            try {
                policies = PolicySet.parsePolicies(Promotions.text(count));
                policies.cache();
            } catch (InternalException | CacheException e) {
                throw new IllegalStateException("cedar-java refuses the policies", e);
            }
            EntityUID ada = uid("User", "ada");
            EntityUID bob = uid("User", "bob");
            EntityUID staff = uid("Group", "staff");
            EntityUID approvers = uid("Group", Promotions.approvers(count - 1));
            EntityUID models = uid("ModelGroup", Promotions.models(count - 1));
            EntityUID version = uid("Version", "risk-3");
            EntityUID promote = uid("Action", "promote");
            Value roles = new CedarList(new ArrayList<>(List.of(new PrimString("approver"), new PrimString("reader"))));
            entities = Set.of(
                    new Entity(ada, Map.of("roles", roles), Set.of(approvers)),
                    new Entity(bob, Map.of(), Set.of(staff)),
                    new Entity(staff),
                    new Entity(approvers, Map.of(), Set.of(staff)),
                    new Entity(models),
                    new Entity(version, Map.of("author", bob), Set.of(models)),
                    new Entity(promote));
            request = new AuthorizationRequest(
                    ada, promote, version, Map.of("auc", new Decimal("0.8070"), "approvals", new PrimLong(2)));
        }

        private static EntityUID uid(String type, String id) {
            return new EntityUID(EntityTypeName.parse(type).orElseThrow(), id);
        }

        boolean allows() {
            AuthorizationResponse response;
            try {
                response = engine.isAuthorized(request, policies, entities);
            } catch (AuthException e) {
                throw new IllegalStateException("cedar-java refuses the request", e);
            }
            return response.success.orElseThrow().isAllowed();
        }
    }

    /** The reference implementation of Cedar reading and validating policies. */
    static final class Loading {
        private final BasicAuthorizationEngine engine = new BasicAuthorizationEngine();
        private final String policies;
        private final String schema;

        Loading(String policies, String schema) {
            this.policies = policies;
            this.schema = schema;
        }

        boolean passes() {
            try {
                PolicySet set = PolicySet.parsePolicies(policies);
                Schema parsed = Schema.parse(Schema.JsonOrCedar.Cedar, schema);
                return engine.validate(new ValidationRequest(parsed, set)).validationPassed();
            } catch (AuthException e) {
                throw new IllegalStateException("cedar-java cannot validate the policies", e);
            }
        }
    }

    /** Roles in jCasbin: as many rules, and as many links of users to roles; the last rule matches. */
    static final class Casbin {
        private static final String MODEL = """
                [request_definition]
                r = sub, obj, act
                [policy_definition]
                p = sub, obj, act
                [role_definition]
                g = _, _
                [policy_effect]
                e = some(where (p.eft == allow))
                [matchers]
                m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
                """;

        private final Enforcer enforcer;
        private final String user;
        private final String models;

        Casbin(int count) {
            enforcer = new Enforcer(Enforcer.newModel(MODEL));
            enforcer.enableLog(false);
            List<List<String>> rules = new ArrayList<>();
            List<List<String>> links = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                rules.add(List.of(Promotions.approvers(i), Promotions.models(i), "promote"));
                links.add(List.of("user-" + i, Promotions.approvers(i)));
            }
            enforcer.addPolicies(rules);
            enforcer.addGroupingPolicies(links);
            user = "user-" + (count - 1);
            models = Promotions.models(count - 1);
        }

        boolean allows() {
            return enforcer.enforce(user, models, "promote");
        }
    }

    /** One condition in CEL, compiled, on maps. */
    static final class Cel {
        private final CelRuntime.Program program;
        private final Map<String, Object> facts =
                Map.of("principal", Map.of("roles", List.of("approver", "reader")), "auc", 0.807, "approvals", 2L);

        Cel() {
            try {
                program = CelRuntimeFactory.standardCelRuntimeBuilder()
                        .build()
                        .createProgram(CelCompilerFactory.standardCelCompilerBuilder()
                                .addVar(
                                        "principal",
                                        MapType.create(SimpleType.STRING, ListType.create(SimpleType.STRING)))
                                .addVar("auc", SimpleType.DOUBLE)
                                .addVar("approvals", SimpleType.INT)
                                .build()
                                .compile("auc >= 0.80 && 'approver' in principal.roles && approvals >= 2")
                                .getAst());
            } catch (CelValidationException | CelEvaluationException e) {
                throw new IllegalStateException("CEL refuses the condition", e);
            }
        }

        boolean allows() {
            try {
                return (Boolean) program.eval(facts);
            } catch (CelEvaluationException e) {
                throw new IllegalStateException("CEL cannot evaluate the condition", e);
            }
        }
    }
}
