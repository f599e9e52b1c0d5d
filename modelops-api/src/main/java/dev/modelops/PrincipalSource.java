package dev.modelops;

/**
 * Tells who is acting, from the host's own authentication. Implemented by the host, fixed when a log is opened, and
 * asked on the caller's thread at every act and checked read. Must be safe for use by many threads.
 */
@FunctionalInterface
public interface PrincipalSource {
    /**
     * Returns the identity of the caller on this thread.
     *
     * @return who is acting
     * @throws ModelOpsException if nobody is authenticated; the act is then refused
     */
    Identity current();
}
