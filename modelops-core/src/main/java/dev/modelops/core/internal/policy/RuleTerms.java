package dev.modelops.core.internal.policy;

import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.policy.Level;
import dev.modelops.policy.Obligation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the annotations of a rule say beside its conditions.
 *
 * @param level how firmly a rule forbids
 * @param reason what the rule is for; empty if it does not say
 * @param obligations what falls due when the rule lets an act pass
 * @param masked names of facts whose values are not to be told
 * @param fix the id of the action that would meet the rule; empty if it does not say
 * @param facts the Cedar types of facts of the host's own that the rule reads, by name
 */
public record RuleTerms(
        Level level,
        String reason,
        List<Obligation> obligations,
        List<String> masked,
        String fix,
        Map<String, String> facts) {
    /** The annotation that tells how firmly a rule forbids. */
    public static final String LEVEL = "level";

    /** The annotation that lists obligations. */
    public static final String OBLIGATION = "obligation";

    /** The annotation that lists facts whose values are not to be told. */
    public static final String MASK = "mask";

    /** The annotation that names the action that would meet the rule, so that those who may do it can be named. */
    public static final String FIX = "fix";

    /** The annotation that gives the types of facts of the host's own, such as {@code "ticket.open: Bool"}. */
    public static final String FACTS = "facts";

    private static final int MOST = 16;
    private static final Pattern DUE = Pattern.compile("([A-Za-z][A-Za-z0-9_.-]{0,63})(?:\\(([^()]{0,200})\\))?");
    private static final Pattern FACT = Pattern.compile("[^\\s,]{1,200}");
    private static final Pattern TYPED_FACT = Pattern.compile("([^\\s,:]{1,200})\\s*:\\s*([A-Za-z<>]{1,40})");

    /**
     * Reads the annotations of a rule.
     *
     * @throws IllegalArgumentException if one of them does not say what it must
     */
    public static RuleTerms of(String id, CedarPolicy policy) {
        Map<String, String> annotations = policy.annotations();
        boolean forbids = policy.effect() == CedarPolicy.Effect.FORBID;
        Level level = level(id, annotations.get(LEVEL), forbids);
        List<Obligation> obligations = obligations(id, annotations.get(OBLIGATION));
        if (forbids && level == Level.HARD && !obligations.isEmpty()) {
            throw new IllegalArgumentException("policy '" + id + "': @obligation on a hard forbid would never fall due;"
                    + " put it on a permit, or on a forbid that is soft or advisory");
        }
        return new RuleTerms(
                level,
                annotations.getOrDefault("reason", annotations.getOrDefault("description", "")),
                obligations,
                masked(id, annotations.get(MASK)),
                annotations.getOrDefault(FIX, ""),
                facts(id, annotations.get(FACTS)));
    }

    private static Map<String, String> facts(String id, @Nullable String written) {
        Map<String, String> types = new HashMap<>();
        for (String part : parts(id, FACTS, written, ",")) {
            Matcher fact = TYPED_FACT.matcher(part);
            if (!fact.matches() || types.putIfAbsent(fact.group(1), fact.group(2)) != null) {
                throw new IllegalArgumentException("policy '" + id + "': @facts must give each fact one type, like"
                        + " \"ticket.open: Bool, ticket.age: duration\", but has \"" + brief(part) + "\"");
            }
        }
        return Map.copyOf(types);
    }

    private static Level level(String id, @Nullable String written, boolean forbids) {
        if (written == null) {
            return Level.HARD;
        }
        if (!forbids) {
            throw new IllegalArgumentException(
                    "policy '" + id + "': @level fits a rule that forbids, but this one permits; take it out");
        }
        return Level.find(written)
                .orElseThrow(() -> new IllegalArgumentException("policy '" + id
                        + "': @level must be \"advisory\", \"soft\" or \"hard\", but was \"" + brief(written) + "\""));
    }

    private static List<Obligation> obligations(String id, @Nullable String written) {
        List<Obligation> found = new ArrayList<>();
        for (String part : parts(id, OBLIGATION, written, ";")) {
            Matcher due = DUE.matcher(part);
            if (!due.matches()) {
                throw new IllegalArgumentException("policy '" + id
                        + "': @obligation must be like \"open-review\" or \"open-review; notify(risk-board)\", but has \""
                        + brief(part) + "\"");
            }
            found.add(new Obligation(id, due.group(1), due.group(2) == null ? "" : due.group(2)));
        }
        return List.copyOf(found);
    }

    private static List<String> masked(String id, @Nullable String written) {
        List<String> names = parts(id, MASK, written, ",");
        for (String name : names) {
            if (!FACT.matcher(name).matches()) {
                throw new IllegalArgumentException("policy '" + id
                        + "': @mask must name facts, parted by commas, but has \"" + brief(name) + "\"");
            }
        }
        return names;
    }

    private static List<String> parts(String id, String annotation, @Nullable String written, String separator) {
        if (written == null) {
            return List.of();
        }
        List<String> parts = new ArrayList<>();
        for (String part : written.split(separator, MOST + 1)) {
            parts.add(part.trim());
        }
        if (parts.size() > MOST) {
            throw new IllegalArgumentException(
                    "policy '" + id + "': @" + annotation + " may list at most " + MOST + ", but lists more");
        }
        return List.copyOf(parts);
    }

    private static String brief(String text) {
        return text.length() <= 60 ? text : text.substring(0, 60) + "...";
    }
}
