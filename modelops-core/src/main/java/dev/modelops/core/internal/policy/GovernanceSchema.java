package dev.modelops.core.internal.policy;

import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.Expr;
import dev.modelops.core.internal.policy.cedar.Expr.GetAttr;
import dev.modelops.core.internal.policy.cedar.Expr.Has;
import dev.modelops.core.internal.policy.cedar.Expr.Var;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.policy.Action;
import dev.modelops.registry.LifeCycle;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Cedar schema of what policies may speak of: entities, actions, and the facts that each action's context has. */
public final class GovernanceSchema {
    private static final Pattern TYPE = Pattern.compile(
            "(Set<)?(Bool|Long|String|decimal|datetime|duration|ipaddr|User|Role|Environment|Model|ModelVersion)>?");
    private static final Pattern FACT = Pattern.compile("[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*){1,7}");
    private static final Pattern STEP = Pattern.compile("[^\"\\\\\\p{Cntrl}]{1,128}");

    /** Facts that hosts usually give, by name. */
    private static final Map<String, String> USUAL = Map.ofEntries(
            Map.entry("calendar.frozen", "Bool"),
            Map.entry("calendar.inChangeWindow", "Bool"),
            Map.entry("canary.errorBudgetIntact", "Bool"),
            Map.entry("drift.checkedAt", "datetime"),
            Map.entry("drift.open", "Long"),
            Map.entry("findings.open", "Long"),
            Map.entry("findings.scannedAt", "datetime"),
            Map.entry("incident.open", "Bool"),
            Map.entry("incident.openedAt", "datetime"),
            Map.entry("incident.ticket", "String"),
            Map.entry("jurisdiction.region", "String"));

    private static final Var CONTEXT = new Var(Expr.Variable.CONTEXT);
    private static final Set<String> METRIC_RECORDS =
            Set.of(EntityNames.METRICS, EntityNames.METRICS_ROUNDED_UP, "regression", "increase");

    private static final String ENTITIES = """
            // What policies may speak of. A user is in the roles that count; roles named unit.x are organisational units.
            entity Role;
            entity User in [Role] {
              assurance?: Long,
              roles?: Set<Role>,
              units?: Set<Role>,
            %s};
            entity Environment {
              services: Role,
            %s};
            entity Log;

            // The typed attributes of a model are tags of it. "model" is the model itself, so that a rule reads the same on
            // models and versions. The last lines are there for a rollback, and are those of the version it would lead to.
            entity Model {
              model: Model,
              project?: Role,
              owner?: Role,
              delegates?: Role,
              tier?: Long,
              confidential?: Bool,
              exportControlled?: Bool,
              dataClass?: String,
              publishers?: Set<String>,
              slices?: Set<String>,
              author?: User,
              number?: Long,
              kind?: String,
              status?: String,
              promotable?: Bool,
              servable?: Bool,
              artifact?: String,
              registeredAt?: datetime,
              dataSets?: Set<String>,
              dataSetDigests?: Set<String>,
              codeCommit?: String,
              publisher?: String,
              validUntil?: datetime,
            } tags String;
            entity ModelVersion in [Model] {
              model: Model,
              author: User,
              number: Long,
              kind: String,
              status: String,
              promotable: Bool,
              servable: Bool,
              artifact: String,
              registeredAt: datetime,
              dataSets: Set<String>,
              dataSetDigests: Set<String>,
              codeCommit?: String,
              publisher?: String,
              validUntil?: datetime,
            } tags String;

            type Signature = { trusted: Bool, publisher?: String };
            type Attested = { types: Set<String>, roles: Set<String>, tests?: String, verification?: String };
            type Validation = { at: datetime };
            type Lineage = { dataSets: Set<String>, dataSetDigests: Set<String>, complete: Bool };
            type Fairness = { slices: Set<String>, missing: Set<String>, largest?: decimal };
            type Approvals = {
              independent: Long,
              rejections: Long,
              signed: Long,
              signaturesMissing: Long,
              by: Set<User>,
              roles: Set<Role>,
              last?: User,
              newest?: datetime,
              secondNewest?: datetime,
              thirdNewest?: datetime,
            };
            type Champion = {
              exists: Bool,
              version?: ModelVersion,
              current?: Bool,
              former?: Bool,
              lastServed?: datetime,
            };
            type Halt = { quarantined: Bool, suspended: Bool };
            type Alerts = { firing: Set<String> };
            type Experiment = {
              challenger: Bool,
              id?: String,
              stage?: Long,
              verdict?: String,
              verdictStage?: Long,
              judgedAt?: datetime,
            };
            type Owners = { missing: Set<Role> };
            type Staging = { since: datetime };
            type Gates = { gates: Set<String> };
            type Alias = { name: String };
            type Tag = { key: String, value?: String };
            type Grant = { role: String, self: Bool };
            type Source = { origin: String, key: String, model: String, version: Long, author?: User };
            type Policies = { digest: String, proposer?: User, revision?: Long, self?: Bool };
            type Trust = { version: Long };
            type Override = { action: String, rules: Set<String>, reason: String };
            """;

    private static final String VERSION = """
              signature%1$s: Signature,
              documents%1$s: Set<String>,
              attested%1$s: Attested,
              validation?: Validation,
              lineage%1$s: Lineage,
              fairness%1$s: Fairness,
              source?: Source,
              metrics?: Metrics,
              metricsRoundedUp?: Metrics,
            """;

    private static final String JUDGED = """
              environment%1$s: Environment,
              required%1$s: Gates,
              approvals%1$s: Approvals,
              champion%1$s: Champion,
              halt%1$s: Halt,
              alerts%1$s: Alerts,
              experiment%1$s: Experiment,
              owners%1$s: Owners,
              staging?: Staging,
              regression?: Metrics,
              increase?: Metrics,
            """;

    private final StringBuilder text = new StringBuilder();
    private final String always;

    private GovernanceSchema(Collection<String> metrics, Map<String, String> facts, LifeCycle lifeCycle) {
        SortedMap<String, Object> tree = new TreeMap<>();
        SortedMap<String, String> all = new TreeMap<>(USUAL);
        all.putAll(facts);
        all.forEach((name, type) -> {
            if (!FACT.matcher(name).matches()
                    || !TYPE.matcher(type).matches()
                    || type.startsWith("Set<") != type.endsWith(">")) {
                throw new IllegalArgumentException("a fact must be named like drift.open and have a type such as Long,"
                        + " datetime or Set<String>, but one was '" + name + "' of type '" + type + "'");
            }
            plant(tree, name, type);
        });
        String ofUsers = attributes(tree, "principal");
        String ofEnvironments = attributes(tree, "environment");
        this.always = "  now: datetime,\n" + attributes(tree);
        text.append(String.format(ENTITIES, ofUsers, ofEnvironments));
        text.append("type Metrics = {\n");
        new TreeSet<>(metrics)
                .forEach(metric -> text.append("  ").append(quoted(metric)).append("?: decimal,\n"));
        text.append("};\n\n");
        actions(lifeCycle);
    }

    /**
     * Returns the text of the schema.
     *
     * @param metrics the names of the metrics that rules may read
     * @param facts the types of facts that providers give, beside the usual ones, by name
     * @throws IllegalArgumentException if a name or a type is not one
     */
    public static String text(Collection<String> metrics, Map<String, String> facts, LifeCycle lifeCycle) {
        return new GovernanceSchema(metrics, facts, lifeCycle).text.toString();
    }

    /**
     * Returns the schema that a policy set is held against: it has the metrics that the rules mention, and the facts whose
     * types they give.
     *
     * @throws IllegalArgumentException if a rule gives a fact no type there is, or two rules give one fact two types
     */
    public static Schema of(CedarPolicySet set, LifeCycle lifeCycle) {
        Set<String> metrics = new TreeSet<>();
        Map<String, String> facts = new TreeMap<>();
        Stream.concat(set.policies().entrySet().stream(), set.templates().entrySet().stream())
                .forEach(rule -> {
                    metrics.addAll(metrics(rule.getValue()));
                    RuleTerms.of(rule.getKey(), rule.getValue()).facts().forEach((name, type) -> {
                        String other = facts.putIfAbsent(name, type);
                        if (other != null && !other.equals(type)) {
                            throw new IllegalArgumentException("policy '" + rule.getKey() + "' gives fact '" + name
                                    + "' the type " + type + ", another gives it " + other + "; choose one");
                        }
                    });
                });
        return SchemaText.read(text(metrics, facts, lifeCycle));
    }

    /** Returns the facts that a host has to give, so that reading them may fail, by the id of each rule that may read some. */
    public static SortedMap<String, SortedSet<String>> hostFacts(CedarPolicySet set) {
        Set<String> given = new TreeSet<>(USUAL.keySet());
        set.policies()
                .forEach((id, policy) ->
                        given.addAll(RuleTerms.of(id, policy).facts().keySet()));
        SortedMap<String, SortedSet<String>> found = new TreeMap<>();
        set.policies().forEach((id, policy) -> {
            FactsRead reads = FactsRead.of(policy);
            SortedSet<String> read = new TreeSet<>(given);
            read.removeIf(fact -> !reads.reads(fact));
            if (!read.isEmpty()) {
                found.put(id, read);
            }
        });
        return found;
    }

    /** Returns the names of the metrics that a rule mentions. */
    public static Set<String> metrics(CedarPolicy policy) {
        Set<String> found = new TreeSet<>();
        Deque<Expr> open = new ArrayDeque<>();
        policy.clauses().forEach(clause -> open.push(clause.body()));
        while (!open.isEmpty()) {
            Expr expr = open.pop();
            Expr of = expr instanceof GetAttr get ? get.of() : expr instanceof Has has ? has.of() : null;
            if (of instanceof GetAttr record && record.of().equals(CONTEXT) && METRIC_RECORDS.contains(record.name())) {
                found.add(expr instanceof GetAttr get ? get.name() : ((Has) expr).name());
            }
            expr.parts().forEach(open::push);
        }
        return found;
    }

    private void actions(LifeCycle lifeCycle) {
        String version = String.format(VERSION, "");
        String judged = version + String.format(JUDGED, "");
        String perhaps = String.format(VERSION, "?") + String.format(JUDGED, "?");
        for (Action.Type type : Action.Type.values()) {
            String id = type.id();
            switch (type) {
                case REGISTER -> action(id, "Model", "");
                case IMPORT_VERSION -> action(id, "Model", "  source: Source,\n");
                case ATTACH_EVIDENCE, COMMENT -> action(id, "ModelVersion", version);
                case APPROVE,
                        REJECT,
                        WITHDRAW,
                        PROMOTE,
                        QUARANTINE,
                        FALL_BACK,
                        SERVE,
                        ALERT,
                        ACKNOWLEDGE,
                        START_EXPERIMENT,
                        END_EXPERIMENT,
                        JUDGE,
                        REQUEST_RETRAINING -> action(id, "ModelVersion", judged);
                case SUSPEND, RESUME ->
                    action(id, "Model", "  environment: Environment,\n  required: Gates,\n  champion: Champion,\n");
                case ROLLBACK ->
                    action(
                            id,
                            "Model",
                            perhaps.replace("environment?:", "environment:")
                                    .replace("required?:", "required:")
                                    .replace("champion?:", "champion:"));
                case SET_ALIAS -> action(id, "ModelVersion", version + "  alias: Alias,\n");
                case REMOVE_ALIAS -> action(id, "Model", "  alias: Alias,\n");
                case SET_TAG, REMOVE_TAG ->
                    action(id, "ModelVersion, Model", String.format(VERSION, "?") + "  tag: Tag,\n");
                case GRANT_ROLE, REVOKE_ROLE -> action(id, "User", "  grant: Grant,\n");
                case TRANSITION -> {
                    text.append("action \"transition\";\n");
                    for (String step : new TreeSet<>(lifeCycle.transitions().stream()
                            .map(LifeCycle.Transition::name)
                            .toList())) {
                        if (!STEP.matcher(step).matches()) {
                            throw new IllegalArgumentException(
                                    "the step '" + step + "' of the life cycle has a name that a schema cannot hold");
                        }
                        action(step, " in [\"transition\"]", "ModelVersion", version);
                    }
                }
                case PROPOSE_POLICIES, INSTALL_POLICIES -> action(id, "Log", "  policies: Policies,\n");
                case RECORD -> action(id, "Model", "  environment: Environment,\n");
                case EXPIRE_RECORDS -> action(id, "Model", "");
                case INSTALL_TRUST -> action(id, "Log", "  trust: Trust,\n");
                case READ -> action(id, "Model, Log", "");
                case AUDIT, ERASE, LIFT_HOLD -> action(id, "Log", "");
                case HOLD -> action(id, "Model, Log", "");
                case OVERRIDE ->
                    action(
                            id,
                            "ModelVersion, Model, User, Log",
                            perhaps + "  alias?: Alias,\n  tag?: Tag,\n  grant?: Grant,\n  policies?: Policies,\n"
                                    + "  trust?: Trust,\n"
                                    + "  override: Override,\n");
            }
        }
    }

    private void action(String id, String resources, String context) {
        action(id, "", resources, context);
    }

    private void action(String id, String in, String resources, String context) {
        text.append("action \"")
                .append(id)
                .append('"')
                .append(in)
                .append(" appliesTo {\nprincipal: User,\nresource: ")
                .append(resources.contains(",") ? "[" + resources + "]" : resources)
                .append(",\ncontext: {\n")
                .append(always)
                .append(context)
                .append("}\n};\n");
    }

    @SuppressWarnings("unchecked")
    private static void plant(SortedMap<String, Object> tree, String name, String type) {
        List<String> parts = List.of(name.split("\\.", -1));
        SortedMap<String, Object> at = tree;
        for (String part : parts.subList(0, parts.size() - 1)) {
            Object next = at.computeIfAbsent(part, absent -> new TreeMap<String, Object>());
            if (!(next instanceof SortedMap<?, ?>)) {
                throw new IllegalArgumentException("fact '" + name + "' leads through the fact '" + part + "'");
            }
            at = (SortedMap<String, Object>) next;
        }
        Object before = at.put(parts.get(parts.size() - 1), type);
        if (before instanceof SortedMap<?, ?>) {
            throw new IllegalArgumentException("another fact leads through the fact '" + name + "'");
        }
    }

    private static String attributes(SortedMap<String, Object> tree, String of) {
        return tree.remove(of) instanceof SortedMap<?, ?> own ? attributes(own) : "";
    }

    private static String attributes(SortedMap<?, ?> tree) {
        return tree.entrySet().stream()
                .map(entry -> "  " + entry.getKey() + "?: " + type(entry.getValue()) + ",\n")
                .collect(Collectors.joining());
    }

    private static String type(Object node) {
        return node instanceof SortedMap<?, ?> inner
                ? inner.entrySet().stream()
                        .map(entry -> entry.getKey() + "?: " + type(entry.getValue()))
                        .collect(Collectors.joining(", ", "{ ", " }"))
                : (String) node;
    }

    private static String quoted(String metric) {
        StringBuilder quoted = new StringBuilder("\"");
        metric.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c)) {
                quoted.append("\\u{").append(Integer.toHexString(c)).append('}');
            } else {
                quoted.appendCodePoint(c);
            }
        });
        return quoted.append('"').toString();
    }
}
