package dev.modelops.core.internal.witness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.modelops.ModelOpsException;
import dev.modelops.audit.Witness;
import dev.modelops.audit.Witness.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers as a witness over HTTP (C2SP tlog-witness): {@code add-checkpoint}, and the newest checkpoint of a log. */
public final class WitnessHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Witness.class);
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String SIZE = "text/x.tlog.size";

    private final FolderWitness witness;
    private final Map<String, String> originsByPath = new TreeMap<>();

    /** Answers for a witness. */
    public WitnessHandler(FolderWitness witness) {
        this.witness = witness;
        witness.origins()
                .forEach(origin -> originsByPath.put("/" + AddCheckpoint.originHash(origin) + "/checkpoint", origin));
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                answer(exchange);
            } catch (ModelOpsException e) {
                LOG.error("the witness could not answer: {}", e.getMessage(), e);
                reply(exchange, 500, PLAIN, "the witness cannot answer now\n");
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String origin = originsByPath.get(path);
        boolean isAdd = path.equals("/add-checkpoint");
        if (!isAdd && origin == null) {
            reply(exchange, 404, PLAIN, "there is nothing here\n");
        } else if (!exchange.getRequestMethod().equals(isAdd ? "POST" : "GET")) {
            exchange.getResponseHeaders().set("Allow", isAdd ? "POST" : "GET");
            reply(exchange, 405, PLAIN, "expected " + (isAdd ? "POST" : "GET") + "\n");
        } else if (origin != null) {
            Optional<String> newest = witness.newest(origin);
            reply(exchange, newest.isPresent() ? 200 : 404, PLAIN, newest.orElse("nothing was cosigned yet\n"));
        } else {
            add(exchange);
        }
    }

    private void add(HttpExchange exchange) throws IOException {
        byte[] body;
        try (InputStream in = exchange.getRequestBody()) {
            body = in.readNBytes(AddCheckpoint.MAX_BYTES + 1);
        }
        if (body.length > AddCheckpoint.MAX_BYTES) {
            reply(exchange, 413, PLAIN, "expected at most " + AddCheckpoint.MAX_BYTES + " bytes\n");
            return;
        }
        AddCheckpoint request;
        try {
            request = AddCheckpoint.parse(body);
        } catch (IllegalArgumentException e) {
            reply(exchange, 400, PLAIN, e.getMessage() + "\n");
            return;
        }
        Answer answer = witness.cosign(request.checkpoint(), request.oldSize(), request.proof());
        if (answer instanceof Answer.Cosigned cosigned) {
            reply(exchange, 200, PLAIN, cosigned.signatures());
        } else if (answer instanceof Answer.Holds holds) {
            reply(exchange, 409, SIZE, holds.size() + "\n");
        } else if (answer instanceof Answer.Refused refused) {
            if (refused.reason() == Answer.Reason.INCONSISTENT) {
                LOG.error(
                        "the witness refused a checkpoint as inconsistent: {}\n{}", refused.message(), request.body());
            }
            reply(exchange, status(refused.reason()), PLAIN, refused.message() + "\n");
        }
    }

    static int status(Answer.Reason reason) {
        return switch (reason) {
            case UNKNOWN_LOG -> 404;
            case BAD_SIGNATURE -> 403;
            case INCONSISTENT -> 422;
            case MALFORMED -> 400;
        };
    }

    private static void reply(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
