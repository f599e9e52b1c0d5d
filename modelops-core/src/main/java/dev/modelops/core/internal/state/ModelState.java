package dev.modelops.core.internal.state;

import dev.modelops.Alias;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.VersionNumber;
import dev.modelops.registry.Model;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** A model with its versions, by number from 1, and what points at them. Immutable. */
public record ModelState(
        ModelName name,
        PVector<VersionState> versions,
        PMap<Environment, PVector<VersionNumber>> champions,
        PMap<Alias, VersionNumber> aliases) {

    static ModelState of(ModelName name) {
        return new ModelState(name, TreePVector.empty(), HashTreePMap.empty(), HashTreePMap.empty());
    }

    /** Returns a version, or null. */
    public @Nullable VersionState version(VersionNumber number) {
        return number.value() <= versions.size() ? versions.get(number.value() - 1) : null;
    }

    /** Returns the champion of an environment, or null. */
    public @Nullable VersionNumber champion(Environment environment) {
        PVector<VersionNumber> history = champions.get(environment);
        return history == null ? null : history.get(history.size() - 1);
    }

    /** Returns the model as callers see it. */
    public Model summary() {
        Map<Environment, VersionNumber> current = new HashMap<>();
        champions.forEach((environment, history) -> current.put(environment, history.get(history.size() - 1)));
        return new Model(name, VersionNumber.of(versions.size()), current, aliases);
    }

    ModelState with(VersionState version) {
        int place = version.version().ref().version().value() - 1;
        return new ModelState(
                name,
                place == versions.size() ? versions.plus(version) : versions.with(place, version),
                champions,
                aliases);
    }

    ModelState championed(Environment environment, VersionNumber number) {
        PVector<VersionNumber> history = champions.get(environment);
        PVector<VersionNumber> longer = (history == null ? TreePVector.<VersionNumber>empty() : history).plus(number);
        return new ModelState(name, versions, champions.plus(environment, longer), aliases);
    }

    ModelState aliased(Alias alias, @Nullable VersionNumber number) {
        return new ModelState(
                name, versions, champions, number == null ? aliases.minus(alias) : aliases.plus(alias, number));
    }
}
