package dev.modelops.core.internal.serving;

import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.serving.VerifiedArtifact;
import dev.modelops.signing.SignedFile;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Verified files in a private folder. */
record FolderArtifact(ModelRef ref, Digest digest, List<SignedFile> files, Path folder) implements VerifiedArtifact {
    @Override
    public InputStream open(String name) {
        if (files.stream().noneMatch(file -> file.name().equals(name))) {
            throw new NotFoundException("model " + ref + " has no file '" + name + "'; it has "
                    + files.stream().map(SignedFile::name).toList());
        }
        try {
            return Files.newInputStream(folder.resolve(name));
        } catch (IOException e) {
            throw new StorageException("file '" + name + "' of " + ref + " could not be opened: " + e.getMessage(), e);
        }
    }
}
