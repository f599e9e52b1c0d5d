package dev.modelops.core.internal.policy.cedar;

import static dev.modelops.core.internal.policy.cedar.Exprs.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CedarPolicySetTest {
    private static final EntityUid ALICE = uid("User", "alice");
    private static final EntityUid STAFF = uid("Group", "staff");
    private static final EntityUid DOC = uid("Doc", "d");

    private static final CedarPolicySet SET = PolicyParser.policySet("""
            @id("plain") permit(principal == User::"bob", action, resource);
            @id("access") @note("n") permit(principal in ?principal, action, resource == ?resource) when { context.ok };
            @id("ban") forbid(principal is User in ?principal, action, resource);
            """);

    private static TemplateLink access() {
        return TemplateLink.of("access", Map.of(Slot.PRINCIPAL, STAFF, Slot.RESOURCE, DOC));
    }

    @Test
    void aLinkedPolicyIsTheTemplateWithItsSlotsFilled() {
        CedarPolicySet linked = SET.link("staff-access", access())
                .link("staff-ban", TemplateLink.of("ban", Map.of(Slot.PRINCIPAL, STAFF)));
        assertThat(linked.policies()).containsOnlyKeys("plain", "staff-access", "staff-ban");
        assertThat(linked.policies().get("staff-access"))
                .isEqualTo(PolicyParser.policy(
                        "@note(\"n\") permit(principal in Group::\"staff\", action, resource == Doc::\"d\")"
                                + " when { context.ok };"));
        assertThat(linked.policies().get("staff-ban"))
                .isEqualTo(PolicyParser.policy("forbid(principal is User in Group::\"staff\", action, resource);"));
        assertThat(SET.policies()).containsOnlyKeys("plain");
    }

    @Test
    void linkedPoliciesDecideAndTemplatesDoNot() {
        StoredQuery query = new StoredQuery(
                ALICE,
                uid("Action", "read"),
                DOC,
                RecordValue.of(Map.of("ok", Value.BoolValue.TRUE)),
                EntityStore.of(List.of(new Entity(ALICE, RecordValue.EMPTY, Set.of(STAFF)))));
        assertThat(new Authorizer(SET).authorize(query).cedarAllows()).isFalse();
        CedarPolicySet linked = SET.link("staff-access", access());
        assertThat(new Authorizer(linked).authorize(query).cedarReasons()).containsExactly("staff-access");
        CedarPolicySet banned = linked.link("staff-ban", TemplateLink.of("ban", Map.of(Slot.PRINCIPAL, ALICE)));
        assertThat(new Authorizer(banned).authorize(query).allows()).isFalse();
        assertThat(new Authorizer(banned).authorize(query).cedarReasons()).containsExactly("staff-ban");
    }

    @Test
    void linksMustFitTheirTemplates() {
        refused("access", Map.of(Slot.PRINCIPAL, STAFF), "has the slot ?resource");
        refused("access", Map.of(), "gives it no entity");
        refused("ban", Map.of(Slot.PRINCIPAL, STAFF, Slot.RESOURCE, DOC), "no such slot");
        refused("gone", Map.of(Slot.PRINCIPAL, STAFF), "no such template");
        refused("plain", Map.of(), "no such template");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyParser.policy("permit(principal, action, resource);")
                        .link(Map.of()))
                .withMessageContaining("only a template");
    }

    private static void refused(String template, Map<Slot, EntityUid> values, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SET.link("new", TemplateLink.of(template, values)))
                .withMessageContaining("policy 'new'")
                .withMessageContaining(problem);
    }

    @Test
    void idsAreGivenOnceAmongPoliciesTemplatesAndLinks() {
        for (String taken : List.of("plain", "access", "ban")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SET.link(taken, access()))
                    .withMessageContaining("ids must differ");
        }
        CedarPolicySet linked = SET.link("x", access());
        assertThatIllegalArgumentException().isThrownBy(() -> linked.link("x", access()));
        assertThatIllegalArgumentException().isThrownBy(() -> SET.link(" ", access()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CedarPolicySet(SET.statics(), SET.statics(), new TreeMap<>()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CedarPolicySet(SET.templates()))
                .withMessageContaining("must be linked");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CedarPolicySet(new TreeMap<>(), SET.statics(), new TreeMap<>()))
                .withMessageContaining("?principal or ?resource");
    }

    @Test
    void templatesCannotBeEvaluated() {
        CedarPolicy template =
                SET.templates().getOrDefault("ban", PolicyParser.policy("permit(principal,action,resource);"));
        assertThatIllegalArgumentException().isThrownBy(() -> new CompiledPolicy("t", template));
        assertThat(template.slots()).containsExactly(Slot.PRINCIPAL);
        assertThat(template.isTemplate()).isTrue();
    }

    @Test
    void templatesAndLinksHaveTheirPlacesInTheDocument() {
        CedarPolicySet linked = PolicyParser.policySet(
                        "@id(\"t\") forbid(principal is A::B in ?principal, action, resource in ?resource);")
                .link("l", TemplateLink.of("t", Map.of(Slot.PRINCIPAL, STAFF, Slot.RESOURCE, DOC)));
        String document = PolicyJson.write(linked);
        assertThat(document)
                .isEqualTo(
                        "{\"templates\":{\"t\":{\"effect\":\"forbid\",\"principal\":{\"op\":\"is\",\"entity_type\":\"A::B\","
                                + "\"in\":{\"slot\":\"?principal\"}},\"action\":{\"op\":\"All\"},\"resource\":{\"op\":\"in\","
                                + "\"slot\":\"?resource\"},\"annotations\":{\"id\":\"t\"},\"conditions\":[]}},\"staticPolicies\":{},"
                                + "\"templateLinks\":[{\"templateId\":\"t\",\"newId\":\"l\",\"values\":{\"?principal\":"
                                + "{\"type\":\"Group\",\"id\":\"staff\"},\"?resource\":{\"type\":\"Doc\",\"id\":\"d\"}}}]}");
        assertThat(PolicyJson.read(document)).isEqualTo(linked);
        assertThat(PolicyJson.read(document.replace(
                        "{\"type\":\"Group\",\"id\":\"staff\"}",
                        "{\"__entity\":{\"type\":\"Group\",\"id\":\"staff\"}}")))
                .isEqualTo(linked);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "\"newId\":\"l\"; \"newId\":\"t\"; ids must differ",
                "\"newId\":\"l\",; ; 'newId' is missing",
                "\"newId\":\"l\"; \"newId\":7; must be a text",
                "\"templateId\":\"t\"; \"templateId\":\"u\"; no such template",
                "\"values\":{\"?principal\"; \"values\":{\"?resource\"; gives it no entity",
                "\"values\":{\"?principal\"; \"values\":{\"?action\"; unknown member '?action'",
                "\"values\":{; \"values\":{\"?resource\":{\"type\":\"A\",\"id\":\"b\"},; no such slot",
                "{\"type\":\"Group\"; {\"type\":\"in\"; template link 'l'",
                "\"slot\":\"?principal\"; \"slot\":\"?resource\"; must be ?principal",
                "\"slot\":\"?principal\"; \"slot\":\"?principal\",\"entity\":{\"type\":\"A\",\"id\":\"b\"}; unknown member",
                "\"slot\":\"?principal\"; \"entity\":{\"type\":\"A\",\"id\":\"b\"}; must have ?principal or ?resource",
                "\"action\":{\"op\":\"All\"}; \"action\":{\"op\":\"==\",\"slot\":\"?principal\"}; name an action",
                "\"action\":{\"op\":\"All\"}; \"action\":{\"op\":\"==\",\"entity\":{\"type\":\"A\",\"id\":\"b\"}}; the type Action",
                "\"templateLinks\":[; \"templateLinks\":[1,; expected an object",
                "\"conditions\":[]; \"conditions\":[{\"kind\":\"when\",\"body\":{\"Slot\":\"?principal\"}}]; unknown operator 'Slot'"
            })
    void documentsWhoseTemplatesOrLinksAreNotUnderstoodAreRefused(String part, String replacement, String problem) {
        String document =
                PolicyJson.write(PolicyParser.policySet("@id(\"t\") forbid(principal == ?principal, action, resource);")
                        .link("l", TemplateLink.of("t", Map.of(Slot.PRINCIPAL, STAFF))));
        assertThat(document).contains(part);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyJson.read(document.replace(part, replacement == null ? "" : replacement)))
                .withMessageContaining(problem);
    }

    @Test
    void aLinkIsGivenOnceInADocument() {
        String document = PolicyJson.write(SET.link("l", access()));
        String link = document.substring(document.indexOf("{\"templateId\""), document.length() - 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PolicyJson.read(document.replace(link, link + "," + link)))
                .withMessageContaining("a second link");
    }

    @Test
    void aRuleOfTwoNamesCanBeTold() {
        SET.requireOneNameEach();
        CedarPolicySet numbered = PolicyParser.numbered("@id(\"a\") permit(principal, action, resource);");
        assertThatIllegalArgumentException()
                .isThrownBy(numbered::requireOneNameEach)
                .withMessageContaining("policy0")
                .withMessageContaining("@id(\"a\")");
    }
}
