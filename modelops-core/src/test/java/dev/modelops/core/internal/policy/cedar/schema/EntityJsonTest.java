package dev.modelops.core.internal.policy.cedar.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.core.internal.policy.cedar.DatetimeValue;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.DurationValue;
import dev.modelops.core.internal.policy.cedar.Entity;
import dev.modelops.core.internal.policy.cedar.EntityStore;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.IpValue;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import dev.modelops.core.internal.policy.cedar.Value.SetValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityJsonTest {
    private static final Schema SCHEMA = SchemaText.read("""
            entity Team;
            entity User in Team {
              boss?: User, address?: ipaddr, limit?: decimal, since?: datetime, pause?: duration,
              friends?: Set<User>, addresses?: Set<ipaddr>, deep?: { user: User, type?: String, id?: String },
              likeness?: { type: String, id: String }, name?: String
            } tags ipaddr;
            action all;
            action group in all;
            action read in group appliesTo { principal: User, resource: Team, context: { from: ipaddr, by?: User } };
            """);

    private static final EntityUid ANN = new EntityUid("User", "ann");
    private static final EntityUid BOB = new EntityUid("User", "bob");

    private static String user(String attributes) {
        return "[{\"uid\":{\"type\":\"User\",\"id\":\"ann\"},\"parents\":[],\"attrs\":{" + attributes + "}}]";
    }

    private static @Nullable Value attribute(String document, @Nullable Schema schema, String name) {
        return EntityJson.read(document, schema).attribute(ANN, name);
    }

    @Test
    void everyPartOfAnEntityIsReadInItsExplicitForm() {
        EntityStore store = EntityJson.read("""
                [{"uid": {"__entity": {"type": "User", "id": "ann"}},
                  "parents": [{"type": "Team", "id": "a"}, {"__entity": {"type": "Team", "id": "b"}}],
                  "attrs": {
                    "yes": true, "many": -9223372036854775808, "text": "\\u00e9\\ud83d\\ude00", "set": [1, 2, 1],
                    "record": {"a b": {"__entity": {"type": "User", "id": "bob"}}},
                    "address": {"__extn": {"fn": "ip", "arg": "10.0.0.0/8"}},
                    "limit": {"__extn": {"fn": "decimal", "arg": "0.5"}},
                    "since": {"__extn": {"fn": "datetime", "arg": "1970-01-02"}},
                    "pause": {"__extn": {"fn": "duration", "arg": "1s"}},
                    "far": {"__extn": {"fn": "offset", "args": [
                      {"__extn": {"fn": "datetime", "arg": "1970-01-01"}}, {"__extn": {"fn": "duration", "arg": "-5ms"}}]}}},
                  "tags": {"t": "u"}},
                 {"uid": {"type": "Team", "id": "a"}, "parents": [{"type": "Team", "id": "c"}], "attrs": {}}]
                """, null);
        assertThat(store.entities().get(ANN))
                .isEqualTo(new Entity(
                        ANN,
                        RecordValue.of(Map.of(
                                "yes", BoolValue.of(true),
                                "many", new LongValue(Long.MIN_VALUE),
                                "text", new StringValue("é\ud83d\ude00"),
                                "set", new SetValue(Set.of(new LongValue(1), new LongValue(2))),
                                "record", RecordValue.of(Map.of("a b", BOB)),
                                "address", IpValue.parse("10.0.0.0/8"),
                                "limit", DecimalValue.parse("0.5"),
                                "since", new DatetimeValue(86_400_000),
                                "pause", new DurationValue(1000),
                                "far", new DatetimeValue(-5))),
                        Set.of(new EntityUid("Team", "a"), new EntityUid("Team", "b")),
                        new TreeMap<>(Map.of("t", new StringValue("u")))));
        assertThat(store.ancestors(ANN)).extracting(EntityUid::id).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(EntityJson.read(EntityJson.write(store), null)).isEqualTo(store);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    "boss":{"type":"User","id":"bob"}                 | "boss":{"__entity":{"type":"User","id":"bob"}}
                    "address":"::1"                                   | "address":{"__extn":{"fn":"ip","arg":"::1"}}
                    "address":{"fn":"ip","arg":"::1"}                 | "address":{"__extn":{"fn":"ip","arg":"::1"}}
                    "limit":"1.25"                                    | "limit":{"__extn":{"fn":"decimal","arg":"1.25"}}
                    "since":"2024-01-01"                              | "since":{"__extn":{"fn":"datetime","arg":"2024-01-01"}}
                    "since":{"fn":"offset","args":["2024-01-01","1d"]} | "since":{"__extn":{"fn":"datetime","arg":"2024-01-02"}}
                    "pause":"1h"                                      | "pause":{"__extn":{"fn":"duration","arg":"60m"}}
                    "friends":[{"type":"User","id":"bob"}]            | "friends":[{"__entity":{"type":"User","id":"bob"}}]
                    "addresses":["1.2.3.4"]                           | "addresses":[{"__extn":{"fn":"ip","arg":"1.2.3.4"}}]
                    "deep":{"user":{"type":"User","id":"b"},"id":"x"} | "deep":{"user":{"__entity":{"type":"User","id":"b"}},"id":"x"}
                    """)
    void implicitFormsMeanTheSameAsExplicitOnesWhereTheSchemaSaysSo(String implicit, String explicit) {
        EntityStore read = EntityJson.read(user(implicit), SCHEMA);
        assertThat(read).isEqualTo(EntityJson.read(user(explicit), SCHEMA));
        assertThat(read.entities().get(ANN))
                .isEqualTo(EntityJson.read(user(explicit), null).entities().get(ANN));
        assertThat(Conformance.ofEntities(SCHEMA, read)).isEmpty();
        assertThat(read.entities().get(ANN))
                .isNotEqualTo(EntityJson.read(user(implicit), null).entities().get(ANN));
    }

    @Test
    void aRecordThatLooksLikeAnEntityStaysARecordWhereTheSchemaSaysSo() {
        String document = user("\"likeness\":{\"type\":\"User\",\"id\":\"bob\"}");
        Value record = RecordValue.of(Map.of("type", new StringValue("User"), "id", new StringValue("bob")));
        assertThat(attribute(document, SCHEMA, "likeness")).isEqualTo(record);
        assertThat(attribute(document, null, "likeness")).isEqualTo(record);
    }

    @Test
    void anAttributeThatIsNamedLikeAnEscapeIsOneWhereTheSchemaDeclaresIt() {
        Schema schema = SchemaText.read("entity User { x: { __entity?: { type: String }, __extn?: Long } };");
        assertThat(attribute(user("\"x\":{\"__entity\":{\"type\":\"a\"},\"__extn\":1}"), schema, "x"))
                .isEqualTo(RecordValue.of(Map.of(
                        "__entity", RecordValue.of(Map.of("type", new StringValue("a"))), "__extn", new LongValue(1))));
    }

    @Test
    void whatDoesNotFitTheSchemaIsReadAsItStands() {
        assertThat(attribute(user("\"address\":7"), SCHEMA, "address")).isEqualTo(new LongValue(7));
        assertThat(attribute(user("\"boss\":\"bob\""), SCHEMA, "boss")).isEqualTo(new StringValue("bob"));
        assertThat(attribute(user("\"other\":\"::1\""), SCHEMA, "other")).isEqualTo(new StringValue("::1"));
        assertThat(attribute(user("\"name\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"::1\"}}"), SCHEMA, "name"))
                .isEqualTo(IpValue.parse("::1"));
    }

    @Test
    void tagsAndContextsFollowTheSchemaToo() {
        EntityStore store = EntityJson.read(
                "[{\"uid\":{\"type\":\"User\",\"id\":\"ann\"},\"parents\":[],\"attrs\":{},\"tags\":{\"x\":\"::1\"}}]",
                SCHEMA);
        assertThat(store.tag(ANN, "x")).isEqualTo(IpValue.parse("::1"));
        RecordValue context = EntityJson.readContext(
                "{\"from\":\"::1\",\"by\":{\"type\":\"User\",\"id\":\"bob\"}}",
                SCHEMA.actions().values().stream()
                        .filter(action -> action.uid().id().equals("read"))
                        .findFirst()
                        .orElseThrow()
                        .context());
        assertThat(context).isEqualTo(RecordValue.of(Map.of("from", IpValue.parse("::1"), "by", BOB)));
        assertThat(EntityJson.readContext(EntityJson.writeContext(context), null))
                .isEqualTo(context);
        assertThat(EntityJson.readContext("{\"from\":\"::1\"}", null).get("from"))
                .isEqualTo(new StringValue("::1"));
    }

    @Test
    void theActionsOfTheSchemaAreThereWithoutBeingListed() {
        EntityStore store = EntityJson.read("[]", SCHEMA);
        assertThat(store.entities()).hasSize(3);
        assertThat(store.ancestors(new EntityUid("Action", "read")))
                .containsExactlyInAnyOrder(new EntityUid("Action", "group"), new EntityUid("Action", "all"));
        assertThat(EntityJson.read("[]", null).entities()).isEmpty();
        assertThat(Conformance.ofEntities(SCHEMA, EntityJson.read(EntityJson.write(store), SCHEMA)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    "x":null                                         | 'x': a value must be true, false, a whole number
                    "x":1.5                                          | a whole number of 64 bits
                    "x":9223372036854775808                          | a whole number of 64 bits
                    "x":123456789012345678901234567890               | not well-formed JSON
                    "x":1,"x":2                                      | Duplicate field 'x'
                    "x":{"__entity":{"type":"User"}}                 | member 'id' is missing
                    "x":{"__entity":"User"}                          | expected an entity: an object with type and id, found the text 'User'
                    "x":{"__entity":{"type":"User ","id":"a"}}       | entity type must be identifiers
                    "x":{"__entity":{"type":"__cedar::U","id":"a"}}  | entity type must be identifiers
                    "x":{"__entity":{"type":"User","id":1}}          | expected a text, found 1
                    "x":{"__entity":{"type":"User","id":"a"},"y":1}  | unknown member 'y'
                    "x":{"__extn":{"fn":"ip","arg":"::1"},"y":1}     | unknown member 'y'
                    "x":{"__extn":{"fn":"ip"}}                       | either 'arg' or 'args'
                    "x":{"__extn":{"fn":"ip","arg":"x"}}             | entity 1 User::"ann", attrs, 'x': ip
                    "x":{"__extn":{"fn":"ip","arg":1}}               | expected a text, found 1
                    "x":{"__extn":{"fn":"ip","args":["::1","::1"]}}  | with one argument
                    "x":{"__extn":{"fn":"lessThan","arg":"1"}}       | 'fn' must be decimal, ip, datetime or duration
                    "x":{"__extn":{"fn":"offset","args":["a","b"]}}  | datetime
                    "x":{"__expr":"1"}                               | no longer part of Cedar
                    "address":"300.0.0.1"                            | ip
                    "limit":"1"                                      | decimal
                    "x":"\\ud800"                                    | surrogate
                    """)
    void valuesThatAreNoneAreRefusedWithTheirPlace(String attributes, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.read(user(attributes), SCHEMA))
                .withMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {}                                                           | entities: expected an array, found an object
                    [1]                                                          | entity 1: expected an object
                    [{"uid":{"type":"A","id":"a"},"attrs":{}}]                   | member 'parents' is missing
                    [{"uid":{"type":"A","id":"a"},"parents":[]}]                 | member 'attrs' is missing
                    [{"uid":"A","attrs":{},"parents":[]}]                        | entity 1, uid: expected an entity: an object with type and id, perhaps within __entity
                    [{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[],"x":1}] | unknown member 'x'
                    [{"uid":{"type":"A","id":"a"},"attrs":[],"parents":[]}]      | A::"a", attrs: expected an object, found an array
                    [{"uid":{"type":"A","id":"a"},"attrs":{},"parents":{}}]      | parents: expected an array
                    [{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[],"tags":[]}] | tags: expected an object
                    [{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[{"type":"A","id":"a"}]}] | own ancestor
                    []]                                                          | not well-formed JSON
                    """)
    void whatIsNotAListOfEntitiesIsRefusedWithItsPlace(String document, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.read(document, null))
                .withMessageContaining(problem);
    }

    private static String plain(String id, String... parents) {
        return "{\"uid\":{\"type\":\"A\",\"id\":\"" + id + "\"},\"attrs\":{},\"parents\":["
                + Arrays.stream(parents)
                        .map(parent -> "{\"type\":\"A\",\"id\":\"" + parent + "\"}")
                        .collect(Collectors.joining(","))
                + "]}";
    }

    @Test
    void doubledEntitiesAndCyclesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.read("[" + plain("a") + "," + plain("b") + "," + plain("a") + "]", null))
                .withMessage("entity 3: A::\"a\" is listed twice; remove one");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.read(
                        "[" + plain("a", "b") + "," + plain("b", "x", "c") + "," + plain("c", "a") + "]", null))
                .withMessageContaining("own ancestor");
        assertThat(EntityJson.read(
                                "[" + plain("a", "b", "c") + "," + plain("b", "d") + "," + plain("c", "d") + "]", null)
                        .ancestors(new EntityUid("A", "a")))
                .hasSize(3);
    }

    @Test
    void deepAndHugeDocumentsAreRefused() {
        assertThat(EntityJson.read(user("\"x\":" + "[".repeat(90) + "]".repeat(90)), null)
                        .entities())
                .hasSize(1);
        for (int depth : new int[] {101, 380, 100_000}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EntityJson.read(user("\"x\":" + "[".repeat(depth) + "]".repeat(depth)), null));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EntityJson.readContext("{\"a\":".repeat(depth) + "1" + "}".repeat(depth), null));
        }
        String chain = IntStream.range(0, 20_000)
                .mapToObj(i -> plain("e" + i, "e" + (i + 1)))
                .collect(Collectors.joining(",", "[", "]"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.read(chain, null))
                .withMessageContaining("the hierarchy must take at most");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.read("[" + "1,".repeat(100_001) + "1]", null))
                .withMessageContaining("at most 100000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.read(" ".repeat(17 * 1024 * 1024), null))
                .withMessageContaining("must have at most");
    }

    @Test
    void aRecordWhoseFormWouldMeanSomethingElseIsNotWritten() {
        RecordValue record = RecordValue.of(Map.of("__entity", new LongValue(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntityJson.writeContext(RecordValue.of(Map.of("a", new SetValue(Set.of(record))))))
                .withMessageContaining("'__entity'");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void documentsWithAnyPieceChangedEndInEntitiesOrARefusal(int seed) {
        Random random = new Random(seed);
        String document =
                "[{\"uid\":{\"__entity\":{\"type\":\"User\",\"id\":\"ann\"}},\"parents\":[{\"type\":\"Team\",\"id\":\"a\"}],"
                        + "\"attrs\":{\"boss\":{\"type\":\"User\",\"id\":\"b\"},\"address\":\"::1\",\"since\":{\"fn\":"
                        + "\"offset\",\"args\":[\"2024-01-01\",{\"__extn\":{\"fn\":\"duration\",\"arg\":\"1d\"}}]},"
                        + "\"friends\":[{\"__entity\":{\"type\":\"User\",\"id\":\"c\"}}]},\"tags\":{\"t\":\"1.2.3.4\"}}]";
        List<String> pieces =
                List.of("null", "1", "\"x\"", "[]", "{}", "true", "\"__entity\"", "\"__extn\"", "{\"fn\":\"ip\"}", "");
        for (int round = 0; round < 2_000; round++) {
            int from = random.nextInt(document.length());
            int to = Math.min(document.length(), from + random.nextInt(12));
            String changed =
                    document.substring(0, from) + pieces.get(random.nextInt(pieces.size())) + document.substring(to);
            try {
                EntityStore store = EntityJson.read(changed, random.nextBoolean() ? SCHEMA : null);
                Conformance.ofEntities(SCHEMA, store);
                assertThat(EntityJson.read(EntityJson.write(store), null)).isEqualTo(store);
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }
}
