package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.SignatureClaims;
import dev.modelops.signing.VerificationResult.Note;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The verb that shows what a signature says. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Shows what the signature of a model says. Verifies nothing.",
        footerHeading = "%nExample:%n",
        footer = {
            "  modelops inspect model.sig",
            "",
            "JSON: {\"verified\": false, \"method\", \"keyHint\", \"certificates\": [{\"subject\",",
            "\"issuer\", \"from\", \"until\"}], \"predicateType\", \"subject\", \"root\", \"hash\",",
            "\"shardSize\", \"allowSymlinks\", \"ignorePaths\", \"resources\": [{\"name\",",
            "\"digest\"}], \"notes\": [{\"code\", \"message\"}]}; keyHint may be null."
        })
final class InspectCommand extends Verb {
    private static final int MOST_BYTES = 64 * 1024 * 1024;

    @Parameters(paramLabel = "BUNDLE", description = "The signature file.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Override
    public Integer call() {
        print(
                ModelSignatures.inspect(Bytes.of(SmallFiles.bytes("signature file", file, MOST_BYTES))),
                this::print,
                InspectCommand::json);
        return 0;
    }

    static ArrayNode notes(List<Note> notes) {
        return Json.array(notes.stream()
                .map(note -> Json.object().put("code", note.code().name()).put("message", note.message()))
                .toList());
    }

    private void print(SignatureClaims claims) {
        out().println("What follows is claimed by the file and was not verified.");
        Table table = new Table();
        table.row("method", method(claims));
        claims.keyHint().ifPresent(hint -> table.row("key hint", hint));
        for (X509Certificate certificate : claims.certificates()) {
            table.row(
                    "certificate",
                    certificate.getSubjectX500Principal() + ", issued by "
                            + certificate.getIssuerX500Principal() + ", valid from "
                            + certificate.getNotBefore().toInstant() + " until "
                            + certificate.getNotAfter().toInstant());
        }
        table.row("statement", claims.predicateType());
        table.row("model", claims.subject());
        table.row("root", claims.root().toString());
        table.row("hash", claims.hash());
        if (claims.shardSize() > 0) {
            table.row("shard size", count(claims.shardSize(), "byte", "bytes"));
        }
        table.row("symlinks", claims.allowSymlinks() ? "followed" : "refused");
        claims.ignorePaths().forEach(path -> table.row("left out", path));
        claims.notes().forEach(note -> table.row("note", note.code() + ": " + note.message()));
        claims.resources().forEach(resource -> table.row("resource", resource.name() + " " + resource.digest()));
        table.print(out());
    }

    private static ObjectNode json(SignatureClaims claims) {
        ObjectNode json = Json.object()
                .put("verified", false)
                .put("method", method(claims))
                .put("keyHint", claims.keyHint().orElse(null));
        json.set(
                "certificates",
                Json.array(claims.certificates().stream()
                        .map(certificate -> Json.object()
                                .put(
                                        "subject",
                                        certificate.getSubjectX500Principal().getName())
                                .put(
                                        "issuer",
                                        certificate.getIssuerX500Principal().getName())
                                .put(
                                        "from",
                                        certificate.getNotBefore().toInstant().toString())
                                .put(
                                        "until",
                                        certificate.getNotAfter().toInstant().toString()))
                        .toList()));
        json.put("predicateType", claims.predicateType())
                .put("subject", claims.subject())
                .put("root", claims.root().toString())
                .put("hash", claims.hash())
                .put("shardSize", claims.shardSize())
                .put("allowSymlinks", claims.allowSymlinks());
        json.set("ignorePaths", Json.array(claims.ignorePaths()));
        json.set(
                "resources",
                Json.array(claims.resources().stream()
                        .map(resource -> Json.object()
                                .put("name", resource.name())
                                .put("digest", resource.digest().toString()))
                        .toList()));
        json.set("notes", notes(claims.notes()));
        return json;
    }

    private static String method(SignatureClaims claims) {
        return claims.method().name().toLowerCase(Locale.ROOT);
    }
}
