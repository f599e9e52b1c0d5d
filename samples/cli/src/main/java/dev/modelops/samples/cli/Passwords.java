package dev.modelops.samples.cli;

import java.io.Console;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the password of a key comes from. */
final class Passwords {
    private static final int MOST_BYTES = 4096;

    @Option(
            names = "--password",
            arity = "0..1",
            paramLabel = "TEXT",
            description = "The password of the key, or PIN of the token. Without TEXT it is asked for. With TEXT,"
                    + " others on the machine may see it while the command runs.")
    private @Nullable String text;

    @Option(names = "--password-file", paramLabel = "FILE", description = "The file whose first line it is.")
    private @Nullable Path file;

    @Option(
            names = "--password-env",
            paramLabel = "NAME",
            description = "The variable of the environment that holds it.")
    private @Nullable String variable;

    void requireUsage(Verb verb) {
        verb.requireUsage(
                Stream.of(text, file, variable).filter(Objects::nonNull).count() <= 1,
                "--password, --password-file and --password-env say the same thing; give one of them");
    }

    /** Returns the password, or null if none was spoken of. */
    char @Nullable [] find() {
        if (file != null) {
            return firstLine(file);
        }
        if (variable != null) {
            String value = System.getenv(variable);
            if (value == null || value.isEmpty()) {
                throw new CliFailure("expected a password in the variable " + variable + ", which is not set");
            }
            return value.toCharArray();
        }
        return text == null ? null : text.isEmpty() ? ask("Password: ") : text.toCharArray();
    }

    /** Returns the password, and asks for it if none was spoken of. */
    char[] get() {
        char[] found = find();
        return found == null ? ask("Password: ") : found;
    }

    /** Returns a new password, or null if none was spoken of; one that is typed must be typed twice. */
    char @Nullable [] findNew() {
        char[] found = find();
        if (found != null && "".equals(text) && !Arrays.equals(found, ask("Again: "))) {
            throw new CliFailure("the two passwords differ; nothing was written");
        }
        return found;
    }

    private static char[] ask(String prompt) {
        Console console = System.console();
        char[] typed = console == null ? null : console.readPassword(prompt);
        if (typed == null) {
            throw new CliFailure("there is no terminal to ask for the password; use --password-file or --password-env");
        }
        return typed;
    }

    private static char[] firstLine(Path file) {
        String line = SmallFiles.text("password file", file, MOST_BYTES)
                .lines()
                .findFirst()
                .orElse("");
        if (line.isEmpty()) {
            throw new CliFailure("expected a password in the first line of " + file + ", which is empty");
        }
        return line.toCharArray();
    }
}
