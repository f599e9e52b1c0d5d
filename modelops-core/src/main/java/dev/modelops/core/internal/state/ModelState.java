package dev.modelops.core.internal.state;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Alias;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.registry.Model;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A model with its versions, by number from 1, and what points at them. A model may have tags before it has versions.
 * Immutable.
 *
 * @param champions every champion an environment had, the present one last
 * @param reigns when each of these became champion
 * @param halts what of it is not to be served
 * @param operations what came of running it
 */
public record ModelState(
        ModelName name,
        PVector<VersionState> versions,
        PMap<Environment, PVector<VersionNumber>> champions,
        PMap<Environment, PVector<Instant>> reigns,
        PMap<Alias, VersionNumber> aliases,
        PMap<String, String> tags,
        Halts halts,
        Operations operations,
        Derived derived) {

    ModelState(
            ModelName name,
            PVector<VersionState> versions,
            PMap<Environment, PVector<VersionNumber>> champions,
            PMap<Environment, PVector<Instant>> reigns,
            PMap<Alias, VersionNumber> aliases,
            PMap<String, String> tags,
            Halts halts,
            Operations operations) {
        this(name, versions, champions, reigns, aliases, tags, halts, operations, new Derived());
    }

    static ModelState of(ModelName name) {
        return new ModelState(
                name,
                TreePVector.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                Halts.none(),
                Operations.none());
    }

    /** Tells whether a version of it was ever registered. */
    public boolean isRegistered() {
        return !versions.isEmpty();
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
        return new Model(name, VersionNumber.of(versions.size()), current, aliases, tags);
    }

    ModelState with(VersionState version) {
        int place = version.version().ref().version().value() - 1;
        return new ModelState(
                name,
                place == versions.size() ? versions.plus(version) : versions.with(place, version),
                champions,
                reigns,
                aliases,
                tags,
                halts,
                operations);
    }

    ModelState championed(Environment environment, VersionNumber number, Instant at) {
        return new ModelState(
                name,
                versions,
                champions.plus(environment, longer(champions.get(environment), number)),
                reigns.plus(environment, longer(reigns.get(environment), at)),
                aliases,
                tags,
                halts,
                operations);
    }

    ModelState with(Halts changed) {
        return new ModelState(name, versions, champions, reigns, aliases, tags, changed, operations);
    }

    ModelState with(Operations changed) {
        return new ModelState(name, versions, champions, reigns, aliases, tags, halts, changed);
    }

    /** Returns the model after an entry about how it runs; {@link IllegalArgumentException} if the entry does not follow. */
    public ModelState operated(
            EntryType type, ModelRef about, Environment environment, JsonNode data, LogPosition position, Instant at) {
        return with(operations.after(type, about, environment, champion(environment), data, position, at));
    }

    ModelState aliased(Alias alias, @Nullable VersionNumber number) {
        return new ModelState(
                name,
                versions,
                champions,
                reigns,
                number == null ? aliases.minus(alias) : aliases.plus(alias, number),
                tags,
                halts,
                operations);
    }

    ModelState tagged(String key, @Nullable String value) {
        return new ModelState(
                name,
                versions,
                champions,
                reigns,
                aliases,
                value == null ? tags.minus(key) : tags.plus(key, value),
                halts,
                operations);
    }

    private static <T> PVector<T> longer(@Nullable PVector<T> list, T last) {
        return (list == null ? TreePVector.<T>empty() : list).plus(last);
    }
}
