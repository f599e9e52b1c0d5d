package dev.modelops.core;

import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.Page;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How long texts that people wrote are kept, and which may go. Entries themselves stay for ever; what is listed here is
 * erased by nobody unless somebody acts ({@link dev.modelops.policy.Action#erase}).
 *
 * <p>The presets are facts about laws, not advice: what a law covers, and from when it counts, is for counsel to say.
 * Periods are counted here from the time of the entry. Where a law counts from something later, such as the end of a
 * model's service, add to the period, or place a legal hold until then.
 */
public final class Retention {
    /** Logs that a high-risk AI system makes: at least six months. */
    public static final Rule EU_AI_ACT_LOGS =
            Rule.ofAll("eu-ai-act-logs", Period.ofMonths(6), "Regulation (EU) 2024/1689, Articles 19(1) and 26(6)");

    /** Technical documentation of a high-risk AI system: ten years after it was placed on the market or put into service. */
    public static final Rule EU_AI_ACT_DOCUMENTATION =
            Rule.ofAll("eu-ai-act-documentation", Period.ofYears(10), "Regulation (EU) 2024/1689, Article 18(1)");

    /** Documentation of security policies, actions and assessments: six years from its making or its last being in effect. */
    public static final Rule HIPAA_DOCUMENTATION =
            Rule.ofAll("hipaa-documentation", Period.ofYears(6), "45 CFR 164.316(b)(2)(i)");

    /** Records of applications for consumer credit: 25 months after the applicant was told of the action taken. */
    public static final Rule ECOA_APPLICATIONS =
            Rule.ofAll("ecoa-applications", Period.ofMonths(25), "12 CFR 1002.12(b)(1) (Regulation B)");

    private static final int PAGE = 1000;

    private Retention() {}

    /**
     * How long the texts of a class of records are kept.
     *
     * @param name the name of the class
     * @param keep how long, from the time of the entry
     * @param citation where that is asked for
     * @param types the types of entries, such as {@code dev.modelops.version.commented.v1}; all where empty; copied in
     */
    public record Rule(String name, Period keep, String citation, Set<String> types) {
        /**
         * Creates a rule.
         *
         * @param name the name of the class
         * @param keep how long, from the time of the entry
         * @param citation where that is asked for
         * @param types the types of entries; all where empty
         * @throws IllegalArgumentException if the period is negative
         */
        public Rule {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(citation, "citation");
            if (keep.isNegative()) {
                throw new IllegalArgumentException("expected a period of at least 0, found " + keep);
            }
            types = Set.copyOf(types);
        }

        /**
         * Returns a rule for the texts of all entries.
         *
         * @param name the name of the class
         * @param keep how long, from the time of the entry
         * @param citation where that is asked for
         * @return the rule
         */
        public static Rule ofAll(String name, Period keep, String citation) {
            return new Rule(name, keep, citation, Set.of());
        }

        /**
         * Returns this rule for some types of entries.
         *
         * @param some the types, such as {@code dev.modelops.version.commented.v1}
         * @return the changed copy
         */
        public Rule on(String... some) {
            return new Rule(name, keep, citation, Set.of(some));
        }

        private boolean covers(String type) {
            return types.isEmpty() || types.contains(type);
        }
    }

    /**
     * A text that no rule keeps any longer and no legal hold covers.
     *
     * @param position the position to which its entry brought the log: what to erase
     * @param type the type of the entry
     * @param subject what the entry is about
     * @param at when it was written
     * @param keptUntil when the last rule about it ran out
     * @param rule that rule
     */
    public record Due(
            LogPosition position, String type, Optional<String> subject, Instant at, Instant keptUntil, Rule rule) {}

    /**
     * Lists the texts whose period is over: those that some rule covers, that every rule which covers them has kept long
     * enough, that were not erased, and that no legal hold covers. Texts that no rule covers are never listed, nor are
     * those that entries of before hold in clear.
     *
     * @param log the log, in a session that may read it
     * @param rules the rules
     * @param at the time to judge by
     * @return what is due, in the order of the log
     */
    public static List<Due> due(AuditLog log, Collection<Rule> rules, Instant at) {
        Map<Digest, Due> found = new LinkedHashMap<>();
        Map<String, Optional<ModelName>> holds = new HashMap<>();
        AuditQuery query = AuditQuery.all().limit(PAGE);
        Optional<AuditQuery> next = Optional.of(query);
        while (next.isPresent()) {
            Page<AuditEntry> page = log.query(next.get());
            for (AuditEntry stored : page.items()) {
                Entry entry =
                        Entry.decode(stored.position().index(), stored.body().toByteArray());
                follow(entry, found, holds);
                Due due = due(stored, rules, at);
                if (due != null && entry.written() instanceof ErasableText.Unavailable text) {
                    found.put(text.commitment(), due);
                }
            }
            next = page.next().map(query::after);
        }
        List<Due> free = new ArrayList<>();
        for (Due due : found.values()) {
            ModelName about = Texts.modelOf(due.subject().orElse(null));
            boolean isHeld = holds.values().stream()
                    .anyMatch(model -> model.isEmpty() || model.get().equals(about));
            if (!isHeld) {
                free.add(due);
            }
        }
        return List.copyOf(free);
    }

    private static void follow(Entry entry, Map<Digest, Due> found, Map<String, Optional<ModelName>> holds) {
        if (entry.type() == EntryType.TEXT_ERASED) {
            found.remove(Digest.parse(entry.get("commitment")));
        } else if (entry.type() == EntryType.HOLD_PLACED) {
            holds.put(entry.get("hold"), Optional.ofNullable(Texts.modelOf(entry.subject())));
        } else if (entry.type() == EntryType.HOLD_LIFTED) {
            holds.remove(entry.get("hold"));
        }
    }

    private static @Nullable Due due(AuditEntry entry, Collection<Rule> rules, Instant at) {
        Due last = null;
        for (Rule rule : rules) {
            if (rule.covers(entry.type())) {
                Instant until =
                        entry.at().atZone(ZoneOffset.UTC).plus(rule.keep()).toInstant();
                if (until.isAfter(at)) {
                    return null;
                }
                if (last == null || until.isAfter(last.keptUntil())) {
                    last = new Due(entry.position(), entry.type(), entry.subject(), entry.at(), until, rule);
                }
            }
        }
        return last;
    }
}
