package dev.modelops.core.internal.serving;

import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.core.internal.storage.Directories;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps fallbacks that wait to be recorded, so that a restart does not lose them: a file for each. What is read here decides
 * nothing but which former champion serves meanwhile, if policy lets it.
 */
final class Spool {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    private static final String HEADER = "modelops.dev/fallback@v1";
    private static final String SUFFIX = ".fallback";
    private static final int LINES = 9;
    private static final int MOST_BYTES = 8192;
    private static final int MOST_FILES = 1000;

    private final @Nullable Path folder;

    Spool(@Nullable Path folder) {
        this.folder = folder;
    }

    /** Keeps a fallback, durably; what cannot be kept is lost at a restart, and said. */
    void keep(Fallback fallback) {
        Path parent = folder;
        if (parent == null) {
            LOG.warn(
                    "that {} was fallen back from is not kept over a restart, for no cache folder was given",
                    fallback.from());
            return;
        }
        try {
            Files.createDirectories(parent);
            Path making = Files.createTempFile(parent, "fallback-", ".tmp");
            try {
                Files.writeString(
                        making,
                        String.join(
                                "\n",
                                HEADER,
                                fallback.id().value(),
                                fallback.from().toString(),
                                fallback.to().toString(),
                                fallback.environment().value(),
                                fallback.by().toString(),
                                fallback.at().toString(),
                                fallback.cause(),
                                ""));
                try (FileChannel channel = FileChannel.open(making, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(making, file(parent, fallback), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(making);
            }
            Directories.force(parent);
        } catch (IOException e) {
            LOG.error("that {} was fallen back from could not be kept in '{}'", fallback.from(), parent, e);
        }
    }

    /** Forgets a fallback. */
    void forget(Fallback fallback) {
        Path parent = folder;
        if (parent == null) {
            return;
        }
        try {
            Files.deleteIfExists(file(parent, fallback));
        } catch (IOException e) {
            LOG.warn("a fallback that was recorded is left behind in '{}': {}", parent, e.toString());
        }
    }

    /** Returns what is kept. */
    List<Fallback> all() {
        Path parent = folder;
        if (parent == null || !Files.isDirectory(parent)) {
            return List.of();
        }
        List<Fallback> kept = new ArrayList<>();
        try (Stream<Path> files = Files.list(parent)) {
            files.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .sorted()
                    .limit(MOST_FILES)
                    .forEach(file -> {
                        try {
                            kept.add(read(file));
                        } catch (IOException | IllegalArgumentException | DateTimeException e) {
                            LOG.error("'{}' cannot be used and is passed over: {}", file, e.toString());
                        }
                    });
        } catch (IOException e) {
            LOG.error("what fallbacks are kept in '{}' could not be read", parent, e);
        }
        return kept;
    }

    private static Fallback read(Path file) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IllegalArgumentException("it is too long");
        }
        String[] lines = Files.readString(file).split("\n", -1);
        if (lines.length != LINES || !lines[0].equals(HEADER)) {
            throw new IllegalArgumentException("it is of another form");
        }
        return new Fallback(
                CommandId.of(lines[1]),
                ModelRef.parse(lines[2]),
                ModelRef.parse(lines[3]),
                Environment.of(lines[4]),
                lines[7],
                Principal.parse(lines[5]),
                Instant.parse(lines[6]));
    }

    private static Path file(Path parent, Fallback fallback) {
        String name =
                Digest.sha256Of(Bytes.ofUtf8(fallback.id().value())).toHex().substring(0, 32);
        return parent.resolve(name + SUFFIX);
    }
}
