package dev.modelops.core.internal.policy.cedar;

import static dev.modelops.core.internal.policy.cedar.Exprs.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityStoreTest {
    private static Entity entity(String id, String... parents) {
        List<EntityUid> in = new ArrayList<>();
        for (String parent : parents) {
            in.add(uid("G", parent));
        }
        return new Entity(uid("G", id), RecordValue.EMPTY, Set.copyOf(in));
    }

    private static Set<EntityUid> ancestors(EntityStore store, String id) {
        return store.ancestors(uid("G", id));
    }

    @Test
    void ancestorsReachAsFarAsTheHierarchyGoes() {
        EntityStore store = EntityStore.of(List.of(
                entity("a", "b", "c"),
                entity("b", "d"),
                entity("c", "d", "outside"),
                entity("d", "top"),
                entity("top")));
        assertThat(ancestors(store, "a"))
                .containsExactlyInAnyOrder(
                        uid("G", "b"), uid("G", "c"), uid("G", "d"), uid("G", "outside"), uid("G", "top"));
        assertThat(ancestors(store, "c")).contains(uid("G", "top")).doesNotContain(uid("G", "b"));
        assertThat(ancestors(store, "top")).isEmpty();
        assertThat(ancestors(store, "outside")).isEmpty();
    }

    @Test
    void theOrderOfEntitiesPlaysNoPart() {
        List<Entity> entities = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            entities.add(entity("n" + i, "n" + (i + 1), "n" + (i + 7)));
        }
        EntityStore sorted = EntityStore.of(entities);
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(entities, new Random(seed));
            EntityStore shuffled = EntityStore.of(entities);
            for (int i = 0; i < 60; i++) {
                assertThat(ancestors(shuffled, "n" + i)).isEqualTo(ancestors(sorted, "n" + i));
            }
        }
    }

    @Test
    void cyclesAreRefusedHoweverLong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityStore.of(List.of(entity("a", "a"))))
                .withMessageContaining("own ancestor");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityStore.of(List.of(entity("a", "b"), entity("b", "a"))));
        List<Entity> ring = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            ring.add(entity("n" + i, "n" + (i + 1) % 2_000));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> EntityStore.of(ring));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityStore.of(
                        List.of(entity("s", "x", "a"), entity("x", "y"), entity("y", "z"), entity("z", "x"))));
    }

    @Test
    void hierarchiesThatAreTooDeepAreRefused() {
        List<Entity> chain = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            chain.add(entity("n" + i, "n" + (i + 1)));
        }
        assertThat(ancestors(EntityStore.of(chain), "n0")).hasSize(2_000);
        for (int i = 2_000; i < 5_000; i++) {
            chain.add(entity("n" + i, "n" + (i + 1)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityStore.of(chain))
                .withMessageContaining("flatter");
    }

    @Test
    void anEntityIsGivenOnceOrTwiceTheSame() {
        assertThat(EntityStore.of(List.of(entity("a", "b"), entity("a", "b"))).entities())
                .hasSize(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityStore.of(List.of(entity("a", "b"), entity("a"))))
                .withMessageContaining("two entities G::\"a\"");
        EntityStore store = EntityStore.of(List.of(entity("a", "b")));
        assertThatIllegalArgumentException().isThrownBy(() -> store.with(List.of(entity("a"))));
        assertThat(ancestors(store.with(List.of(entity("b", "c"))), "a")).contains(uid("G", "c"));
    }

    private static StoredQuery query() {
        Entity alice = new Entity(
                uid("User", "alice"),
                RecordValue.of(Map.of("age", new LongValue(40), "friend", uid("User", "ghost"))),
                Set.of(uid("G", "staff")),
                new TreeMap<>(Map.of("team", new StringValue("risk"), "2", BoolValue.of(true))));
        EntityStore store = EntityStore.of(List.of(alice, entity("staff", "all")));
        return new StoredQuery(
                uid("User", "alice"),
                uid("Action", "view"),
                uid("Doc", "missing"),
                RecordValue.of(Map.of("n", new LongValue(3), "tag", new StringValue("team"))),
                store);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "principal in G::'staff' ; true",
                "principal in G::'all' ; true",
                "principal in G::'other' ; false",
                "G::'staff' in principal ; false",
                "resource in resource ; true",
                "resource in Doc::'missing' ; true",
                "User::'ghost' in User::'ghost' ; true",
                "User::'ghost' in G::'all' ; false",
                "principal.friend in [G::'all', User::'ghost'] ; true",
                "principal in [] ; false",
                "principal is User in G::'all' ; true",
                "principal is G in G::'all' ; false",
                "principal is User in [G::'x', G::'all'] ; true",
                "principal is G in 3 ; false",
                "principal has age ; true",
                "principal has team ; false",
                "resource has age ; false",
                "resource has a.b.c ; false",
                "context has n ; true",
                "principal has friend.name ; false",
                "principal.hasTag('team') ; true",
                "principal.hasTag(context.tag) ; true",
                "principal.hasTag('age') ; false",
                "resource.hasTag('team') ; false",
                "principal.getTag('team') == 'risk' ; true",
                "principal.getTag('2') ; true",
                "principal == User::'alice' ; true",
                "principal != resource ; true",
                "1 == true || 'a' == User::'a' || [] == {} ; false",
                "[1, 1, 2] == [2, 1] ; true",
                "[[1], [1]] == [[1]] ; true",
                "{a: 1, 'b': [2]} == {'b': [2, 2], a: 1} ; true",
                "[1, 2].contains(1) && ![1].contains('1') ; true",
                "[1, 2].containsAll([]) && ![1].containsAll([1, 2]) ; true",
                "[1, 2].containsAny([2, 3]) && ![1].containsAny([]) ; true",
                "[].isEmpty() && ![1].isEmpty() ; true",
                "'\uD83D\uDE00x' like '*x' && !('\uD83D\uDE00' like '\uD83D\uDE01') ; true",
                "'a*b' like 'a\\*b' && !('axb' like 'a\\*b') ; true",
                "'' like '' && '' like '*' && !('' like '*a*') ; true",
                "false && 1 ; false",
                "true || resource.missing ; true",
                "if true then true else resource.missing ; true",
                "-9223372036854775808 < 9223372036854775807 ; true",
                "2 - 3 * 2 == -4 ; true",
                "--1 == 1 && !!true ; true"
            })
    void expressionsAreEvaluatedAsInCedar(String expr, boolean expected) {
        assertThat(ExprCompiler.compile(PolicyParser.expr(expr.replace('\'', '"')))
                        .test(query()))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "resource.age == 1",
                "principal.team == 1",
                "context.missing == 1",
                "principal.friend.name == 'x'",
                "principal.getTag('age') == 1",
                "resource.getTag('team') == 1",
                "principal.getTag(1) == 1",
                "principal.hasTag(1)",
                "context.hasTag('team')",
                "'alice'.getTag('team') == 1",
                "1 in principal",
                "principal in 1",
                "principal in [G::'all', 1]",
                "principal is User in 3",
                "context is User",
                "1 has a",
                "[1] has a",
                "1.a == 1",
                "true && 1",
                "1 && true",
                "false || 1",
                "1 || true",
                "!1",
                "-true == 1",
                "if 1 then true else true",
                "if true then 1 else true",
                "9223372036854775807 + 1 == 0",
                "-9223372036854775808 - 1 == 0",
                "9223372036854775807 * 2 == 0",
                "-(-9223372036854775808) == 0",
                "1 + 'a' == 0",
                "1 < 'a'",
                "'a' < 'b'",
                "1.contains(1)",
                "[1].containsAll(1)",
                "[1].containsAny(1)",
                "'a'.isEmpty()",
                "1 like 'a'",
                "[context.missing].isEmpty()",
                "{a: context.missing} has a"
            })
    void expressionsWithoutAValueErr(String expr) {
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> ExprCompiler.compile(PolicyParser.expr(expr.replace('\'', '"')))
                        .test(query()));
    }
}
