package dev.modelops.samples.quickstart;

import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.VerifiedArtifact;
import java.io.IOException;

/** Makes a scorer of verified files: the one place where stored bytes become a running model. */
public final class ScorerLoader implements ModelLoader<Scorer> {
    @Override
    public Scorer load(VerifiedArtifact artifact) throws IOException {
        return CreditModel.read(artifact::open);
    }
}
