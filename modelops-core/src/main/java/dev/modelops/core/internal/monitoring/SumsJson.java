package dev.modelops.core.internal.monitoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableLongArray;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.statistics.BinaryScores;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.core.internal.statistics.ExactSum;
import dev.modelops.core.internal.statistics.ExpectedScores;
import dev.modelops.core.internal.statistics.GroupOutcomes;
import dev.modelops.core.internal.statistics.RegressionErrors;
import java.util.ArrayList;
import java.util.List;

/** Counts and sums as JSON. An exact sum is the array of its parts. */
public final class SumsJson {
    private static final int MOST_PARTS = 44;
    private static final long MOST = 1L << 53;

    private SumsJson() {}

    /** Adds counts as a member. */
    public static void put(ObjectNode to, String name, ImmutableLongArray counts) {
        ArrayNode array = to.putArray(name);
        counts.forEach(array::add);
    }

    /** Adds numbers as a member. */
    public static void put(ObjectNode to, String name, ImmutableDoubleArray reals) {
        ArrayNode array = to.putArray(name);
        reals.forEach(array::add);
    }

    /** Adds an exact sum as a member. */
    public static void put(ObjectNode to, String name, ExactSum sum) {
        ArrayNode array = to.putArray(name);
        sum.parts().forEach(array::add);
    }

    /** Reads an exact sum. */
    public static ExactSum sum(Members members, String name) {
        ImmutableDoubleArray parts = members.reals(name, MOST_PARTS);
        ExactSum sum = ExactSum.of(parts.asList());
        if (!sum.parts().equals(parts.asList())) {
            throw members.wrong(name, "the parts of a sum in their one form");
        }
        return sum;
    }

    /** Adds centered sums as a member. */
    public static void put(ObjectNode to, String name, CenteredSums sums) {
        to.set(name, write(sums));
    }

    /** Returns centered sums as an object. */
    public static ObjectNode write(CenteredSums sums) {
        ObjectNode json = Json.object().put("count", sums.count());
        put(json, "sum", sums.sum());
        put(json, "squares", sums.squares());
        return json;
    }

    /** Reads centered sums. */
    public static CenteredSums sums(Members members) {
        CenteredSums sums =
                new CenteredSums(members.integer("count", 0, MOST), sum(members, "sum"), sum(members, "squares"));
        members.end();
        return sums;
    }

    /** Returns scores as an object. */
    public static ObjectNode write(BinaryScores scores) {
        ObjectNode json = Json.object();
        put(json, "positives", scores.positives());
        put(json, "negatives", scores.negatives());
        put(json, "probabilities", scores.probabilities());
        put(json, "variances", scores.variances());
        json.put("truePositives", scores.truePositives()).put("falsePositives", scores.falsePositives());
        put(json, "brier", scores.brier());
        put(json, "logLoss", scores.logLoss());
        return json;
    }

    /** Reads scores. */
    public static BinaryScores scores(Members members) {
        BinaryScores scores = new BinaryScores(
                members.counts("positives", BinaryScores.CELLS),
                members.counts("negatives", BinaryScores.CELLS),
                sumList(members, "probabilities", BinaryScores.GROUPS),
                sumList(members, "variances", BinaryScores.GROUPS),
                members.integer("truePositives", 0, MOST),
                members.integer("falsePositives", 0, MOST),
                sums(members.members("brier")),
                sums(members.members("logLoss")));
        members.end();
        return scores;
    }

    /** Returns expected scores as an object. */
    public static ObjectNode write(ExpectedScores scores) {
        ObjectNode json = Json.object();
        put(json, "counts", scores.counts());
        put(json, "probabilities", scores.probabilities());
        json.put("decided", scores.decided());
        put(json, "truePositives", scores.truePositives());
        put(json, "right", scores.right());
        put(json, "brier", scores.brier());
        return json;
    }

    /** Reads expected scores. */
    public static ExpectedScores expected(Members members) {
        ExpectedScores scores = new ExpectedScores(
                members.counts("counts", BinaryScores.CELLS),
                sumList(members, "probabilities", BinaryScores.CELLS),
                members.integer("decided", 0, MOST),
                sum(members, "truePositives"),
                sums(members.members("right")),
                sums(members.members("brier")));
        members.end();
        return scores;
    }

    /** Returns errors as an object. */
    public static ObjectNode write(RegressionErrors errors) {
        ObjectNode json = Json.object();
        put(json, "errors", errors.errors());
        put(json, "amounts", errors.amounts());
        put(json, "squares", errors.squares());
        return json;
    }

    /** Reads errors. */
    public static RegressionErrors errors(Members members) {
        RegressionErrors errors = new RegressionErrors(
                sums(members.members("errors")), sums(members.members("amounts")), sums(members.members("squares")));
        members.end();
        return errors;
    }

    /** Returns the outcomes of a group as an object. */
    public static ObjectNode write(GroupOutcomes group) {
        return Json.object()
                .put("count", group.count())
                .put("favored", group.favored())
                .put("deserving", group.deserving())
                .put("deservingFavored", group.deservingFavored());
    }

    /** Reads the outcomes of a group. */
    public static GroupOutcomes group(Members members) {
        GroupOutcomes group = new GroupOutcomes(
                members.integer("count", 0, MOST),
                members.integer("favored", 0, MOST),
                members.integer("deserving", 0, MOST),
                members.integer("deservingFavored", 0, MOST));
        members.end();
        return group;
    }

    private static void put(ObjectNode to, String name, List<ExactSum> sums) {
        ArrayNode array = to.putArray(name);
        for (ExactSum sum : sums) {
            ObjectNode one = array.addObject();
            put(one, "sum", sum);
        }
    }

    private static List<ExactSum> sumList(Members members, String name, int most) {
        List<ExactSum> sums = new ArrayList<>();
        for (Members one : members.each(name, most)) {
            sums.add(sum(one, "sum"));
            one.end();
        }
        return sums;
    }
}
