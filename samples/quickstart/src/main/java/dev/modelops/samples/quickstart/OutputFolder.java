package dev.modelops.samples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder that the quickstart writes to, and the names in it.
 *
 * @param root the folder
 */
record OutputFolder(Path root) {
    private static final Set<String> NAMES =
            Set.of("store", "champion.tlog-proof", "tiles", "model", "model.sig", "publisher.pub");

    /**
     * Makes the folder, or empties it if it holds what an earlier run left.
     *
     * @throws IllegalArgumentException if anything else is there; nothing is deleted then
     */
    static OutputFolder prepare(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(root);
            return new OutputFolder(root);
        }
        if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            throw new IllegalArgumentException(root + " must be a folder, but is something else; name another");
        }
        List<Path> entries;
        try (Stream<Path> list = Files.list(root)) {
            entries = list.sorted().toList();
        }
        OutputFolder output = new OutputFolder(root);
        if (!entries.isEmpty() && !Files.isDirectory(output.store(), LinkOption.NOFOLLOW_LINKS)) {
            throw new IllegalArgumentException(
                    root + " must be empty or hold an earlier run, but holds no store; name another folder");
        }
        for (Path entry : entries) {
            if (!NAMES.contains(entry.getFileName().toString())) {
                throw new IllegalArgumentException(root + " must be empty or hold an earlier run, but holds "
                        + entry.getFileName() + ", which the quickstart does not write; name another folder");
            }
        }
        for (Path entry : entries) {
            Scratch.delete(entry);
        }
        return output;
    }

    /** The governed store: log, blobs and development keys. */
    Path store() {
        return root.resolve("store");
    }

    /** The receipt of the entry that made the champion. */
    Path receipt() {
        return root.resolve("champion.tlog-proof");
    }

    /** The whole log as files that other tools verify. */
    Path tiles() {
        return root.resolve("tiles");
    }

    /** The key that the log's checkpoints verify with. */
    Path logKey() {
        return tiles().resolve("vkey");
    }

    /** The champion's files. */
    Path model() {
        return root.resolve("model");
    }

    /** The signature over them. */
    Path signature() {
        return root.resolve("model.sig");
    }

    /** The key that the signature verifies with. */
    Path publisherKey() {
        return root.resolve("publisher.pub");
    }

    /** Where the store keeps that key. */
    Path publisherKeyInStore() {
        return store().resolve("keys").resolve("publisher.pub");
    }
}
