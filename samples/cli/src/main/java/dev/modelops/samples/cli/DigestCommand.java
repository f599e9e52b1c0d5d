package dev.modelops.samples.cli;

import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.core.signing.ModelSignatures;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The verb that tells what signing a model would sign. */
@Command(
        name = "digest",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Computes the identity of a model's content: what signing it with the same options signs.",
        footerHeading = "%nExample:%n",
        footer = {"  modelops digest model/ --ignore-paths model/model.sig", "", "JSON: {\"root\"}."})
final class DigestCommand extends Verb {
    @Mixin
    private final ModelFiles files = new ModelFiles();

    @Mixin
    private final Hashing hashing = new Hashing();

    @Override
    public Integer call() {
        Digest root = ModelSignatures.digest(files.model(), hashing.options(this, files, List.of()), Progress.NONE);
        print(root, out()::println, digest -> Json.object().put("root", digest.toString()));
        return 0;
    }
}
