package dev.modelops.core.internal.observation;

import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.ReadOnlyException;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.registry.SessionAccess;
import dev.modelops.core.internal.state.Operations;
import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.Monitor;
import dev.modelops.monitoring.Monitoring;
import dev.modelops.policy.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Monitoring as one caller uses it. */
public final class SessionMonitoring implements Monitoring {
    private final Governor governor;
    private final LiveMonitoring monitoring;
    private final SessionAccess access;

    /** Creates it for a caller. */
    public SessionMonitoring(Governor governor, LiveMonitoring monitoring, SessionAccess access) {
        this.governor = governor;
        this.monitoring = monitoring;
        this.access = access;
    }

    @Override
    public Monitor open(String model, Environment environment) {
        Identity identity = access.caller();
        ModelName name = ModelName.of(model);
        Action action = Action.record(name, environment);
        governor.require(identity, action);
        var unused = governor.ledger().tip().state().requireModel(name);
        if (governor.isReadOnly()) {
            throw new ReadOnlyException(
                    "the log was opened without a writer key; open it with writer(...) to " + action);
        }
        return monitoring.open(identity, name, environment);
    }

    @Override
    public List<Alert> alerts(String model, Environment environment) {
        ModelName name = ModelName.of(model);
        access.requireRead(name);
        Operations operations =
                governor.ledger().tip().state().requireModel(name).operations();
        List<Alert> alerts = new ArrayList<>();
        var there = operations.alerts().get(environment);
        if (there != null) {
            for (VersionNumber number : there.keySet().stream().sorted().toList()) {
                new TreeMap<>(operations.alerts(environment, number))
                        .forEach((check, state) ->
                                alerts.add(alert(new ModelRef(name, number), environment, check, state)));
            }
        }
        return List.copyOf(alerts);
    }

    static Alert alert(ModelRef ref, Environment environment, String check, Operations.AlertState state) {
        return new Alert(
                ref,
                environment,
                check,
                Alert.State.valueOf(state.state().name()),
                state.episode(),
                state.since(),
                state.position());
    }
}
