package dev.modelops.registry;

import dev.modelops.Alias;
import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.VersionNumber;
import java.util.Map;

/**
 * A model as it is at one position of the log. Maps are copied in.
 *
 * @param name its name
 * @param latest the number of its newest version, which is also how many it has
 * @param champions the version that serves, by environment
 * @param aliases the version named, by alias
 * @param tags labels by key, some of which policies read as attributes of the model
 */
public record Model(
        ModelName name,
        VersionNumber latest,
        Map<Environment, VersionNumber> champions,
        Map<Alias, VersionNumber> aliases,
        Map<String, String> tags) {
    /**
     * Creates a value.
     *
     * @param name its name
     * @param latest the number of its newest version
     * @param champions the version that serves, by environment
     * @param aliases the version named, by alias
     * @param tags labels by key
     */
    public Model {
        champions = Map.copyOf(champions);
        aliases = Map.copyOf(aliases);
        tags = Map.copyOf(tags);
    }
}
