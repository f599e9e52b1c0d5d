package dev.modelops.registry;

import dev.modelops.policy.Action;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The states a version may be in and the transitions between them: data, fixed by the genesis of a log.
 *
 * @param initial the state of a new version
 * @param states every state by name; copied in
 * @param transitions the permitted steps; copied in
 */
public record LifeCycle(String initial, Map<String, State> states, List<Transition> transitions) {
    private static final Set<String> ACTIONS =
            Arrays.stream(Action.Type.values()).map(Action.Type::id).collect(Collectors.toUnmodifiableSet());

    /**
     * Creates a life cycle.
     *
     * @param initial the state of a new version
     * @param states every state by name
     * @param transitions the permitted steps
     * @throws IllegalArgumentException if a step names an unknown state or is called like an action, two steps of one
     *     name leave the same state, a state cannot be reached, or a state that is not final has no way out
     */
    public LifeCycle {
        states = Map.copyOf(states);
        transitions = List.copyOf(transitions);
        if (!states.containsKey(initial)) {
            throw new IllegalArgumentException("life cycle has no state '" + initial + "' to begin with");
        }
        Set<String> steps = new HashSet<>();
        Set<String> left = new HashSet<>();
        for (Transition step : transitions) {
            for (String end : List.of(step.from(), step.to())) {
                if (!states.containsKey(end)) {
                    throw new IllegalArgumentException(
                            "transition '" + step.name() + "' names unknown state '" + end + "'");
                }
            }
            if (ACTIONS.contains(step.name())) {
                throw new IllegalArgumentException("transition '" + step.name()
                        + "' is called like an action, which policies could not tell apart; name it otherwise");
            }
            if (!steps.add(step.name() + '\n' + step.from())) {
                throw new IllegalArgumentException(
                        "two transitions '" + step.name() + "' leave state '" + step.from() + "'");
            }
            left.add(step.from());
        }
        Set<String> reached = reachable(initial, transitions);
        for (Map.Entry<String, State> state : new TreeMap<>(states).entrySet()) {
            if (!reached.contains(state.getKey())) {
                throw new IllegalArgumentException("state '" + state.getKey() + "' cannot be reached");
            }
            if (state.getValue().isFinal() == left.contains(state.getKey())) {
                throw new IllegalArgumentException("state '" + state.getKey()
                        + (state.getValue().isFinal()
                                ? "' is final but can be left"
                                : "' is not final but has no way out"));
            }
        }
    }

    /**
     * Returns the default: {@code active} versions are promoted and served; {@code deprecated} ones are still served;
     * {@code retired} and {@code revoked} ones are not.
     *
     * @return the template
     */
    public static LifeCycle standard() {
        return new LifeCycle(
                "active",
                Map.of(
                        "active", new State(true, true, false),
                        "deprecated", new State(false, true, false),
                        "retired", new State(false, false, false),
                        "revoked", new State(false, false, true)),
                List.of(
                        new Transition("deprecate", "active", "deprecated"),
                        new Transition("reinstate", "deprecated", "active"),
                        new Transition("retire", "active", "retired"),
                        new Transition("retire", "deprecated", "retired"),
                        new Transition("revoke", "active", "revoked"),
                        new Transition("revoke", "deprecated", "revoked"),
                        new Transition("revoke", "retired", "revoked")));
    }

    /**
     * Returns where a transition leads from a state.
     *
     * @param state the present state
     * @param transition the transition's name
     * @return the next state, empty if the transition does not leave this state
     */
    public Optional<String> next(String state, String transition) {
        return transitions.stream()
                .filter(step -> step.from().equals(state) && step.name().equals(transition))
                .map(Transition::to)
                .findFirst();
    }

    private static Set<String> reachable(String initial, List<Transition> transitions) {
        Set<String> reached = new HashSet<>(Set.of(initial));
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Transition step : transitions) {
                grown |= reached.contains(step.from()) && reached.add(step.to());
            }
        }
        return reached;
    }

    /**
     * What a state means.
     *
     * @param promotable whether a version in it may become champion
     * @param servable whether a version in it may serve
     * @param isFinal whether it can never be left
     */
    public record State(boolean promotable, boolean servable, boolean isFinal) {}

    /**
     * A permitted step.
     *
     * @param name what the step is called, which is also the action that policies see
     * @param from the state it leaves
     * @param to the state it enters
     */
    public record Transition(String name, String from, String to) {}
}
