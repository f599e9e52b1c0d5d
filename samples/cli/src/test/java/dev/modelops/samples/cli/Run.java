package dev.modelops.samples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;

/** What one run of the command left behind. */
record Run(int exitCode, String out, String err) {
    static Run of(SampleStore store, String... arguments) {
        return of(store::open, arguments);
    }

    static Run of(Store.Opener opener, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = ModelOpsCli.run(opener, new PrintWriter(out), new PrintWriter(err), arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }

    JsonNode json() {
        try {
            return new ObjectMapper().readTree(out);
        } catch (JsonProcessingException e) {
            throw new AssertionError("standard output is not JSON: " + out, e);
        }
    }
}
