package dev.modelops.core.internal.experiment;

import dev.modelops.VersionNumber;
import dev.modelops.core.internal.experiment.ExperimentSpec.Guardrail;
import dev.modelops.core.internal.experiment.ExperimentSums.ArmSums;
import dev.modelops.core.internal.statistics.CenteredSums;
import dev.modelops.serving.Experiment;
import dev.modelops.serving.PredictionRecord;
import dev.modelops.serving.Served;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The cases of one stage of an experiment, put together of what segments hold: first all predictions, then all outcomes, each in
 * the order of the log. A case has one answer of each arm and one outcome: the first of each. So whoever reads the same
 * segments finds the same sums.
 */
public final class Cases {
    /** How many cases of a stage are judged; those that come later are not. */
    public static final int MOST = 1_000_000;

    private final ExperimentSpec spec;
    private final long position;
    private final VersionNumber championVersion;
    private final VersionNumber challengerVersion;
    private final Map<String, Case> cases = new HashMap<>();
    private final Arm champion = new Arm();
    private final Arm challenger = new Arm();
    private CenteredSums pairs = CenteredSums.NONE;

    /** An answer that has the form it should is a text, one that has not is empty. */
    private static final class Case {
        private @Nullable String champion;
        private @Nullable String challenger;
        private boolean isKnown;
    }

    private static final class Arm {
        private long assigned;
        private CenteredSums loss = CenteredSums.NONE;
        private final SortedMap<String, CenteredSums> guardrails = new TreeMap<>();

        ArmSums sums() {
            return new ArmSums(assigned, loss, guardrails);
        }
    }

    /**
     * Starts without cases.
     *
     * @param position the position of the stage, which its predictions carry
     */
    public Cases(ExperimentSpec spec, long position, VersionNumber champion, VersionNumber challenger) {
        this.spec = spec;
        this.position = position;
        this.championVersion = champion;
        this.challengerVersion = challenger;
    }

    /** Takes a prediction, if it counts for the stage. */
    public void predicted(PredictionRecord record) {
        if (record.experiment() != position) {
            return;
        }
        boolean isShadow = spec.mode() == Experiment.Mode.SHADOW;
        switch (record.by()) {
            case CHAMPION, CONTROL -> {
                boolean isControl = record.by() == Served.By.CONTROL;
                if (isControl != isShadow && record.version().version().equals(championVersion)) {
                    champion(record);
                }
            }
            case CHALLENGER, SHADOW -> {
                boolean isUnseen = record.by() == Served.By.SHADOW;
                if (isUnseen == isShadow && record.version().version().equals(challengerVersion)) {
                    challenger(isShadow ? record.pairOf().orElse("") : record.id(), record);
                }
            }
            case FORMER_CHAMPION, FALLBACK -> {
                // What stood in for the champion is not what is compared.
            }
        }
    }

    private void champion(PredictionRecord record) {
        Case one = of(record.id());
        if (one != null && one.champion == null && (spec.mode() == Experiment.Mode.SHADOW || one.challenger == null)) {
            one.champion = answer(record);
            take(champion, record);
        }
    }

    private void challenger(String id, PredictionRecord record) {
        Case one = id.isEmpty() ? null : of(id);
        if (one != null && one.challenger == null && (spec.mode() == Experiment.Mode.SHADOW || one.champion == null)) {
            one.challenger = answer(record);
            take(challenger, record);
        }
    }

    private @Nullable Case of(String id) {
        return cases.size() < MOST ? cases.computeIfAbsent(id, key -> new Case()) : cases.get(id);
    }

    private String answer(PredictionRecord record) {
        return record.output().getOrDefault(spec.measure().output(), "");
    }

    private void take(Arm arm, PredictionRecord record) {
        arm.assigned++;
        for (Guardrail guardrail : spec.rule().guardrails()) {
            double value = ExperimentSpec.number(record.output().get(guardrail.name()));
            if (!Double.isNaN(value)) {
                arm.guardrails.merge(guardrail.name(), CenteredSums.of(value), CenteredSums::plus);
            }
        }
    }

    /** Takes the outcome of a prediction, if that counts for the stage and has none yet. */
    public void outcome(String id, String actual) {
        Case one = cases.get(id);
        if (one == null || one.isKnown) {
            return;
        }
        one.isKnown = true;
        double own = lose(champion, one.champion, actual);
        double other = lose(challenger, one.challenger, actual);
        if (!Double.isNaN(own) && !Double.isNaN(other)) {
            pairs = pairs.plus(CenteredSums.of(other - own));
        }
    }

    private double lose(Arm arm, @Nullable String answer, String actual) {
        if (answer == null || answer.isEmpty()) {
            return Double.NaN;
        }
        double loss = spec.measure().of(answer, actual);
        if (!Double.isNaN(loss)) {
            arm.loss = arm.loss.plus(CenteredSums.of(loss));
        }
        return loss;
    }

    /** Returns the sums of what was taken. */
    public ExperimentSums sums() {
        return new ExperimentSums(champion.sums(), challenger.sums(), pairs, List.of());
    }
}
