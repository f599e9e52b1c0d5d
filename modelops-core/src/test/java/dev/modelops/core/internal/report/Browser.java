package dev.modelops.core.internal.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A headless Chromium with one page open, spoken to by its DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final List<String> NAMES =
            List.of("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome");
    private static final long SECONDS = 120;

    private final Path profile;
    private final ObjectMapper json = new ObjectMapper();
    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final Queue<JsonNode> events = new ConcurrentLinkedQueue<>();

    Browser() throws Exception {
        profile = Files.createTempDirectory("browser");
        process = new ProcessBuilder(
                        program(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        HttpClient client = HttpClient.newHttpClient();
        try {
            String port = port(process.errorReader(StandardCharsets.UTF_8));
            HttpResponse<String> opened = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/new?about:blank"))
                            .PUT(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            URI page = URI.create(json.readTree(opened.body())
                    .get("webSocketDebuggerUrl")
                    .textValue()
                    .replace("localhost", "127.0.0.1"));
            socket = client.newWebSocketBuilder()
                    .buildAsync(page, new Listener())
                    .get(SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            processes().forEach(ProcessHandle::destroyForcibly);
            throw e;
        }
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            var unused = call(domain + ".enable", Map.of());
        }
    }

    private static String program() {
        String named = System.getProperty("modelops.browser", "");
        if (!named.isEmpty()) {
            return named;
        }
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("expected one of " + NAMES + " on the path, found none:"
                        + " install Chromium, or name its program with -Dmodelops.browser=FILE"));
    }

    private static String port(BufferedReader errors) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
            said.append(line).append('\n');
            int at = line.indexOf("ws://127.0.0.1:");
            if (at >= 0) {
                Thread drain = new Thread(() -> errors.lines().forEach(ignored -> {}), "browser-errors");
                drain.setDaemon(true);
                drain.start();
                return line.substring(at + 15, line.indexOf('/', at + 15));
            }
        }
        throw new IllegalStateException("the browser ended before it listened: " + said);
    }

    /** Calls a method of the protocol and returns its result. */
    JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode message = json.createObjectNode().put("id", id).put("method", method);
        message.set("params", json.valueToTree(parameters));
        var unused = socket.sendText(message.toString(), true).get(SECONDS, TimeUnit.SECONDS);
        JsonNode said = answer.get(SECONDS, TimeUnit.SECONDS);
        if (said.has("error")) {
            throw new IllegalStateException(method + ": " + said.get("error"));
        }
        return said.get("result");
    }

    /** Opens an address and waits until it is loaded. */
    void open(URI address) throws Exception {
        events.clear();
        var unused = call("Page.navigate", Map.of("url", address.toString()));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (events("Page.loadEventFired").isEmpty()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("the page did not load within " + SECONDS + " s: " + address);
            }
            Thread.sleep(20);
        }
    }

    /** Returns what an expression is in the page; of a promise, what it comes to. */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode result =
                call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.get("result").path("value");
    }

    List<JsonNode> events(String method) {
        return events.stream()
                .filter(event -> event.path("method").asText().equals(method))
                .map(event -> event.get("params"))
                .toList();
    }

    /** Returns the processes that it consists of: what is on the path may be a script that starts the browser itself. */
    List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
    }

    @Override
    public void close() throws Exception {
        List<ProcessHandle> processes = processes();
        var unused =
                socket.sendText("{\"id\":0,\"method\":\"Browser.close\"}", true).get(SECONDS, TimeUnit.SECONDS);
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the browser did not end within " + SECONDS + " s");
        }
        socket.abort();
        processes.forEach(ProcessHandle::destroyForcibly);
        try {
            MoreFiles.deleteRecursively(profile, RecursiveDeleteOption.ALLOW_INSECURE);
        } catch (IOException e) {
            // What it started may still write for a moment; the rest stays among the temporary files.
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                String message = parts.toString();
                parts.setLength(0);
                try {
                    JsonNode said = json.readTree(message);
                    if (said.has("id")) {
                        CompletableFuture<JsonNode> answer =
                                answers.remove(said.get("id").intValue());
                        if (answer != null) {
                            answer.complete(said);
                        }
                    } else {
                        events.add(said);
                    }
                } catch (IOException e) {
                    answers.values().forEach(answer -> answer.completeExceptionally(e));
                }
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            answers.values().forEach(answer -> answer.completeExceptionally(error));
        }
    }
}
