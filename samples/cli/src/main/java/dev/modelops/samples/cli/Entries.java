package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.ErasableText;
import dev.modelops.Page;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Entries of the log, for people and for programs. */
final class Entries {
    private static final String PREFIX = "dev.modelops.";
    private static final int PAGE = 1000;

    private Entries() {}

    /** A listing that may have been cut, with what the actors wrote, by index. */
    record Listing(List<AuditEntry> entries, boolean more, Map<Long, ErasableText> texts) {
        Listing {
            entries = List.copyOf(entries);
            texts = Map.copyOf(texts);
        }

        /** Looks up what the actors of entries wrote. */
        static Listing of(AuditLog log, List<AuditEntry> entries, boolean more) {
            Map<Long, ErasableText> texts = new HashMap<>();
            for (AuditEntry entry : entries) {
                long index = entry.position().index();
                log.text(index).ifPresent(text -> texts.put(index, text));
            }
            return new Listing(entries, more, texts);
        }

        /** Says what happened, and what the actor wrote. */
        String sentence(AuditEntry entry) {
            ErasableText text = texts.get(entry.position().index());
            String said = Entries.sentence(entry);
            // Entries of before hold it themselves.
            return text == null || said.endsWith(": " + text) ? said : said + ": " + text;
        }
    }

    /** Reads entries that meet the query and the condition, at most the limit. */
    static Listing read(AuditLog log, AuditQuery conditions, Predicate<AuditEntry> condition, int limit) {
        AuditQuery query = conditions.limit(PAGE);
        List<AuditEntry> entries = new ArrayList<>();
        Optional<AuditQuery> next = Optional.of(query);
        while (next.isPresent()) {
            Page<AuditEntry> page = log.query(next.get());
            for (AuditEntry entry : page.items()) {
                if (!condition.test(entry)) {
                    continue;
                }
                if (entries.size() == limit) {
                    return Listing.of(log, entries, true);
                }
                entries.add(entry);
            }
            next = page.next().map(query::after);
        }
        return Listing.of(log, entries, false);
    }

    static void print(PrintWriter out, Listing listing) {
        Table table = new Table("index", "time", "actor", "what happened", "decision");
        for (AuditEntry entry : listing.entries()) {
            table.row(
                    Long.toString(entry.position().index()),
                    entry.at().toString(),
                    entry.actor().toString(),
                    listing.sentence(entry),
                    verdict(entry));
        }
        table.print(out);
    }

    static void printInFull(PrintWriter out, Listing listing) {
        AuditEntry entry = listing.entries().get(0);
        Table table = new Table();
        table.row("index", Long.toString(entry.position().index()));
        table.row("id", entry.id());
        table.row("time", entry.at().toString());
        table.row("type", entry.type());
        table.row("subject", entry.subject().orElse("-"));
        table.row("actor", entry.actor() + " (" + entry.assurance() + ")");
        table.row("what happened", listing.sentence(entry));
        table.row("decision", verdict(entry));
        entry.decision().ifPresent(decision -> {
            table.row("rules", decision.rules().isEmpty() ? "-" : String.join(", ", decision.rules()));
            table.row("policy", decision.policy().toString());
            table.row("decided as of", decision.asOf().toString());
            if (decision instanceof Decision.Deny deny) {
                for (Requirement unmet : deny.unmet()) {
                    table.row(
                            "unmet",
                            "[" + unmet.rule() + "] needs " + unmet.expected() + "; found " + unmet.actual() + "; "
                                    + unmet.remedy());
                }
            }
        });
        table.print(out);
        out.println();
        out.println(Printable.lines(Json.parse(entry.body())
                .map(Json::pretty)
                .orElseGet(() -> entry.body().toUtf8())));
    }

    static ObjectNode json(Listing listing) {
        ObjectNode result = Json.object();
        result.set(
                "entries",
                Json.array(listing.entries().stream()
                        .map(entry ->
                                json(entry, listing.texts().get(entry.position().index())))
                        .toList()));
        return result.put("more", listing.more());
    }

    private static ObjectNode json(AuditEntry entry, @Nullable ErasableText text) {
        ObjectNode object = json(entry);
        return text == null ? object : object.put("text", text.toString());
    }

    static ObjectNode json(AuditEntry entry) {
        ObjectNode object = Json.object()
                .put("index", entry.position().index())
                .put("id", entry.id())
                .put("time", entry.at().toString())
                .put("type", entry.type())
                .put("subject", entry.subject().orElse(null))
                .put("actor", entry.actor().toString())
                .put("assurance", entry.assurance().name())
                .put("summary", sentence(entry));
        object.set("decision", entry.decision().map(Entries::json).orElse(null));
        object.set("event", Json.parse(entry.body()).orElse(null));
        return object;
    }

    static ObjectNode json(Decision decision) {
        ObjectNode object = Json.object().put("outcome", decision.isAllowed() ? "allow" : "deny");
        if (decision instanceof Decision.Deny deny) {
            object.put("cause", deny.cause().name());
        }
        object.set("rules", Json.array(decision.rules()));
        if (decision instanceof Decision.Deny deny) {
            object.set(
                    "unmet",
                    Json.array(deny.unmet().stream()
                            .map(unmet -> Json.object()
                                    .put("rule", unmet.rule())
                                    .put("expected", unmet.expected())
                                    .put("actual", unmet.actual())
                                    .put("remedy", unmet.remedy()))
                            .toList()));
        }
        return object.put("policy", decision.policy().toString())
                .put("asOf", decision.asOf().size());
    }

    private static String verdict(AuditEntry entry) {
        return entry.decision()
                .map(decision -> decision instanceof Decision.Deny deny ? "DENIED, " + deny.cause() : "allowed")
                .orElse("-");
    }

    /** Says what happened, without the actor: a verb, what it was done to, and a reason in clear. */
    static String sentence(AuditEntry entry) {
        JsonNode event = Json.parse(entry.body()).map(JsonNode.class::cast).orElse(MissingNode.getInstance());
        Payload data = new Payload(event.path("data"));
        String subject = entry.subject().orElse("the log");
        String type = entry.type().startsWith(PREFIX) ? entry.type().substring(PREFIX.length()) : entry.type();
        String act = switch (type) {
            case "log.created.v1" -> "created the log";
            case "version.registered.v1" -> "registered " + subject;
            case "version.imported.v1" -> "imported " + subject + data.source();
            case "evidence.attached.v1" -> "attached evidence to " + subject;
            case "version.commented.v1" -> "commented on " + subject;
            case "version.approved.v1" -> "approved " + subject + data.prefixed(" for ", "environment");
            case "version.rejected.v1" -> "rejected " + subject + data.prefixed(" for ", "environment");
            case "judgement.withdrawn.v1" ->
                "withdrew the judgement of " + subject + data.prefixed(" for ", "environment");
            case "champion.promoted.v1" ->
                "made " + data.version(subject) + " champion" + data.prefixed(" of ", "environment")
                        + data.prefixed(", before it ", "previous");
            case "champion.rolledback.v1" ->
                "rolled back to " + data.version(subject) + data.prefixed(" in ", "environment")
                        + data.prefixed(", from ", "previous");
            case "alias.set.v1" ->
                "set the alias" + data.prefixed(" ", "alias") + " to " + data.version(subject)
                        + data.prefixed(", before it ", "previous");
            case "alias.removed.v1" -> "removed the alias" + data.prefixed(" ", "alias") + " of " + subject;
            case "tag.set.v1", "model.tag.set.v1" ->
                "tagged " + subject + data.prefixed(" ", "key") + data.prefixed("=", "value");
            case "tag.removed.v1", "model.tag.removed.v1" ->
                "removed the tag" + data.prefixed(" ", "key") + " of " + subject;
            case "role.granted.v1" -> "granted the role" + data.prefixed(" ", "role") + " to " + subject;
            case "role.revoked.v1" -> "revoked the role" + data.prefixed(" ", "role") + " of " + subject;
            case "version.transitioned.v1" ->
                "moved " + subject + data.prefixed(" from ", "from") + data.prefixed(" to ", "to")
                        + data.prefixed(", by ", "transition");
            case "policies.proposed.v1" ->
                "proposed the policy set " + subject + data.prefixed(" as revision ", "revision");
            case "policies.installed.v1" ->
                "put the policy set " + subject + data.prefixed(" of ", "proposer") + " into force"
                        + data.prefixed(" as revision ", "revision");
            case "trust.installed.v1" -> "put the trust policy" + data.prefixed(" ", "version") + " into force";
            case "version.quarantined.v1" -> "put " + subject + " into quarantine" + data.where();
            case "handle.fellback.v1" ->
                "fell back from " + subject + data.prefixed(" to version ", "to") + data.where()
                        + data.prefixed(": ", "cause");
            case "serving.suspended.v1" -> "suspended " + subject + data.where();
            case "serving.resumed.v1" -> "resumed " + subject + data.where();
            case "segment.recorded.v1" ->
                "recorded" + data.prefixed(" ", "count") + data.prefixed(" ", "kind") + " of " + subject + data.where();
            case "records.expired.v1" ->
                "let records of " + subject + data.prefixed(" up to position ", "until") + " expire"
                        + data.prefixed(" on the ground of ", "ground");
            case "alert.changed.v1" ->
                "moved the alert" + data.prefixed(" ", "check") + " of " + subject + data.where()
                        + data.prefixed(" from ", "from") + data.prefixed(" to ", "to");
            case "retraining.requested.v1" ->
                "asked to train " + subject + " anew" + data.where() + data.prefixed(": ", "cause");
            case "experiment.started.v1" -> "started" + data.experiment(subject);
            case "experiment.judged.v1" -> "judged" + data.experiment(subject) + data.prefixed(": ", "state");
            case "experiment.ended.v1" -> "ended" + data.experiment(subject) + data.prefixed(": ", "cause");
            case "state.snapshotted.v1" -> "stored a snapshot of the state";
            case "notifications.delivered.v1" ->
                "delivered notifications" + data.prefixed(" to ", "sink") + data.prefixed(" up to position ", "upTo");
            case "text.erased.v1" ->
                "erased the text of entry" + data.prefixed(" ", "entry")
                        + data.prefixed(" on the ground of ", "ground");
            case "hold.placed.v1" -> "placed the legal hold" + data.prefixed(" ", "hold") + " on " + subject;
            case "hold.lifted.v1" -> "lifted the legal hold" + data.prefixed(" ", "hold") + " on " + subject;
            case "access.refused.v1" -> "tried to " + data.action("act", subject) + " and was refused";
            case "access.refusals.counted.v1" ->
                "was refused" + data.prefixed(" ", "count") + " more times when trying to "
                        + data.action("act", subject);
            default -> type + " on " + subject;
        };
        return act + data.prefixed(": ", "reason");
    }

    /** The simple fields of an entry's data. */
    private record Payload(JsonNode data) {
        String prefixed(String prefix, String field) {
            JsonNode value = data.path(field);
            return value.isValueNode() && !value.isNull() ? prefix + value.asText() : "";
        }

        /** The version that the subject is, or that the payload adds to the model that it is. */
        String version(String subject) {
            return subject.contains("@") ? subject : subject + prefixed("@", "version");
        }

        String where() {
            return prefixed(" in ", "environment");
        }

        String experiment(String challenger) {
            return prefixed(" stage ", "stage") + (data.has("stage") ? " of" : "") + " the experiment"
                    + prefixed(" ", "experiment") + " with " + challenger + where();
        }

        /** Where an imported version comes from. */
        String source() {
            Payload source = new Payload(data.path("source"));
            return source.prefixed(", which is ", "version") + source.prefixed(" of ", "origin");
        }

        /** The action that was asked for, with the subject unless it is in there already. */
        String action(String unknown, String subject) {
            JsonNode action = data.path("action");
            String words = action.isValueNode() && !action.isNull() ? action.asText() : unknown;
            return words.contains(subject) || subject.equals("the log")
                    ? words
                    : words + " " + subject + prefixed(" in ", "environment");
        }
    }
}
