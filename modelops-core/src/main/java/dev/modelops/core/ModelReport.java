package dev.modelops.core;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.Session;
import dev.modelops.core.internal.report.ReportPage;
import dev.modelops.core.internal.report.ReportSource;

/**
 * What the log tells about a model in an environment, for people: its versions and who approved them, its champions and who
 * stood in for them, experiments, drift, performance, alerts, and requests for a new version. A picture of the log at one
 * position; nothing in it is kept anywhere else.
 */
public final class ModelReport {
    private final String html;

    private ModelReport(String html) {
        this.html = html;
    }

    /**
     * Gathers a report. Policy is asked for {@code audit}. It takes as long as reading the log does, and the segments of the
     * model's windows, predictions and outcomes.
     *
     * @param session the log, as its reader sees it
     * @param model the model's name
     * @param environment where it is looked at; champions are shown of every environment
     * @return the report
     * @throws dev.modelops.policy.AccessDeniedException if policy refuses
     * @throws dev.modelops.NotFoundException if there is no such model, or a segment is missing that has not expired
     * @throws dev.modelops.IntegrityException if the log or a segment cannot be believed
     */
    public static ModelReport of(Session session, String model, Environment environment) {
        if (!(session instanceof ReportSource source)) {
            throw new IllegalArgumentException("expected a log that this library opened, or a session of one, found "
                    + session.getClass().getName());
        }
        return new ModelReport(ReportPage.of(source.report(ModelName.of(model), environment)));
    }

    /**
     * Returns the report as one HTML document that needs nothing else: no script, no network, no other file. It is
     * well-formed XML too. Every text of the log in it stays a text, whatever it holds.
     *
     * @return the document, to be stored in UTF-8
     */
    public String html() {
        return html;
    }
}
