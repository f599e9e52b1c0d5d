package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.core.internal.signing.FileManifest.Links;
import dev.modelops.core.internal.signing.FileManifest.Scan;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.VerificationResult.Note;
import dev.modelops.signing.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Verifies models on disk under one trust: first the bundle, then every file. */
public final class ModelVerifier implements Verifier {
    private static final String USUAL_NAME = "model.sig";

    private final BundleTrust trust;
    private final int threads;

    /** Creates a verifier that reads so many files at once. */
    public ModelVerifier(BundleTrust trust, int threads) {
        this.trust = trust;
        this.threads = threads;
    }

    /** Creates a verifier by keys and certificates, which must be valid at the time a clock shows. */
    public ModelVerifier(PublisherTrust trust, Clock clock, int threads) {
        this(trust.at(clock), threads);
    }

    /**
     * What a caller tolerates.
     *
     * @param leaveOut files and folders to pass over unless they are signed, such as the signature file
     * @param gitPathsIgnored whether git's own files at the top may be there unsigned
     * @param links whether symbolic links may be followed where the publisher did
     * @param unsignedFiles whether any file may be there unsigned
     * @param leniency which departures of other clients are accepted
     * @param timestampAnchors whose timestamps are believed; where there are none, no timestamp is looked at
     */
    public record Tolerance(
            Set<Path> leaveOut,
            boolean gitPathsIgnored,
            boolean links,
            boolean unsignedFiles,
            Leniency leniency,
            Set<X509Certificate> timestampAnchors) {
        /** Tolerates what the specification says. */
        public static final Tolerance STRICT = new Tolerance(Set.of(), true, false, false, Leniency.NONE);

        /** Tolerates that, and believes no timestamps. */
        public Tolerance(
                Set<Path> leaveOut, boolean gitPathsIgnored, boolean links, boolean unsignedFiles, Leniency leniency) {
            this(leaveOut, gitPathsIgnored, links, unsignedFiles, leniency, Set.of());
        }
    }

    @Override
    public VerificationResult verify(Path model, Bytes bundle, Progress progress) {
        return verify(model, bundle, Tolerance.STRICT, progress);
    }

    /** Verifies with what a caller tolerates. */
    public VerificationResult verify(Path model, Bytes bundle, Tolerance tolerance, Progress progress) {
        VerifiedStatement statement;
        try {
            Bundle parsed = Bundle.parse(bundle).timedBy(tolerance.timestampAnchors());
            BundleTrust.Approval approval = trust.judge(parsed, tolerance.leniency());
            statement = Statement.read(parsed, tolerance.leniency()).approved(approval);
        } catch (VerificationException e) {
            return new VerificationResult.Rejected(e.reason(), String.valueOf(e.getMessage()));
        }
        Set<Path> leaveOut = new HashSet<>(tolerance.leaveOut());
        leaveOut.addAll(ownFile(model, bundle, statement.files()));
        Links links = !statement.allowSymlinks()
                ? Links.REFUSED
                : tolerance.links() ? Links.FOLLOWED : Links.REFUSED_THOUGH_SIGNED;
        FileManifest found = FileManifest.hash(
                model,
                Scan.of(statement, leaveOut).tolerating(tolerance.unsignedFiles(), tolerance.gitPathsIgnored(), links),
                progress,
                threads);
        var rejected = found.compare(statement.files());
        if (rejected.isPresent()) {
            return rejected.get();
        }
        List<Note> notes = new ArrayList<>(statement.notes());
        if (found.passedOverUnsigned()) {
            notes.add(new Note(Note.Code.UNSIGNED_FILES_IGNORED, "the model holds what nobody signed; it was ignored"));
        }
        if (!found.passedOverIgnored().isEmpty()) {
            notes.add(new Note(
                    Note.Code.IGNORED_PATHS_PRESENT,
                    "the model holds what signatures leave out; it was not examined: "
                            + Names.quoted(found.passedOverIgnored())));
        }
        Map<String, CodeFormat> code = found.codeBearing();
        if (!code.isEmpty()) {
            Set<CodeFormat> formats = EnumSet.copyOf(code.values());
            notes.add(new Note(
                    Note.Code.CODE_BEARING_FORMAT,
                    "the model holds what can run code as it is loaded, whoever loads it: "
                            + Names.quoted(code.keySet()) + " ("
                            + formats.stream().map(CodeFormat::words).collect(Collectors.joining("; "))
                            + "); load it only if you would run a program of whoever signed it"));
        }
        return new VerificationResult.Verified(statement.root(), statement.files(), statement.signer(), notes);
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
