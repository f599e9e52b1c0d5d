package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes valid inputs at random: as bytes, and by the structure of JSON, lines of text or DER. One seed, one sequence. */
final class Mutator {
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/_-]{16,}={0,2}");
    private static final List<String> WORDS = List.of(
            "\n",
            "\n\n",
            "\r\n",
            " ",
            "\t",
            "\u0000",
            "\u2014 ",
            "\ufeff",
            "\u202e",
            "=",
            "==",
            "+",
            "-",
            "0",
            "-1",
            "9223372036854775808",
            "1e9999",
            "null",
            "true",
            "{}",
            "[]",
            "\"",
            "\\u0000",
            "\\",
            ",",
            "../",
            "\ud83d\ude00");
    private static final int MOST_BYTES = 1 << 17;

    private final Random random;
    private final List<byte[]> others;

    /** Creates a mutator that also takes parts of other inputs. */
    Mutator(long seed, List<byte[]> others) {
        this.random = new Random(seed);
        this.others = others;
    }

    byte[] bytes(byte[] input) {
        byte[] changed = input;
        for (int n = random.nextInt(4); n >= 0; n--) {
            changed = oneOfBytes(changed);
        }
        return changed.length > MOST_BYTES ? Arrays.copyOf(changed, MOST_BYTES) : changed;
    }

    private byte[] oneOfBytes(byte[] input) {
        int at = random.nextInt(input.length + 1);
        int to = Math.min(input.length, at + 1 + random.nextInt(1 + random.nextInt(64)));
        byte[] flipped = input.clone();
        return switch (random.nextInt(9)) {
            case 0 -> {
                if (at < input.length) {
                    flipped[at] ^= (byte) (1 << random.nextInt(8));
                }
                yield flipped;
            }
            case 1 -> {
                if (at < input.length) {
                    flipped[at] = (byte) random.nextInt();
                }
                yield flipped;
            }
            case 2 -> {
                if (at < input.length) {
                    flipped[at] += (byte) (random.nextBoolean() ? 1 : -1);
                }
                yield flipped;
            }
            case 3 -> joined(Arrays.copyOf(input, at), Arrays.copyOfRange(input, to, input.length));
            case 4 -> joined(Arrays.copyOf(input, to), Arrays.copyOfRange(input, at, input.length));
            case 5 -> Arrays.copyOf(input, at);
            case 6 ->
                joined(
                        Arrays.copyOf(input, at),
                        pick(WORDS).getBytes(StandardCharsets.UTF_8),
                        Arrays.copyOfRange(input, at, input.length));
            case 7 -> {
                byte[] other = pick(others);
                int from = random.nextInt(other.length);
                yield joined(
                        Arrays.copyOf(input, at),
                        Arrays.copyOfRange(other, from, Math.min(other.length, from + 1 + random.nextInt(200))),
                        Arrays.copyOfRange(input, random.nextBoolean() ? at : to, input.length));
            }
            default -> {
                byte[] zeros = new byte[to - at];
                Arrays.fill(zeros, (byte) (random.nextBoolean() ? 0 : 0xff));
                yield joined(Arrays.copyOf(input, at), zeros, Arrays.copyOfRange(input, to, input.length));
            }
        };
    }

    /** Changes the members and values of a JSON document, what is in base64 there too. */
    byte[] json(byte[] input) {
        try {
            JsonNode root = Models.JSON.readTree(input);
            for (int n = random.nextInt(3); n >= 0; n--) {
                change(root);
            }
            String text = root.toString();
            return (random.nextInt(4) == 0 ? lexically(text) : text).getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            return bytes(input);
        }
    }

    private void change(JsonNode root) {
        List<JsonNode> containers = new ArrayList<>();
        collect(root, containers);
        if (containers.isEmpty()) {
            return;
        }
        JsonNode container = pick(containers);
        if (container instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = pick(names);
            JsonNode copy = object.get(name).deepCopy();
            switch (random.nextInt(7)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(name + pick(WORDS), copy);
                case 2 -> object.set(pick(names), copy);
                case 3 -> object.set(name, strange(containers));
                case 4 -> object.putArray(name).add(copy);
                default -> object.set(name, changed(object.get(name), containers));
            }
        } else if (container instanceof ArrayNode array) {
            switch (array.isEmpty() ? 0 : random.nextInt(5)) {
                case 0 -> array.add(strange(containers));
                case 1 -> array.remove(random.nextInt(array.size()));
                case 2 -> array.add(array.get(random.nextInt(array.size())).deepCopy());
                case 3 -> array.insert(0, array.remove(random.nextInt(array.size())));
                default -> {
                    int at = random.nextInt(array.size());
                    array.set(at, changed(array.get(at), containers));
                }
            }
        }
    }

    private JsonNode changed(JsonNode value, List<JsonNode> containers) {
        if (!value.isTextual()) {
            return value.isContainerNode() ? value : strange(containers);
        }
        String text = value.textValue();
        return JsonNodeFactory.instance.textNode(
                random.nextBoolean() && BASE64.matcher(text).matches() ? base64(text) : text(text));
    }

    private JsonNode strange(List<JsonNode> containers) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        return switch (random.nextInt(9)) {
            case 0 -> make.nullNode();
            case 1 -> make.numberNode(random.nextLong());
            case 2 -> make.numberNode(random.nextBoolean() ? -0.5 : 1e300);
            case 3 -> make.booleanNode(random.nextBoolean());
            case 4 -> make.textNode(pick(WORDS));
            case 5 -> make.arrayNode();
            case 6 -> make.objectNode();
            case 7 -> make.textNode(new String(pick(others), StandardCharsets.ISO_8859_1).substring(0, 20));
            default -> pick(containers).deepCopy();
        };
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    /** What only the text of a document can have: a member twice, spaces, escapes, other forms of a number. */
    private String lexically(String json) {
        return switch (random.nextInt(4)) {
            case 0 -> json.replaceFirst("\\{(\"[a-zA-Z]+\":)", "{$1null,$1");
            case 1 -> json.replace(":", " :\n\t");
            case 2 -> json.replaceFirst("a", "\\\\u0061");
            default -> json + pick(WORDS);
        };
    }

    /** Changes lines of a text, and what is in base64 there. */
    byte[] lines(byte[] input) {
        List<String> lines = new ArrayList<>(List.of(new String(input, StandardCharsets.UTF_8).split("\n", -1)));
        for (int n = random.nextInt(3); n >= 0; n--) {
            int at = random.nextInt(lines.size());
            switch (random.nextInt(7)) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
                case 2 -> lines.add(random.nextInt(lines.size()), lines.remove(at));
                case 3 -> lines.set(at, text(lines.get(at)));
                case 4 -> lines.add(at, pick(WORDS));
                case 5 -> {
                    String[] taken = new String(pick(others), StandardCharsets.UTF_8).split("\n", -1);
                    lines.set(at, taken[random.nextInt(taken.length)]);
                }
                default -> {
                    Matcher matcher = BASE64.matcher(lines.get(at));
                    if (matcher.find()) {
                        lines.set(at, matcher.replaceFirst(Matcher.quoteReplacement(base64(matcher.group()))));
                    }
                }
            }
            if (lines.isEmpty()) {
                lines.add("");
            }
        }
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    private String text(String text) {
        int at = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), at + 1);
        return switch (random.nextInt(5)) {
            case 0 -> text.substring(0, at) + pick(WORDS) + text.substring(at);
            case 1 -> text.substring(0, at) + text.substring(to);
            case 2 -> text.substring(0, at) + swapped(text.substring(at, to)) + text.substring(to);
            case 3 -> text.substring(0, at) + (char) (' ' + random.nextInt(95)) + text.substring(to);
            default -> text.substring(0, at);
        };
    }

    private static String swapped(String letters) {
        String upper = letters.toUpperCase(java.util.Locale.ROOT);
        return upper.equals(letters) ? letters.toLowerCase(java.util.Locale.ROOT) : upper;
    }

    /** The same bytes in another form, or changed bytes in any. */
    private String base64(String text) {
        byte[] bytes;
        try {
            bytes = (text.contains("-") || text.contains("_") ? Base64.getUrlDecoder() : Base64.getDecoder())
                    .decode(text);
        } catch (IllegalArgumentException e) {
            return text(text);
        }
        if (random.nextBoolean()) {
            bytes = bytes.length > 0 && bytes[0] == 0x30 && random.nextBoolean()
                    ? der(bytes)
                    : bytes.length > 0 && bytes[0] == '{' && random.nextBoolean() ? json(bytes) : bytes(bytes);
        }
        Base64.Encoder encoder = random.nextBoolean() ? Base64.getEncoder() : Base64.getUrlEncoder();
        String written = (random.nextBoolean() ? encoder : encoder.withoutPadding()).encodeToString(bytes);
        return random.nextInt(4) == 0 ? text(written) : written;
    }

    /** Changes a DER structure and writes the lengths anew, mostly rightly. */
    byte[] der(byte[] input) {
        List<Tlv> roots = Tlv.parse(input, 0);
        if (roots.isEmpty()) {
            return bytes(input);
        }
        for (int n = random.nextInt(3); n >= 0; n--) {
            List<List<Tlv>> families = new ArrayList<>();
            collect(roots, families);
            if (families.isEmpty()) {
                break;
            }
            List<Tlv> family = pick(families);
            int at = random.nextInt(family.size());
            Tlv node = family.get(at);
            switch (random.nextInt(9)) {
                case 0 -> family.remove(at);
                case 1 -> family.add(at, node.copy());
                case 2 -> family.add(random.nextInt(family.size()), family.remove(at));
                case 3 -> node.tag = (byte) random.nextInt();
                case 4 -> node.lengthForm = 1 + random.nextInt(3);
                case 5 -> family.set(at, pick(pick(families)).copyOr(node));
                case 6 -> {
                    Tlv wrapper = new Tlv((byte) 0x30, new byte[0], new ArrayList<>(List.of(node)));
                    family.set(at, wrapper);
                }
                case 7 -> node.value = number();
                default -> node.value = node.children.isEmpty() ? bytes(node.value) : node.value;
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        roots.forEach(root -> root.write(out));
        return out.size() > MOST_BYTES ? Arrays.copyOf(out.toByteArray(), MOST_BYTES) : out.toByteArray();
    }

    private byte[] number() {
        byte[] number = new byte[random.nextInt(10) == 0 ? 20_000 : random.nextInt(40)];
        random.nextBytes(number);
        return number;
    }

    private static void collect(List<Tlv> nodes, List<List<Tlv>> families) {
        if (!nodes.isEmpty()) {
            families.add(nodes);
        }
        nodes.forEach(node -> collect(node.children, families));
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** One element of DER: with children, or with a value. */
    private static final class Tlv {
        private static final int MOST_DEPTH = 20;

        private byte tag;
        private byte[] value;
        private final List<Tlv> children;
        private int lengthForm;

        Tlv(byte tag, byte[] value, List<Tlv> children) {
            this.tag = tag;
            this.value = value;
            this.children = children;
        }

        /** Returns the elements that fill the bytes exactly, or none if they do not. */
        static List<Tlv> parse(byte[] bytes, int depth) {
            List<Tlv> nodes = new ArrayList<>();
            int at = 0;
            while (at < bytes.length) {
                if (depth > MOST_DEPTH || at + 2 > bytes.length) {
                    return new ArrayList<>();
                }
                byte tag = bytes[at];
                int length = bytes[at + 1] & 0xff;
                int start = at + 2;
                if (length > 0x80) {
                    int count = length - 0x80;
                    if (count > 3 || start + count > bytes.length) {
                        return new ArrayList<>();
                    }
                    length = 0;
                    for (int i = 0; i < count; i++) {
                        length = length << 8 | bytes[start + i] & 0xff;
                    }
                    start += count;
                }
                if (length == 0x80 && start == at + 2 || start + length > bytes.length) {
                    return new ArrayList<>();
                }
                byte[] content = Arrays.copyOfRange(bytes, start, start + length);
                boolean holdsMore = (tag & 0x20) != 0 || tag == 4 || tag == 3 && length > 0 && content[0] == 0;
                byte[] within = tag == 3 && length > 0 ? Arrays.copyOfRange(content, 1, length) : content;
                List<Tlv> children = holdsMore ? parse(within, depth + 1) : new ArrayList<>();
                nodes.add(new Tlv(tag, content, children));
                at = start + length;
            }
            return nodes;
        }

        Tlv copy() {
            Tlv copy = new Tlv(tag, value.clone(), new ArrayList<>());
            children.forEach(child -> copy.children.add(child.copy()));
            copy.lengthForm = lengthForm;
            return copy;
        }

        Tlv copyOr(Tlv other) {
            return children.contains(other) ? other : copy();
        }

        void write(ByteArrayOutputStream out) {
            byte[] content = value;
            if (!children.isEmpty()) {
                ByteArrayOutputStream within = new ByteArrayOutputStream();
                if (tag == 3) {
                    within.write(0);
                }
                children.forEach(child -> child.write(within));
                content = within.toByteArray();
            }
            if (out.size() + content.length > 4 * MOST_BYTES) {
                content = new byte[0];
            }
            out.write(tag);
            int length = content.length;
            if (lengthForm == 1) {
                out.writeBytes(new byte[] {(byte) 0x84, 0, (byte) (length >> 16), (byte) (length >> 8), (byte) length});
            } else if (lengthForm == 2) {
                out.write(0x80);
            } else if (lengthForm == 3) {
                out.write(length + 1);
            } else if (length < 0x80) {
                out.write(length);
            } else if (length < 0x100) {
                out.writeBytes(new byte[] {(byte) 0x81, (byte) length});
            } else if (length < 0x10000) {
                out.writeBytes(new byte[] {(byte) 0x82, (byte) (length >> 8), (byte) length});
            } else {
                out.writeBytes(new byte[] {(byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length});
            }
            out.writeBytes(content);
            if (lengthForm == 2) {
                out.write(0);
                out.write(0);
            }
        }
    }
}
