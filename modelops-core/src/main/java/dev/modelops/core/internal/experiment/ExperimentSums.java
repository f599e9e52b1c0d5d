package dev.modelops.core.internal.experiment;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.SumsJson;
import dev.modelops.core.internal.statistics.CenteredSums;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that a verdict is concluded from. Two of them add up exactly, in any order.
 *
 * @param champion what came of the champion's cases
 * @param challenger what came of the challenger's
 * @param pairs of a shadow, the loss of the challenger less that of the champion, case by case
 * @param looks of a group-sequential test, the number of observations at each look there was, the present one last
 */
public record ExperimentSums(ArmSums champion, ArmSums challenger, CenteredSums pairs, List<Long> looks) {
    /** Nothing. */
    public static final ExperimentSums NONE =
            new ExperimentSums(ArmSums.NONE, ArmSums.NONE, CenteredSums.NONE, List.of());

    private static final int MOST_LOOKS = 60;
    private static final int MOST_GUARDRAILS = 50;
    private static final long MOST = 1L << 53;

    /** Copies the list, and checks that looks rise. */
    public ExperimentSums {
        looks = List.copyOf(looks);
        if (looks.size() > MOST_LOOKS) {
            throw new IllegalArgumentException("there are at most " + MOST_LOOKS + " looks, not " + looks.size());
        }
        for (int i = 0; i < looks.size(); i++) {
            if (looks.get(i) <= (i == 0 ? 0 : looks.get(i - 1))) {
                throw new IllegalArgumentException(
                        "looks come one after the other, each with more observations: " + looks);
            }
        }
    }

    /**
     * What came of the cases of one arm.
     *
     * @param assigned how many cases there are
     * @param loss the losses of those whose outcome is known
     * @param guardrails by name, the sums of what must not get worse
     */
    public record ArmSums(long assigned, CenteredSums loss, SortedMap<String, CenteredSums> guardrails) {
        /** Nothing. */
        public static final ArmSums NONE = new ArmSums(0, CenteredSums.NONE, new TreeMap<>());

        /** Copies the map, and checks the counts. */
        public ArmSums {
            guardrails = Collections.unmodifiableSortedMap(new TreeMap<>(guardrails));
            if (assigned < loss.count()) {
                throw new IllegalArgumentException(
                        "there are more outcomes than cases: " + loss.count() + " of " + assigned);
            }
        }

        /** Returns the sums of both. */
        public ArmSums plus(ArmSums other) {
            SortedMap<String, CenteredSums> all = new TreeMap<>(guardrails);
            other.guardrails.forEach((name, sums) -> all.merge(name, sums, CenteredSums::plus));
            return new ArmSums(assigned + other.assigned, loss.plus(other.loss), all);
        }
    }

    /** Returns the sums of both; looks are of the whole experiment and are not added up. */
    public ExperimentSums plus(ExperimentSums other) {
        if (!looks.isEmpty() || !other.looks.isEmpty()) {
            throw new IllegalArgumentException(
                    "only the whole experiment is looked at: add up first, then say the looks");
        }
        return new ExperimentSums(
                champion.plus(other.champion), challenger.plus(other.challenger), pairs.plus(other.pairs), List.of());
    }

    /** Returns these sums with the looks there were. */
    public ExperimentSums withLooks(List<Long> taken) {
        return new ExperimentSums(champion, challenger, pairs, taken);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.set("champion", toJson(champion));
        json.set("challenger", toJson(challenger));
        SumsJson.put(json, "pairs", pairs);
        ArrayNode all = json.putArray("looks");
        looks.forEach(all::add);
        return json;
    }

    private static ObjectNode toJson(ArmSums arm) {
        ObjectNode json = Json.object().put("assigned", arm.assigned());
        SumsJson.put(json, "loss", arm.loss());
        ArrayNode all = json.putArray("guardrails");
        arm.guardrails().forEach((name, sums) -> {
            ObjectNode one = all.addObject().put("name", name);
            SumsJson.put(one, "sums", sums);
        });
        return json;
    }

    static ExperimentSums read(Members members) {
        List<Long> looks = new ArrayList<>(members.counts("looks", MOST_LOOKS).asList());
        ExperimentSums sums = new ExperimentSums(
                arm(members.members("champion")),
                arm(members.members("challenger")),
                SumsJson.sums(members.members("pairs")),
                looks);
        members.end();
        return sums;
    }

    private static ArmSums arm(Members members) {
        SortedMap<String, CenteredSums> guardrails = new TreeMap<>();
        for (Members one : members.each("guardrails", MOST_GUARDRAILS)) {
            String name = one.text("name");
            if (guardrails.put(name, SumsJson.sums(one.members("sums"))) != null) {
                throw new IllegalArgumentException("the guardrail '" + name + "' is there twice");
            }
            one.end();
        }
        ArmSums arm =
                new ArmSums(members.integer("assigned", 0, MOST), SumsJson.sums(members.members("loss")), guardrails);
        members.end();
        return arm;
    }
}
