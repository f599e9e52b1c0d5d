package dev.modelops.samples.quickstart;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.Bytes;
import dev.modelops.ModelOps;
import dev.modelops.ModelOpsException;
import dev.modelops.Progress;
import dev.modelops.audit.AuditReport;
import dev.modelops.serving.ModelHandle;
import dev.modelops.serving.Served;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What happens when somebody changes a model's files behind the library's back. Works on copies. */
final class Tampering {
    private final OutputFolder output;
    private final Scratch scratch;
    private final Transcript say;

    Tampering(OutputFolder output, Scratch scratch, Transcript say) {
        this.output = output;
        this.scratch = scratch;
        this.say = say;
    }

    /** Changes one bit of the champion in a copy of the store, and asks a fresh process to serve it. */
    void storedFile() throws IOException {
        say.step("Change one bit of the champion in a copy of the store, and open that");
        Path copy = scratch.copy(output.store(), "store");
        Scratch.flipBit(stored(output.model().resolve(CreditModel.MODEL_FILE), copy));
        try (ModelOps ops = ModelOps.embedded(copy)) {
            ModelHandle<Scorer> handle =
                    ops.as(Quickstart.SERVICE).serving().open(Quickstart.MODEL.value(), PRODUCTION, new ScorerLoader());
            try {
                Served<Double> served = handle.apply(new Applicant(Map.of(), Map.of()), Scorer::score);
                throw new IllegalStateException("an altered model was served: " + served);
            } catch (ModelOpsException e) {
                say.line("the handle refuses: %s", e.getMessage());
            }
            AuditReport report = ops.as(Quickstart.AUDREY).audit().verify(Progress.NONE);
            if (report.isSound()) {
                throw new IllegalStateException("the verification of the log did not see the altered file");
            }
            report.findings().forEach(found -> say.line("the audit finds %s: %s", found.kind(), found.message()));
        }
    }

    /** Verifies the exported model with nothing but its signature and the publisher's public key, then an altered copy. */
    void exportedModel(Verifier publisher) throws IOException {
        say.step("Verify model/ against model.sig with publisher.pub alone, then a copy with one bit changed");
        Path altered = scratch.copy(output.model(), "model");
        Scratch.flipBit(altered.resolve(CreditModel.PREPROCESSING_FILE));
        Bytes signature = Bytes.of(Files.readAllBytes(output.signature()));

        VerificationResult.Verified verified =
                publisher.verify(output.model(), signature, Progress.NONE).orThrow();
        say.line("VERIFIED: %d files, signed by %s", verified.files().size(), verified.signer());
        VerificationResult result = publisher.verify(altered, signature, Progress.NONE);
        if (!(result instanceof VerificationResult.Rejected rejected)) {
            throw new IllegalStateException("an altered model was verified: " + result);
        }
        say.line("REJECTED: %s: %s", rejected.reason(), rejected.message());
    }

    private static Path stored(Path content, Path store) throws IOException {
        for (Path path : Scratch.tree(store)) {
            if (Files.isRegularFile(path) && Files.mismatch(path, content) == -1) {
                return path;
            }
        }
        throw new IllegalStateException(store + " must hold a copy of " + content + ", but does not");
    }
}
