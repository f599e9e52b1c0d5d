package dev.modelops.serving;

import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A prediction as the log keeps it.
 *
 * @param id its identity, as {@link Served#predictionId} gave it
 * @param version the version that answered, or in whose place {@code by} did
 * @param by what answered
 * @param environment where it served
 * @param at when it was recorded, by the clock of the process that served
 * @param position how far that process had followed the log, and so by which approvals and policies the version served
 * @param request the host's number of the request, if given
 * @param caller who asked, if given
 * @param experiment the {@linkplain Experiment#position position} of the experiment that it counts for, 0 if for none
 * @param pairOf of a shadow's answer, the identity of the champion's beside which it was given
 * @param input what the model was asked with, but for what was redacted; copied in
 * @param output what it answered, but for what was redacted; copied in
 */
public record PredictionRecord(
        String id,
        ModelRef version,
        Served.By by,
        Environment environment,
        Instant at,
        LogPosition position,
        Optional<String> request,
        Optional<String> caller,
        long experiment,
        Optional<String> pairOf,
        Map<String, String> input,
        Map<String, String> output) {
    /**
     * Creates a record.
     *
     * @param id its identity
     * @param version the version that answered
     * @param by what answered
     * @param environment where it served
     * @param at when it was recorded
     * @param position how far the log had been followed
     * @param request the host's number of the request
     * @param caller who asked
     * @param experiment the position of the experiment
     * @param pairOf the champion's answer beside which it was given
     * @param input what the model was asked with
     * @param output what it answered
     */
    public PredictionRecord {
        input = Map.copyOf(input);
        output = Map.copyOf(output);
    }
}
