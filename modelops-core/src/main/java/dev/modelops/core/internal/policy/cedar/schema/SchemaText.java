package dev.modelops.core.internal.policy.cedar.schema;

import dev.modelops.core.internal.policy.cedar.Lexer;
import dev.modelops.core.internal.policy.cedar.Token;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.ActionName;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Member;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Name;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Ref;
import dev.modelops.core.internal.policy.cedar.schema.SchemaDraft.Sort;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The Cedar schema syntax for people, as in {@code .cedarschema} files. */
public final class SchemaText {
    private final SchemaDraft draft = new SchemaDraft();
    private final Set<String> namespaces = new HashSet<>();
    private final List<Token> tokens;
    private int at;

    private SchemaText(List<Token> tokens) {
        this.tokens = tokens;
    }

    /**
     * Reads a schema.
     *
     * @throws dev.modelops.core.internal.policy.cedar.CedarSyntaxException if the text is not a schema, or one in which a
     *     name has no or no clear meaning
     */
    public static Schema read(String text) {
        return new SchemaText(Lexer.tokens(text)).schema();
    }

    private Schema schema() {
        while (peek().kind() != Token.Kind.END) {
            annotations();
            if (peek().isWord("namespace")) {
                at++;
                namespace();
            } else {
                declaration("", "'namespace', 'entity', 'action' or 'type'");
            }
        }
        return draft.resolve();
    }

    private void namespace() {
        Token first = peek();
        String name = SchemaDraft.namespace(new Name(path(), first::error));
        if (!namespaces.add(name)) {
            throw first.error("namespace '" + SchemaWords.brief(name) + "' is declared twice; put all of it into one");
        }
        expect("{");
        while (!accept("}")) {
            annotations();
            declaration(name, "'entity', 'action', 'type' or '}'");
        }
    }

    private void declaration(String namespace, String expected) {
        Token word = peek();
        if (word.isWord("entity")) {
            at++;
            entities(namespace);
        } else if (word.isWord("action")) {
            at++;
            actions(namespace);
        } else if (word.isWord("type")) {
            at++;
            Name name = identifier();
            expect("=");
            draft.common(namespace, name, type(1));
        } else {
            throw word.unexpected(expected);
        }
        expect(";");
    }

    private void entities(String namespace) {
        List<Name> names = list(this::identifier);
        List<Name> parents = List.of();
        Ref shape = null;
        Ref tags = null;
        Set<String> ids = null;
        if (acceptWord("enum")) {
            expect("[");
            ids = new LinkedHashSet<>(list(this::string));
            expect("]");
        } else {
            if (acceptWord("in")) {
                parents = typeNames(true);
            }
            if (peek().is("=") || peek().is("{")) {
                accept("=");
                expect("{");
                shape = record(1);
            }
            if (acceptWord("tags")) {
                tags = type(1);
            }
            if (!peek().is(";")) {
                throw peek().unexpected(
                                tags != null
                                        ? "';'"
                                        : shape != null
                                                ? "'tags' or ';'"
                                                : "'in', 'enum', '=', '{', 'tags' or ';', in that order");
            }
        }
        for (Name name : names) {
            draft.entity(namespace, name, parents, shape, tags, ids);
        }
    }

    private void actions(String namespace) {
        List<Name> names = list(this::name);
        List<ActionName> parents = List.of();
        if (acceptWord("in")) {
            if (accept("[")) {
                parents = list(this::actionName);
                expect("]");
            } else {
                parents = List.of(actionName());
            }
        }
        Applies applies = acceptWord("appliesTo") ? appliesTo() : new Applies(List.of(), List.of(), null);
        if (acceptWord("attributes")) {
            expect("{");
            if (!accept("}")) {
                throw peek().unexpected("'}', for actions cannot have attributes");
            }
        }
        for (Name name : names) {
            draft.action(namespace, name, parents, applies.principals(), applies.resources(), applies.context());
        }
    }

    private record Applies(
            List<Name> principals,
            List<Name> resources,
            @Nullable Ref context) {}

    private Applies appliesTo() {
        Token start = peek();
        expect("{");
        List<Name> principals = null;
        List<Name> resources = null;
        Ref context = null;
        do {
            Token word = next();
            if (word.isWord("principal")) {
                refuseSecond(principals, word);
                expect(":");
                principals = typeNames(false);
            } else if (word.isWord("resource")) {
                refuseSecond(resources, word);
                expect(":");
                resources = typeNames(false);
            } else if (word.isWord("context")) {
                refuseSecond(context, word);
                expect(":");
                context = type(1);
            } else {
                throw word.unexpected("'principal', 'resource' or 'context'");
            }
        } while (accept(",") && !peek().is("}"));
        expect("}");
        if (principals == null || resources == null) {
            throw start.error(
                    "'appliesTo' must name at least one type of " + (principals == null ? "principal" : "resource")
                            + "; leave 'appliesTo' out for an action that only groups others");
        }
        return new Applies(principals, resources, context);
    }

    private static void refuseSecond(@Nullable Object first, Token word) {
        if (first != null) {
            throw word.error(word.described() + " is given twice; remove one");
        }
    }

    private List<Name> typeNames(boolean mayBeEmpty) {
        if (!accept("[")) {
            return List.of(typeName());
        }
        if (mayBeEmpty && accept("]")) {
            return List.of();
        }
        List<Name> names = list(this::typeName);
        expect("]");
        return names;
    }

    private Name typeName() {
        Token first = peek();
        return new Name(path(), first::error);
    }

    private ActionName actionName() {
        Token first = next();
        if (first.kind() == Token.Kind.STRING) {
            return new ActionName(null, first.unescaped(), first::error);
        }
        StringBuilder type = new StringBuilder(word(first));
        if (!peek().is("::")) {
            return new ActionName(null, type.toString(), first::error);
        }
        while (accept("::")) {
            Token part = next();
            if (part.kind() == Token.Kind.STRING) {
                return new ActionName(type.toString(), part.unescaped(), first::error);
            }
            type.append("::").append(word(part));
        }
        throw peek().unexpected("'::' and the id of the action as a string");
    }

    private Ref type(int depth) {
        if (depth > SchemaDraft.MAX_DEPTH) {
            throw peek().error("types must nest at most " + SchemaDraft.MAX_DEPTH + " deep");
        }
        if (accept("{")) {
            return record(depth);
        }
        Token first = peek();
        if (first.isWord("Set") && tokens.get(at + 1).is("<")) {
            at += 2;
            Ref element = type(depth + 1);
            expect(">");
            return new Ref.SetOf(element);
        }
        if (first.kind() != Token.Kind.IDENTIFIER) {
            throw first.unexpected("a type: a name, Set<...> or {...}");
        }
        return new Ref.Named(path(), Sort.ANY, first::error);
    }

    private Ref record(int depth) {
        Map<String, Member> members = new LinkedHashMap<>();
        while (!accept("}")) {
            annotations();
            Token first = peek();
            Name name = name();
            boolean required = !accept("?");
            expect(":");
            if (members.put(name.text(), new Member(type(depth + 1), required)) != null) {
                throw first.error("attribute " + first.described() + " is declared twice; remove one");
            }
            if (!accept(",")) {
                if (!peek().is("}")) {
                    throw peek().unexpected("',' or '}'");
                }
            }
        }
        return new Ref.RecordOf(members);
    }

    private void annotations() {
        Set<String> keys = new HashSet<>();
        while (accept("@")) {
            Token key = next();
            if (key.kind() != Token.Kind.IDENTIFIER) {
                throw key.unexpected("the name of an annotation");
            }
            if (!keys.add(key.text())) {
                throw key.error("annotation " + key.described() + " is given twice; remove one");
            }
            if (accept("(")) {
                string();
                expect(")");
            }
        }
    }

    private String path() {
        StringBuilder path = new StringBuilder(word(next()));
        while (accept("::")) {
            path.append("::").append(word(next()));
        }
        return path.toString();
    }

    private Name name() {
        Token token = peek();
        return token.kind() == Token.Kind.STRING ? new Name(string(), token::error) : identifier();
    }

    private Name identifier() {
        Token token = next();
        return new Name(word(token), token::error);
    }

    private static String word(Token token) {
        if (token.kind() != Token.Kind.IDENTIFIER) {
            throw token.unexpected("a name");
        }
        if (SchemaWords.isReserved(token.text())) {
            throw token.error("'" + token.text()
                    + "' is reserved; choose another name, or write it in quotes where that is" + " possible");
        }
        return token.text();
    }

    private String string() {
        Token token = next();
        if (token.kind() != Token.Kind.STRING) {
            throw token.unexpected("a string");
        }
        return token.unescaped();
    }

    private <T> List<T> list(Supplier<T> element) {
        List<T> elements = new ArrayList<>();
        do {
            elements.add(element.get());
        } while (accept(","));
        return elements;
    }

    private Token peek() {
        return tokens.get(at);
    }

    private Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Token.Kind.END) {
            at++;
        }
        return token;
    }

    private boolean accept(String punctuation) {
        boolean found = peek().is(punctuation);
        if (found) {
            at++;
        }
        return found;
    }

    private boolean acceptWord(String word) {
        boolean found = peek().isWord(word);
        if (found) {
            at++;
        }
        return found;
    }

    private void expect(String punctuation) {
        if (!accept(punctuation)) {
            throw peek().unexpected("'" + punctuation + "'");
        }
    }
}
