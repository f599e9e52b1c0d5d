package dev.modelops.samples.cli;

import java.util.Set;

/**
 * Lets command lines for the reference client of OpenSSF Model Signing run unchanged: it takes {@code --private_key} for
 * {@code --private-key}, and its own texts write it so.
 */
final class Spelling {
    private static final Set<String> COMMANDS = Set.of("sign", "verify", "digest");
    private static final String PREFIX = "--";

    private Spelling() {}

    /** Returns the arguments with dashes in the names of options; values stay as they are. */
    static String[] dashed(String... arguments) {
        String[] dashed = arguments.clone();
        if (dashed.length == 0 || !COMMANDS.contains(dashed[0])) {
            return dashed;
        }
        for (int i = 1; i < dashed.length && !dashed[i].equals(PREFIX); i++) {
            if (dashed[i].startsWith(PREFIX) && !dashed[i - 1].equals("--password")) {
                int equals = dashed[i].indexOf('=');
                int end = equals < 0 ? dashed[i].length() : equals;
                dashed[i] = dashed[i].substring(0, end).replace('_', '-') + dashed[i].substring(end);
            }
        }
        return dashed;
    }
}
