package dev.modelops.samples.quickstart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A temporary folder, removed on close. */
final class Scratch implements AutoCloseable {
    private final Path folder;

    private Scratch(Path folder) {
        this.folder = folder;
    }

    static Scratch create() throws IOException {
        return new Scratch(Files.createTempDirectory("modelops-quickstart-"));
    }

    Path resolve(String name) {
        return folder.resolve(name);
    }

    /** Copies a folder with all that is in it, to be tampered with. */
    Path copy(Path source, String name) throws IOException {
        Path target = resolve(name);
        for (Path path : tree(source)) {
            Files.copy(path, target.resolve(source.relativize(path).toString()));
        }
        return target;
    }

    /** Changes one bit in the middle of a file. */
    static void flipBit(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.delete(file);
        Files.write(file, content);
    }

    /** Deletes a file or a folder with all that is in it. Links are deleted, not followed. */
    static void delete(Path root) throws IOException {
        for (Path path : tree(root).stream().sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path);
        }
    }

    /** Lists a file or folder and everything in it, folders before what they hold. */
    static List<Path> tree(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.toList();
        }
    }

    @Override
    public void close() throws IOException {
        delete(folder);
    }
}
