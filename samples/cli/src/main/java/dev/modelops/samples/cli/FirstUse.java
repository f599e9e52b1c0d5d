package dev.modelops.samples.cli;

import dev.modelops.Bytes;
import dev.modelops.core.signing.Signers;
import dev.modelops.signing.SignatureAlgorithm;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Has the classes loaded that signing needs, while the command line is read: with both on one thread, a process that signs a
 * small model takes half as long again.
 */
final class FirstUse {
    /** Loads nothing. */
    static final FirstUse NONE = new FirstUse(null);

    private static final Set<String> SIGNING = Set.of("sign", "verify");

    private final @Nullable Thread thread;

    private FirstUse(@Nullable Thread thread) {
        this.thread = thread;
    }

    /** Begins with what a command line will need. */
    static FirstUse begin(String... arguments) {
        if (arguments.length < 2 || !SIGNING.contains(arguments[0])) {
            return NONE;
        }
        Thread thread = new Thread(FirstUse::sign, "modelops-first-use");
        thread.setDaemon(true);
        // Whatever fails here fails again where it is needed, and is told there.
        thread.setUncaughtExceptionHandler((failed, e) -> {});
        thread.start();
        return new FirstUse(thread);
    }

    /** Waits, so that no class is initialized by two threads that need each other's. */
    void await() {
        if (thread != null) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void sign() {
        var unused = Signers.generate(SignatureAlgorithm.ECDSA_P256).sign(Bytes.ofUtf8("x"));
        var unusedTree = Json.parse("{}");
    }
}
