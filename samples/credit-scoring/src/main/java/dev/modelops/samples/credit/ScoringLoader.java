package dev.modelops.samples.credit;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.modelops.samples.quickstart.Applicant;
import dev.modelops.samples.quickstart.CreditModel;
import dev.modelops.samples.quickstart.Scorer;
import dev.modelops.serving.ModelLoader;
import dev.modelops.serving.VerifiedArtifact;
import java.io.IOException;

/** Makes a scorer of verified files, and has it answer the golden inputs among them. */
final class ScoringLoader implements ModelLoader<Scorer> {
    private static final JsonMapper JSON = new JsonMapper();

    @Override
    public Scorer load(VerifiedArtifact artifact) throws IOException {
        return CreditModel.read(artifact::open);
    }

    @Override
    public String answer(Scorer model, String input) throws IOException {
        return Double.toString(model.score(JSON.readValue(input, Applicant.class)));
    }
}
