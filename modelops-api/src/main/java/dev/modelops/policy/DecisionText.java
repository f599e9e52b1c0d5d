package dev.modelops.policy;

import dev.modelops.ModelRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Decisions in words and as JSON. */
final class DecisionText {
    private static final int LINES = 24;
    private static final int COLUMNS = 100;
    private static final String CUT = "...";
    private static final String APPROVED_BY = "approvals.by";

    private DecisionText() {}

    static String forUser(Decision decision, String request) {
        List<Requirement> failing = new ArrayList<>();
        List<Requirement> advisory = new ArrayList<>();
        for (Requirement unmet : decision.unmet()) {
            (unmet.level() == Level.ADVISORY ? advisory : failing).add(unmet);
        }
        List<String> head = wrap(
                "",
                plain(request)
                        + (decision.isAllowed() ? " is allowed" : " was refused")
                        + count(failing, decision.isAllowed()));
        List<String> foot = new ArrayList<>();
        if (!advisory.isEmpty()) {
            foot.add(cut("Not met either, but advisory only: " + rules(advisory)));
        }
        if (!decision.obligations().isEmpty()) {
            foot.add(cut("To be seen to: "
                    + decision.obligations().stream().map(DecisionText::words).collect(Collectors.joining(", "))));
        }
        String digest = decision.policy().toString();
        foot.add(cut("Decided at position " + decision.asOf().size() + " of the log by policy set "
                + digest.substring(0, Math.min(digest.length(), 19))));
        int room = LINES - Math.min(head.size(), 3) - foot.size();
        List<String> lines = new ArrayList<>(head.subList(0, Math.min(head.size(), 3)));
        lines.addAll(fitting(failing, decision.isAllowed(), room));
        lines.addAll(foot);
        return String.join("\n", lines);
    }

    private static String count(List<Requirement> failing, boolean allowed) {
        if (failing.isEmpty()) {
            return allowed ? "." : ":";
        }
        long conditions = failing.stream()
                .map(unmet -> List.of(label(unmet), unmet.expected()))
                .distinct()
                .count();
        String number = conditions == 1 ? "1 condition is" : conditions + " conditions are";
        return allowed ? "; " + number + " overridden:" : ": " + number + " not met.";
    }

    /** Says as much about the requirements of each rule as there is room for, of the first rules rather than the last. */
    private static List<String> fitting(List<Requirement> failing, boolean allowed, int room) {
        Map<String, List<Requirement>> byRule = new LinkedHashMap<>();
        failing.forEach(unmet ->
                byRule.computeIfAbsent(label(unmet), rule -> new ArrayList<>()).add(unmet));
        List<List<String>> blocks = new ArrayList<>();
        byRule.forEach((label, unmet) -> blocks.add(List.of(cut(label + " " + plain(goal(unmet.get(0), allowed))))));
        if (blocks.size() > room) {
            List<List<String>> rest = blocks.subList(room - 1, blocks.size());
            int more = rest.size();
            rest.clear();
            List<String> unnamed = new ArrayList<>(byRule.keySet()).subList(room - 1, byRule.size());
            blocks.add(List.of(cut("and " + more + " more: " + String.join(", ", unnamed))));
        } else {
            List<Detail> details = List.of(DecisionText::briefly, DecisionText::fully);
            for (Detail detail : details) {
                int i = 0;
                for (Map.Entry<String, List<Requirement>> rule : byRule.entrySet()) {
                    List<String> longer = detail.of(rule.getKey(), rule.getValue(), allowed);
                    int others = blocks.stream().mapToInt(List::size).sum()
                            - blocks.get(i).size();
                    if (others + longer.size() <= room) {
                        blocks.set(i, longer);
                    }
                    i++;
                }
            }
        }
        return blocks.stream().flatMap(List::stream).toList();
    }

    /** How much to say about the requirements of a rule. */
    private interface Detail {
        List<String> of(String label, List<Requirement> unmet, boolean allowed);
    }

    private static String goal(Requirement unmet, boolean allowed) {
        return allowed ? unmet.expected() : unmet.remedy();
    }

    private static List<String> briefly(String label, List<Requirement> unmet, boolean allowed) {
        List<String> lines = new ArrayList<>();
        String begin = label;
        for (String expected : distinct(unmet, Requirement::expected)) {
            lines.add(cut(begin + " needs " + plain(expected)));
            begin = " and";
        }
        if (!allowed) {
            distinct(unmet, Requirement::remedy).forEach(remedy -> lines.add(cut("  remedy  " + plain(remedy))));
        }
        return lines;
    }

    private static List<String> fully(String label, List<Requirement> unmet, boolean allowed) {
        List<String> lines = new ArrayList<>();
        lines.add(cut(label));
        distinct(unmet, Requirement::expected).forEach(expected -> lines.addAll(wrap("  needs   ", expected)));
        if (!allowed) {
            unmet.stream()
                    .filter(DecisionText::isAboutRoles)
                    .forEach(known -> lines.addAll(wrap("  found   ", known.actual())));
            distinct(unmet, Requirement::remedy).forEach(remedy -> lines.addAll(wrap("  remedy  ", remedy)));
        }
        return lines;
    }

    private static List<String> distinct(List<Requirement> unmet, Function<Requirement, String> part) {
        return unmet.stream().map(part).distinct().toList();
    }

    /** What somebody may know about themselves. */
    private static boolean isAboutRoles(Requirement unmet) {
        return unmet.fact().equals("roles");
    }

    private static String label(Requirement unmet) {
        return "[" + plain(unmet.rule()) + "]" + (unmet.level() == Level.SOFT ? " (soft)" : "");
    }

    private static String rules(List<Requirement> unmet) {
        return unmet.stream().map(Requirement::rule).distinct().collect(Collectors.joining(", "));
    }

    private static String words(Obligation obligation) {
        return obligation.id() + (obligation.parameters().isEmpty() ? "" : "(" + obligation.parameters() + ")");
    }

    static String forAuditor(Decision decision) {
        Explanation explanation = decision.explanation();
        List<String> lines = new ArrayList<>();
        lines.addAll(wrap(
                "",
                (decision instanceof Decision.Deny deny ? "DENY, " + deny.cause() : "ALLOW")
                        + explanation.request().map(request -> ": " + request).orElse("")));
        lines.add("decided at " + decision.at() + " on position "
                + decision.asOf().size() + " of the log");
        lines.add("policy set " + decision.policy());
        if (explanation.cedarAllows() != decision.isAllowed()) {
            lines.addAll(wrap(
                    "",
                    "Cedar itself would " + (explanation.cedarAllows() ? "allow" : "deny")
                            + ": it knows no levels, required gates or overrides, and passes over rules that fail"));
        }
        section(
                lines,
                "determined by",
                explanation.determining(),
                rule -> wrap(
                        "  ",
                        rule.effect() + " " + rule.rule()
                                + (rule.source().isEmpty() ? "" : " (" + rule.source() + ")")
                                + (rule.reason().isEmpty() ? "" : ": " + rule.reason())));
        if (explanation.determining().isEmpty() && !decision.rules().isEmpty()) {
            section(lines, "determined by", decision.rules(), rule -> wrap("  ", rule));
        }
        section(lines, "not met", decision.unmet(), unmet -> {
            List<String> block = new ArrayList<>();
            block.add(cut("  [" + plain(unmet.rule()) + "] " + unmet.level().id()));
            block.addAll(wrap("    needs   ", unmet.expected()));
            block.addAll(wrap("    found   ", unmet.actual()));
            block.addAll(wrap("    remedy  ", unmet.remedy()));
            return block;
        });
        Explanation.Overriding overriding = explanation.overriding();
        if (overriding != null) {
            lines.add("overridden");
            lines.addAll(wrap("  rules         ", String.join(", ", overriding.rules())));
            lines.addAll(wrap("  reason        ", overriding.reason()));
            lines.addAll(wrap("  permitted by  ", String.join(", ", overriding.permittedBy())));
        }
        section(
                lines,
                "could not be evaluated",
                explanation.erred(),
                erred -> wrap(
                        "  ",
                        erred.rule() + ": " + erred.kind() + (erred.where().isEmpty() ? "" : " in " + erred.where())));
        section(lines, "obligations", decision.obligations(), due -> wrap("  ", words(due) + " of rule " + due.rule()));
        section(
                lines,
                "facts used",
                explanation.facts().entrySet(),
                fact -> wrap("  ", fact.getKey() + " = " + fact.getValue()));
        return String.join("\n", lines);
    }

    private static <T> void section(
            List<String> lines, String title, Collection<T> parts, Function<T, List<String>> text) {
        if (!parts.isEmpty()) {
            lines.add(title);
            parts.forEach(part -> lines.addAll(text.apply(part)));
        }
    }

    /** Breaks a text into lines that begin with an indent, the first with a label. */
    private static List<String> wrap(String label, String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(label);
        String indent = " ".repeat(label.length());
        boolean fresh = true;
        for (String word : plain(text).split(" ")) {
            String rest = word;
            if (!fresh && line.length() + 1 + rest.length() > COLUMNS) {
                lines.add(line.toString());
                line = new StringBuilder(indent);
                fresh = true;
            }
            line.append(fresh ? "" : " ");
            while (line.length() + rest.length() > COLUMNS) {
                int room = COLUMNS - line.length();
                lines.add(line.append(rest, 0, room).toString());
                rest = rest.substring(room);
                line = new StringBuilder(indent);
            }
            line.append(rest);
            fresh = false;
        }
        lines.add(line.toString());
        return lines;
    }

    private static String cut(String text) {
        String line = plain(text);
        return line.length() <= COLUMNS ? line : line.substring(0, COLUMNS - CUT.length()) + CUT;
    }

    /** A name or a value must not be able to add lines of its own. */
    private static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            boolean steers = Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            plain.appendCodePoint(steers ? ' ' : c);
        });
        return plain.toString();
    }

    static String json(Decision decision) {
        Explanation explanation = decision.explanation();
        Json json = new Json();
        json.open('{').name("v").raw("1");
        Action action = explanation.action();
        if (action != null) {
            action.commandId().ifPresent(id -> json.name("id").text(id.value()));
        }
        json.name("outcome").text(outcome(decision.isAllowed()));
        if (decision instanceof Decision.Deny deny) {
            json.name("cause").text(deny.cause().name());
        }
        if (explanation.principal() != null) {
            json.name("principal").text(explanation.principal().toString());
        }
        if (action != null) {
            json.name("action").text(name(action));
            json.name("resource").text(resource(action));
            action.environment()
                    .ifPresent(environment -> json.name("environment").text(environment.value()));
        }
        json.name("at").text(decision.at().toString());
        json.name("asOf").raw(Long.toString(decision.asOf().size()));
        json.name("policy").text(decision.policy().toString());
        json.list("determining", explanation.determining(), rule -> {
            json.name("rule").text(rule.rule()).name("effect").text(rule.effect());
            json.unlessEmpty("reason", rule.reason()).unlessEmpty("source", rule.source());
        });
        json.list("unmet", decision.unmet(), unmet -> {
            json.name("rule")
                    .text(unmet.rule())
                    .name("level")
                    .text(unmet.level().id())
                    .name("fact")
                    .text(unmet.fact())
                    .name("expected")
                    .text(unmet.expected())
                    .name("actual")
                    .text(unmet.actual())
                    .name("remedy")
                    .text(unmet.remedy());
            Map<String, Object> evidence = evidence(unmet, explanation.facts());
            if (!evidence.isEmpty()) {
                json.values("evidence", evidence);
            }
        });
        json.list(
                "erred",
                explanation.erred(),
                erred -> json.name("rule")
                        .text(erred.rule())
                        .name("kind")
                        .text(erred.kind())
                        .name("where")
                        .text(erred.where()));
        json.list(
                "obligations",
                decision.obligations(),
                due -> json.name("rule")
                        .text(due.rule())
                        .name("id")
                        .text(due.id())
                        .name("parameters")
                        .text(due.parameters()));
        Explanation.Overriding overriding = explanation.overriding();
        if (overriding != null) {
            json.name("override").open('{').name("reason").text(overriding.reason());
            json.name("rules").value(overriding.rules());
            json.name("permittedBy").value(overriding.permittedBy()).close('}');
        }
        json.values("facts", explanation.facts()).name("cedarOutcome").text(outcome(explanation.cedarAllows()));
        return json.close('}').toString();
    }

    /** Returns those of the values used that a condition rests on. */
    private static Map<String, Object> evidence(Requirement unmet, Map<String, Object> facts) {
        Map<String, Object> evidence = new LinkedHashMap<>();
        for (String name : unmet.fact().split(", ")) {
            Object value = facts.get(name);
            if (value != null) {
                evidence.put(name, value);
            }
            Object by = name.startsWith("approvals.") ? facts.get(APPROVED_BY) : null;
            if (by != null) {
                evidence.put(APPROVED_BY, by);
            }
        }
        return evidence;
    }

    private static String outcome(boolean allows) {
        return allows ? "allow" : "deny";
    }

    private static String name(Action action) {
        return action.type() == Action.Type.TRANSITION
                ? action.name().orElse(Action.Type.TRANSITION.id())
                : action.type().id();
    }

    private static String resource(Action action) {
        Optional<String> grantee = action.grantee().map(Object::toString);
        return grantee.or(() -> action.version().map(ModelRef::toString))
                .or(() -> action.model().map(Object::toString))
                .or(() -> action.policies().map(Object::toString))
                .orElse("log");
    }

    /** JSON being written. */
    private static final class Json {
        private final StringBuilder out = new StringBuilder();
        private boolean first = true;

        Json open(char bracket) {
            separate();
            out.append(bracket);
            first = true;
            return this;
        }

        Json close(char bracket) {
            out.append(bracket);
            first = false;
            return this;
        }

        Json name(String name) {
            text(name);
            out.append(':');
            first = true;
            return this;
        }

        Json raw(String text) {
            separate();
            out.append(text);
            return this;
        }

        <T> void list(String name, Collection<T> elements, Consumer<T> members) {
            name(name).open('[');
            for (T element : elements) {
                open('{');
                members.accept(element);
                close('}');
            }
            close(']');
        }

        Json unlessEmpty(String name, String text) {
            return text.isEmpty() ? this : name(name).text(text);
        }

        Json values(String name, Map<String, Object> values) {
            name(name).open('{');
            values.forEach((each, value) -> name(each).value(value));
            return close('}');
        }

        Json value(Object value) {
            if (value instanceof Collection<?> elements) {
                open('[');
                elements.forEach(this::value);
                return close(']');
            }
            return value instanceof Boolean || value instanceof Number ? raw(value.toString()) : text(value.toString());
        }

        Json text(String text) {
            separate();
            out.append('"');
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                switch (c) {
                    case '"' -> out.append("\\\"");
                    case '\\' -> out.append("\\\\");
                    case '\n' -> out.append("\\n");
                    case '\r' -> out.append("\\r");
                    case '\t' -> out.append("\\t");
                    default -> {
                        if (c < ' ' || Character.isSurrogate(c) && !isPaired(text, i)) {
                            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                        } else {
                            out.append(c);
                        }
                    }
                }
            }
            out.append('"');
            return this;
        }

        private static boolean isPaired(String text, int i) {
            return Character.isHighSurrogate(text.charAt(i))
                    ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                    : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
        }

        private void separate() {
            if (!first) {
                out.append(',');
            }
            first = false;
        }

        @Override
        public String toString() {
            return out.toString();
        }
    }
}
