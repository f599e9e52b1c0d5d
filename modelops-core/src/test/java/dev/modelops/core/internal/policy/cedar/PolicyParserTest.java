package dev.modelops.core.internal.policy.cedar;

import static dev.modelops.core.internal.policy.cedar.Exprs.CONTEXT;
import static dev.modelops.core.internal.policy.cedar.Exprs.FALSE;
import static dev.modelops.core.internal.policy.cedar.Exprs.PRINCIPAL;
import static dev.modelops.core.internal.policy.cedar.Exprs.TRUE;
import static dev.modelops.core.internal.policy.cedar.Exprs.and;
import static dev.modelops.core.internal.policy.cedar.Exprs.bin;
import static dev.modelops.core.internal.policy.cedar.Exprs.call;
import static dev.modelops.core.internal.policy.cedar.Exprs.choose;
import static dev.modelops.core.internal.policy.cedar.Exprs.decimal;
import static dev.modelops.core.internal.policy.cedar.Exprs.entity;
import static dev.modelops.core.internal.policy.cedar.Exprs.eq;
import static dev.modelops.core.internal.policy.cedar.Exprs.get;
import static dev.modelops.core.internal.policy.cedar.Exprs.has;
import static dev.modelops.core.internal.policy.cedar.Exprs.in;
import static dev.modelops.core.internal.policy.cedar.Exprs.isEmpty;
import static dev.modelops.core.internal.policy.cedar.Exprs.neg;
import static dev.modelops.core.internal.policy.cedar.Exprs.not;
import static dev.modelops.core.internal.policy.cedar.Exprs.num;
import static dev.modelops.core.internal.policy.cedar.Exprs.or;
import static dev.modelops.core.internal.policy.cedar.Exprs.record;
import static dev.modelops.core.internal.policy.cedar.Exprs.set;
import static dev.modelops.core.internal.policy.cedar.Exprs.str;
import static dev.modelops.core.internal.policy.cedar.Exprs.uid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.modelops.core.internal.policy.cedar.CedarPolicy.Clause;
import dev.modelops.core.internal.policy.cedar.CedarPolicy.Effect;
import dev.modelops.core.internal.policy.cedar.Expr.BinaryOperator;
import dev.modelops.core.internal.policy.cedar.Expr.Is;
import dev.modelops.core.internal.policy.cedar.Expr.Like;
import dev.modelops.core.internal.policy.cedar.Scope.All;
import dev.modelops.core.internal.policy.cedar.Scope.Eq;
import dev.modelops.core.internal.policy.cedar.Scope.EqSlot;
import dev.modelops.core.internal.policy.cedar.Scope.In;
import dev.modelops.core.internal.policy.cedar.Scope.InAny;
import dev.modelops.core.internal.policy.cedar.Scope.InSlot;
import dev.modelops.core.internal.policy.cedar.Scope.IsIn;
import dev.modelops.core.internal.policy.cedar.Scope.IsInSlot;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyParserTest {
    private static final String ANY = "permit(principal, action, resource)";

    static Stream<Arguments> expressions() {
        Expr a = get(CONTEXT, "a");
        return Stream.of(
                arguments("true", TRUE),
                arguments("'a'", str("a")),
                arguments("'\\n\\r\\t\\0\\\\\\'\\\"\\x41\\u{1F600}\\u{e_9}'", str("\n\r\t\0\\'\"A\uD83D\uDE00\u00e9")),
                arguments("'a\nb'", str("a\nb")),
                arguments("007", num(7)),
                arguments("-9223372036854775808", num(Long.MIN_VALUE)),
                arguments("- 5", num(-5)),
                arguments("-(5)", neg(num(5))),
                arguments("--5", neg(num(-5))),
                arguments("-(-5)", neg(num(-5))),
                arguments("-1.a", neg(get(num(1), "a"))),
                arguments("(-1).a", get(num(-1), "a")),
                arguments("-context.a", neg(a)),
                arguments("!!true", not(not(TRUE))),
                arguments("!(-1)", not(num(-1))),
                arguments("1 - 2 - 3", bin(sub(num(1), num(2)), BinaryOperator.SUBTRACT, num(3))),
                arguments("1 - (2 - 3)", sub(num(1), sub(num(2), num(3)))),
                arguments("1 -2", sub(num(1), num(2))),
                arguments("1 - -2", sub(num(1), num(-2))),
                arguments("1 + 2 * 3", bin(num(1), BinaryOperator.ADD, bin(num(2), BinaryOperator.MULTIPLY, num(3)))),
                arguments("(1 + 2) * 3", bin(bin(num(1), BinaryOperator.ADD, num(2)), BinaryOperator.MULTIPLY, num(3))),
                arguments("true || false && true", or(TRUE, and(FALSE, TRUE))),
                arguments("true && false || true", or(and(TRUE, FALSE), TRUE)),
                arguments("true && false && true", and(and(TRUE, FALSE), TRUE)),
                arguments("1 + 1 == 2 && true", and(eq(bin(num(1), BinaryOperator.ADD, num(1)), num(2)), TRUE)),
                arguments("(true == true) == true", eq(eq(TRUE, TRUE), TRUE)),
                arguments("context.a[\"b c\"].d", get(a, "b c", "d")),
                arguments("context . a", a),
                arguments("context.principal.permit", get(CONTEXT, "principal", "permit")),
                arguments("context has a", has(CONTEXT, "a")),
                arguments("context has 'a b'", has(CONTEXT, "a b")),
                arguments("context has a.b", and(has(CONTEXT, "a"), has(a, "b"))),
                arguments(
                        "context has a.b.c && true",
                        and(and(and(has(CONTEXT, "a"), has(a, "b")), has(get(a, "b"), "c")), TRUE)),
                arguments("principal in [User::'a', principal]", in(PRINCIPAL, set(entity("User", "a"), PRINCIPAL))),
                arguments("principal is A::B", new Is(PRINCIPAL, "A::B", null)),
                arguments("principal is User in User::'a'", new Is(PRINCIPAL, "User", entity("User", "a"))),
                arguments("principal == principal::'x'", eq(PRINCIPAL, entity("principal", "x"))),
                arguments("A :: B :: 'x'", entity("A::B", "x")),
                arguments("'x' like '*a\\*\\u{2a}\\x2a'", new Like(str("x"), Pattern.parse("*a\\**"))),
                arguments("if true then 1 else 2 == 3", choose(TRUE, num(1), eq(num(2), num(3)))),
                arguments("(if true then true else false) && true", and(choose(TRUE, TRUE, FALSE), TRUE)),
                arguments("[]", set()),
                arguments("[1, [2,],]", set(num(1), set(num(2)))),
                arguments("{}", record(Map.of())),
                arguments("{a: 1, 'if': 2,}", record(Map.of("a", num(1), "if", num(2)))),
                arguments("[1].contains(1)", bin(set(num(1)), BinaryOperator.CONTAINS, num(1))),
                arguments("context.contains", get(CONTEXT, "contains")),
                arguments("[].isEmpty()", isEmpty(set())),
                arguments("principal.getTag('t')", bin(PRINCIPAL, BinaryOperator.GET_TAG, str("t"))),
                arguments("principal.hasTag(context.a)", bin(PRINCIPAL, BinaryOperator.HAS_TAG, a)),
                arguments("context.a.lessThan(decimal('0.8'))", call(ExtensionFunction.LESS_THAN, a, decimal("0.8"))),
                arguments("ip()", call(ExtensionFunction.IP)),
                arguments("true // a comment", TRUE),
                arguments("// a comment\r true", TRUE));
    }

    private static Expr sub(Expr left, Expr right) {
        return bin(left, BinaryOperator.SUBTRACT, right);
    }

    @ParameterizedTest
    @MethodSource("expressions")
    void expressionsAreReadAsInCedar(String text, Expr expected) {
        assertThat(PolicyParser.expr(quotes(text))).isEqualTo(expected);
    }

    private static String quotes(String text) {
        return text.replaceAll("(?<!\\\\)'", "\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "1 +; 1; 4; an expression, found the end",
                "1 2; 1; 3; an operator",
                "(1; 1; 3; an operator or ')', found the end",
                "[1 2]; 1; 4; ',' or ']'",
                "[,]; 1; 2; an expression, found ','",
                "1 < 2 < 3; 1; 7; parentheses",
                "1 == 2 != 3; 1; 8; parentheses",
                "1 in 2 has a; 1; 8; parentheses",
                "principal is User == true; 1; 19; parentheses",
                "'a' like 'b' + 'c'; 1; 14; in parentheses to calculate",
                "context has a + 1; 1; 15; in parentheses to calculate",
                "context has 'a'.b; 1; 16; one name in quotes",
                "context has a.'b'; 1; 15; name after '.'",
                "context has a['b']; 1; 14; one name in quotes",
                "context has if; 1; 13; 'if' is reserved",
                "context has (a); 1; 13; after has",
                "context.if; 1; 9; in quotes, such as [\"if\"]",
                "{if: 1}; 1; 2; reserved",
                "{a: 1, 'a': 2}; 1; 8; a second 'a'",
                "{1: 2}; 1; 2; attribute's name",
                "{a 1}; 1; 4; ':'",
                "!!!!!true; 1; 5; at most 4",
                "-----1; 1; 5; at most 4",
                "!-1; 1; 2; write !(-...)",
                "1 + if true then 1 else 2; 1; 5; parentheses",
                "if true; 1; 8; then",
                "if true then 1; 1; 15; else",
                "9223372036854775808; 1; 1; from -9223372036854775808",
                "-9223372036854775809; 1; 2; found -9223372036854775809",
                "-(9223372036854775808); 1; 3; from -9223372036854775808",
                "1_000; 1; 2; an operator",
                "2 / 3; 1; 3; no division",
                "2 % 3; 1; 3; no division",
                "context = 1; 1; 9; equality is written ==",
                "context & 1; 1; 9; found '&'",
                "user == 1; 1; 1; principal, action, resource, context",
                "User; 1; 1; an entity such as",
                "A::B.c; 1; 1; found 'A::B'",
                "A::; 1; 4; entity's id in quotes",
                "if::'a'; 1; 3; an expression",
                "like::'a'; 1; 1; found 'like'",
                "__cedar::A::'a'; 1; 1; found '__cedar'",
                "A::__cedar::'a'; 1; 1; reserved",
                "'a'::'b'; 1; 4; an operator",
                "foo(1); 1; 1; functions datetime, decimal, duration, ip",
                "A::ip('a'); 1; 1; found 'A::ip'",
                "isIpv4(ip('a')); 1; 1; a method: write x.isIpv4(...)",
                "contains([], 1); 1; 1; a method",
                "'a'.ip(); 1; 5; a function: write ip(...)",
                "context.foo(); 1; 9; one of the methods",
                "[].contains(); 1; 4; one argument of contains, found 0",
                "[].contains(1, 2); 1; 4; found 2",
                "[].isEmpty(1); 1; 4; no argument of isEmpty, found 1",
                "context[1]; 1; 9; attribute's name in quotes",
                "context['a'; 1; 12; ']'",
                "principal is 'User'; 1; 14; entity type",
                "principal is User::'a'; 1; 20; entity type, not an entity",
                "principal is if; 1; 14; reserved",
                "context like context; 1; 14; pattern",
                "?principal == principal; 1; 1; slots may only stand in the scope",
                "'a; 1; 1; no end",
                "'\\a'; 1; 2; one of the escapes",
                "1 == 'xy\\q'; 1; 9; one of the escapes",
                "'\\*'; 1; 2; one of the escapes",
                "'\\x80'; 1; 2; at most 7f",
                "'\\xg0'; 1; 2; hexadecimal",
                "'\\u41'; 1; 2; in braces",
                "'\\u{}'; 1; 2; a Unicode character",
                "'\\u{d800}'; 1; 2; no surrogate",
                "'\\u{110000}'; 1; 2; up to 10ffff",
                "'\\u{0000041}'; 1; 2; one to six",
                "'\\u{41'; 1; 2; hexadecimal",
                "'a' == \u00e9; 1; 8; found '\u00e9'",
                "'\uD83D\uDE00' == $; 1; 8; found '$'",
                "1 /* no */; 1; 3; no division"
            })
    void whatIsNoExpressionIsRefusedWithItsPlace(String text, int line, int column, String problem) {
        assertRefused(quotes(text), PolicyParser::expr, line, column, problem);
    }

    private static void assertRefused(String text, Function<String, ?> parser, int line, int column, String problem) {
        CedarSyntaxException error = catchThrowableOfType(CedarSyntaxException.class, () -> parser.apply(text));
        assertThat(error).as(text).isNotNull().hasMessageContaining(problem);
        assertThat(error.line()).as(error.getMessage()).isEqualTo(line);
        assertThat(error.column()).as(error.getMessage()).isEqualTo(column);
        assertThat(error).hasMessageStartingWith("line " + line + ", column " + column + ": ");
    }

    @Test
    void whiteSpaceIsThatOfUnicode() {
        for (int blank :
                new int[] {9, 10, 11, 12, 13, 32, 0x85, 0xa0, 0x1680, 0x2003, 0x2028, 0x2029, 0x202f, 0x3000}) {
            String between = Character.toString(blank);
            assertThat(PolicyParser.expr("1" + between + "+" + between + "2"))
                    .isEqualTo(bin(num(1), BinaryOperator.ADD, num(2)));
        }
        for (int other : new int[] {0, 8, 0x1c, 0x1f, 0x200b, 0x180e, 0xfeff}) {
            assertThatExceptionOfType(CedarSyntaxException.class)
                    .isThrownBy(() -> PolicyParser.expr("1 +" + Character.toString(other) + "2"))
                    .withMessageContaining("U+");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r", "\\\n", "\uD800", "\uDC00x", "\\\uD800"})
    void stringsHoldNoBareReturnContinuationOrHalfPair(String inside) {
        assertThatExceptionOfType(CedarSyntaxException.class)
                .isThrownBy(() -> PolicyParser.expr("\"a" + inside + "b\" == \"\""));
    }

    static Stream<Arguments> scopes() {
        EntityUid alice = uid("User", "a");
        EntityUid view = uid("Action", "v");
        return Stream.of(
                arguments("principal, action, resource", new All(), new All(), new All()),
                arguments("principal, action, resource,", new All(), new All(), new All()),
                arguments(
                        "principal == User::'a', action == Action::'v', resource in User::'a'",
                        new Eq(alice),
                        new Eq(view),
                        new In(alice)),
                arguments(
                        "principal == (User::'a'), action in Ns::Action::'v', resource is User",
                        new Eq(alice),
                        new In(uid("Ns::Action", "v")),
                        new Scope.Is("User")),
                arguments(
                        "principal is A::B in User::'a', action in [Action::'v', Action::'v',], resource",
                        new IsIn("A::B", alice),
                        new InAny(List.of(view, view)),
                        new All()),
                arguments(
                        "principal == ?principal, action in [], resource in ?resource",
                        new EqSlot(),
                        new InAny(List.of()),
                        new InSlot()),
                arguments(
                        "principal in ?principal, action, resource is R in ?resource",
                        new InSlot(),
                        new All(),
                        new IsInSlot("R")));
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void scopesAreReadAsInCedar(String text, Scope principal, Scope action, Scope resource) {
        CedarPolicy expected = new CedarPolicy(Effect.FORBID, principal, action, resource, new TreeMap<>(), List.of());
        assertThat(PolicyParser.policy("forbid(" + quotes(text) + ");")).isEqualTo(expected);
    }

    @Test
    void policiesComeInTheOrderOfTheTextWithTheirPlaces() {
        String text = """
                // two of them
                @id("second") @note @if("x")
                permit(principal, action, resource)
                when { true } unless { false }
                when { 1 };

                  forbid(principal == ?principal, action, resource);
                """;
        List<PolicyParser.Located> all = PolicyParser.located(text);
        assertThat(all).extracting(PolicyParser.Located::line).containsExactly(2, 7);
        assertThat(all).extracting(PolicyParser.Located::column).containsExactly(1, 3);
        CedarPolicy first = all.get(0).policy();
        assertThat(first.annotations()).isEqualTo(Map.of("id", "second", "note", "", "if", "x"));
        assertThat(first.clauses())
                .containsExactly(
                        new Clause(Clause.Kind.WHEN, TRUE),
                        new Clause(Clause.Kind.UNLESS, FALSE),
                        new Clause(Clause.Kind.WHEN, num(1)));
        assertThat(PolicyParser.policySet(text).statics()).containsOnlyKeys("second");
        assertThat(PolicyParser.policySet(text).templates()).containsOnlyKeys("policy1");
        assertThat(PolicyParser.numbered(text).statics()).containsOnlyKeys("policy0");
        assertThat(PolicyParser.policies("")).isEmpty();
        assertThat(PolicyParser.policies(" // nothing")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "permit(principal, action, resource) | 1 | 36 | when, unless or ';'",
                "permit(principal, action, resource);; | 1 | 37 | permit or forbid, found ';'",
                "allow(principal, action, resource); | 1 | 1 | permit or forbid, found 'allow'",
                "PERMIT(principal, action, resource); | 1 | 1 | permit or forbid",
                "permit(principal, action); | 1 | 25 | resource",
                "permit(action, principal, resource); | 1 | 8 | in this order",
                "permit(principal action, resource); | 1 | 18 | ==, in, is",
                "permit(principal, action, resource | 1 | 35 | ==, in, is",
                "permit(principal, action, resource, true); | 1 | 37 | write conditions in when",
                "permit(principal, action, resource) when true; | 1 | 42 | '{'",
                "permit(principal, action, resource) when { }; | 1 | 44 | leave the clause out",
                "permit(principal, action, resource) when { true; | 1 | 48 | '}'",
                "permit(principal, action, resource) advice { 1 }; | 1 | 37 | when, unless or ';'",
                "permit(principal != User::'a', action, resource); | 1 | 18 | ==, in, is",
                "permit(principal == principal, action, resource); | 1 | 30 | '::' and an id",
                "permit(principal == 'a', action, resource); | 1 | 21 | an entity such as",
                "permit(principal in [User::'a'], action, resource); | 1 | 21 | an entity such as",
                "permit(principal is User == User::'a', action, resource); | 1 | 26 | cannot be combined",
                "permit(principal == ?resource, action, resource); | 1 | 21 | the slot ?principal",
                "permit(principal == ?foo, action, resource); | 1 | 21 | the slot ?principal",
                "permit(?principal, action, resource); | 1 | 8 | principal",
                "permit(principal is ?principal, action, resource); | 1 | 21 | entity type",
                "permit(principal, action == ?action, resource); | 1 | 29 | there is no slot here",
                "permit(principal, action in [?action], resource); | 1 | 30 | there is no slot here",
                "permit(principal, action is Action, resource); | 1 | 26 | actions have no 'is'",
                "permit(principal, action == User::'a', resource); | 1 | 29 | of the type Action",
                "permit(principal, action in [Action::'a', A::'b'], resource); | 1 | 29 | but was A::",
                "permit(principal, action in [Action::'a' A::'b'], resource); | 1 | 42 | ',' or ']'",
                "permit(principal: User, action, resource); | 1 | 17 | ==, in, is",
                "@id('a') @id('a') permit(principal, action, resource); | 1 | 11 | a second @id",
                "@id() permit(principal, action, resource); | 1 | 5 | value in quotes",
                "@id(a) permit(principal, action, resource); | 1 | 5 | value in quotes",
                "@'id' permit(principal, action, resource); | 1 | 2 | name of an annotation",
                "@id('a' permit(principal, action, resource); | 1 | 9 | ')'",
                "@id('\\q') permit(principal, action, resource); | 1 | 6 | one of the escapes"
            })
    void whatIsNoPolicyIsRefusedWithItsPlace(String text, int line, int column, String problem) {
        assertRefused(quotes(text), PolicyParser::policies, line, column, problem);
    }

    @Test
    void placesCountLinesAndCodePoints() {
        assertRefused(ANY + "\nwhen {\n  \"\uD83D\uDE00\uD83D\uDE00\" = 1 };", PolicyParser::policies, 3, 8, "==");
        assertRefused("\"a\nb\\q\"", PolicyParser::expr, 2, 2, "one of the escapes");
        assertRefused(ANY + ";\n\n " + ANY, PolicyParser::policies, 3, 37, "the end of the text");
        assertRefused("// \uD83D\uDE00\n\t#", PolicyParser::policies, 2, 2, "found '#'");
        assertRefused("\u0001", PolicyParser::policies, 1, 1, "U+0001");
        assertRefused("\uFEFF", PolicyParser::policies, 1, 1, "U+FEFF");
    }

    @Test
    void idsAreGivenOnce() {
        assertRefused(
                "@id(\"a\")" + ANY + ";\n@id(\"a\")" + ANY + ";", PolicyParser::policySet, 2, 1, "second policy 'a'");
        assertRefused("@id(\"policy1\")" + ANY + "; " + ANY + ";", PolicyParser::policySet, 1, 52, "'policy1'");
        assertRefused("@id(\"" + "x".repeat(201) + "\")" + ANY + ";", PolicyParser::policySet, 1, 1, "200");
        assertThat(PolicyParser.policySet("@id " + ANY + ";").statics()).containsOnlyKeys("policy0");
        assertRefused("", PolicyParser::policy, 1, 1, "one policy, found 0");
        assertRefused(ANY + ";" + ANY + ";", PolicyParser::policy, 1, 37, "one policy, found 2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[", "{a:", "!(", "-(", "if ", "if true then ", "[1].contains(", "1 + (", "true && ("})
    void deepNestingIsRefusedBeforeItHurts(String opening) {
        for (int depth : new int[] {300, 100_000}) {
            assertThatExceptionOfType(CedarSyntaxException.class)
                    .isThrownBy(() -> PolicyParser.expr(opening.repeat(depth)))
                    .withMessageContaining("at most 256 deep");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {" + 1", " - 1", " * 1", ".a", "[\"a\"]", ".isEmpty()"})
    void longChainsCountAsDepth(String link) {
        assertThat(PolicyParser.expr("context" + link.repeat(255))).isNotNull();
        for (int length : new int[] {256, 100_000}) {
            assertThatExceptionOfType(CedarSyntaxException.class)
                    .isThrownBy(() -> PolicyParser.expr("context" + link.repeat(length)))
                    .withMessageContaining("at most 256 deep");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"&&", "||"})
    void longChainsOfTruthAreReadCompiledAndWrittenWithLittleStack(String operator) throws InterruptedException {
        boolean and = operator.equals("&&");
        FutureTask<Void> task = new FutureTask<>(() -> {
            for (int length : new int[] {2, 128, 129, 160, 1_000, 4_000, 4_128, Expr.MAX_CHAIN}) {
                StringBuilder text = new StringBuilder("context.n == 0");
                for (int i = 1; i < length; i++) {
                    text.append(' ')
                            .append(operator)
                            .append(" context.n ")
                            .append(and ? "< " : "== ")
                            .append(i);
                }
                CedarPolicy policy =
                        PolicyParser.policy("permit (principal, action, resource) when { " + text.append(" }; "));
                Expr chain = policy.clauses().get(0).body();
                assertThat(PolicyParser.expr(CedarText.of(chain))).isEqualTo(chain);
                assertThat(PolicyParser.policy(PolicyPrinter.print(policy))).isEqualTo(policy);
                assertThat(PolicyJson.readPolicy(PolicyJson.write(policy))).isEqualTo(policy);
                assertThat(Evaluations.of(chain, with(0))).isEqualTo(Value.BoolValue.TRUE);
                assertThat(Evaluations.of(chain, with(and ? length : length - 1)))
                        .isEqualTo(Value.BoolValue.of(!and));
                assertThat(Evaluations.of(chain, with(length))).isEqualTo(Value.BoolValue.FALSE);
            }
            return null;
        });
        Thread small = new Thread(null, task, "small stack", 256 * 1024);
        small.start();
        small.join();
        assertThat(task).succeedsWithin(Duration.ZERO);
    }

    @Test
    void chainsNestedInJsonAreReadAsThoseInText() {
        for (int length : new int[] {100, 200, 5_000}) {
            String one = "{\"Var\":\"context\"}";
            String json =
                    "{\"&&\":{\"left\":".repeat(length - 1) + one + (",\"right\":" + one + "}}").repeat(length - 1);
            String policy = "{\"effect\":\"permit\",\"principal\":{\"op\":\"All\"},\"action\":{\"op\":\"All\"},"
                    + "\"resource\":{\"op\":\"All\"},\"conditions\":[{\"kind\":\"when\",\"body\":" + json + "}]}";
            assertThat(PolicyJson.readPolicy(policy).clauses().get(0).body())
                    .isEqualTo(PolicyParser.expr("context" + " && context".repeat(length - 1)));
        }
    }

    @Test
    void chainsAndTheirOperandsAreLimited() {
        String link = " && true";
        String group = "(true" + link.repeat(8_000) + ")";
        for (String tooLong : List.of("true" + link.repeat(Expr.MAX_CHAIN), "true" + link.repeat(100_000))) {
            assertThatExceptionOfType(CedarSyntaxException.class)
                    .isThrownBy(() -> PolicyParser.expr(tooLong))
                    .withMessageContaining("at most 10000 operands");
        }
        assertThat(PolicyParser.expr("true && " + group + " && " + group)).isNotNull();
    }

    private static Query with(long n) {
        return new StoredQuery(
                new EntityUid("User", "a"),
                new EntityUid("Action", "a"),
                new EntityUid("File", "a"),
                Value.RecordValue.of(Map.of("n", new Value.LongValue(n))),
                EntityStore.empty());
    }

    @Test
    void nestingIsReadToTheLimit() {
        assertThat(PolicyParser.expr("(".repeat(255) + "1" + ")".repeat(255))).isEqualTo(num(1));
        Expr deep = PolicyParser.expr("!(".repeat(255) + "true" + ")".repeat(255));
        assertThat(PolicyParser.expr(CedarText.of(deep))).isEqualTo(deep);
    }

    @Test
    void expressionsThatUnfoldAreRefused() {
        String has = "(".repeat(60) + "context" + " has a.b)".repeat(60);
        assertRefused(has, PolicyParser::expr, 1, 1, "at most 1000000 parts");
        assertThatExceptionOfType(CedarSyntaxException.class)
                .isThrownBy(() -> PolicyParser.expr("context has a" + ".a".repeat(1_000_000)))
                .withMessageContaining("at most 256 deep");
    }

    @Test
    void sizesAndCountsAreLimited() {
        assertThatExceptionOfType(CedarSyntaxException.class)
                .isThrownBy(() -> PolicyParser.policies(" ".repeat(Lexer.MAX_CHARACTERS + 1)))
                .withMessageContaining("at most 4194304 characters");
        assertThatExceptionOfType(CedarSyntaxException.class)
                .isThrownBy(() -> PolicyParser.policies((ANY + ";").repeat(10_001)))
                .withMessageContaining("at most 10000 policies");
        assertThatExceptionOfType(CedarSyntaxException.class)
                .isThrownBy(() -> PolicyParser.expr("\"" + "a".repeat(70_000) + "\""))
                .withMessageContaining("65536");
        assertThatExceptionOfType(CedarSyntaxException.class)
                .isThrownBy(() -> PolicyParser.expr("9".repeat(60_000)))
                .withMessageContaining("from -9223372036854775808");
        assertThatExceptionOfType(CedarSyntaxException.class)
                .isThrownBy(() -> PolicyParser.expr("A" + "::A".repeat(100_000) + "::\"x\""))
                .withMessageContaining("1000");
        assertThat(PolicyParser.policies((ANY + ";\n").repeat(1_000))).hasSize(1_000);
    }

    @Test
    void garbageEndsInNothingButASyntaxException() {
        String[] words = {
            "permit",
            "forbid",
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            "principal",
            "action",
            "resource",
            "context",
            ",",
            ";",
            ".",
            "::",
            "==",
            "in",
            "has",
            "like",
            "is",
            "if",
            "then",
            "else",
            "\"a\"",
            "\"\\*\"",
            "1",
            "-",
            "!",
            "&&",
            "when",
            "@",
            "?principal",
            "\n",
            "//",
            "\uD83D\uDE00",
            "\uD800",
            "\"",
            "\\",
            "ip",
            "A"
        };
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder(seed % 2 == 0 ? "" : ANY + " when { ");
            for (int i = random.nextInt(80); i > 0; i--) {
                text.append(words[random.nextInt(words.length)]).append(random.nextBoolean() ? " " : "");
            }
            assertOnlySyntaxException(text.toString());
        }
        for (int seed = 0; seed < 4; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            while (text.length() < 1_000_000) {
                text.append((char) (seed < 2 ? random.nextInt(0x10000) : 0x20 + random.nextInt(0x60)));
            }
            assertOnlySyntaxException(text.toString());
            assertOnlySyntaxException(ANY + " when { \"" + text.toString().replaceAll("[\"\\\\]", ""));
        }
    }

    private static void assertOnlySyntaxException(String text) {
        Throwable thrown = catchThrowable(() -> PolicyParser.policySet(text));
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(CedarSyntaxException.class);
        }
    }
}
