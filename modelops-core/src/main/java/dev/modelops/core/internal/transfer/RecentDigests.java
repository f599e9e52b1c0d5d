package dev.modelops.core.internal.transfer;

import dev.modelops.Digest;
import java.util.LinkedHashMap;
import java.util.Map;

/** Digests that were dealt with lately: many versions share files, and a long log must not fill the memory with them. */
final class RecentDigests {
    private static final int MOST = 65_536;

    private final Map<Digest, Boolean> recent = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Boolean> eldest) {
            return size() > MOST;
        }
    };

    /** Adds a digest, and tells whether it was not there. */
    boolean add(Digest digest) {
        return recent.put(digest, true) == null;
    }
}
