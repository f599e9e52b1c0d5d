package dev.modelops.core.internal.policy.analysis;

import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CedarSyntaxException;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.PolicyParser.Located;
import dev.modelops.core.internal.policy.cedar.schema.Schema;
import dev.modelops.core.internal.policy.cedar.schema.SchemaJson;
import dev.modelops.core.internal.policy.cedar.schema.SchemaText;
import dev.modelops.policy.InvalidPolicyException;
import dev.modelops.policy.InvalidPolicyException.Problem;
import dev.modelops.policy.PolicySet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Policies as people keep them, in Cedar text or JSON.
 *
 * @param policies the policies
 * @param lines the line on which each begins, by id; empty if the document is not text
 * @param columns the column at which each begins
 */
public record PolicyDocument(CedarPolicySet policies, Map<String, Integer> lines, Map<String, Integer> columns) {
    private static final long MOST_BYTES = 16L << 20;

    public PolicyDocument {
        lines = Map.copyOf(lines);
        columns = Map.copyOf(columns);
    }

    /**
     * Reads a file, as Cedar text if it is named {@code .cedar} and as JSON if {@code .json}.
     *
     * @throws InvalidPolicyException if it cannot be read or is not what its name says
     */
    public static PolicyDocument read(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".cedar")) {
            return ofCedar(text(file));
        } else if (name.endsWith(".json")) {
            return ofJson(text(file));
        }
        throw invalid("a file of policies must be named .cedar, for Cedar text, or .json, for the Cedar JSON policy"
                + " format, but is named '" + name + "'");
    }

    /** Reads Cedar text. */
    public static PolicyDocument ofCedar(String text) {
        return parsed(() -> {
            CedarPolicySet set = PolicyParser.policySet(text);
            Map<String, Integer> lines = new HashMap<>();
            Map<String, Integer> columns = new HashMap<>();
            List<Located> all = PolicyParser.located(text);
            for (int i = 0; i < all.size(); i++) {
                String annotated = all.get(i).policy().annotations().getOrDefault("id", "");
                String id = annotated.isBlank() ? "policy" + i : annotated;
                lines.put(id, all.get(i).line());
                columns.put(id, all.get(i).column());
            }
            return new PolicyDocument(set, lines, columns);
        });
    }

    /** Reads the Cedar JSON policy format. */
    public static PolicyDocument ofJson(String document) {
        return parsed(() -> new PolicyDocument(PolicyJson.read(document), Map.of(), Map.of()));
    }

    /** Reads a schema from a file, as JSON if it is named {@code .json}, else as text. */
    public static Schema schema(Path file) {
        String text = text(file);
        Function<String, Schema> reader =
                String.valueOf(file.getFileName()).endsWith(".json") ? SchemaJson::read : SchemaText::read;
        return parsed(() -> reader.apply(text));
    }

    /** Reads a schema from its text. */
    public static Schema schema(String text) {
        return parsed(() -> SchemaText.read(text));
    }

    /** Returns the policies in the form that logs keep. */
    public PolicySet policySet() {
        return new PolicySet(PolicyJson.write(policies));
    }

    private interface Reader<T> {
        T read();
    }

    private static <T> T parsed(Reader<T> reader) {
        try {
            return reader.read();
        } catch (CedarSyntaxException e) {
            String message = String.valueOf(e.getMessage());
            String place = "line " + e.line() + ", column " + e.column() + ": ";
            throw new InvalidPolicyException(List.of(new Problem(
                    message.startsWith(place) ? message.substring(place.length()) : message,
                    OptionalInt.of(e.line()),
                    OptionalInt.of(e.column()))));
        } catch (IllegalArgumentException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    /** Reads a file of UTF-8 text. */
    static String text(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw invalid("expected a file at " + file + ", found "
                        + (Files.exists(file) ? "something else" : "nothing") + "; name one that exists");
            }
            if (Files.size(file) > MOST_BYTES) {
                throw invalid("the file " + file + " has " + Files.size(file) + " bytes; at most " + MOST_BYTES
                        + " are read");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid("the file " + file + " is not UTF-8 text; save it as such");
        } catch (IOException e) {
            throw invalid("the file " + file + " cannot be read: " + e);
        }
    }

    static InvalidPolicyException invalid(String sentence) {
        return new InvalidPolicyException(List.of(Problem.of(sentence)));
    }
}
