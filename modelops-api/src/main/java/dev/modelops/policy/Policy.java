package dev.modelops.policy;

/**
 * Decides requests. A host may implement one to narrow what the log's policy set allows: its denial is final, its
 * permission changes nothing. It runs on the caller's thread before an act is queued and at a checked read, and on the
 * library's threads when the log moves on while a model handle is open; it must be quick and safe for use by many
 * threads.
 */
@FunctionalInterface
public interface Policy {
    /**
     * Decides a request. An implementation that throws denies.
     *
     * @param request who wants what, with the facts
     * @return the decision
     */
    Decision decide(AccessRequest request);
}
