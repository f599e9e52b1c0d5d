package dev.modelops.core.internal.policy.cedar.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConformanceTest {
    private static final Schema SCHEMA = SchemaText.read("""
            entity Colour enum ["red", "green"];
            entity Region;
            entity Team in [Region, Colour];
            entity User in Team {
              name: String, age?: Long, on?: Bool, boss?: User, colour?: Colour, colours?: Set<Colour>,
              limit?: decimal, address?: ipaddr, since?: datetime, pause?: duration, deep?: { a: Long, b?: String },
              act?: Action
            } tags Set<Long>;
            entity Lone;
            action all, none;
            action read in all appliesTo { principal: [User, Colour], resource: Team, context: { mfa: Bool, n?: Colour } };
            """);

    private static List<String> ofUser(String attributes) {
        return Conformance.ofEntities(
                SCHEMA,
                EntityJson.read(
                        "[{\"uid\":{\"type\":\"User\",\"id\":\"u\"},\"parents\":[],\"attrs\":{" + attributes + "}}]",
                        SCHEMA));
    }

    private static List<String> ofEntity(String type, String id, String parents, String tags) {
        return Conformance.ofEntities(
                SCHEMA,
                EntityJson.read(
                        "[{\"uid\":{\"type\":\"%s\",\"id\":\"%s\"},\"parents\":[%s],\"attrs\":{%s},\"tags\":{%s}}]"
                                .formatted(type, id, parents, type.equals("User") ? "\"name\":\"n\"" : "", tags),
                        SCHEMA));
    }

    @Test
    void entitiesThatConformHaveNoProblems() {
        assertThat(ofUser("""
                        "name":"n","age":1,"on":false,"boss":{"type":"User","id":"x"},"colour":{"type":"Colour","id":"red"},
                        "colours":[],"limit":"1.0","address":"::1","since":"2024-01-01","pause":"1d","deep":{"a":1},
                        "act":{"type":"Action","id":"read"}
                        """)).isEmpty();
        assertThat(ofEntity(
                        "User",
                        "u",
                        "{\"type\":\"Team\",\"id\":\"t\"},{\"type\":\"Region\",\"id\":\"r\"}",
                        "\"a\":[1]"))
                .isEmpty();
        assertThat(ofEntity("Team", "t", "{\"type\":\"Colour\",\"id\":\"red\"}", ""))
                .isEmpty();
        assertThat(ofEntity("Colour", "red", "", "")).isEmpty();
        assertThat(ofEntity("Action", "read", "{\"type\":\"Action\",\"id\":\"all\"}", ""))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    "age":1                                        | entity User::"u": attribute 'name' of type String is missing
                    "name":1                                       | entity User::"u", 'name': expected String, found a value of type Long
                    "name":"n","agee":1                            | entity User::"u": attribute 'agee' is not declared; declared are act, address, age,
                    "name":"n","age":"1"                           | 'age': expected Long, found a value of type String
                    "name":"n","on":1                              | 'on': expected Bool, found a value of type Long
                    "name":"n","boss":{"type":"Team","id":"t"}     | 'boss': expected an entity of type User, found Team::"t"
                    "name":"n","boss":1                            | 'boss': expected User, found a value of type Long
                    "name":"n","colour":{"type":"Colour","id":"x"} | 'colour': the id of a Colour must be one of its enum, green, red, found Colour::"x"
                    "name":"n","colours":[{"type":"Colour","id":"x"}] | 'colours', element: the id of a Colour must be one of its enum
                    "name":"n","colours":[1]                       | 'colours', element: expected Colour, found a value of type Long
                    "name":"n","colours":1                         | 'colours': expected Set<Colour>, found a value of type Long
                    "name":"n","limit":1                           | 'limit': expected decimal, found a value of type Long
                    "name":"n","limit":{"fn":"ip","arg":"::1"}     | 'limit': expected decimal, found a value of type ipaddr
                    "name":"n","since":{"fn":"duration","arg":"1s"} | 'since': expected datetime, found a value of type duration
                    "name":"n","pause":true                        | 'pause': expected duration, found a value of type Bool
                    "name":"n","address":{}                        | 'address': expected ipaddr, found a value of type Record
                    "name":"n","deep":{}                           | 'deep': attribute 'a' of type Long is missing
                    "name":"n","deep":{"a":1,"c":1}                | 'deep': attribute 'c' is not declared; declared are a, b
                    "name":"n","deep":1                            | 'deep': expected {a: Long, b?: String}, found a value of type Long
                    "name":"n","act":{"type":"Action","id":"x"}    | 'act': action Action::"x" is not declared
                    """)
    void attributesThatDoNotConformAreNamed(String attributes, String problem) {
        assertThat(ofUser(attributes)).hasSize(1).first().asString().contains(problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    Nobody | a    | | | entity type Nobody is not declared; declared are Colour, Lone, Region, Team, User
                    Colour | blue | | | the id of a Colour must be one of its enum, green, red, found Colour::"blue"
                    Colour | red  | {"type":"Team","id":"t"}   | | may be in no other entity, found Team::"t"
                    Lone   | a    | | "t":1                      | entities of type Lone have no tags, found t
                    User   | u    | | "t":1                      | tag 't': expected Set<Long>, found a value of type Long
                    User   | u    | | "t":["x"]                  | tag 't', element: expected Long, found a value of type String
                    User   | u    | {"type":"Lone","id":"l"}   | | may be in entities of type Colour, Region, Team, found Lone::"l"
                    Team   | t    | {"type":"Colour","id":"x"} | | ancestor: the id of a Colour must be one of its enum
                    Action | x    | | | action Action::"x" is not declared
                    Action | read | | | must be in the actions its declaration names, Action::"all", found none
                    Action | none | {"type":"Action","id":"all"} | | must be in the actions its declaration names, none, found Action::"all"
                    Action | all  | | "t":1                      | an action must have neither attributes nor tags
                    """)
    void entitiesThatDoNotConformAreNamed(String type, String id, String parents, String tags, String problem) {
        assertThat(ofEntity(type, id, parents == null ? "" : parents, tags == null ? "" : tags))
                .isNotEmpty()
                .anySatisfy(found -> assertThat(found).contains(problem));
    }

    @Test
    void ancestorsThatAreReachedThroughOthersAreCheckedToo() {
        EntityUid user = new EntityUid("User", "u");
        EntityUid team = new EntityUid("Team", "t");
        EntityUid colour = new EntityUid("Colour", "blue");
        EntityStore store = EntityJson.read("[]", SCHEMA)
                .with(List.of(
                        new Entity(user, EntityJson.readContext("{\"name\":\"n\"}", null), Set.of(team)),
                        new Entity(team, RecordValue.EMPTY, Set.of(colour))));
        assertThat(Conformance.ofEntities(SCHEMA, store))
                .hasSize(2)
                .anySatisfy(problem -> assertThat(problem).startsWith("entity User::\"u\", ancestor"))
                .anySatisfy(problem -> assertThat(problem).startsWith("entity Team::\"t\", ancestor"));
    }

    @Test
    void anActionThatIsMissingIsNamed() {
        assertThat(Conformance.ofEntities(SCHEMA, EntityStore.empty()))
                .hasSize(3)
                .contains("action Action::\"none\": is declared and must be among the entities");
    }

    private static List<String> ofRequest(String principal, String action, String resource, String context) {
        EntityUid uid = new EntityUid("Action", action);
        ActionDeclaration declared = SCHEMA.action(uid);
        return Conformance.ofRequest(
                SCHEMA,
                new EntityUid(principal.split("/")[0], principal.split("/")[1]),
                uid,
                new EntityUid(resource.split("/")[0], resource.split("/")[1]),
                EntityJson.readContext(context, declared == null ? null : declared.context()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
                    User/u     | read  | Team/t | {"mfa":true}            | -
                    Colour/red | read  | Team/t | {"mfa":true,"n":{"type":"Colour","id":"green"}} | -
                    User/u     | wride | Team/t | {}                      | action: Action::"wride" is not declared; declared are Action::"all", Action::"none", Action::"read"
                    Nobody/u   | read  | Team/t | {"mfa":true}            | principal: action Action::"read" applies to Colour, User, found Nobody::"u"
                    Team/u     | read  | Team/t | {"mfa":true}            | principal: action Action::"read" applies to Colour, User, found Team::"u"
                    Colour/x   | read  | Team/t | {"mfa":true}            | principal: the id of a Colour must be one of its enum
                    User/u     | read  | User/t | {"mfa":true}            | resource: action Action::"read" applies to Team, found User::"t"
                    User/u     | all   | Team/t | {}                      | principal: action Action::"all" applies to no principal at all, found User::"u"
                    User/u     | read  | Team/t | {}                      | context: attribute 'mfa' of type Bool is missing
                    User/u     | read  | Team/t | {"mfa":1}               | context, 'mfa': expected Bool, found a value of type Long
                    User/u     | read  | Team/t | {"mfa":true,"x":1}      | context: attribute 'x' is not declared; declared are mfa, n
                    User/u     | read  | Team/t | {"mfa":true,"n":{"type":"Colour","id":"x"}} | context, 'n': the id of a Colour
                    Nobody/u   | wride | Team/t | {}                      | principal: entity type Nobody is not declared
                    """)
    void requestsAreCheckedAgainstTheirAction(
            String principal, String action, String resource, String context, String problem) {
        List<String> found = ofRequest(principal, action, resource, context);
        if (problem == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).anySatisfy(each -> assertThat(each).contains(problem));
        }
    }

    @Test
    void atMostAHundredProblemsAreGiven() {
        List<Entity> many = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            many.add(new Entity(
                    new EntityUid("Lone", "l" + i),
                    RecordValue.of(Map.of("x", new LongValue(1))),
                    Set.of(),
                    new TreeMap<>()));
        }
        assertThat(Conformance.ofEntities(SCHEMA, EntityStore.of(many))).hasSize(100);
    }
}
