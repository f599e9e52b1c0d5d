package dev.modelops.core.internal.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.policy.cedar.Authorizer.Response;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuthorizerProperties {
    static List<Long> seeds() {
        return LongStream.range(0, 200).boxed().toList();
    }

    private static Response authorize(CedarPolicySet set, Query query) {
        return new Authorizer(set).authorize(query);
    }

    private static CedarPolicySet with(CedarPolicySet set, String id, CedarPolicy policy) {
        SortedMap<String, CedarPolicy> more = new TreeMap<>(set.policies());
        more.put(id, policy);
        return new CedarPolicySet(more);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void documentsRoundTrip(long seed) {
        CedarPolicySet set = new RandomPolicies(seed).policySet(6);
        String document = PolicyJson.write(set);
        assertThat(PolicyJson.read(document)).isEqualTo(set);
        assertThat(PolicyJson.write(PolicyJson.read(document))).isEqualTo(document);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void printedPoliciesReadBackEqual(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        for (int i = 0; i < 8; i++) {
            CedarPolicy policy = draw.policy();
            CedarPolicy template = draw.template(policy);
            assertThat(PolicyParser.policy(PolicyPrinter.print(policy))).isEqualTo(policy);
            assertThat(PolicyParser.policy(PolicyPrinter.print(template))).isEqualTo(template);
            assertThat(PolicyJson.readPolicy(PolicyJson.write(template))).isEqualTo(template);
            Expr expr = draw.expr(5);
            assertThat(PolicyParser.expr(CedarText.of(expr))).isEqualTo(expr);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void printedSetsReadBackEqual(long seed) {
        CedarPolicySet set = new RandomPolicies(seed).policySet(6);
        CedarPolicySet unlinked = new CedarPolicySet(set.statics(), set.templates(), new TreeMap<>());
        String text = PolicyPrinter.print(unlinked);
        assertThat(PolicyParser.policySet(text)).isEqualTo(unlinked);
        assertThat(PolicyPrinter.print(PolicyParser.policySet(text))).isEqualTo(text);
        assertThat(PolicyParser.policySet(PolicyPrinter.print(set)).templates()).isEqualTo(set.templates());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void formsAndLinksDecideAlike(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicySet set = draw.policySet(4);
        Query query = draw.query();
        Response response = authorize(set, query);
        for (CedarPolicySet other : List.of(
                PolicyParser.policySet(PolicyPrinter.print(set)),
                PolicyJson.read(PolicyJson.write(set)),
                new CedarPolicySet(set.policies()))) {
            Response same = authorize(other, query);
            assertThat(same.cedarAllows()).isEqualTo(response.cedarAllows());
            assertThat(same.cedarReasons()).isEqualTo(response.cedarReasons());
            assertThat(same.cedarErrors()).isEqualTo(response.cedarErrors());
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void neitherOrderNorRepetitionPlaysAPart(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicySet set = draw.policies(8);
        Query query = draw.query();
        List<String> order = new ArrayList<>(set.policies().keySet());
        Collections.shuffle(order, new Random(seed));
        SortedMap<String, CedarPolicy> renamed = new TreeMap<>();
        Map<String, String> original = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            CedarPolicy policy = set.policies().getOrDefault(order.get(i), draw.policy());
            renamed.put("q" + i, policy);
            renamed.put("r" + i, policy);
            original.put("q" + i, order.get(i));
            original.put("r" + i, order.get(i));
        }
        Response response = authorize(set, query);
        Response shuffled = authorize(new CedarPolicySet(renamed), query);
        assertThat(shuffled.allows()).isEqualTo(response.allows());
        assertThat(shuffled.cedarAllows()).isEqualTo(response.cedarAllows());
        Set<String> reasons = new HashSet<>();
        shuffled.cedarReasons().forEach(id -> reasons.add(original.getOrDefault(id, id)));
        assertThat(reasons).isEqualTo(Set.copyOf(response.cedarReasons()));
        Set<String> errors = new HashSet<>();
        shuffled.cedarErrors().forEach(id -> errors.add(original.getOrDefault(id, id)));
        assertThat(errors).isEqualTo(response.cedarErrors());
        assertThat(response.cedarReasons()).isSorted();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aForbidMoreNeverAllowsMore(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicySet set = draw.policies(5);
        Query query = draw.query();
        CedarPolicySet more = with(set, "extra", draw.policy(Effect.FORBID));
        if (!authorize(set, query).allows()) {
            assertThat(authorize(more, query).allows()).isFalse();
        }
        if (!authorize(set, query).cedarAllows()) {
            assertThat(authorize(more, query).cedarAllows()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aPermitMoreNeverAllowsLess(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicySet set = draw.policies(5);
        Query query = draw.query();
        CedarPolicySet more = with(set, "extra", draw.policy(Effect.PERMIT));
        if (authorize(set, query).allows()) {
            assertThat(authorize(more, query).allows()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void forbidsTrumpPermitsAndErringForbidsDeny(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        Response response = authorize(draw.policies(6), draw.query());
        boolean erringForbid = response.failures().stream()
                .anyMatch(failure -> failure.policy().forbids());
        assertThat(response.allows())
                .isEqualTo(response.forbids().isEmpty()
                        && !erringForbid
                        && !response.permits().isEmpty());
        assertThat(response.cedarAllows())
                .isEqualTo(response.forbids().isEmpty() && !response.permits().isEmpty());
        assertThat(Collections.disjoint(response.cedarReasons(), response.cedarErrors()))
                .isTrue();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void candidatesForAnActionDecideAsAllPoliciesDo(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        Authorizer authorizer = new Authorizer(draw.policies(30));
        for (int i = 0; i < 8; i++) {
            Query query = draw.query();
            Set<EntityUid> ancestors =
                    query.action().id().equals("a") ? Set.of(new EntityUid("Action", "b")) : Set.of();
            Authorizer.Candidates candidates = authorizer.candidates(query.action(), ancestors);
            Response all = authorizer.authorize(query);
            for (Query same : List.of(query, withoutAncestors(query))) {
                Response some = candidates.authorize(same);
                assertThat(some.permits()).isEqualTo(all.permits());
                assertThat(some.forbids()).isEqualTo(all.forbids());
                assertThat(some.failures()).isEqualTo(all.failures());
            }
        }
    }

    /** Returns a query that cannot say beforehand what its resource is in. */
    private static Query withoutAncestors(Query query) {
        return new Query() {
            @Override
            public EntityUid principal() {
                return query.principal();
            }

            @Override
            public EntityUid action() {
                return query.action();
            }

            @Override
            public EntityUid resource() {
                return query.resource();
            }

            @Override
            public Value.RecordValue context() {
                return query.context();
            }

            @Override
            public boolean isDescendant(EntityUid entity, EntityUid ancestor) {
                return query.isDescendant(entity, ancestor);
            }

            @Override
            public @Nullable Value attribute(EntityUid entity, String name) {
                return query.attribute(entity, name);
            }

            @Override
            public @Nullable Value tag(EntityUid entity, String name) {
                return query.tag(entity, name);
            }
        };
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void onlyWhatSomePermitAllowsAloneIsAllowed(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicySet set = draw.policies(6);
        Query query = draw.query();
        boolean permitted = set.policies().entrySet().stream()
                .anyMatch(policy -> authorize(
                                new CedarPolicySet(new TreeMap<>(Map.of(policy.getKey(), policy.getValue()))), query)
                        .cedarAllows());
        if (!permitted) {
            assertThat(authorize(set, query).cedarAllows()).isFalse();
            assertThat(authorize(set, query).permits()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void withoutPermitsAllIsDenied(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        SortedMap<String, CedarPolicy> forbids = new TreeMap<>();
        for (int i = 0; i < seed % 5; i++) {
            forbids.put("f" + i, draw.policy(Effect.FORBID));
        }
        assertThat(authorize(new CedarPolicySet(forbids), draw.query()).cedarAllows())
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aForbidOfAllTrumpsAnyPermits(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicy all = new CedarPolicy(
                Effect.FORBID, new Scope.All(), new Scope.All(), new Scope.All(), new TreeMap<>(), List.of());
        Response response = authorize(with(draw.policies(6), "all", all), draw.query());
        assertThat(response.cedarAllows()).isFalse();
        assertThat(response.cedarReasons())
                .contains("all")
                .allSatisfy(id -> assertThat(response.permitIds()).doesNotContain(id));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void policiesWhoseHeadsRefuseTheRequestPlayNoPart(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicySet set = draw.policies(8);
        Query query = draw.query();
        SortedMap<String, CedarPolicy> slice = new TreeMap<>();
        set.policies().forEach((id, policy) -> {
            CompiledPolicy compiled = new CompiledPolicy(id, policy);
            if (compiled.acceptsPrincipal(query) && compiled.acceptsAction(query) && compiled.acceptsResource(query)) {
                slice.put(id, policy);
            }
        });
        Response all = authorize(set, query);
        Response some = authorize(new CedarPolicySet(slice), query);
        assertThat(some.cedarAllows()).isEqualTo(all.cedarAllows());
        assertThat(some.allows()).isEqualTo(all.allows());
        assertThat(some.cedarReasons()).isEqualTo(all.cedarReasons());
        assertThat(some.cedarErrors()).isEqualTo(all.cedarErrors());
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aLinkDecidesAsThePolicyWithTheEntitiesWrittenIn(long seed) {
        RandomPolicies draw = new RandomPolicies(seed);
        CedarPolicy policy = draw.policy();
        EntityUid principal = new EntityUid("User", seed % 2 == 0 ? "a" : "b");
        EntityUid resource = new EntityUid("User", seed % 3 == 0 ? "a" : "b");
        List<Scope> slots = List.of(new Scope.EqSlot(), new Scope.InSlot(), new Scope.IsInSlot("User"));
        CedarPolicy template = scoped(policy, slots.get((int) seed % 3), slots.get((int) (seed / 3) % 3));
        CedarPolicy written = scoped(
                policy,
                List.of(new Scope.Eq(principal), new Scope.In(principal), new Scope.IsIn("User", principal))
                        .get((int) seed % 3),
                List.of(new Scope.Eq(resource), new Scope.In(resource), new Scope.IsIn("User", resource))
                        .get((int) (seed / 3) % 3));
        CedarPolicySet set = draw.policies(4);
        CedarPolicySet linked = new CedarPolicySet(
                set.statics(),
                new TreeMap<>(Map.of("template", template)),
                new TreeMap<>(Map.of(
                        "link",
                        TemplateLink.of("template", Map.of(Slot.PRINCIPAL, principal, Slot.RESOURCE, resource)))));
        assertThat(linked.policies().get("link")).isEqualTo(written);
        Query query = draw.query();
        Response byLink = authorize(linked, query);
        Response asWritten = authorize(with(set, "link", written), query);
        assertThat(byLink.cedarAllows()).isEqualTo(asWritten.cedarAllows());
        assertThat(byLink.cedarReasons()).isEqualTo(asWritten.cedarReasons());
        assertThat(byLink.cedarErrors()).isEqualTo(asWritten.cedarErrors());
    }

    private static CedarPolicy scoped(CedarPolicy policy, Scope principal, Scope resource) {
        return new CedarPolicy(
                policy.effect(), principal, policy.action(), resource, policy.annotations(), policy.clauses());
    }
}
