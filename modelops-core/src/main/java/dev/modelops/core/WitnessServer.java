package dev.modelops.core;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;

/** A witness that listens over HTTP, made by {@link Witnesses#serve}. */
public final class WitnessServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;

    WitnessServer(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Returns where it listens.
     *
     * @return the address with the port
     */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Ends it at once. What was cosigned is remembered. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
