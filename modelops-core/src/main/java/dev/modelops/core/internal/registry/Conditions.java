package dev.modelops.core.internal.registry;

import dev.modelops.Alias;
import dev.modelops.Environment;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.VersionQuery;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The conditions of a query, all of which must hold. */
final class Conditions {
    private final List<VersionQuery.Condition> conditions;

    Conditions(List<VersionQuery.Condition> conditions) {
        this.conditions = conditions;
    }

    boolean hold(ModelVersion version, ModelState model) {
        for (VersionQuery.Condition condition : conditions) {
            if (!holds(condition, version, model)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(VersionQuery.Condition condition, ModelVersion version, ModelState model) {
        String equal = condition.equal().orElse("");
        String key = condition.key().orElse("");
        return switch (condition.field()) {
            case MODEL -> version.ref().name().value().equals(equal);
            case KIND -> version.kind().equals(equal);
            case DESCRIPTION -> version.description().toLowerCase(Locale.ROOT).contains(equal.toLowerCase(Locale.ROOT));
            case METRIC -> within(condition, version.metrics().get(key));
            case PARAMETER -> equal.equals(version.parameters().get(key));
            case TAG -> equal.equals(version.tags().get(key));
            case PARENT ->
                version.parent().map(parent -> parent.toString().equals(equal)).orElse(false);
            case DATA_SET ->
                version.dataSets().stream()
                        .anyMatch(dataSet -> dataSet.digest().toString().equals(equal));
            case CODE_COMMIT -> version.codeCommit().map(equal::equals).orElse(false);
            case ARTIFACT -> version.artifact().toString().equals(equal);
            case STATUS -> version.status().equals(equal);
            case AUTHOR -> version.author().toString().equals(equal);
            case REGISTERED ->
                condition
                                .from()
                                .map(from -> !version.registeredAt().isBefore(Instant.parse(from)))
                                .orElse(true)
                        && condition
                                .to()
                                .map(to -> version.registeredAt().isBefore(Instant.parse(to)))
                                .orElse(true);
            case ALIAS -> version.ref().version().equals(model.aliases().get(Alias.of(equal)));
            case CHAMPION -> version.ref().version().equals(model.champion(Environment.of(equal)));
        };
    }

    private static boolean within(VersionQuery.Condition condition, @Nullable BigDecimal value) {
        return value != null
                && condition
                        .from()
                        .map(least -> value.compareTo(new BigDecimal(least)) >= 0)
                        .orElse(true)
                && condition
                        .to()
                        .map(most -> value.compareTo(new BigDecimal(most)) <= 0)
                        .orElse(true);
    }
}
