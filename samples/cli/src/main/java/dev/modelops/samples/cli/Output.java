package dev.modelops.samples.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/** Standard output, which remembers why it failed: a reader that has seen enough does no harm, a full disk does. */
final class Output extends FilterOutputStream {
    private @Nullable String failure;

    Output(OutputStream out) {
        super(out);
    }

    /** Tells whether the result did not reach its reader, and says so. */
    boolean isLost(PrintWriter err) {
        if (failure == null || failure.contains("pipe")) {
            return false;
        }
        err.println("modelops: could not write the result: " + failure);
        err.flush();
        return true;
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        try {
            out.write(bytes, from, count);
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
            throw e;
        }
    }
}
