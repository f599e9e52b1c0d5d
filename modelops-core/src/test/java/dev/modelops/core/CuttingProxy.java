package dev.modelops.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Stands between a client and a PostgreSQL server, and cuts their connection around a commit when told to. */
public final class CuttingProxy implements AutoCloseable {
    /** When to cut, once. */
    public enum Cut {
        /** Not at all. */
        NEVER,
        /** When the client asks to commit: the server does not hear of it. */
        BEFORE_COMMIT,
        /** When the server answers: it committed, and the client does not hear of that. */
        AFTER_COMMIT
    }

    private static final Pattern PARSE_COMMIT = Pattern.compile("P(?s:.{4})([^\0]*)\0COMMIT\0");

    private final int server;
    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicReference<Cut> next = new AtomicReference<>(Cut.NEVER);
    private final AtomicInteger cuts = new AtomicInteger();

    private CuttingProxy(int server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /** Listens on a port of its own. */
    public static CuttingProxy before(int server) {
        try {
            return new CuttingProxy(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** The address of a database, but by way of this proxy. */
    public String through(String url) {
        return url.replaceFirst(":[0-9]+/", ":" + port() + "/");
    }

    public void cut(Cut cut) {
        next.set(cut);
    }

    /** How often it has cut so far. */
    public int cuts() {
        return cuts.get();
    }

    @Override
    public void close() {
        closeQuietly(listener);
        sockets.forEach(CuttingProxy::closeQuietly);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server);
                sockets.addAll(List.of(client, upstream));
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                Link link = new Link(client, upstream);
                start(link::ask);
                start(link::answer);
            }
        } catch (IOException e) {
            closeQuietly(listener);
        }
    }

    /** One client with its server. */
    private final class Link {
        private final Socket client;
        private final Socket upstream;
        private volatile boolean deaf;
        private String commit = "";

        Link(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void ask() {
            byte[] chunk = new byte[1 << 16];
            try {
                InputStream in = client.getInputStream();
                OutputStream out = upstream.getOutputStream();
                for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                    boolean commits = commits(new String(chunk, 0, n, StandardCharsets.ISO_8859_1));
                    if (commits && next.compareAndSet(Cut.BEFORE_COMMIT, Cut.NEVER)) {
                        cuts.incrementAndGet();
                        break;
                    }
                    if (commits && next.compareAndSet(Cut.AFTER_COMMIT, Cut.NEVER)) {
                        cuts.incrementAndGet();
                        deaf = true;
                    }
                    out.write(chunk, 0, n);
                    out.flush();
                }
            } catch (IOException e) {
                deaf = true;
            }
            if (!deaf) {
                closeBoth();
            }
        }

        /** The driver sends the text of its COMMIT once, under a name, and then the name alone. */
        private boolean commits(String messages) {
            Matcher parse = PARSE_COMMIT.matcher(messages);
            if (parse.find()) {
                commit = parse.group(1);
                return true;
            }
            return !commit.isEmpty() && messages.contains("\0" + commit + "\0");
        }

        void answer() {
            byte[] chunk = new byte[1 << 16];
            try {
                InputStream in = upstream.getInputStream();
                OutputStream out = client.getOutputStream();
                for (int n = in.read(chunk); n >= 0 && !deaf; n = in.read(chunk)) {
                    out.write(chunk, 0, n);
                    out.flush();
                }
            } catch (IOException e) {
                deaf = true;
            }
            closeBoth();
        }

        private void closeBoth() {
            closeQuietly(client);
            closeQuietly(upstream);
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            throw new AssertionError("a socket could not be closed", e);
        }
    }
}
