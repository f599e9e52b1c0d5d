package dev.modelops.samples.quickstart;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.signing.SignedFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder that passes for a verified artifact. */
record FolderArtifact(Path folder) implements VerifiedArtifact {
    @Override
    public ModelRef ref() {
        return ModelRef.of("credit-risk", 1);
    }

    @Override
    public Digest digest() {
        return Digest.sha256Of(Bytes.ofUtf8(folder.toString()));
    }

    @Override
    public List<SignedFile> files() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted()
                    .map(file -> new SignedFile(file.getFileName().toString(), digest()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public InputStream open(String name) {
        try {
            return Files.newInputStream(folder.resolve(name));
        } catch (NoSuchFileException e) {
            throw new NotFoundException("there is no file " + name, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
