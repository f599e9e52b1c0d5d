package dev.modelops.core.internal.storage;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Folders whose entries survive a loss of power. */
public final class Directories {
    /** Windows cannot open a folder to force it; its file systems journal the entries. */
    private static final boolean FORCIBLE =
            !System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");

    private Directories() {}

    /** Creates a folder, where it is not there yet, with those above it. */
    public static void create(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
            create(parent);
        }
        // Also fails, as it should, where a file or a broken link has the name.
        Files.createDirectories(folder);
        if (parent != null) {
            force(parent);
        }
    }

    /** Makes the entries of a folder durable. */
    public static void force(Path folder) throws IOException {
        if (!FORCIBLE) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            while (!tryToForce(folder)) {
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Tells whether there is a folder, and not merely a link to one. */
    static boolean isReal(Path folder) {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean tryToForce(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
            return true;
        } catch (ClosedByInterruptException e) {
            return false;
        }
    }
}
