package dev.modelops.core.internal.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ModelName;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pcollections.HashTreePMap;

/** How far a sink got is read from entries that say so soundly, and from no others. */
class DeliveryTest {
    private static final Delivery BEFORE = new Delivery(20, HashTreePMap.empty(), "0a", 1, 5);

    private static Entry entry(String data) {
        return new Entry(
                40,
                "1",
                "example.org/log",
                EntryType.NOTIFICATIONS_DELIVERED,
                EntryType.NOTIFICATIONS_DELIVERED.typeName(),
                null,
                Instant.EPOCH,
                false,
                (ObjectNode) Json.parseObject(data.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsWrittenIsRead() {
        Delivery next = new Delivery(40, HashTreePMap.singleton(ModelName.of("risk"), 25L), "0b", 3, 31);
        ObjectNode data = Json.object();
        next.write("pager", List.of(22L, 30L), data);
        assertThat(Delivery.read(entry(data.toString()), BEFORE)).isEqualTo(next);
        assertThat(Delivery.read(entry("{'sink':'a','upTo':40,'behind':{},'holder':''}"), null))
                .isEqualTo(Delivery.from(40, ""));
    }

    @Test
    void theTypeMayBePassedOverByReleasesThatDoNotKnowIt() {
        assertThat(EntryType.NOTIFICATIONS_DELIVERED.isCritical()).isFalse();
        assertThat(EntryType.CHAMPION_PROMOTED.isCritical()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'upTo':30,'behind':{},'holder':''}",
                "{'sink':'A','upTo':30,'behind':{},'holder':''}",
                "{'sink':'a','behind':{},'holder':''}",
                "{'sink':'a','upTo':'30','behind':{},'holder':''}",
                "{'sink':'a','upTo':41,'behind':{},'holder':''}",
                "{'sink':'a','upTo':19,'behind':{},'holder':''}",
                "{'sink':'a','upTo':-1,'behind':{},'holder':''}",
                "{'sink':'a','upTo':30,'behind':{}}",
                "{'sink':'a','upTo':30,'behind':{},'holder':'me'}",
                "{'sink':'a','upTo':30,'behind':{'Risk':3},'holder':''}",
                "{'sink':'a','upTo':30,'behind':{'risk':30},'holder':''}",
                "{'sink':'a','upTo':30,'behind':{'risk':-1},'holder':''}",
                "{'sink':'a','upTo':30,'behind':{'risk':1.5},'holder':''}",
                "{'sink':'a','upTo':30,'behind':{},'holder':'','dropped':[30]}",
                "{'sink':'a','upTo':30,'behind':{},'holder':'','dropped':['1']}",
                "{'sink':'a','upTo':30,'behind':{},'holder':'','dropped':[-1]}"
            })
    void whatDoesNotFollowIsRefused(String data) {
        assertThatIllegalArgumentException().isThrownBy(() -> Delivery.read(entry(data), BEFORE));
    }

    @Test
    void moreModelsThanAnEntryHoldsCannotBeBehind() {
        var behind = HashTreePMap.<ModelName, Long>empty();
        for (int i = 0; i < Delivery.MOST_BEHIND; i++) {
            behind = behind.plus(ModelName.of("a".repeat(124) + i), 7L);
        }
        var most = behind;
        ObjectNode data = Json.object();
        new Delivery(40, most, "", 0, 0).write("pager", List.of(), data);
        assertThat(data.toString().length()).isLessThan(Entry.MAX_BYTES - 2048);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Delivery(40, most.plus(ModelName.of("one-more"), 7L), "", 0, 0));
    }
}
