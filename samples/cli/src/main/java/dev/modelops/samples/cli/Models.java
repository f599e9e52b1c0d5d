package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.Page;
import dev.modelops.VersionNumber;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Model;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionQuery;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Models and versions, for people and for programs. */
final class Models {
    private Models() {}

    static List<ModelVersion> versions(RegistryView registry, ModelName name) {
        VersionQuery query = VersionQuery.all().model(name);
        List<ModelVersion> versions = new ArrayList<>();
        Optional<VersionQuery> next = Optional.of(query);
        while (next.isPresent()) {
            Page<ModelVersion> page = registry.query(next.get());
            versions.addAll(page.items());
            next = page.next().map(query::after);
        }
        return versions;
    }

    static void print(PrintWriter out, List<Model> models) {
        Table table = new Table("model", "versions", "champions", "aliases");
        for (Model model : models) {
            table.row(
                    model.name().toString(),
                    model.latest().toString(),
                    pairs(model.champions()),
                    pairs(model.aliases()));
        }
        table.print(out);
    }

    static void print(PrintWriter out, RegistryView registry, Model model, List<ModelVersion> versions) {
        Table head = new Table();
        head.row("model", model.name().toString());
        head.row("champions", pairs(model.champions()));
        head.row("aliases", pairs(model.aliases()));
        head.print(out);
        out.println();
        Table table = new Table("version", "status", "registered", "author", "metrics", "approvals", "evidence");
        for (ModelVersion version : versions) {
            table.row(
                    version.ref().version().toString(),
                    version.status(),
                    version.registeredAt().toString(),
                    version.author().toString(),
                    pairs(version.metrics()),
                    registry.approvals(version.ref()).stream()
                            .map(approval -> approval.environment() + " " + verdict(approval))
                            .collect(orNone()),
                    Integer.toString(registry.evidence(version.ref()).size()));
        }
        table.print(out);
    }

    static void print(PrintWriter out, RegistryView registry, Model model, ModelVersion version) {
        Table table = new Table();
        table.row("version", version.ref().toString());
        table.row("status", version.status());
        table.row(
                "champion of",
                championOf(model, version).stream().map(Environment::toString).collect(orNone()));
        table.row("kind", version.kind());
        table.row("description", version.description().isEmpty() ? "-" : version.description());
        table.row(
                "registered",
                version.registeredAt() + " by " + version.author() + ", entry "
                        + version.position().index());
        table.row("artifact", version.artifact().toString());
        table.row("content", version.fileCount() + " files, " + version.byteCount() + " bytes");
        table.row("signature", version.bundle().toString());
        table.row("signed by", version.publisher().map(Object::toString).orElse("a key that this log does not trust"));
        version.source().ifPresent(source -> {
            table.row(
                    "imported from",
                    source.version() + " of " + source.origin() + ", as of position " + source.checkpoint() + " there");
            table.row("made there by", source.author().toString());
            table.row("in pack", source.pack().toString());
        });
        version.parent().ifPresent(parent -> table.row("parent", parent.toString()));
        version.answers()
                .ifPresent(request -> table.row("answers", "the request to train anew of entry " + request.index()));
        version.codeCommit().ifPresent(commit -> table.row("code commit", commit));
        for (DataSet data : version.dataSets()) {
            table.row("data set", data.name() + " " + data.digest());
        }
        new TreeMap<>(version.metrics()).forEach((name, value) -> table.row("metric", name + "=" + value));
        new TreeMap<>(version.parameters()).forEach((name, value) -> table.row("parameter", name + "=" + value));
        new TreeMap<>(version.tags()).forEach((key, value) -> table.row("tag", key + "=" + value));
        for (Approval approval : registry.approvals(version.ref())) {
            table.row(
                    "judgement",
                    verdict(approval) + " for " + approval.environment() + " by " + approval.by() + " at "
                            + approval.at()
                            + approval.reason().map(reason -> ": " + reason).orElse(""));
        }
        for (Evidence evidence : registry.evidence(version.ref())) {
            table.row(
                    "evidence",
                    evidence.type() + ", " + evidence.size() + " bytes, " + evidence.digest() + " by " + evidence.by()
                            + " at " + evidence.at());
        }
        for (Comment comment : registry.comments(version.ref())) {
            table.row("comment", comment.by() + " at " + comment.at() + ": " + comment.text());
        }
        table.print(out);
    }

    static ObjectNode json(Model model) {
        ObjectNode object = Json.object()
                .put("name", model.name().toString())
                .put("latest", model.latest().value());
        object.set("champions", numbers(model.champions()));
        object.set("aliases", numbers(model.aliases()));
        return object;
    }

    static ObjectNode json(RegistryView registry, Model model, ModelVersion version) {
        ObjectNode object = Json.object()
                .put("version", version.ref().toString())
                .put("number", version.ref().version().value())
                .put("status", version.status());
        object.set("championOf", Json.array(championOf(model, version)));
        object.put("kind", version.kind())
                .put("description", version.description())
                .put("author", version.author().toString())
                .put("registeredAt", version.registeredAt().toString())
                .put("position", version.position().size())
                .put("artifact", version.artifact().toString())
                .put("files", version.fileCount())
                .put("bytes", version.byteCount())
                .put("bundle", version.bundle().toString())
                .put("publisher", version.publisher().map(Object::toString).orElse(null))
                .put("parent", version.parent().map(VersionNumber::value).orElse(null))
                .put("codeCommit", version.codeCommit().orElse(null))
                .put("answers", version.answers().map(LogPosition::size).orElse(null));
        object.set("source", source(version));
        object.set(
                "dataSets",
                Json.array(version.dataSets().stream()
                        .map(data -> Json.object()
                                .put("name", data.name())
                                .put("digest", data.digest().toString()))
                        .toList()));
        ObjectNode metrics = object.putObject("metrics");
        new TreeMap<>(version.metrics()).forEach(metrics::put);
        object.set("parameters", Json.texts(version.parameters()));
        object.set("tags", Json.texts(version.tags()));
        object.set(
                "approvals",
                Json.array(registry.approvals(version.ref()).stream()
                        .map(Models::json)
                        .toList()));
        object.set(
                "evidence",
                Json.array(registry.evidence(version.ref()).stream()
                        .map(Models::json)
                        .toList()));
        object.set(
                "comments",
                Json.array(registry.comments(version.ref()).stream()
                        .map(comment -> Json.object()
                                .put("text", comment.text().toString())
                                .put("by", comment.by().toString())
                                .put("at", comment.at().toString())
                                .put("position", comment.position().size()))
                        .toList()));
        return object;
    }

    /** Returns where a version was imported from, null if it was not. */
    static @Nullable ObjectNode source(ModelVersion version) {
        return version.source()
                .map(source -> Json.object()
                        .put("version", source.version().toString())
                        .put("origin", source.origin())
                        .put("logKey", source.logKey().text())
                        .put("author", source.author().toString())
                        .put("position", source.checkpoint().size())
                        .put("root", source.root().toString())
                        .put("pack", source.pack().toString())
                        .put("entries", source.entries().toString()))
                .orElse(null);
    }

    static ObjectNode json(Evidence evidence) {
        ObjectNode object = Json.object()
                .put("type", evidence.type())
                .put("digest", evidence.digest().toString())
                .put("bytes", evidence.size())
                .put("by", evidence.by().toString())
                .put("at", evidence.at().toString())
                .put("position", evidence.position().size());
        object.set(
                "signers",
                Json.array(evidence.signers().stream()
                        .map(Object::toString)
                        .sorted()
                        .toList()));
        return object.put("outcome", evidence.outcome().map(Enum::name).orElse(null));
    }

    private static ObjectNode json(Approval approval) {
        ObjectNode object = Json.object()
                .put("environment", approval.environment().toString())
                .put("verdict", approval.verdict().name())
                .put("by", approval.by().toString())
                .put("reason", approval.reason().map(Object::toString).orElse(null))
                .put("at", approval.at().toString())
                .put("position", approval.position().size())
                .put("artifact", approval.artifact().toString());
        object.set(
                "evidence",
                Json.array(approval.evidence().stream()
                        .map(Object::toString)
                        .sorted()
                        .toList()));
        return object.put("policy", approval.policy().toString());
    }

    private static ObjectNode numbers(Map<?, VersionNumber> map) {
        ObjectNode object = Json.object();
        new TreeMap<>(map).forEach((key, number) -> object.put(key.toString(), number.value()));
        return object;
    }

    private static List<Environment> championOf(Model model, ModelVersion version) {
        return model.champions().entrySet().stream()
                .filter(champion -> champion.getValue().equals(version.ref().version()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static String verdict(Approval approval) {
        return approval.verdict() == Approval.Verdict.APPROVED ? "approved" : "rejected";
    }

    private static String pairs(Map<?, ?> map) {
        return new TreeMap<>(map)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(orNone());
    }

    private static Collector<CharSequence, ?, String> orNone() {
        return Collectors.collectingAndThen(Collectors.joining(", "), text -> text.isEmpty() ? "-" : text);
    }
}
