package dev.modelops.samples.cli;

import dev.modelops.Alias;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.VersionNumber;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import org.jspecify.annotations.Nullable;

/** A model, or one version of it by number or alias, as the user names it. */
record ModelTarget(
        ModelName name,
        @Nullable VersionNumber number,
        @Nullable Alias alias) {
    static ModelTarget parse(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            return new ModelTarget(ModelName.of(text), null, null);
        }
        ModelName name = ModelName.of(text.substring(0, at));
        String which = text.substring(at + 1);
        if (which.matches("[0-9]+")) {
            return new ModelTarget(name, ModelRef.parse(text).version(), null);
        }
        return new ModelTarget(name, null, Alias.of(which));
    }

    boolean isVersion() {
        return number != null || alias != null;
    }

    ModelVersion version(RegistryView registry) {
        if (alias != null) {
            return registry.find(name, alias)
                    .orElseThrow(() -> new NotFoundException("there is no alias '" + alias + "' of " + name
                            + " at position " + registry.position() + "; show the model to see what there is"));
        }
        if (number != null) {
            return registry.get(new ModelRef(name, number));
        }
        throw new IllegalStateException(name + " names no version");
    }
}
