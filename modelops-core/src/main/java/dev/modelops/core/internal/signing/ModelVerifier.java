package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** Verifies models on disk under one trust: first the bundle, then every file. */
public final class ModelVerifier implements Verifier {
    private static final String USUAL_NAME = "model.sig";

    private final PublisherTrust trust;
    private final Clock clock;
    private final int threads;

    /** Creates a verifier that reads so many files at once. */
    public ModelVerifier(PublisherTrust trust, Clock clock, int threads) {
        this.trust = trust;
        this.clock = clock;
        this.threads = threads;
    }

    @Override
    public VerificationResult verify(Path model, Bytes bundle, Progress progress) {
        VerifiedStatement statement;
        try {
            statement = trust.verify(Bundle.parse(bundle), clock.instant());
        } catch (VerificationException e) {
            return new VerificationResult.Rejected(e.reason(), String.valueOf(e.getMessage()));
        }
        FileManifest found =
                FileManifest.hash(model, ownFile(model, bundle, statement.files()), statement, progress, threads);
        var rejected = found.compare(statement.files());
        if (rejected.isPresent()) {
            return rejected.get();
        }
        return new VerificationResult.Verified(
                statement.root(), statement.files(), statement.signer(), statement.notes());
    }

    /**
     * Finds the bundle itself in the model: publishers need not record under which name they stored it, but this is the
     * usual one. It is left out for its content, not for its name.
     */
    public static Set<Path> ownFile(Path model, Bytes bundle, List<SignedFile> signedFiles) {
        Path file = model.resolve(USUAL_NAME);
        if (signedFiles.stream().anyMatch(signed -> signed.name().equals(USUAL_NAME))) {
            return Set.of();
        }
        try {
            boolean same = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Files.size(file) == bundle.length()
                    && Bytes.of(Files.readAllBytes(file)).equals(bundle);
            return same ? Set.of(file) : Set.of();
        } catch (IOException e) {
            throw new InvalidModelException("model could not be read: " + e.getMessage(), e);
        }
    }
}
