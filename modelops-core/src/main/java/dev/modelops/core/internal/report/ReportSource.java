package dev.modelops.core.internal.report;

import dev.modelops.Environment;
import dev.modelops.ModelName;

/** A log that can be reported on, as one session may read it. */
public interface ReportSource {
    /** Gathers what there is to say of a model; policy is asked for the reading of the log. */
    Report report(ModelName model, Environment environment);
}
