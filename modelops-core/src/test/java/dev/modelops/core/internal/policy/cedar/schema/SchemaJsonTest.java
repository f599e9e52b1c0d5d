package dev.modelops.core.internal.policy.cedar.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaJsonTest {
    private static final String BANK = """
            {"Bank": {
              "annotations": {"doc": "all of it", "plain": null},
              "commonTypes": {
                "Money": {"type": "Record", "annotations": {"doc": "m"}, "attributes": {
                  "amount": {"type": "Extension", "name": "decimal"},
                  "currency code": {"type": "String", "required": false}}},
                "Alias": {"type": "Money"}},
              "entityTypes": {
                "Team": {},
                "User": {
                  "memberOfTypes": ["Team"],
                  "shape": {"type": "Record", "additionalAttributes": false, "attributes": {
                    "money": {"type": "Alias", "required": true},
                    "same": {"type": "EntityOrCommon", "name": "Bank::Money"},
                    "team": {"type": "EntityOrCommon", "name": "Team", "annotations": {}},
                    "boss": {"type": "Entity", "name": "User", "required": false},
                    "flag": {"type": "Boolean"}, "flag2": {"type": "Bool"}, "flag3": {"type": "__cedar::Bool"},
                    "many": {"type": "Set", "element": {"type": "Long"}}}},
                  "tags": {"type": "EntityOrCommon", "name": "String"}},
                "Colour": {"enum": ["red", "green"]}},
              "actions": {
                "all": {},
                "read": {"memberOf": [{"id": "all"}],
                  "appliesTo": {"principalTypes": ["User"], "resourceTypes": ["Team", "Bank::Colour"],
                    "context": {"type": "Money"}}},
                "write": {"memberOf": [{"type": "Bank::Action", "id": "read"}], "attributes": null,
                  "appliesTo": {"principalTypes": [], "resourceTypes": ["Team"]}}}}}
            """;

    @Test
    void theTwoSyntaxesMeanTheSame() {
        Schema text = SchemaText.read("""
                namespace Bank {
                  type Money = { amount: decimal, "currency code"?: String };
                  entity Team;
                  entity User in Team { money: Money, same: Money, team: Team, boss?: User, flag: Bool, flag2: Bool,
                    flag3: Bool, many: Set<Long> } tags String;
                  entity Colour enum ["red", "green"];
                  action all;
                  action read in all appliesTo { principal: User, resource: [Team, Colour], context: Money };
                  action write in read;
                }
                """);
        Schema json = SchemaJson.read(BANK);
        assertThat(json.entityTypes()).isEqualTo(text.entityTypes());
        assertThat(json.actions().keySet()).isEqualTo(text.actions().keySet());
        assertThat(SchemaJson.read(BANK.replace(
                        "\"principalTypes\": [], \"resourceTypes\": [\"Team\"]",
                        "\"principalTypes\": [], \"resourceTypes\": []")))
                .isEqualTo(text)
                .hasSameHashCodeAs(text);
    }

    @Test
    void whatIsWrittenIsReadBackEqual() {
        Schema schema = SchemaJson.read(BANK);
        assertThat(SchemaJson.read(SchemaJson.write(schema))).isEqualTo(schema);
        assertThat(SchemaJson.write(SchemaJson.read("{}"))).isEqualTo("{}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    []                                                   | schema: expected an object, found an array
                    {"":{"entityTypes":{}}}                              | namespace '': member 'actions' is missing
                    {"":{"entityTypes":{},"actions":{},"x":1}}           | unknown member 'x'
                    {"":{"entityTypes":{},"actions":{},"annotations":{}}} | the namespace without a name cannot have annotations
                    {"a b":{"entityTypes":{},"actions":{}}}              | the name of a namespace must be made of identifiers
                    {"__cedar":{"entityTypes":{},"actions":{}}}          | '__cedar' is reserved
                    {"":{"entityTypes":{"N::A":{}},"actions":{}}}        | the name of an entity type must be made of identifiers
                    {"":{"entityTypes":{"if":{}},"actions":{}}}          | 'if' is reserved
                    {"":{"entityTypes":{"Action":{}},"actions":{}}}      | 'Action' is the type of actions
                    {"":{"entityTypes":{"A":{},"A":{}},"actions":{}}}    | Duplicate field 'A'
                    {"":{"entityTypes":{"A":{"x":1}},"actions":{}}}      | entity type 'A': unknown member 'x'
                    {"":{"entityTypes":{"A":{"enum":[]}},"actions":{}}}  | at least one id
                    {"":{"entityTypes":{"A":{"enum":[1]}},"actions":{}}} | expected a text, found 1
                    {"":{"entityTypes":{"A":{"enum":["a"],"tags":{"type":"Long"}}},"actions":{}}} | unknown member 'tags'
                    {"":{"entityTypes":{"A":{"shape":{"type":"Long"}}},"actions":{}}}   | must be a record, but is Long
                    {"":{"entityTypes":{"A":{"shape":{"type":"Record"}}},"actions":{}}} | member 'attributes' is missing
                    {"":{"entityTypes":{"A":{"shape":null}},"actions":{}}}              | expected an object, found null
                    {"":{"entityTypes":{"A":{"memberOfTypes":["B"]}},"actions":{}}}     | entity type 'B' is not declared
                    {"":{"entityTypes":{"A":{"tags":{"type":"B"}}},"actions":{}}}       | common type 'B' is not declared
                    {"":{"entityTypes":{"A":{"tags":{"type":"A"}}},"actions":{}}}       | common type 'A' is not declared
                    {"":{"entityTypes":{"A":{"tags":{"type":"Entity","name":"Long"}}},"actions":{}}} | entity type 'Long' is not declared
                    {"":{"entityTypes":{"A":{"tags":{"type":"Extension","name":"ip"}}},"actions":{}}} | extension type must be one of
                    {"":{"entityTypes":{"A":{"tags":{"type":"Long","name":"x"}}},"actions":{}}}      | unknown member 'name'
                    {"":{"entityTypes":{"A":{"tags":{"type":"Set"}}},"actions":{}}}                  | member 'element' is missing
                    {"":{"entityTypes":{"A":{"tags":{"type":"Long","required":true}}},"actions":{}}} | unknown member 'required'
                    {"":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{},"additionalAttributes":true}}},"actions":{}}} | not declared are not supported
                    {"":{"entityTypes":{"A":{"shape":{"type":"Record","attributes":{"x":{"type":"Long","required":1}}}}},"actions":{}}} | attribute 'x': 'required' must be true or false
                    {"":{"entityTypes":{},"actions":{},"commonTypes":{"Long":{"type":"Long"}}}}  | 'Long' is reserved
                    {"":{"entityTypes":{},"actions":{},"commonTypes":{"T":{"type":"T"}}}}        | must not form a cycle
                    {"":{"entityTypes":{},"actions":{"a":{"attributes":{}}}}}                    | actions cannot have attributes
                    {"":{"entityTypes":{},"actions":{"a":{"memberOf":["b"]}}}}                   | expected an object with id, type, found the text 'b'
                    {"":{"entityTypes":{},"actions":{"a":{"memberOf":[{"id":"b"}]}}}}            | action Action::"b" is not declared
                    {"":{"entityTypes":{},"actions":{"a":{"memberOf":[{"id":"b","type":"if"}]}}}} | 'if' is reserved
                    {"":{"entityTypes":{},"actions":{"a":{"memberOf":[{"id":"a"}]}}}}            | must not form a cycle
                    {"":{"entityTypes":{},"actions":{"a":{"appliesTo":{"principalTypes":[]}}}}}  | member 'resourceTypes' is missing
                    {"":{"entityTypes":{},"actions":{"a":{"appliesTo":{"principalTypes":["A"],"resourceTypes":[]}}}}} | entity type 'A' is not declared
                    {"":{"entityTypes":{},"actions":{}}} {}              | not well-formed JSON
                    {"":{"entityTypes":{},"actions":{"\\ud800":{}}}}     | surrogate pair
                    """)
    void whatIsNotASchemaIsRefusedWithItsPlace(String document, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchemaJson.read(document))
                .withMessageContaining(problem);
    }

    @Test
    void emptyAndHugeAndDeepDocumentsAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchemaJson.read(""))
                .withMessageContaining("schema");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchemaJson.read(" ".repeat(17 * 1024 * 1024)))
                .withMessageContaining("must have at most");
        for (int depth : new int[] {110, 350, 100_000}) {
            String type = "{\"type\":\"Set\",\"element\":".repeat(depth) + "{\"type\":\"Long\"}" + "}".repeat(depth);
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            SchemaJson.read("{\"\":{\"entityTypes\":{\"A\":{\"tags\":" + type + "}},\"actions\":{}}}"));
        }
    }

    @Test
    void commonTypesThatGrowExponentiallyAreRefused() {
        String types = IntStream.range(1, 60)
                .mapToObj(i ->
                        "\"T%d\":{\"type\":\"Record\",\"attributes\":{\"a\":{\"type\":\"T%d\"},\"b\":{\"type\":\"T%d\"}}}"
                                .formatted(i, i - 1, i - 1))
                .collect(Collectors.joining(","));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SchemaJson.read("{\"\":{\"entityTypes\":{},\"actions\":{},\"commonTypes\":{"
                        + "\"T0\":{\"type\":\"Long\"}," + types + "}}}"))
                .withMessageContaining("at most 100000 parts");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void documentsWithAnyPieceChangedEndInASchemaOrARefusal(int seed) {
        Random random = new Random(seed);
        String[] pieces = {"null", "1", "\"x\"", "[]", "{}", "\"if\"", "true", "\"type\"", "{\"type\":\"Long\"}"};
        String document = BANK.replaceAll("\\s+", "");
        for (int round = 0; round < 2_000; round++) {
            int from = random.nextInt(document.length());
            int to = Math.min(document.length(), from + random.nextInt(12));
            String changed =
                    document.substring(0, from) + pieces[random.nextInt(pieces.length)] + document.substring(to);
            try {
                Schema schema = SchemaJson.read(changed);
                assertThat(SchemaJson.read(SchemaJson.write(schema))).isEqualTo(schema);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageNotContaining("null pointer");
            }
        }
    }
}
