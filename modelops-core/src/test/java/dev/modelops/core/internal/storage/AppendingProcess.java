package dev.modelops.core.internal.storage;

import dev.modelops.core.storage.Storages;
import dev.modelops.storage.LogStore;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A process that appends to a log and prints the size after each batch, once it was told that the batch is durable. */
final class AppendingProcess {
    static final int BATCH = 3;

    private AppendingProcess() {}

    public static void main(String[] arguments) {
        PrintStream out = System.out;
        try (LogStore store = Storages.sqlite(Path.of(arguments[0]))) {
            append(store, arguments[1], Integer.parseInt(arguments[2]), size -> {
                out.println(size + ".");
                out.flush();
            });
        }
    }

    static void append(LogStore store, String name, int batches, LongConsumer acknowledged) {
        for (int batch = 0; batch < batches; batch++) {
            acknowledged.accept(Appends.add(store, body(name, batch, 0), body(name, batch, 1), body(name, batch, 2)));
        }
    }

    static String body(String name, int batch, int place) {
        return name + ":" + batch + ":" + place;
    }
}
