package dev.modelops.core.internal.governor;

import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.policy.EntityNames;
import dev.modelops.core.internal.policy.FactValues;
import dev.modelops.core.internal.policy.cedar.DecimalValue;
import dev.modelops.core.internal.policy.cedar.EntityUid;
import dev.modelops.core.internal.policy.cedar.Value;
import dev.modelops.core.internal.policy.cedar.Value.BoolValue;
import dev.modelops.core.internal.policy.cedar.Value.StringValue;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.policy.FactException;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What policies may know of a version whatever the request: worked out once for each state of it. */
final class VersionValues {
    private static final String RESOURCE = "resource.";
    private static final String FAIRNESS = "fairness.";
    private static final String REPORT = "validation-report";
    private static final String VALID_UNTIL = "validUntil";

    private final EntityUid uid;
    private final EntityUid author;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, String> failures = new HashMap<>();
    private final Map<String, Value> tags = new HashMap<>();
    private final Set<String> slices = new TreeSet<>();
    private final Set<Digest> evidence = new HashSet<>();
    private final LogPosition changed;
    private final Map<Environment, EntityUid> environments = new ConcurrentHashMap<>();

    private VersionValues(VersionState state) {
        ModelVersion version = state.version();
        this.uid = EntityNames.version(version.ref());
        this.author = EntityNames.user(version.author());
        put("author", author);
        put("number", FactValues.of(version.ref().version().value()));
        put("kind", new StringValue(version.kind()));
        put("status", new StringValue(version.status()));
        put("artifact", new StringValue(version.artifact().toString()));
        put("registeredAt", FactValues.of(version.registeredAt()));
        put("dataSets", texts(version.dataSets().stream().map(DataSet::name).toList()));
        put(
                "dataSetDigests",
                texts(version.dataSets().stream()
                        .map(dataSet -> dataSet.digest().toString())
                        .toList()));
        version.codeCommit().ifPresent(commit -> put("codeCommit", new StringValue(commit)));
        values.put("signature.trusted", BoolValue.of(version.publisher().isPresent()));
        version.publisher().ifPresent(publisher -> {
            StringValue key = new StringValue(publisher.toString());
            put("publisher", key);
            values.put("signature.publisher", key);
        });
        version.source().ifPresent(source -> {
            values.put("source.origin", new StringValue(source.origin()));
            values.put("source.key", new StringValue(source.logKey().text()));
            values.put("source.model", new StringValue(source.version().name().value()));
            values.put(
                    "source.version", FactValues.of(source.version().version().value()));
            values.put("source.author", EntityNames.user(source.author()));
        });
        version.tags().forEach((key, value) -> tags.put(key, new StringValue(value)));
        validUntil(version.tags().get(VALID_UNTIL));
        metrics(version.metrics());
        this.changed = documents(state);
    }

    /** Returns what is known of a version in a state. */
    static VersionValues of(VersionState state) {
        return state.derived().get(VersionValues.class, () -> new VersionValues(state));
    }

    /** Returns a fact, null if there is none; {@link FactException} if it cannot be told. */
    @Nullable Value value(String name) {
        Value value = values.get(name);
        if (value == null && !failures.isEmpty() && failures.containsKey(name)) {
            throw new FactException(failures.get(name));
        }
        return value;
    }

    /** Adds the names of all facts. */
    void addNames(Set<String> names) {
        values.keySet().stream()
                .filter(name -> !name.startsWith(EntityNames.METRICS_ROUNDED_UP))
                .forEach(names::add);
        names.addAll(failures.keySet());
    }

    /** Returns the version as an entity. */
    EntityUid uid() {
        return uid;
    }

    /** Returns its author as an entity. */
    EntityUid author() {
        return author;
    }

    /** Returns an environment as an entity, the same each time. */
    EntityUid environment(Environment environment) {
        EntityUid known = environments.get(environment);
        return known != null ? known : environments.computeIfAbsent(environment, EntityNames::environment);
    }

    /** Returns a tag, or null. */
    @Nullable Value tag(String key) {
        return tags.get(key);
    }

    /** Returns the slices for which fairness was measured. */
    Set<String> slices() {
        return slices;
    }

    /** Returns the digests of the documents attached. */
    Set<Digest> evidence() {
        return evidence;
    }

    /** Returns where the latest document was attached; the beginning if there is none. */
    LogPosition changed() {
        return changed;
    }

    static Value texts(Collection<String> texts) {
        return Value.SetValue.of(texts.stream().map(StringValue::new).toList());
    }

    private void put(String name, @Nullable Value value) {
        if (value != null) {
            values.put(RESOURCE + name, value);
        }
    }

    private void validUntil(@Nullable String tag) {
        if (tag != null) {
            try {
                put(VALID_UNTIL, FactValues.of(Instant.parse(tag)));
            } catch (DateTimeException e) {
                failures.put(
                        RESOURCE + VALID_UNTIL,
                        "the tag " + VALID_UNTIL + " of " + uid.id()
                                + " must be a time such as 2027-01-31T00:00:00Z, but is '" + tag + "'");
            }
        }
    }

    private void metrics(Map<String, BigDecimal> metrics) {
        BigDecimal largest = null;
        for (Map.Entry<String, BigDecimal> metric : metrics.entrySet()) {
            String name = metric.getKey();
            DecimalValue down = DecimalValue.ofRounded(metric.getValue(), RoundingMode.FLOOR);
            DecimalValue up = DecimalValue.ofRounded(metric.getValue(), RoundingMode.CEILING);
            if (down != null) {
                values.put(EntityNames.METRICS + "." + name, down);
            }
            if (up != null) {
                values.put(EntityNames.METRICS_ROUNDED_UP + "." + name, up);
            }
            if (name.startsWith(FAIRNESS)) {
                slices.add(name.substring(FAIRNESS.length()));
                BigDecimal size = metric.getValue().abs();
                largest = largest == null || size.compareTo(largest) > 0 ? size : largest;
            }
        }
        values.put("fairness.slices", texts(slices));
        if (largest != null) {
            DecimalValue up = DecimalValue.ofRounded(largest, RoundingMode.CEILING);
            if (up == null) {
                failures.put("fairness.largest", "the largest of the fairness metrics does not fit a decimal");
            } else {
                values.put("fairness.largest", up);
            }
        }
    }

    private LogPosition documents(VersionState state) {
        LogPosition last = LogPosition.of(0);
        Set<String> types = new TreeSet<>();
        Set<String> attested = new TreeSet<>();
        for (Evidence item : state.evidence()) {
            types.add(item.type());
            evidence.add(item.digest());
            last = item.position();
            if (!item.signers().isEmpty()) {
                attested.add(item.type());
            }
            if (item.outcome().isPresent()) {
                values.put(
                        item.type().equals(Predicate.TestResult.TYPE) ? "attested.tests" : "attested.verification",
                        new StringValue(item.outcome().get().name()));
            }
            Value at = FactValues.of(item.at());
            if (item.type().equals(REPORT) && at != null) {
                values.put("validation.at", at);
            }
        }
        values.put("documents", texts(types));
        values.put("attested.types", texts(attested));
        return last;
    }
}
