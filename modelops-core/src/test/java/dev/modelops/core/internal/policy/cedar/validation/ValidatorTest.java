package dev.modelops.core.internal.policy.cedar.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.Slot;
import dev.modelops.core.internal.policy.cedar.TemplateLink;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.core.internal.policy.cedar.validation.Finding.Kind;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValidatorTest {
    static final Schema SCHEMA = SchemaText.read("""
            entity Group, Robot;
            entity Role enum ["admin", "guest"];
            entity User in [Group] {
              name: String, age: Long, active: Bool, "a b"?: Long, manager?: User, role: Role,
              groups: Set<Group>, marks: Set<Long>, address: {street: String, zip?: String},
              salary: decimal, home: ipaddr, born: datetime, leave: duration,
            } tags String;
            entity Folder in [Folder];
            entity Doc in [Folder] { owner: User, size: Long, title?: String } tags Set<Long>;
            action reading;
            action view, list in [reading] appliesTo {
              principal: [User], resource: [Doc, Folder], context: {mfa: Bool, reason?: String, origin: {port?: Long}},
            };
            action edit in [Action::"reading"] appliesTo { principal: [User, Robot], resource: [Doc] };
            """);
    private static final Validator VALIDATOR = new Validator(SCHEMA);

    @ParameterizedTest
    @CsvSource(delimiterString = " ~ ", quoteCharacter = '`', textBlock = """
            true
            principal.age < 3 && principal.age <= 3 && principal.age > 3 && principal.age >= 3
            principal.born < datetime("2024-01-01") && principal.leave >= duration("1d")
            principal.age + 1 - 2 * 3 == -principal.age
            principal.salary.lessThan(decimal("1.5")) || principal.salary.greaterThanOrEqual(decimal("-0.5"))
            principal.home.isInRange(ip("10.0.0.0/8")) && !principal.home.isLoopback() && principal.home.isIpv4()
            principal.born.offset(principal.leave).toDate() == principal.born && principal.leave.toDays() > 1
            principal.born.durationSince(datetime("2024-01-01")).toMilliseconds() == principal.born.toTime().toHours()
            principal.name like "a*" && principal.name != "b"
            principal has manager && principal.manager.name == "x"
            principal has manager.manager && principal.manager.manager.active
            principal has "a b" && principal["a b"] > 1
            if principal has manager then principal.manager.active else false
            if principal has manager && principal.active then principal.manager.active else true
            !(principal has manager) || principal.active
            (principal has manager && principal.active || principal has manager && !principal.active) && principal.manager.active
            (if principal.active then principal has manager else principal has manager) && principal.manager.active
            (false || principal has manager) && principal.manager.active
            (principal has manager || false) && principal.manager.active
            (true && principal has manager) && principal.manager.active
            principal.address has zip && principal.address.zip like "1*"
            context has reason && context.reason == "audit"
            context.origin has port && context.origin.port == 443
            principal.hasTag("x") && principal.getTag("x") == "y"
            principal.hasTag(principal.name) && principal.getTag(principal.name) == "y"
            resource is Folder || (resource.hasTag("x") && resource.getTag("x").contains(1))
            principal in Group::"g" && principal in [Group::"g", Group::"h"] && principal in principal.groups
            principal is User && principal is User in Group::"g"
            principal == User::"u" && principal == Group::"never" || true
            principal.role == Role::"admin"
            action == Action::"view" && action in Action::"reading" && action in [Action::"edit", Action::"view"]
            principal.marks.contains(1) && principal.marks.containsAll([1, 2]) && principal.marks.containsAny(principal.marks)
            principal.marks.isEmpty() && [1, principal.age].contains(3)
            [true, principal.active].contains(false) && [[1], principal.marks].contains([3])
            {street: "s", name: principal.name} == {name: "x", street: "t"}
            {a: true}.a && {a: {b: 1}}.a.b == 1
            {a: principal.active, b: 1} == {a: true, b: principal.age}
            (if principal.active then 1 else 2) < 3
            1 == "literals of any type may be compared" || true
            false && principal.nothing || true
            true || principal.nothing
            (true && principal is User) || principal.nothing
            if true then true else principal.nothing
            if false then principal.nothing else true
            if principal is Robot then principal.nothing else true
            !(principal has nothing && principal.nothing)
            !(principal is Robot && principal.nothing)
            !(action has anything || action.hasTag("t"))
            !(resource is Folder && resource.hasTag("x") && resource.getTag("x"))
            !(action == Action::"list" && context.nothing)
            """)
    void wellTypedConditionsPass(String condition) {
        assertThat(viewing(condition).findings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " ~ ", quoteCharacter = '`', textBlock = """
            principal == principal.manager.manager.name || true ~ UNGUARDED_ATTRIBUTE ~ 'manager' of 'User' is optional
            principal.nam == "x" ~ UNKNOWN_ATTRIBUTE ~ 'User' has no attribute 'nam': did you mean 'name'?
            {a: 1}.b == 1 ~ UNKNOWN_ATTRIBUTE ~ the record has no attribute 'b'
            action.name == "x" ~ UNKNOWN_ATTRIBUTE ~ 'Action' has no attribute 'name': there is none
            context.reason == "x" ~ UNGUARDED_ATTRIBUTE ~ test it by 'has' first
            principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'has'
            principal.active || principal has manager && principal.manager.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            (principal has manager || principal.active) && principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            principal has manager || principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            !(principal has manager) && principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            !(!(principal has manager)) && principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            principal.manager.active && principal has manager ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            if principal has manager then true else principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            (if principal.active then principal has manager else true) && principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            resource is Doc && resource.owner has manager && principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            [principal has manager].contains(true) && principal.manager.active ~ UNGUARDED_ATTRIBUTE ~ 'manager'
            principal.getTag("x") == "y" ~ UNGUARDED_TAG ~ 'hasTag' with the same key
            principal.hasTag("z") && principal.getTag("x") == "y" ~ UNGUARDED_TAG ~ 'hasTag'
            principal has x || principal.hasTag("x") || principal.getTag("x") == "y" ~ UNGUARDED_TAG ~ 'hasTag'
            principal.role.getTag("x") == "y" ~ TAGS_NOT_DECLARED ~ Role declares none
            principal.hasTag(1) ~ UNEXPECTED_TYPE ~ an entity and a String, but this is a Long
            context.hasTag("x") ~ UNEXPECTED_TYPE ~ an entity and a String, but this is a {
            principal.name < "b" ~ UNEXPECTED_TYPE ~ '<' compares two Longs, two datetimes or two durations
            principal.salary > decimal("1.0") ~ UNEXPECTED_TYPE ~ compare decimals by lessThan
            principal.age < datetime("2024-01-01") ~ UNEXPECTED_TYPE ~ here after a Long, but this is a datetime
            principal.born <= principal.leave ~ UNEXPECTED_TYPE ~ here after a datetime, but this is a duration
            principal.home >= principal.home ~ UNEXPECTED_TYPE ~ '>=' compares
            principal.age + "1" == 2 ~ UNEXPECTED_TYPE ~ '+' takes two Longs, but this is a String
            principal.name * 2 == 2 ~ UNEXPECTED_TYPE ~ '*' takes two Longs
            principal.age - true == 2 ~ UNEXPECTED_TYPE ~ but this is a Bool
            -principal.name == 1 ~ UNEXPECTED_TYPE ~ '-' takes a Long
            !principal.age ~ UNEXPECTED_TYPE ~ '!' takes a Bool, but this is a Long
            principal.age ~ UNEXPECTED_TYPE ~ a condition must be a Bool, but this is a Long
            principal.age && true ~ UNEXPECTED_TYPE ~ '&&' takes Bools
            true && principal.age ~ UNEXPECTED_TYPE ~ '&&' takes Bools
            principal.age || true ~ UNEXPECTED_TYPE ~ '||' takes Bools
            false || principal.age ~ UNEXPECTED_TYPE ~ '||' takes Bools
            principal.active || principal.age ~ UNEXPECTED_TYPE ~ '||' takes Bools
            if principal.age then true else false ~ UNEXPECTED_TYPE ~ the condition of 'if' must be a Bool
            if principal.active then 1 else 2 ~ UNEXPECTED_TYPE ~ a condition must be a Bool
            if principal.active then 1 < 2 else "x" ~ INCOMPATIBLE_TYPES ~ both branches of 'if' must have one type
            (if principal.active then principal else principal.role) == principal ~ INCOMPATIBLE_TYPES ~ User and Role
            principal.age like "1*" ~ UNEXPECTED_TYPE ~ 'like' matches a String
            principal.name is User ~ UNEXPECTED_TYPE ~ 'is' tests the type of an entity
            principal.name in Group::"g" ~ UNEXPECTED_TYPE ~ 'in' asks for an entity
            principal in "g" ~ UNEXPECTED_TYPE ~ the right side of 'in' must be an entity or a set of entities
            principal in ["g"] ~ UNEXPECTED_TYPE ~ but this is a Set<String>
            principal is User in "g" ~ UNEXPECTED_TYPE ~ the right side of 'in'
            principal.age has x ~ UNEXPECTED_TYPE ~ 'has' tests an entity or a record
            principal.age.x == 1 ~ UNEXPECTED_TYPE ~ only entities and records have attributes
            principal.name.contains("x") ~ UNEXPECTED_TYPE ~ 'contains' is a method of sets
            principal.name.containsAll(["x"]) ~ UNEXPECTED_TYPE ~ 'containsAll' takes two sets
            principal.marks.containsAny(1) ~ UNEXPECTED_TYPE ~ write the argument in brackets
            principal.name.isEmpty() ~ UNEXPECTED_TYPE ~ 'isEmpty' is a method of sets
            principal.marks.contains("x") ~ INCOMPATIBLE_TYPES ~ Long and String
            principal.groups.contains(principal) ~ INCOMPATIBLE_TYPES ~ Group and User
            principal.marks.containsAll(["x"]) ~ INCOMPATIBLE_TYPES ~ the elements of both sets
            principal.name == 1 ~ INCOMPATIBLE_TYPES ~ both sides of '==' must have one type, but they have String and Long
            principal.name != principal ~ INCOMPATIBLE_TYPES ~ both sides of '!='
            principal.salary == 1 ~ INCOMPATIBLE_TYPES ~ decimal and Long
            principal.address == {street: "s", zip: "z"} ~ INCOMPATIBLE_TYPES ~ {street: String, zip?: String}
            {a: 1} == {a: "x"} ~ INCOMPATIBLE_TYPES ~ {a: Long} and {a: String}
            {a: 1} == {b: 1} ~ INCOMPATIBLE_TYPES ~ both sides
            [1, "x"].contains(1) ~ INCOMPATIBLE_TYPES ~ all elements of a set must have one type
            [User::"u", Role::"admin"].contains(principal) ~ INCOMPATIBLE_TYPES ~ User and Role
            principal in [Group::"g", User::"u"] ~ INCOMPATIBLE_TYPES ~ Group and User
            principal.marks == [] ~ EMPTY_SET ~ a set literal must have an element
            [].isEmpty() ~ EMPTY_SET ~ a set literal must have an element
            decimal(principal.name) == principal.salary ~ EXTENSION_LITERAL ~ a text written in the policy
            ip("10.0.0.300") == principal.home ~ EXTENSION_LITERAL ~ the text is no ip
            decimal("1.23456") == principal.salary ~ EXTENSION_LITERAL ~ the text is no decimal
            datetime("yesterday") == principal.born ~ EXTENSION_LITERAL ~ the text is no datetime
            duration("1s1d") == principal.leave ~ EXTENSION_LITERAL ~ the text is no duration
            principal.age.lessThan(decimal("1.0")) ~ UNEXPECTED_TYPE ~ 'lessThan' is a method of decimal, but this is a Long
            principal.salary.lessThan(1) ~ UNEXPECTED_TYPE ~ takes as argument a decimal, but this is a Long
            principal.born.isLoopback() ~ UNEXPECTED_TYPE ~ a method of ipaddr
            principal.home.isInRange(1) ~ UNEXPECTED_TYPE ~ takes as argument a ipaddr
            principal.born.offset(1) ~ UNEXPECTED_TYPE ~ takes as argument a duration
            principal.leave.durationSince(principal.born) ~ UNEXPECTED_TYPE ~ a method of datetime
            principal.leave.toDate() == principal.born ~ UNEXPECTED_TYPE ~ a method of datetime
            principal.born.toDays() == 1 ~ UNEXPECTED_TYPE ~ a method of duration
            principal.born.toDate(principal.born) == principal.born ~ WRONG_ARGUMENTS ~ 'toDate' takes no argument, but is given 1 argument
            principal.home.isInRange() ~ WRONG_ARGUMENTS ~ 'isInRange' takes 1 argument, but is given no argument
            principal.home.isInRange(principal.home, principal.home) ~ WRONG_ARGUMENTS ~ but is given 2 arguments
            decimal("1.0", "2.0") == principal.salary ~ WRONG_ARGUMENTS ~ 'decimal' takes 1 argument, but is given 2
            principal == Usr::"u" ~ UNKNOWN_ENTITY_TYPE ~ no entity type 'Usr': did you mean 'User'?
            false && principal == Usr::"u" ~ UNKNOWN_ENTITY_TYPE ~ no entity type 'Usr'
            principal is Robt ~ UNKNOWN_ENTITY_TYPE ~ did you mean 'Robot'?
            true || principal is Robt ~ UNKNOWN_ENTITY_TYPE ~ did you mean 'Robot'?
            principal.role == Role::"admn" ~ UNKNOWN_ENTITY_ID ~ 'Role' is enumerated and has no entity of this id: did you mean 'admin'?
            action == Action::"veiw" ~ UNKNOWN_ACTION ~ no such action: did you mean 'view'?
            !(principal has name) && principal.nothing ~ UNKNOWN_ATTRIBUTE ~ 'User' has no attribute 'nothing'
            !(context has mfa) && context.nothing ~ IMPOSSIBLE_POLICY ~ conditions are always false
            principal is Robot ~ IMPOSSIBLE_POLICY ~ applies to no request
            principal has nothing ~ IMPOSSIBLE_POLICY ~ applies to no request
            1 == 2 && principal.nothing ~ IMPOSSIBLE_POLICY ~ conditions are always false
            principal in Folder::"f" ~ IMPOSSIBLE_POLICY ~ applies to no request
            resource == User::"u" ~ IMPOSSIBLE_POLICY ~ applies to no request
            action in Action::"edit" ~ IMPOSSIBLE_POLICY ~ applies to no request
            action in [Action::"edit", Action::"list"] ~ IMPOSSIBLE_POLICY ~ applies to no request
            """)
    void illTypedConditionsAreFound(String condition, Kind kind, String message) {
        assertFound(viewing(condition), kind, message);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " ~ ", quoteCharacter = '`', textBlock = """
            principal, action, resource
            principal == User::"u", action == Action::"view", resource == Doc::"d"
            principal in Group::"g", action in Action::"reading", resource in Folder::"f"
            principal is User in Group::"g", action in [Action::"view", Action::"list"], resource is Doc
            principal is Robot, action == Action::"edit", resource
            principal == ?principal, action, resource in ?resource
            principal is User in ?principal, action, resource == ?resource
            """)
    void headsOfDeclaredNamesPass(String head) {
        assertThat(validate("permit (" + head + ");").findings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " ~ ", quoteCharacter = '`', textBlock = """
            principal == Usr::"u", action, resource ~ UNKNOWN_ENTITY_TYPE ~ did you mean 'User'?
            principal is Usr, action, resource ~ UNKNOWN_ENTITY_TYPE ~ did you mean 'User'?
            principal is User in Grup::"g", action, resource ~ UNKNOWN_ENTITY_TYPE ~ did you mean 'Group'?
            principal is Usr in ?principal, action, resource ~ UNKNOWN_ENTITY_TYPE ~ did you mean 'User'?
            principal, action, resource in Foldr::"f" ~ UNKNOWN_ENTITY_TYPE ~ did you mean 'Folder'?
            principal, action == Action::"veiw", resource ~ UNKNOWN_ACTION ~ did you mean 'view'?
            principal, action in Action::"readings", resource ~ UNKNOWN_ACTION ~ did you mean 'reading'?
            principal, action in [Action::"view", Action::"lisst"], resource ~ UNKNOWN_ACTION ~ did you mean 'list'?
            principal, action == Do::Action::"it", resource ~ UNKNOWN_ENTITY_TYPE ~ no entity type 'Do::Action'
            principal in Role::"boss", action, resource ~ UNKNOWN_ENTITY_ID ~ known: admin, guest
            principal, action in [], resource ~ EMPTY_SET ~ must have an element
            principal is Robot, action == Action::"view", resource ~ NOT_APPLICABLE ~ must let an action of the head apply
            principal is Robot in ?principal, action == Action::"view", resource ~ NOT_APPLICABLE ~ must let an action of the head apply
            principal is Folder, action, resource ~ NOT_APPLICABLE ~ must let an action of the head apply
            principal is Folder, action in [], resource ~ NOT_APPLICABLE ~ must let an action of the head apply
            principal in Folder::"f", action, resource ~ NOT_APPLICABLE ~ must let an action of the head apply
            principal, action == Action::"reading", resource ~ NOT_APPLICABLE ~ must let an action of the head apply
            principal, action == Action::"edit", resource is Folder ~ NOT_APPLICABLE ~ must let an action of the head apply
            """)
    void headsAreCheckedAgainstWhatTheSchemaDeclares(String head, Kind kind, String message) {
        assertFound(validate("permit (" + head + ");"), kind, message);
    }

    @Test
    void aConditionIsCheckedOnlyWhereTheHeadMayMatch() {
        assertThat(validate("permit (principal, action, resource) when { principal.active };")
                        .errors())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.kind()).isEqualTo(Kind.UNKNOWN_ATTRIBUTE);
                    assertThat(finding.environment())
                            .isEqualTo(new RequestEnvironment("Robot", new EntityUid("Action", "edit"), "Doc"));
                    assertThat(finding.expression()).isEqualTo("principal.active");
                    assertThat(finding)
                            .hasToString("policy 'policy0': 'Robot' has no attribute 'active': there is none; in: "
                                    + "principal.active; for principal Robot, action Action::\"edit\", resource Doc");
                });
        for (String head : List.of(
                "principal is User, action, resource",
                "principal in Group::\"g\", action, resource",
                "principal, action == Action::\"view\", resource",
                "principal, action, resource is Folder")) {
            assertThat(validate("permit (" + head + ") when { principal.active };")
                            .findings())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " ~ ", quoteCharacter = '`', textBlock = """
            fine ~ principal.address == principal.address
            INCOMPATIBLE_TYPES ~ principal.address has zip && {street: "a", zip: principal.address.zip} == principal.address
            fine ~ [principal.address].contains(principal.address)
            fine ~ principal is User in [Group::"a"]
            fine ~ principal is User in User::"a"
            fine ~ principal is Robot in "x" || true
            INCOMPATIBLE_TYPES ~ principal in [Group::"a", User::"a"]
            fine ~ Action::"view" in Action::"reading" && Action::"view" == action
            IMPOSSIBLE_POLICY ~ Action::"view" in [Action::"edit"]
            IMPOSSIBLE_POLICY ~ Action::"view" in principal
            IMPOSSIBLE_POLICY ~ principal in action
            fine ~ action in [action, Action::"view"]
            fine ~ action in (if principal.active then Action::"view" else Action::"edit")
            fine ~ action == (if principal.active then Action::"view" else Action::"edit")
            fine ~ if action == Action::"view" then context.mfa else true
            IMPOSSIBLE_POLICY ~ 1 == true
            fine ~ "a" == User::"a" || true
            IMPOSSIBLE_POLICY ~ 1 == -1
            INCOMPATIBLE_TYPES ~ principal == 1
            IMPOSSIBLE_POLICY ~ action == 1
            IMPOSSIBLE_POLICY ~ action == "x"
            fine ~ User::"a" == Role::"admin" || true
            INCOMPATIBLE_TYPES ~ [User::"a"] == [Role::"admin"] || true
            INCOMPATIBLE_TYPES ~ [1] == ["a"] || true
            EMPTY_SET ~ [[]] == [[1]] || true
            fine ~ {} == {}
            INCOMPATIBLE_TYPES ~ {a: 1} == {}
            IMPOSSIBLE_POLICY ~ {} has a
            UNGUARDED_ATTRIBUTE ~ principal.manager has name || true
            fine ~ principal has manager.name && principal.manager.name == "x"
            fine ~ principal has address.zip && principal.address.zip == "x"
            UNEXPECTED_TYPE ~ principal has address.street.x
            fine ~ (if principal has manager then principal.manager else principal).active
            fine ~ (if true then principal else "x").active
            fine ~ if (principal has manager || false) then principal.manager.active else true
            fine ~ (principal has manager && true) && principal.manager.active
            UNGUARDED_ATTRIBUTE ~ !(!(principal has manager)) && principal.manager.active
            UNGUARDED_ATTRIBUTE ~ (principal has manager) == true && principal.manager.active
            fine ~ principal has manager && (principal has manager || principal.nothing)
            fine ~ principal.hasTag("a") && (principal.hasTag("a") || principal.nothing)
            UNGUARDED_TAG ~ principal.hasTag("a" ) && principal.getTag(if true then "a" else "b") == "x"
            fine ~ principal.hasTag(principal.name) && resource.hasTag("x") && principal.getTag(principal.name) like "x"
            IMPOSSIBLE_POLICY ~ principal.role has x
            UNKNOWN_ATTRIBUTE ~ principal.role.x == 1 || true
            fine ~ action has x || action.hasTag("x") || true
            UNKNOWN_ATTRIBUTE ~ action.x == 1 || true
            TAGS_NOT_DECLARED ~ action.getTag("x") == 1 || true
            fine ~ action is Action
            fine ~ action is Action in Action::"reading"
            UNKNOWN_ENTITY_TYPE ~ action is Acton
            fine ~ decimal("1.0") == decimal("1.0")
            INCOMPATIBLE_TYPES ~ ip("1.1.1.1") == decimal("1.0")
            EXTENSION_LITERAL ~ decimal(if true then "1.0" else "2.0") == decimal("1.0")
            EXTENSION_LITERAL ~ decimal(1) == decimal("1.0")
            IMPOSSIBLE_POLICY ~ false && decimal("x") == decimal("1.0")
            IMPOSSIBLE_POLICY ~ false && decimal() == decimal("1.0")
            INCOMPATIBLE_TYPES ~ principal.marks.contains([1])
            EMPTY_SET ~ principal.marks.containsAny([])
            fine ~ 9223372036854775807 + 1 == 2
            """)
    void cornersOfTheTypeSystemAreDecidedAsByOtherEngines(String verdict, String condition) {
        List<Finding> findings = validate("permit (principal is User, action, resource) when { " + condition + " };")
                .findings();
        assertThat(findings.isEmpty() ? "fine" : findings.get(0).kind().name()).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " ~ ", quoteCharacter = '`', textBlock = """
            principal is User, action, resource is Doc ~ action == Action::"view" || principal.nothing
            principal, action == Action::"view", resource ~ resource is Doc || resource.nothing
            principal, action == Action::"edit", resource ~ principal is Robot || principal.nothing
            principal is User, action == Action::"edit", resource ~ principal.nothing
            principal is User, action, resource is Doc ~ context has mfa || principal.nothing
            """)
    void aFaultIsFoundInWhicheverKindOfRequestItLies(String head, String condition) {
        assertFound(
                validate("permit (" + head + ") when { " + condition + " };"),
                Kind.UNKNOWN_ATTRIBUTE,
                "has no attribute 'nothing'");
    }

    @Test
    void whatOneConditionTestsTheNextMayRead() {
        String head = "permit (principal is User, action, resource) ";
        assertThat(validate(head + "when { principal has manager } when { principal.manager.active };")
                        .findings())
                .isEmpty();
        assertThat(validate(head + "unless { principal has manager } when { principal.manager.active };")
                        .findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.UNGUARDED_ATTRIBUTE);
        assertThat(validate(head + "when { principal.manager.active } when { principal has manager };")
                        .findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.UNGUARDED_ATTRIBUTE);
        assertThat(validate(head + "when { false } unless { principal.nothing };")
                        .findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.IMPOSSIBLE_POLICY);
        assertThat(validate(head + "unless { principal.age };").findings())
                .extracting(Finding::kind)
                .containsExactly(Kind.UNEXPECTED_TYPE);
    }

    @Test
    void allUnknownNamesOfAPolicyAreFound() {
        ValidationReport report =
                validate("permit (principal is Usr, action == Action::\"veiw\", resource in Foldr::\"f\")"
                        + " when { principal.role == Role::\"boss\" && principal is Robt in Grup::\"g\" };");
        assertThat(report.passed()).isFalse();
        assertThat(report.errors())
                .extracting(Finding::expression)
                .containsExactly(
                        "is Usr", "Action::\"veiw\"", "Foldr::\"f\"", "Role::\"boss\"", "is Robt", "Grup::\"g\"");
    }

    @Test
    void impossiblePoliciesAreWarnedOfAndPass() {
        ValidationReport report = validate("permit (principal, action, resource) when { principal is Role };");
        assertThat(report.passed()).isTrue();
        assertThat(report.errors()).isEmpty();
        assertThat(report.warnings())
                .extracting(Finding::kind, Finding::policy)
                .containsExactly(tuple(Kind.IMPOSSIBLE_POLICY, "policy0"));
    }

    @Test
    void everyPolicyIsReportedUnderItsOwnId() {
        ValidationReport report =
                validate("permit (principal, action, resource is Doc) when { resource.owner.nam == \"\" };"
                        + "forbid (principal, action, resource);"
                        + "forbid (principal, action, resource) when { context.nothing };");
        assertThat(report.findings()).extracting(Finding::policy).containsExactly("policy0", "policy2", "policy2");
    }

    @Test
    void linksAreCheckedByWhatFillsTheSlots() {
        CedarPolicySet set = policies("permit (principal in ?principal, action, resource == ?resource);");
        String template = set.templates().firstKey();
        assertThat(findings(set.link("good", link(template, "Group", "Doc")))).isEmpty();
        assertThat(findings(set.link("bad", link(template, "Grup", "Doc"))))
                .extracting(Finding::policy, Finding::kind)
                .containsExactly(tuple("bad", Kind.UNKNOWN_ENTITY_TYPE));
        assertThat(findings(set.link("never", link(template, "Group", "Role"))))
                .extracting(Finding::policy, Finding::kind)
                .containsExactly(tuple("never", Kind.UNKNOWN_ENTITY_ID));
        assertThat(findings(set.link("never", link(template, "Group", "User"))))
                .extracting(Finding::policy, Finding::kind)
                .containsExactly(tuple("never", Kind.NOT_APPLICABLE));
    }

    @Test
    void theErrorsOfATemplateAreNotRepeatedForItsLinks() {
        CedarPolicySet set =
                policies("permit (principal in ?principal, action, resource == ?resource) when { context.nothing };");
        String template = set.templates().firstKey();
        assertThat(findings(set.link("a", link(template, "Group", "Doc"))))
                .extracting(Finding::policy)
                .containsOnly(template);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " ~ ", quoteCharacter = '`', textBlock = """
            0 ~ true ~ principal == User::"u" && principal is User && action == Action::"view" && context.mfa
            0 ~ false ~ principal.active
            0 ~ false ~ principal has manager
            0 ~ false ~ principal in Group::"g"
            0 ~ false ~ principal is User in Group::"g"
            0 ~ false ~ principal.hasTag("x")
            0 ~ true ~ {a: principal}.a == principal
            1 ~ true ~ principal.active && principal in Group::"g" && principal.hasTag("x")
            1 ~ true ~ action in Action::"reading"
            1 ~ true ~ principal.address.street == principal.name
            1 ~ true ~ {a: principal}.a.active
            1 ~ true ~ {a: {b: principal}}.a.b.active
            1 ~ true ~ {a: User::"u", b: principal}.b.active
            1 ~ true ~ (if principal.active then principal else principal).active
            1 ~ false ~ resource.owner.active
            1 ~ false ~ resource.owner has manager
            1 ~ false ~ resource.owner in Group::"g"
            1 ~ false ~ resource.owner.hasTag("x")
            1 ~ false ~ [resource.owner.active].contains(true)
            1 ~ false ~ {a: resource.owner.active} == {a: true}
            1 ~ false ~ if resource.owner.active then true else false
            1 ~ false ~ true && (false || !resource.owner.active)
            1 ~ false ~ {a: resource.owner}.a.active
            1 ~ false ~ {a: principal, b: resource.owner.active}.a.active
            1 ~ false ~ (if resource.owner.active then principal else principal).active
            1 ~ false ~ principal.hasTag(resource.owner.name)
            1 ~ true ~ true || resource.owner.active
            2 ~ true ~ resource.owner.active && resource.owner.hasTag("x") && resource.owner.getTag("x") == "y"
            2 ~ true ~ principal has manager && principal.manager has manager
            2 ~ false ~ principal has manager && principal.manager has manager && principal.manager.manager.active
            3 ~ true ~ principal has manager && principal.manager has manager && principal.manager.manager.active
            9 ~ false ~ User::"u".active
            9 ~ false ~ User::"u" in principal.groups
            9 ~ false ~ {a: User::"u"}.a.active
            9 ~ false ~ (if principal.active then User::"u" else principal).active
            """)
    void noEntityIsReadFurtherFromTheRequestThanTheLevelAllows(int level, boolean allowed, String condition) {
        CedarPolicySet set =
                policies("permit (principal, action == Action::\"view\", resource is Doc) when { " + condition + " };");
        assertThat(findings(set)).isEmpty();
        List<Finding> findings = VALIDATOR.validateAtLevel(set, level).findings();
        if (allowed) {
            assertThat(findings).isEmpty();
        } else {
            assertThat(findings).extracting(Finding::kind).containsExactly(Kind.LEVEL);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "principal in Group::\"g\", action, resource",
                "principal is User in Group::\"g\", action, resource",
                "principal, action in Action::\"reading\", resource",
                "principal, action in [Action::\"view\"], resource",
                "principal, action, resource in Folder::\"f\"",
                "principal in ?principal, action, resource",
                "principal, action, resource is Doc in ?resource"
            })
    void theHeadReadsEntitiesToo(String head) {
        CedarPolicySet set = policies("permit (" + head + ");");
        assertThat(VALIDATOR.validateAtLevel(set, 0).errors())
                .extracting(Finding::kind)
                .containsExactly(Kind.LEVEL);
        assertThat(VALIDATOR.validateAtLevel(set, 1).findings()).isEmpty();
    }

    @Test
    void aLevelIsNotNegative() {
        CedarPolicySet set = policies("permit (principal, action, resource);");
        assertThatThrownBy(() -> VALIDATOR.validateAtLevel(set, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void aSchemaWithTooManyKindsOfRequestsIsReportedAsSuch() {
        String types = IntStream.range(0, 400).mapToObj(i -> "T" + i).collect(Collectors.joining(", "));
        Schema wide = SchemaText.read("entity " + types + "; action a, b, c appliesTo { principal: [" + types
                + "], resource: [" + types + "] };");
        CedarPolicySet set = policies("permit (principal, action, resource) when { 1 < 2 && 2 < 3 };"
                + "permit (principal == T0::\"x\", action == Action::\"a\", resource is T0);");
        assertThat(new Validator(wide).validate(set).findings()).isEmpty();
        assertThat(new Validator(wide, 100_000).validate(set).errors())
                .extracting(Finding::policy, Finding::kind)
                .containsExactly(tuple("policy0", Kind.TOO_LARGE), tuple("policy1", Kind.TOO_LARGE));
    }

    @Test
    void testsOfDeeplyNestedExpressionsAreRememberedWithoutWalkingThem() {
        String nested = "principal";
        for (int i = 0; i < 110; i++) {
            nested = "(if " + nested + " has manager then principal else resource.owner)";
        }
        List<Finding> findings = validate("permit (principal is User, action, resource is Doc) when { " + nested
                        + " has manager && " + nested + ".manager.active };")
                .findings();
        assertThat(findings).isEmpty();
    }

    @Test
    void typesThatAreShortToWriteAndLongToCompareCountAsWhatTheyAre() {
        StringBuilder types = new StringBuilder("type L0 = {v: Long}; type R0 = {v: Long}; ");
        for (int i = 1; i <= 12; i++) {
            for (String side : List.of("L", "R")) {
                String below = side + (i - 1);
                types.append("type " + side + i + " = {a: " + below + ", b: " + below + "}; ");
            }
        }
        Schema schema = SchemaText.read(types + "entity A { left: L12, right: R12 };"
                + "action act appliesTo { principal: [A], resource: [A] };");
        CedarPolicySet set =
                policies("permit (principal, action, resource) when { principal.left == principal.right };");
        assertThat(new Validator(schema).validate(set).findings()).isEmpty();
        assertThat(new Validator(schema, 1_000).validate(set).findings())
                .singleElement()
                .extracting(Finding::kind)
                .isEqualTo(Kind.TOO_LARGE);
        CedarPolicySet wrong = policies("permit (principal, action, resource) when { principal.left == 1 };");
        assertThat(new Validator(schema).validate(wrong).findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).hasSizeLessThan(300));
    }

    @Test
    void manyFaultsDoNotMakeEndlessReports() {
        String condition = IntStream.range(0, 200)
                .mapToObj(i -> "principal == Unknown" + i + "::\"x\"")
                .collect(Collectors.joining(" || "));
        List<Finding> findings = validate("permit (principal, action, resource) when { [" + condition.replace("||", ",")
                        + "].contains(true) };")
                .findings();
        assertThat(findings).hasSize(20);
        assertThat(findings).allSatisfy(finding -> assertThat(finding.message()).hasSizeLessThan(300));
    }

    @Test
    void longExpressionsAndTypesAreCutInMessages() {
        String record =
                IntStream.range(0, 100).mapToObj(i -> "attribute" + i + ": 1").collect(Collectors.joining(", "));
        Finding finding = validate(
                        "permit (principal, action == Action::\"view\", resource) when { {" + record + "} == 1 };")
                .findings()
                .get(0);
        assertThat(finding.expression()).hasSize(200).endsWith("...");
        assertThat(finding.message()).hasSizeLessThan(300).contains("...");
    }

    private static ValidationReport viewing(String condition) {
        return validate("permit (principal, action == Action::\"view\", resource) when { " + condition + " };");
    }

    private static void assertFound(ValidationReport report, Kind kind, String message) {
        assertThat(report.findings()).singleElement().satisfies(finding -> {
            assertThat(finding.kind()).isEqualTo(kind);
            assertThat(finding.message()).contains(message);
            assertThat(finding.isError()).isEqualTo(kind != Kind.IMPOSSIBLE_POLICY);
        });
    }

    static CedarPolicySet policies(String text) {
        return PolicyParser.numbered(text);
    }

    private static ValidationReport validate(String text) {
        return VALIDATOR.validate(policies(text));
    }

    private static List<Finding> findings(CedarPolicySet set) {
        return VALIDATOR.validate(set).findings();
    }

    private static TemplateLink link(String template, String principalType, String resourceType) {
        return TemplateLink.of(
                template,
                Map.of(
                        Slot.PRINCIPAL,
                        new EntityUid(principalType, "x"),
                        Slot.RESOURCE,
                        new EntityUid(resourceType, "x")));
    }
}
