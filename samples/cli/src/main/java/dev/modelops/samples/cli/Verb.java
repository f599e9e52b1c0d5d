package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every verb has: a result, written for people or as JSON, and a way to refuse wrong usage. */
abstract class Verb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec command;

    @Option(names = "--json", description = "Write the result as one JSON object.")
    private boolean json;

    final CommandSpec command() {
        return command;
    }

    final boolean json() {
        return json;
    }

    final PrintWriter out() {
        return command.commandLine().getOut();
    }

    final PrintWriter err() {
        return command.commandLine().getErr();
    }

    /** Writes a result in the form that was asked for. */
    final <T> void print(T result, Consumer<T> text, Function<T, ObjectNode> object) {
        if (json) {
            Json.print(out(), object.apply(result));
        } else {
            text.accept(result);
        }
    }

    final void requireUsage(boolean holds, String message) {
        if (!holds) {
            throw new ParameterException(command.commandLine(), message);
        }
    }

    final void requireLog(String option, @Nullable String log, StoreAddress store) {
        requireUsage(
                log == null || store.isDatabase(),
                option + " names a log of a database, but " + store + " is a folder or an archive");
    }

    static String count(long count, String one, String many) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
    }
}
