package dev.modelops.core.internal.observation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.CommandId;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.core.internal.monitoring.Finding;
import dev.modelops.core.internal.monitoring.MonitorSpec;
import dev.modelops.core.internal.monitoring.MonitorSpec.Check;
import dev.modelops.core.internal.observation.Layouts.Watched;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.monitoring.DriftReport.Consequence;
import dev.modelops.monitoring.Response;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Action;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is to be done about alerts that fire, as acts that policy allows or refuses. Each is identified by its alert and
 * episode, so that of many processes one does it, and none does it twice; if one dies in between, the next does it.
 */
final class Responses {
    private static final Logger LOG = LoggerFactory.getLogger(Responses.class);

    private final Governor governor;
    private final Identity identity;
    private final Environment environment;

    /** What was refused, and under which policy set and roles, so that it is not asked for again and again. */
    private final Map<CommandId, Refused> refused = new HashMap<>();

    private record Refused(long policies, PMap<Principal, Set<Role>> grants, String reason) {}

    Responses(Governor governor, Identity identity, Environment environment) {
        this.governor = governor;
        this.identity = identity;
        this.environment = environment;
    }

    List<Consequence> carryOut(Watched watched, Instant now) {
        ModelRef ref = watched.ref();
        List<Consequence> consequences = new ArrayList<>();
        Map<String, Operations.AlertState> alerts =
                new TreeMap<>(state().requireModel(ref.name()).operations().alerts(environment, ref.version()));
        alerts.forEach((name, alert) -> {
            Check check = isActive(alert) ? check(watched.spec(), name) : null;
            if (check != null && check.response() != Response.NOTIFY) {
                CommandId id = CommandId.of("response-"
                        + Evaluation.hash(environment + "|" + ref + "|" + name + "|" + alert.episode() + "|"
                                        + check.response())
                                .substring(0, 54));
                String reason = reason(id, watched, name, alert, check.response(), now);
                consequences.add(new Consequence(
                        SessionMonitoring.alert(ref, environment, name, alert),
                        check.response(),
                        reason.isEmpty(),
                        reason));
            }
        });
        return consequences;
    }

    /** Who takes a trouble on does not thereby decide that nothing follows from it. */
    private static boolean isActive(Operations.AlertState alert) {
        return alert.state() == Alert.State.FIRING || alert.state() == Alert.State.ACKNOWLEDGED;
    }

    private RegistryState state() {
        return governor.ledger().tip().state();
    }

    /** Returns the check that an alert is of, or null if the monitor has none such. */
    private static @Nullable Check check(MonitorSpec spec, String name) {
        Check ofGroup = null;
        for (Check check : spec.checks()) {
            String key = new Finding(check, "", Finding.Level.UNKNOWN, List.of()).key();
            if (Evaluation.key(key).equals(name)) {
                return check;
            } else if (!check.privileged().isEmpty() && name.startsWith(key + "=")) {
                ofGroup = check;
            }
        }
        return ofGroup;
    }

    /** Returns why it is not done, or an empty text if it is. */
    private String reason(
            CommandId id, Watched watched, String name, Operations.AlertState alert, Response response, Instant now) {
        if (state().commands().get(id) != null) {
            return "";
        }
        long policies = state().policySets().current().number();
        Refused before = refused.get(id);
        PMap<Principal, Set<Role>> grants = state().grants();
        if (before != null && before.policies() == policies && before.grants().equals(grants)) {
            return before.reason();
        }
        try {
            String cause = "alert '"
                    + (name.length() > 300
                            ? name.substring(0, 250) + "#"
                                    + Evaluation.hash(name).substring(0, 40)
                            : name)
                    + "' fires, episode " + alert.episode();
            return switch (response) {
                case NOTIFY -> "";
                case QUARANTINE ->
                    done(Action.quarantine(watched.ref(), environment)
                            .because(cause)
                            .as(id));
                case ROLL_BACK -> rollBack(watched.ref(), cause, id);
                case REQUEST_RETRAINING -> requestRetraining(watched, cause, alert, now);
            };
        } catch (VersionConflictException | NotFoundException e) {
            String reason = String.valueOf(e.getMessage());
            LOG.warn("{} about {} is not done, and tried again: {}", response, watched.ref(), reason);
            return reason;
        } catch (AccessDeniedException e) {
            String reason = String.valueOf(e.getMessage());
            refused.put(id, new Refused(policies, grants, reason));
            LOG.warn("{} about {} is not done: {}", response, watched.ref(), reason);
            return reason;
        }
    }

    private String done(Action action) {
        var unused = governor.perform(identity, action);
        return "";
    }

    private String rollBack(ModelRef ref, String cause, CommandId id) {
        ModelState model = state().requireModel(ref.name());
        if (!ref.version().equals(model.champion(environment))) {
            return ref + " is not the champion of " + environment;
        }
        return done(Action.rollback(ref.name(), environment)
                .expectChampion(ref.version())
                .because(cause)
                .as(id));
    }

    /**
     * Returns the identity of the next request for a model in an environment. It follows from the last one, not from the alert:
     * of several processes that ask at once, about whatever alerts, one does.
     */
    static CommandId nextRequest(ModelName model, Environment environment, List<Operations.Retraining> asked) {
        long last = -1;
        for (Operations.Retraining one : asked) {
            if (one.environment().equals(environment)) {
                last = one.position().index();
            }
        }
        return CommandId.of("response-"
                + Evaluation.hash(environment + "|" + model + "|retraining after|" + last)
                        .substring(0, 54));
    }

    private List<Operations.Retraining> asked(ModelName model) {
        return state().requireModel(model).operations().retrainings();
    }

    private boolean isAsked(ModelRef ref, String cause) {
        return asked(ref.name()).stream()
                .anyMatch(one -> one.environment().equals(environment)
                        && one.version().equals(ref.version())
                        && one.cause().equals(cause));
    }

    private String requestRetraining(Watched watched, String cause, Operations.AlertState alert, Instant now) {
        MonitorSpec spec = watched.spec();
        ModelName model = watched.ref().name();
        List<Operations.Retraining> asked = asked(model);
        if (isAsked(watched.ref(), cause)) {
            return "";
        }
        for (Operations.Retraining one : asked) {
            if (one.environment().equals(environment)
                    && one.at().plus(spec.coolDown()).isAfter(now)) {
                return "it was asked at " + one.at() + " already, and not again within " + spec.coolDown();
            }
        }
        ObjectNode said = Json.object()
                .put("cause", cause)
                .put("from", spec.beginOf(alert.window() - spec.among() + 1).toString())
                .put("until", spec.endOf(alert.window()).toString())
                .put("alert", alert.position().index());
        var unused = governor.record(
                identity,
                Action.requestRetraining(watched.ref(), environment, cause).as(nextRequest(model, environment, asked)),
                said);
        return isAsked(watched.ref(), cause) ? "" : "another process asked at the same time, about another alert";
    }
}
