package dev.modelops.core.signing;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Where secrets could get out. */
final class Secrets {
    private Secrets() {}

    /** Returns all that a log would show of a failure: messages, causes and suppressed ones, with their traces. */
    static String everything(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
