package dev.modelops.core.internal.policy.cedar.schema;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.modelops.core.internal.policy.cedar.CedarSyntaxException;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.schema.Type.Attribute;
import dev.modelops.core.internal.policy.cedar.schema.Type.BoolType;
import dev.modelops.core.internal.policy.cedar.schema.Type.EntityType;
import dev.modelops.core.internal.policy.cedar.schema.Type.ExtensionType;
import dev.modelops.core.internal.policy.cedar.schema.Type.Primitive;
import dev.modelops.core.internal.policy.cedar.schema.Type.RecordType;
import dev.modelops.core.internal.policy.cedar.schema.Type.SetType;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaTextTest {
    private static Type attribute(String schema, String type, String name) {
        return requireNonNull(entity(SchemaText.read(schema), type).attributes().get(name))
                .type();
    }

    private static EntityDeclaration entity(Schema schema, String type) {
        return requireNonNull(schema.entityType(type));
    }

    private static ActionDeclaration action(Schema schema, String type, String id) {
        return requireNonNull(schema.action(new EntityUid(type, id)));
    }

    @Test
    void everyKindOfDeclarationIsRead() {
        Schema schema = SchemaText.read("""
                // a bank
                @doc("all of it")
                namespace Bank {
                  type Money = { amount: decimal, "currency code"?: String, };
                  @plain
                  entity Team, Group in [Team, Group] tags Set<Long>;
                  entity User in Team = { @doc("who") name: String, balance?: Money, "in": Bool };
                  entity Colour enum ["red", "green"];
                  action all, "every one" in all;
                  action read, "write it" in [all, Action::"every one", Bank::Action::"all"] appliesTo {
                    resource: [Account, Bank::Team],
                    principal: User,
                    context: { at: datetime, from?: ipaddr, span: duration },
                  } attributes {};
                }
                entity Account { owner: Bank::User, }
                  tags Bank::Money;
                """.replace("all, \"every one\" in all;", "all; action \"every one\" in all;"));

        RecordType money = RecordType.of(Map.of(
                "amount", new Attribute(ExtensionType.DECIMAL, true),
                "currency code", new Attribute(Primitive.STRING, false)));
        assertThat(schema.entityTypes())
                .containsOnlyKeys("Account", "Bank::Colour", "Bank::Group", "Bank::Team", "Bank::User");
        assertThat(schema.entityType("Bank::Group"))
                .isEqualTo(new EntityDeclaration(
                        "Bank::Group",
                        Set.of("Bank::Team", "Bank::Group"),
                        RecordType.EMPTY,
                        new SetType(Primitive.LONG),
                        null));
        assertThat(schema.entityType("Bank::User"))
                .isEqualTo(new EntityDeclaration(
                        "Bank::User",
                        Set.of("Bank::Team", "Bank::Group"),
                        RecordType.of(Map.of(
                                "name", new Attribute(Primitive.STRING, true),
                                "balance", new Attribute(money, false),
                                "in", new Attribute(BoolType.ANY, true))),
                        null,
                        null));
        assertThat(entity(schema, "Bank::Colour").ids()).containsExactly("green", "red");
        assertThat(requireNonNull(entity(schema, "Account").attributes().get("owner"))
                        .type())
                .isEqualTo(new EntityType("Bank::User"));
        assertThat(entity(schema, "Account").tags()).isEqualTo(money);
        EntityUid all = new EntityUid("Bank::Action", "all");
        EntityUid every = new EntityUid("Bank::Action", "every one");
        for (String id : new String[] {"read", "write it"}) {
            EntityUid uid = new EntityUid("Bank::Action", id);
            assertThat(schema.action(uid))
                    .isEqualTo(new ActionDeclaration(
                            uid,
                            Set.of(all, every),
                            Set.of("Bank::User"),
                            Set.of("Account", "Bank::Team"),
                            RecordType.of(Map.of(
                                    "at", new Attribute(ExtensionType.DATETIME, true),
                                    "from", new Attribute(ExtensionType.IPADDR, false),
                                    "span", new Attribute(ExtensionType.DURATION, true)))));
        }
        assertThat(action(schema, "Bank::Action", "all").principals()).isEmpty();
        assertThat(schema.isActionIn(every, all)).isTrue();
        assertThat(schema.isActionIn(all, every)).isFalse();
        assertThat(schema.mayBeIn("Bank::User", "Bank::Group")).isTrue();
        assertThat(schema.mayBeIn("Bank::Group", "Bank::User")).isFalse();
        assertThat(schema.mayBeIn("Bank::Action", "Bank::Action")).isTrue();
        assertThat(schema.allows(new EntityUid("Bank::Colour", "red"))).isTrue();
        assertThat(schema.allows(new EntityUid("Bank::Colour", "blue"))).isFalse();
        assertThat(schema.allows(all)).isTrue();
        assertThat(schema.allows(new EntityUid("Bank::Action", "none"))).isFalse();
        assertThat(schema.allows(new EntityUid("Account", "any"))).isTrue();
        assertThat(schema.isDeclared("Bank::Action")).isTrue();
        assertThat(schema.isDeclared("Action")).isFalse();
    }

    @Test
    void theEmptyTextIsASchemaOfNothing() {
        assertThat(SchemaText.read(" // nothing").entityTypes()).isEmpty();
    }

    @Test
    void aCommonTypeIsFoundBeforeAnEntityTypeAndBothBeforeWhatIsBuiltIn() {
        String both = "namespace N { entity Thing; type Thing = Long; entity User { a: Thing, b: Set<N::Thing> }; }";
        assertThat(attribute(both, "N::User", "a")).isEqualTo(Primitive.LONG);
        assertThat(attribute(both, "N::User", "b")).isEqualTo(new SetType(Primitive.LONG));
        String hidden = "entity String; type ipaddr = Bool; entity User { a: String, b: ipaddr, c: __cedar::String,"
                + " d: __cedar::ipaddr, e: decimal };";
        assertThat(attribute(hidden, "User", "a")).isEqualTo(new EntityType("String"));
        assertThat(attribute(hidden, "User", "b")).isEqualTo(BoolType.ANY);
        assertThat(attribute(hidden, "User", "c")).isEqualTo(Primitive.STRING);
        assertThat(attribute(hidden, "User", "d")).isEqualTo(ExtensionType.IPADDR);
        assertThat(attribute(hidden, "User", "e")).isEqualTo(ExtensionType.DECIMAL);
    }

    @Test
    void namesAreFoundInTheirNamespaceAndThenWithoutOneButNotInOuterOnes() {
        String text = "entity A; action go; namespace N { entity Long; entity B in A { a: A, b: Long, c: Set<N::B> };"
                + " action stay in [go]; }";
        assertThat(attribute(text, "N::B", "a")).isEqualTo(new EntityType("A"));
        assertThat(attribute(text, "N::B", "b")).isEqualTo(new EntityType("N::Long"));
        assertThat(attribute(text, "N::B", "c")).isEqualTo(new SetType(new EntityType("N::B")));
        assertThat(action(SchemaText.read(text), "N::Action", "stay").ancestors())
                .containsExactly(new EntityUid("Action", "go"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchemaText.read("namespace N { entity A; } namespace N::M { entity B in A; }"))
                .withMessage("line 1, column 56: entity type 'A' is not declared in namespace 'N::M' nor without one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchemaText.read("namespace N::M { entity A; } namespace N { entity B in M::A; }"))
                .withMessageContaining("entity type 'M::A' is not declared");
    }

    @Test
    void attributesMayHaveTheTypeOfDeclaredActions() {
        assertThat(attribute("action go; entity A { a: Action };", "A", "a")).isEqualTo(new EntityType("Action"));
        String both = "action go; namespace N { action stay; entity A { a: Action }; }";
        assertThat(attribute(both, "N::A", "a")).isEqualTo(new EntityType("N::Action"));
    }

    @Test
    void commonTypesMayNameOthersInAnyOrder() {
        assertThat(attribute("entity E { x: A }; type A = { b: B }; type B = Set<C>; type C = Long;", "E", "x"))
                .hasToString("{b: Set<Long>}");
        Schema schema = SchemaText.read("action a appliesTo { principal: E, resource: E, context: C }; entity E;"
                + " type C = D; type D = { x?: Long };");
        assertThat(action(schema, "Action", "a").context()).hasToString("{x?: Long}");
    }

    @Test
    void wordsOfTheSyntaxCanBeNames() {
        assertThat(SchemaText.read(
                                "entity namespace; entity entity in namespace; entity type { tags: Long } tags Set;"
                                        + " entity Set; entity appliesTo, enum, context; action action in entity; action entity;")
                        .entityTypes())
                .containsOnlyKeys("namespace", "entity", "type", "Set", "appliesTo", "enum", "context");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    entity A                                              | 1:9  | expected 'in', 'enum', '=', '{', 'tags' or ';', in that order, found the end of the text
                    entity A; entity A;                                   | 1:18 | entity type 'A' is declared twice
                    entity A, A;                                          | 1:11 | entity type 'A' is declared twice
                    action a, "a";                                        | 1:11 | is declared twice
                    type T = Long; type T = Bool;                         | 1:21 | common type 'T' is declared twice
                    namespace N {} namespace N {}                         | 1:26 | namespace 'N' is declared twice
                    namespace N { namespace M {} }                        | 1:15 | expected 'entity', 'action', 'type' or '}', found 'namespace'
                    namespace if {}                                       | 1:11 | 'if' is reserved
                    namespace __cedar::N {}                               | 1:11 | '__cedar' is reserved
                    entity __cedar;                                       | 1:8  | '__cedar' is reserved
                    entity Action;                                        | 1:8  | 'Action' is the type of actions
                    entity A enum [];                                     | 1:16 | expected a string, found ']'
                    entity A enum ["a",];                                 | 1:20 | expected a string, found ']'
                    entity A enum ["a"] tags Long;                        | 1:21 | expected ';', found 'tags'
                    entity A tags Long { x: Long };                       | 1:20 | expected ';', found '{'
                    entity A = B; type B = {};                            | 1:12 | expected '{', found 'B'
                    entity A in [B,]; entity B;                           | 1:16 | expected a name, found ']'
                    entity A in B;                                        | 1:13 | entity type 'B' is not declared
                    entity A in T; type T = A;                            | 1:13 | a common type has that name
                    entity A in Action; action a;                         | 1:13 | entity type 'Action' is not declared
                    entity A { x: B };                                    | 1:15 | type 'B' is not declared
                    entity A { x: Boolean };                              | 1:15 | the type of truth values is Bool
                    entity A { x: Set };                                  | 1:15 | type 'Set' is not declared
                    entity A { x: Set<Long };                             | 1:24 | expected '>', found '}'
                    entity A { x: __cedar::ip };                          | 1:15 | type '__cedar::ip' is not declared
                    entity A { x: Long y: Long };                         | 1:20 | expected ',' or '}', found 'y'
                    entity A { x: Long, "x"?: Bool };                     | 1:21 | is declared twice
                    entity A { in: Long };                                | 1:12 | 'in' is reserved
                    entity A { "\\q": Long };                             | 1:13 | escapes
                    type Bool = Long;                                     | 1:6  | 'Bool' is reserved
                    type EntityX = { x: };                                | 1:21 | expected a type
                    type A = A;                                           | 1:10 | must not form a cycle
                    type A = Set<B>; type B = { a?: A };                  | 1:33 | must not form a cycle
                    type X = Long; namespace N { entity X; }              | 1:37 | 'N::X' would hide 'X'
                    entity X; namespace N { type X = Long; }              | 1:30 | 'N::X' would hide 'X'
                    action x; namespace N { action x; }                   | 1:32 | would hide
                    action a in [];                                       | 1:14 | expected a name, found ']'
                    action a in [b];                                      | 1:14 | action Action::"b" is not declared
                    action a in Action::b; action b;                      | 1:22 | expected '::' and the id
                    action a in __cedar::"b"; action b;                   | 1:13 | '__cedar' is reserved
                    action a in [a];                                      | 1:8  | must not form a cycle
                    action a in b; action b in "a";                       | 1:8  | must not form a cycle
                    action a appliesTo {};                                | 1:21 | expected 'principal', 'resource' or 'context', found '}'
                    entity E; action a appliesTo { principal: E };        | 1:30 | at least one type of resource
                    entity E; action a appliesTo { resource: E };         | 1:30 | at least one type of principal
                    entity E; action a appliesTo { principal: [] };       | 1:44 | expected a name, found ']'
                    entity E; action a appliesTo { principal: E, principal: E }; | 1:46 | is given twice
                    entity E; action a appliesTo { principal: E, resource: E, context: Long }; | 1:18 | must be a record, but is Long
                    entity E; action a appliesTo { principal: E, resource: E, context: E };    | 1:18 | must be a record, but is E
                    action a attributes { x: Long };                      | 1:23 | actions cannot have attributes
                    @a("x") @a("y") entity A;                             | 1:10 | annotation 'a' is given twice
                    @a("x" entity A;                                      | 1:8  | expected ')', found 'entity'
                    @"a" entity A;                                        | 1:2  | expected the name of an annotation
                    @a                                                    | 1:3  | expected 'namespace', 'entity', 'action' or 'type', found the end
                    entity A;; entity B;                                  | 1:10 | found ';'
                    /* c */ entity A;                                     | 1:1  | found '/'
                    """)
    void whatIsNotASchemaIsRefusedWithItsPlace(String text, String place, String problem) {
        CedarSyntaxException refusal = catchThrowableOfType(CedarSyntaxException.class, () -> SchemaText.read(text));
        assertThat(refusal).as(text).hasMessageContaining(problem);
        assertThat(refusal.line() + ":" + refusal.column()).as(text).isEqualTo(place);
    }

    @Test
    void placesCountLines() {
        assertThatThrownBy(() -> SchemaText.read("entity A;\n\nentity B in\n   C;"))
                .isInstanceOf(CedarSyntaxException.class)
                .hasMessage("line 4, column 4: entity type 'C' is not declared");
    }

    @Test
    void typesThatNestTooDeeplyAreRefused() {
        assertThat(SchemaText.read("type T = " + "Set<".repeat(90) + "Long" + ">".repeat(90) + ";")
                        .entityTypes())
                .isEmpty();
        for (String open : new String[] {"Set<", "{a:"}) {
            String deep = "type T = " + open.repeat(200_000);
            assertThatThrownBy(() -> SchemaText.read(deep))
                    .isInstanceOf(CedarSyntaxException.class)
                    .hasMessageContaining("types must nest at most 100 deep");
        }
    }

    @Test
    void chainsOfCommonTypesThatNestTooDeeplyAreRefusedInAnyOrder() {
        String forward = IntStream.range(0, 9_000)
                .mapToObj(i -> "type T" + i + " = Set<T" + (i + 1) + ">;")
                .collect(Collectors.joining("\n"));
        assertThatThrownBy(() -> SchemaText.read(forward + "type T9000 = Long;"))
                .isInstanceOf(CedarSyntaxException.class)
                .hasMessageContaining("nest at most 100 deep");
        String backward = IntStream.range(0, 9_000)
                .mapToObj(i -> "type T" + (i + 1) + " = T" + i + ";")
                .collect(Collectors.joining("\n"));
        assertThatThrownBy(() -> SchemaText.read("type T0 = Long;" + backward))
                .isInstanceOf(CedarSyntaxException.class)
                .hasMessageContaining("nest at most 100 deep");
    }

    @Test
    void commonTypesThatGrowExponentiallyAreRefused() {
        String bomb = IntStream.range(1, 40)
                .mapToObj(i -> "type T" + i + " = { a: T" + (i - 1) + ", b: T" + (i - 1) + " };")
                .collect(Collectors.joining("\n"));
        assertThatThrownBy(() -> SchemaText.read("type T0 = Long;" + bomb))
                .isInstanceOf(CedarSyntaxException.class)
                .hasMessageContaining("at most 100000 parts");
        String fifteen = bomb.lines().limit(15).collect(Collectors.joining());
        String users = IntStream.range(0, 20)
                .mapToObj(i -> "entity E" + i + " { a: T15 };")
                .collect(Collectors.joining());
        assertThatThrownBy(() -> SchemaText.read("type T0 = Long;" + fifteen + users))
                .isInstanceOf(CedarSyntaxException.class)
                .hasMessageContaining("at most 1000000 parts in all");
    }

    @Test
    void hierarchiesAndCountsAreBounded() {
        String chain = IntStream.range(0, 9_000)
                .mapToObj(i -> "entity E" + i + " in E" + (i + 1) + ";")
                .collect(Collectors.joining());
        assertThatThrownBy(() -> SchemaText.read(chain + "entity E9000;"))
                .isInstanceOf(CedarSyntaxException.class)
                .hasMessageContaining("at most 200000 pairs");
        String many =
                IntStream.range(0, 10_001).mapToObj(i -> "action a" + i + ";").collect(Collectors.joining());
        assertThatThrownBy(() -> SchemaText.read(many))
                .isInstanceOf(CedarSyntaxException.class)
                .hasMessageContaining("at most 10000 of each kind");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void textsWithAnyWordLostOrDoubledEndInASchemaOrASyntaxError(int seed) {
        String text =
                "@a(\"b\") namespace N { entity A in [B] = { \"x\"?: Set<Long>, y: T } tags Bool; type T = { z: ipaddr };"
                        + " entity B enum [\"p\"]; action a, b in [N::Action::\"c\"] appliesTo { principal: A, resource: [A, B],"
                        + " context: {} }; action c; }";
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder changed = new StringBuilder(text);
            for (int change = random.nextInt(3); change >= 0; change--) {
                int from = random.nextInt(changed.length());
                int to = Math.min(changed.length(), from + 1 + random.nextInt(6));
                String piece = changed.substring(from, to);
                if (random.nextBoolean()) {
                    changed.delete(from, to);
                } else {
                    changed.insert(random.nextInt(changed.length()), piece);
                }
            }
            try {
                Schema schema = SchemaText.read(changed.toString());
                assertThat(SchemaJson.read(SchemaJson.write(schema))).isEqualTo(schema);
            } catch (CedarSyntaxException refused) {
                assertThat(refused.line()).isPositive();
            }
        }
    }
}
