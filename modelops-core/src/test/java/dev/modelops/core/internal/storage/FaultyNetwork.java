package dev.modelops.core.internal.storage;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Stands between a client and an HTTP server on loopback, one request to a connection, and does to some what is planned. */
final class FaultyNetwork implements AutoCloseable {
    private final ServerSocket listening;
    private final int server;
    private final List<Planned> plan = new ArrayList<>();
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();

    FaultyNetwork(int server) throws IOException {
        this.server = server;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread accepting = new Thread(this::accept, "faulty-network");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** What becomes of one exchange. */
    interface Fault {
        /** Returns what the client gets, of what the server answered. Ends the connection if that is empty. */
        byte[] answer(Exchange exchange) throws IOException;
    }

    /** One request, which a fault may or may not send on. */
    interface Exchange {
        byte[] body();

        /** Sends a body on and returns the whole answer. */
        byte[] send(byte[] body) throws IOException;
    }

    private record Planned(Predicate<String> head, int[] times, Fault fault) {}

    URI address() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /** Plans a fault for the next requests whose head matches. */
    void plan(int times, Predicate<String> head, Fault fault) {
        synchronized (plan) {
            plan.add(new Planned(head, new int[] {times}, fault));
        }
    }

    void heal() {
        synchronized (plan) {
            plan.clear();
        }
    }

    static Fault answers(int status, String code) {
        return exchange -> answer(status, code, "");
    }

    static byte[] answer(int status, String code, String header) {
        String body = code.isEmpty() ? "" : "<Error><Code>" + code + "</Code><Message>planned</Message></Error>";
        return ("HTTP/1.1 " + status + " Planned\r\nContent-Type: application/xml\r\n" + header + "Content-Length: "
                        + body.length() + "\r\nConnection: close\r\n\r\n" + body)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The server does its work, but its answer is lost. */
    static Fault losesTheAnswer() {
        return exchange -> {
            exchange.send(exchange.body());
            return new byte[0];
        };
    }

    /** The connection breaks off within the body of the answer. */
    static Fault cutsTheAnswerAfter(int bytes) {
        return exchange -> {
            byte[] whole = exchange.send(exchange.body());
            return Arrays.copyOf(whole, Math.min(whole.length, bodyOf(whole) + bytes));
        };
    }

    /** Another byte arrives. */
    static Fault altersTheAnswerAt(int position) {
        return exchange -> {
            byte[] whole = exchange.send(exchange.body());
            whole[bodyOf(whole) + position] ^= 1;
            return whole;
        };
    }

    /** Another byte arrives at the server. */
    static Fault altersTheRequestAt(int position) {
        return exchange -> {
            byte[] body = exchange.body();
            body[position] ^= 1;
            return exchange.send(body);
        };
    }

    /** No answer, and no end either. */
    static Fault hangs() {
        return exchange -> {
            try {
                Thread.sleep(600_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return new byte[0];
        };
    }

    private static int bodyOf(byte[] whole) {
        return new String(whole, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                open.add(client);
                Thread serving = new Thread(() -> serve(client), "faulty-network-connection");
                serving.setDaemon(true);
                serving.start();
            }
        } catch (IOException e) {
            // Closed: that is how this ends.
            return;
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            String head = head(in);
            int length = 0;
            StringBuilder forwarded = new StringBuilder();
            for (String line : head.split("\r\n")) {
                String lower = line.toLowerCase(Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
                if (lower.startsWith("expect:")) {
                    client.getOutputStream().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } else if (!lower.startsWith("connection:")) {
                    forwarded.append(line).append("\r\n");
                }
            }
            forwarded.append("Connection: close\r\n\r\n");
            byte[] body = in.readNBytes(length);
            byte[] answer = faultFor(head).answer(new Exchange() {
                @Override
                public byte[] body() {
                    return body;
                }

                @Override
                public byte[] send(byte[] sent) throws IOException {
                    return forward(forwarded.toString(), sent);
                }
            });
            client.getOutputStream().write(answer);
        } catch (IOException e) {
            // The client gave up, or this was closed; either way nobody waits for an answer.
            return;
        } finally {
            open.remove(client);
        }
    }

    private Fault faultFor(String head) {
        synchronized (plan) {
            for (Planned planned : plan) {
                if (planned.times()[0] > 0 && planned.head().test(head)) {
                    planned.times()[0]--;
                    return planned.fault();
                }
            }
        }
        return exchange -> exchange.send(exchange.body());
    }

    private byte[] forward(String head, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server)) {
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
            out.flush();
            return socket.getInputStream().readAllBytes();
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no request");
            }
            head.write(b);
            matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
        }
        return head.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Closeable connection : open) {
            connection.close();
        }
    }
}
