package dev.modelops.policy;

/**
 * Decides requests. A host may implement one to narrow what the log's policy set allows: it runs on the caller's thread
 * before the act is queued, its denial is final, its permission changes nothing. Must be safe for use by many threads.
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
