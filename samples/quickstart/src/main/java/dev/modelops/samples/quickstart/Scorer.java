package dev.modelops.samples.quickstart;

/** What the application asks of its model. The governance of models knows nothing of it. */
@FunctionalInterface
public interface Scorer {
    /** Returns the probability, from 0 to 1, that credit to this applicant would go bad. */
    double score(Applicant applicant);
}
