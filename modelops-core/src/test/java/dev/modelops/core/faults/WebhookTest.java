package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.modelops.Bytes;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.Hurried;
import dev.modelops.core.internal.notification.Outbox;
import dev.modelops.core.monitoring.Sinks;
import dev.modelops.core.storage.Storages;
import dev.modelops.monitoring.Notification;
import dev.modelops.monitoring.Notification.Kind;
import dev.modelops.monitoring.NotificationSink;
import dev.modelops.policy.Action;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Notifications over HTTP, to a server on loopback that does what servers do. */
class WebhookTest {
    /** Secret, identity, time, body and signature of the test vector of Standard Webhooks (MIT licence). */
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final String ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final Instant AT = Instant.ofEpochSecond(1614265330);
    private static final String BODY = "{\"test\": 2432232314}";
    private static final String SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static final Outbox.Pace QUICK = new Outbox.Pace(
            Duration.ofMillis(20),
            Duration.ofHours(1),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            1000,
            Duration.ofSeconds(60));

    @TempDir
    Path dir;

    private final CountDownLatch done = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger strayed = new AtomicInteger();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile Mood mood = Mood.TAKES;
    private HttpServer server = start();

    /** What a server does with a request. */
    private enum Mood {
        TAKES,
        FAILS,
        IS_BUSY,
        REDIRECTS,
        SAYS_GONE,
        BREAKS_OFF,
        NEVER_ANSWERS,
        NEVER_STOPS
    }

    private record Received(String type, String id, String timestamp, String signature, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** Checks as a receiver does. */
        boolean isSigned() {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(
                        Base64.getDecoder().decode(SECRET.substring("whsec_".length())), "HmacSHA256"));
                byte[] sum = mac.doFinal((id + "." + timestamp + "." + text()).getBytes(StandardCharsets.UTF_8));
                return signature.equals("v1," + Base64.getEncoder().encodeToString(sum));
            } catch (GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }
    }

    private HttpServer start() {
        try {
            HttpServer started = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            HttpHandler stray = exchange -> {
                strayed.incrementAndGet();
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            };
            started.createContext("/hook", this::answer);
            started.createContext("/elsewhere", stray);
            started.setExecutor(threads);
            started.start();
            return started;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void known() {
        assertThat(server.getAddress().getPort()).isPositive();
    }

    @AfterEach
    void stop() {
        done.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        try (exchange) {
            switch (mood) {
                case TAKES -> {
                    received.add(new Received(
                            header(exchange, "Content-Type"),
                            header(exchange, "webhook-id"),
                            header(exchange, "webhook-timestamp"),
                            header(exchange, "webhook-signature"),
                            body));
                    exchange.sendResponseHeaders(204, -1);
                }
                case FAILS -> exchange.sendResponseHeaders(500, -1);
                case IS_BUSY -> exchange.sendResponseHeaders(429, -1);
                case SAYS_GONE -> exchange.sendResponseHeaders(410, -1);
                case REDIRECTS -> {
                    exchange.getResponseHeaders()
                            .set("Location", at("/elsewhere").toString());
                    exchange.sendResponseHeaders(307, -1);
                }
                case BREAKS_OFF -> {
                    exchange.sendResponseHeaders(200, 1000);
                    exchange.getResponseBody().write('a');
                }
                case NEVER_ANSWERS -> done.await();
                case NEVER_STOPS -> {
                    exchange.sendResponseHeaders(200, 0);
                    byte[] more = new byte[8192];
                    while (done.getCount() > 0) {
                        exchange.getResponseBody().write(more);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String header(HttpExchange exchange, String name) {
        return Objects.requireNonNull(exchange.getRequestHeaders().getFirst(name), name);
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private static Notification notification() {
        return new Notification(
                LogPosition.of(7),
                ID,
                Kind.PROMOTED,
                "risk@1",
                ModelName.of("risk"),
                Environment.PRODUCTION,
                Site.RITA,
                AT,
                Bytes.ofUtf8(BODY));
    }

    private NotificationSink sink(Duration timeout) {
        return Sinks.webhook(at("/hook"), SECRET, timeout, MutableClock.at(AT));
    }

    @Test
    void aRequestIsSignedAsThePublishedVectorSays() throws Exception {
        sink(Duration.ofSeconds(60)).deliver(notification());

        assertThat(received).hasSize(1);
        Received one = received.get(0);
        assertThat(one.type()).isEqualTo("application/cloudevents+json; charset=UTF-8");
        assertThat(one.id()).isEqualTo(ID);
        assertThat(one.timestamp()).isEqualTo("1614265330");
        assertThat(one.text()).isEqualTo(BODY);
        assertThat(one.signature()).isEqualTo(SIGNATURE);
        assertThat(one.isSigned()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TAKES")
    void whateverIsNoAnswerThatItWasTakenIsAFailure(Mood bad) {
        mood = bad;
        boolean isSlow = bad == Mood.NEVER_ANSWERS;
        NotificationSink sink = sink(isSlow ? Duration.ofMillis(300) : Duration.ofSeconds(60));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> sink.deliver(notification()))
                .withMessageContaining(
                        "webhook at 'http://127.0.0.1:" + server.getAddress().getPort() + "'")
                .withMessageNotContaining("/hook");
        assertThat(strayed).hasValue(0);
        mood = Mood.TAKES;
        assertThat(received).isEmpty();
    }

    @Test
    void aServerThatIsNotThereIsAFailure() throws IOException {
        URI nowhere;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nowhere = URI.create("http://127.0.0.1:" + free.getLocalPort() + "/hook?token=top-secret");
        }
        NotificationSink sink = Sinks.webhook(nowhere, SECRET);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> sink.deliver(notification()))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("top-secret"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://example.com/hook",
                "file:///etc/passwd",
                "hook",
                "http:hook",
                "https://me:pass@example.com/hook",
                "https://example.com/hook#a"
            })
    void addressesOfOtherKindsAreRefused(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sinks.webhook(URI.create(address), SECRET))
                .satisfies(e ->
                        assertThat(e.getMessage()).contains("http or https URL").doesNotContain("pass@"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "whsec_",
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==",
                "whsec_not base64 not base64 not base64 not base64",
                "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            })
    void weakAndBrokenSecretsAreRefusedAndNotRepeated(String secret) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sinks.webhook(at("/hook"), secret))
                .satisfies(e -> assertThat(e.getMessage())
                        .contains("whsec_")
                        .doesNotContain(secret.length() < 10 ? "MfKQ" : secret.substring(6)));
    }

    @Test
    void throughAllThatAServerDoesEveryModelIsToldInOrder() throws Exception {
        Storage storage = Storages.inMemory();
        LogKey key = ModelOps.create(storage, Site.genesis());
        List<String> models = List.of("risk", "churn");
        List<List<Long>> expected = List.of(new ArrayList<>(), new ArrayList<>());
        try (ModelOps ops = Hurried.start(Site.opening(storage, key), QUICK)) {
            for (String model : models) {
                Site.registry(ops, Site.ADA).register(VersionSpec.of(model, Models.small(dir.resolve(model))));
            }
            ops.notifications()
                    .deliver(
                            "risk-office",
                            EnumSet.allOf(Kind.class),
                            Sinks.webhook(at("/hook"), SECRET, Duration.ofMillis(500), MutableClock.at(AT)));
            BlockingQueue<Mood> moods = new LinkedBlockingQueue<>(List.of(
                    Mood.TAKES,
                    Mood.FAILS,
                    Mood.NEVER_ANSWERS,
                    Mood.REDIRECTS,
                    Mood.TAKES,
                    Mood.BREAKS_OFF,
                    Mood.NEVER_STOPS,
                    Mood.IS_BUSY));
            for (boolean isEnd = false; !moods.isEmpty(); isEnd = !isEnd) {
                mood = moods.remove();
                for (int i = 0; i < 2; i++) {
                    ModelName name = ModelName.of(models.get(i));
                    Action action = isEnd ? Action.resume(name, Site.STAGING) : Action.suspend(name, Site.STAGING);
                    expected.get(i)
                            .add(Site.registry(ops, Site.RITA)
                                    .perform(action)
                                    .position()
                                    .size());
                }
                if (moods.isEmpty()) {
                    // A server that was away altogether comes back where it was.
                    int port = server.getAddress().getPort();
                    server.stop(0);
                    Thread.sleep(50);
                    mood = Mood.TAKES;
                    restart(port);
                } else {
                    Thread.sleep(30);
                }
            }
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
            while (received.stream().map(Received::id).distinct().count() < 16) {
                assertThat(System.nanoTime() - end)
                        .as("waited 90 s for 16 events")
                        .isNegative();
                Thread.sleep(5);
            }
            for (int i = 0; i < 2; i++) {
                String model = models.get(i);
                List<String> ids = expected.get(i).stream()
                        .map(position ->
                                ops.as(Site.AUDITOR).audit().get(position - 1).id())
                        .toList();
                assertThat(received.stream()
                                .filter(one -> one.text().contains("\"subject\":\"" + model + "\""))
                                .map(Received::id)
                                .distinct()
                                .toList())
                        .as("what was told of " + model)
                        .isEqualTo(ids);
            }
        }
        assertThat(received).allMatch(Received::isSigned);
        assertThat(strayed).hasValue(0);
    }

    private void restart(int port) throws Exception {
        // Whoever looks for a server at a free port may be given that very port to look from, and hold it for a moment.
        Site.await("the port is free", () -> {
            try {
                server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        server.createContext("/hook", this::answer);
        server.setExecutor(threads);
        server.start();
    }
}
