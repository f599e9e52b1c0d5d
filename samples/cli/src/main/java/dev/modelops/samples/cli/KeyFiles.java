package dev.modelops.samples.cli;

import dev.modelops.audit.CheckpointMemory;
import dev.modelops.core.CheckpointMemories;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;

/** Small files that people hand to the command: keys, checkpoints, statements. */
final class KeyFiles {
    private static final int MOST_BYTES = 1 << 20;

    private KeyFiles() {}

    static Signer signer(Path file) {
        try {
            return Signers.pem(file);
        } catch (SigningException e) {
            throw new CliFailure("the key " + file + " cannot be used: " + e.getMessage());
        }
    }

    static PublicKey publicKey(Path file) {
        try {
            return Keys.publicKey(text(file));
        } catch (SigningException e) {
            throw new CliFailure("the key " + file + " cannot be used: " + e.getMessage());
        }
    }

    /** Returns the memory of a host, from its folder, or of one checkpoint, from a file. */
    static CheckpointMemory memory(Path place) {
        if (Files.isDirectory(place)) {
            return CheckpointMemories.folder(place);
        }
        try {
            return CheckpointMemories.fixed(text(place));
        } catch (IllegalArgumentException e) {
            throw new CliFailure(place + " holds no checkpoint: " + e.getMessage());
        }
    }

    static String text(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new CliFailure("expected a small file, but " + file + " has " + Files.size(file) + " bytes");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new CliFailure("could not read " + file + ": " + e + "; check the path");
        }
    }

    /** Writes a file, and never over another. */
    static void writeNew(Path file, String text) {
        if (Files.exists(file)) {
            throw new CliFailure(file + " exists already; name a file to be made");
        }
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new CliFailure("could not write " + file + ": " + e + "; name a place that can be written to");
        }
    }
}
