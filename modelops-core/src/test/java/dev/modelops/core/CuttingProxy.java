package dev.modelops.core;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and a PostgreSQL server, and breaks their connection when told to: around a commit, or at any
 * message of either.
 */
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

    /**
     * A place in what is said from now on.
     *
     * @param byServer whose messages count
     * @param after how many of them still come through
     * @param within true if the next comes through in part
     * @param hangs true if nothing more comes through, but nobody is told
     */
    public record Break(boolean byServer, int after, boolean within, boolean hangs) {}

    private static final int SSL_REQUEST = 80877103;
    private static final Pattern PARSE_COMMIT = Pattern.compile("P(?s:.{4})([^\0]*)\0COMMIT\0");

    private final int server;
    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicReference<Cut> next = new AtomicReference<>(Cut.NEVER);
    private final AtomicInteger cuts = new AtomicInteger();
    private final AtomicReference<Armed> armed = new AtomicReference<>();

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

    /** Breaks one connection at a place, once, and counts that as a cut; null for none. */
    public void breakAt(@Nullable Break place) {
        armed.set(place == null ? null : new Armed(place, new AtomicInteger(place.after())));
    }

    private record Armed(Break place, AtomicInteger left) {}

    /** Returns the place if it is now. */
    private @Nullable Break reached(boolean byServer) {
        Armed now = armed.get();
        if (now == null || now.place().byServer() != byServer || now.left().getAndDecrement() > 0) {
            return null;
        }
        return armed.compareAndSet(now, null) ? now.place() : null;
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
        private volatile boolean hangs;
        private volatile boolean asksForSsl;
        private String commit = "";

        Link(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void ask() {
            try {
                DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
                OutputStream out = upstream.getOutputStream();
                // The first messages have no type.
                while (true) {
                    byte[] first = message(in, new byte[0]);
                    asksForSsl = first.length == 8 && ByteBuffer.wrap(first).getInt(4) == SSL_REQUEST;
                    boolean isAnswered = asksForSsl;
                    out.write(first);
                    out.flush();
                    if (!isAnswered) {
                        break;
                    }
                }
                while (true) {
                    byte[] message = message(in, new byte[] {in.readByte()});
                    boolean commits = commits(new String(message, StandardCharsets.ISO_8859_1));
                    if (commits && next.compareAndSet(Cut.BEFORE_COMMIT, Cut.NEVER)) {
                        cuts.incrementAndGet();
                        break;
                    }
                    if (commits && next.compareAndSet(Cut.AFTER_COMMIT, Cut.NEVER)) {
                        cuts.incrementAndGet();
                        deaf = true;
                    }
                    if (!pass(message, out, false)) {
                        break;
                    }
                }
            } catch (IOException e) {
                deaf = true;
            }
            if (!deaf) {
                closeBoth();
            }
        }

        /** Reads a message that begins with what was read already. */
        private static byte[] message(DataInputStream in, byte[] begun) throws IOException {
            int length = in.readInt();
            byte[] message = new byte[begun.length + length];
            System.arraycopy(begun, 0, message, 0, begun.length);
            ByteBuffer.wrap(message).putInt(begun.length, length);
            in.readFully(message, begun.length + 4, length - 4);
            return message;
        }

        /** Tells whether more may pass. */
        private boolean pass(byte[] message, OutputStream out, boolean byServer) throws IOException {
            if (hangs) {
                return true;
            }
            Break place = reached(byServer);
            if (place == null) {
                out.write(message);
                out.flush();
                return true;
            }
            if (place.within()) {
                out.write(message, 0, message.length / 2);
                out.flush();
            }
            cuts.incrementAndGet();
            hangs = place.hangs();
            return hangs;
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
            try {
                DataInputStream in = new DataInputStream(new BufferedInputStream(upstream.getInputStream()));
                OutputStream out = client.getOutputStream();
                boolean more = true;
                while (more && !deaf) {
                    byte type = in.readByte();
                    if (asksForSsl) {
                        asksForSsl = false;
                        out.write(type);
                        out.flush();
                    } else {
                        byte[] message = message(in, new byte[] {type});
                        more = !deaf && pass(message, out, true);
                    }
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
