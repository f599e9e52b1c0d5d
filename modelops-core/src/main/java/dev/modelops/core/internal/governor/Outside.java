package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.FactJson;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.policy.FactValues;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.policy.FactException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What providers said about a request before it was queued. It is recorded with the act, so that the act can be decided
 * again without them. Immutable.
 *
 * @param answers the answers, by the provider's name
 * @param unasked facts for which there is a provider that was not asked, with its name; they count as failed
 */
public record Outside(SortedMap<String, Answer> answers, Map<String, String> unasked) {
    /** Nothing was gathered and nothing could have been. */
    static final Outside NONE = new Outside(new TreeMap<>(), Map.of());

    private static final String FACTS = "facts";
    private static final int LONGEST_FAILURE = 300;

    /**
     * What one provider said.
     *
     * @param values the facts it gave, by name
     * @param names all the facts it is to give; those it did not give are absent, unless it failed
     * @param failure why it gave none, null if it did
     * @param at when it was asked
     * @param maxAge how long its answer holds
     */
    record Answer(
            SortedMap<String, Object> values,
            Set<String> names,
            @Nullable String failure,
            Instant at,
            Duration maxAge) {
        static Answer failed(Set<String> names, String failure, Instant at, Duration maxAge) {
            String brief = failure.length() <= LONGEST_FAILURE ? failure : failure.substring(0, LONGEST_FAILURE);
            return new Answer(new TreeMap<>(), names, brief, at, maxAge);
        }

        boolean isStale(Instant now) {
            return Duration.between(at, now).compareTo(maxAge) > 0;
        }
    }

    /** Returns a fact at a time, null if it is absent; {@link FactException} if it could not be established or is too old. */
    @Nullable Value value(String name, Instant now) {
        for (Map.Entry<String, Answer> entry : answers.entrySet()) {
            Answer answer = entry.getValue();
            if (!answer.names().contains(name)) {
                continue;
            }
            String who = "fact '" + name + "' of provider '" + entry.getKey() + "' ";
            if (answer.failure() != null) {
                throw new FactException(who + "could not be established: " + answer.failure());
            }
            if (answer.isStale(now)) {
                throw new FactException(who + "is of " + answer.at() + " and holds for " + answer.maxAge()
                        + ", which is over at " + now + "; try again");
            }
            Object fact = answer.values().get(name);
            if (fact == null) {
                return null;
            }
            if (fact instanceof BigDecimal number && number.stripTrailingZeros().scale() > DecimalValue.PLACES) {
                // Which way to round favours the requester depends on the rule, so the library does not choose.
                throw new FactException(who + "has more than " + DecimalValue.PLACES + " decimal places, " + number
                        + "; have the provider round it against the requester");
            }
            Value value = FactValues.of(fact, RoundingMode.UNNECESSARY);
            if (value == null) {
                throw new FactException(who + "does not fit the policy language: " + fact);
            }
            return value;
        }
        String provider = unasked.get(name);
        if (provider != null) {
            throw new FactException("fact '" + name + "' of provider '" + provider
                    + "' was not asked for, since no rule read it when the act began; try again");
        }
        return null;
    }

    /** Returns the names of all facts that are there or failed. */
    Set<String> names() {
        Set<String> all = new TreeSet<>(unasked.keySet());
        answers.values().forEach(answer -> {
            all.addAll(answer.values().keySet());
            if (answer.failure() != null) {
                all.addAll(answer.names());
            }
        });
        return all;
    }

    /** Tells whether an answer no longer holds at a time. */
    public boolean isStale(Instant now) {
        return answers.values().stream().anyMatch(answer -> answer.isStale(now));
    }

    /** Tells whether an answer holds for less than half its time from a time on, so that it is time to ask again. */
    public boolean isAging(Instant now) {
        return answers.values().stream()
                .anyMatch(answer -> Duration.between(answer.at(), now)
                                .compareTo(answer.maxAge().dividedBy(2))
                        > 0);
    }

    /** Adds the answers to the payload of an entry. */
    void write(ObjectNode data) {
        if (answers.isEmpty()) {
            return;
        }
        ArrayNode list = data.putArray(FACTS);
        answers.forEach((provider, answer) -> {
            ObjectNode item = list.addObject();
            item.put("provider", provider);
            item.put("at", answer.at().toString());
            item.put("maxAge", answer.maxAge().toString());
            if (answer.failure() != null) {
                item.put("failure", answer.failure());
            }
            ArrayNode names = item.putArray("names");
            new TreeSet<>(answer.names()).forEach(names::add);
            item.set("values", values(answer));
        });
    }

    private static ObjectNode values(Answer answer) {
        ObjectNode values = Json.object();
        answer.values().forEach((name, fact) -> values.set(name, FactJson.write(fact)));
        return values;
    }

    /** Returns how many bytes the values of an answer take up in an entry. */
    static int sizeOf(Answer answer) {
        return values(answer).toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** Reads what an entry recorded; {@link IllegalArgumentException} if it is malformed. */
    static Outside read(Entry entry) {
        JsonNode list = entry.data().get(FACTS);
        if (list == null) {
            return NONE;
        }
        SortedMap<String, Answer> answers = new TreeMap<>();
        try {
            for (JsonNode item : list) {
                SortedMap<String, Object> values = new TreeMap<>();
                item.path("values")
                        .properties()
                        .forEach(member -> values.put(member.getKey(), FactJson.read(member.getValue())));
                Set<String> names = new TreeSet<>();
                item.path("names").forEach(name -> names.add(name.asText()));
                answers.put(
                        Entry.text(item, "provider"),
                        new Answer(
                                values,
                                names,
                                item.has("failure") ? Entry.text(item, "failure") : null,
                                Instant.parse(Entry.text(item, "at")),
                                Duration.parse(Entry.text(item, "maxAge"))));
            }
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("the recorded facts are malformed: " + e.getMessage(), e);
        }
        return new Outside(answers, Map.of());
    }

    /** Returns these answers such that reading a fact that nobody was asked for fails, and notes its name. */
    Outside notingWhatIsMissing(Set<String> missing) {
        return new Outside(answers, new AbstractMap<>() {
            @Override
            public @Nullable String get(Object name) {
                if (!(name instanceof String fact) || StateFacts.isComputed(fact) || leadsToAnswer(fact)) {
                    return null;
                }
                missing.add(fact);
                return "none, for it was not recorded";
            }

            @Override
            public Set<Map.Entry<String, String>> entrySet() {
                return Set.of();
            }
        });
    }

    private boolean leadsToAnswer(String name) {
        return answers.values().stream()
                .flatMap(answer -> answer.names().stream())
                .anyMatch(known -> known.startsWith(name + "."));
    }
}
