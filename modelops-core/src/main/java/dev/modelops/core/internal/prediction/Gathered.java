package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.modelops.Environment;
import java.io.IOException;
import java.time.Instant;
import java.util.Set;

/** Something that segments are made of: a line of JSON, and what the entry of its segment says of it. */
interface Gathered {
    /** Writes the line, without its end. */
    void write(JsonGenerator json, Environment environment, Set<String> redacted) throws IOException;

    /** Returns the time that the segment is found by. */
    Instant at();

    /** Returns the process; 0 of an outcome, which is of none. */
    default long node() {
        return 0;
    }

    /** Returns the count in the process. */
    default long sequence() {
        return 0;
    }

    /** Returns the number of the version; 0 of an outcome, which is of none. */
    default int version() {
        return 0;
    }
}
