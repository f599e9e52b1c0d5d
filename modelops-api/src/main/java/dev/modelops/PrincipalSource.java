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

    /**
     * Returns what holds today of an identity that opened a model handle. In a log that takes roles from claims, every open
     * handle is decided by it: it is asked for at least once a minute, and three times within the {@linkplain
     * Opening#staleness staleness bound}, on a thread of the library's that belongs to no request. While it throws, and if it
     * does not return within that bound, the handle counts as without roles.
     *
     * <p>By default the identity stays what it was, so that claims withdrawn at the identity provider go on serving until
     * the host closes the handle. A host whose claims can be withdrawn asks its provider here.
     *
     * @param opened who opened the handle, as established then
     * @return the same principal with the roles claimed today
     * @throws ModelOpsException if there is no such principal any more
     */
    default Identity renew(Identity opened) {
        return opened;
    }
}
