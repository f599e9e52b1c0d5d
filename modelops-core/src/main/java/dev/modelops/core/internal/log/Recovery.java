package dev.modelops.core.internal.log;

import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.SigningException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the holders of the root keys sign so that a log goes on under another key from where a restored store ends. Its text
 * is that of a signed note, one line for each part, and there is one text for one meaning.
 *
 * @param from the key of the log until then
 * @param size how many entries the log goes on from
 * @param root the root over them, 32 bytes, never changed
 * @param lost the newest checkpoint known of what is lost, a signed note; null if nothing is
 * @param to the key of the log from then on
 * @param writers the keys that seal from then on, and no others
 * @param reason why, one line
 */
public record Recovery(
        LogKey from, long size, byte[] root, @Nullable String lost, LogKey to, List<PublicKey> writers, String reason) {
    private static final String HEADER = "modelops.dev/recovery@v1";
    private static final String NOTHING = "nothing";
    private static final Pattern EPOCH = Pattern.compile("[1-9][0-9]{0,3}");
    private static final int MOST_WRITERS = 64;
    private static final int MOST_REASON = 1000;
    private static final int MOST_LOST = 16 * 1024;

    /** Creates a recovery; {@link IllegalArgumentException} if a part cannot be written as it must be. */
    public Recovery {
        if (reason.isBlank()
                || reason.length() > MOST_REASON
                || !reason.equals(reason.strip())
                || reason.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the reason of a recovery must be one line of 1 to " + MOST_REASON
                    + " characters, but was '" + reason + "'");
        }
        if (writers.isEmpty() || writers.size() > MOST_WRITERS) {
            throw new IllegalArgumentException(
                    "a recovery must name 1 to " + MOST_WRITERS + " writers, but named " + writers.size());
        }
        if (lost != null && lost.length() > MOST_LOST) {
            throw new IllegalArgumentException("the lost checkpoint may have " + MOST_LOST + " characters, but has "
                    + lost.length() + "; give it with fewer signatures of witnesses");
        }
        writers = List.copyOf(writers);
    }

    /** Returns the name under which root keys sign for a log. */
    public static String rootKeyName(String origin) {
        return origin + "/root";
    }

    /** Returns the origin of an epoch of a log, from 1, the first of which has the log's own. */
    public static String origin(String first, int epoch) {
        return epoch == 1 ? first : first + "/" + epoch;
    }

    /** Tells whether an origin is that of an epoch, or one that an earlier epoch of the same log would have had. */
    public static boolean isOrBefore(String origin, String epoch) {
        int slash = epoch.lastIndexOf('/');
        String number = epoch.substring(slash + 1);
        if (origin.equals(epoch) || slash < 1 || !EPOCH.matcher(number).matches()) {
            return origin.equals(epoch);
        }
        String first = epoch.substring(0, slash);
        return IntStream.range(1, Integer.parseInt(number)).anyMatch(i -> origin.equals(origin(first, i)));
    }

    /** Returns what is signed. */
    public String text() {
        Base64.Encoder base64 = Base64.getEncoder();
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        text.append("from ").append(from.text()).append('\n');
        text.append("at ")
                .append(size)
                .append(' ')
                .append(base64.encodeToString(root))
                .append('\n');
        text.append("lost ")
                .append(lost == null ? NOTHING : base64.encodeToString(lost.getBytes(StandardCharsets.UTF_8)))
                .append('\n');
        text.append("to ").append(to.text()).append('\n');
        for (PublicKey writer : writers) {
            text.append("writer ")
                    .append(base64.encodeToString(writer.getEncoded()))
                    .append('\n');
        }
        return text.append("reason ").append(reason).append('\n').toString();
    }

    /** Parses a text; {@link IllegalArgumentException} if it is not one that {@link #text} makes. */
    public static Recovery parse(String text) {
        List<String> lines = Arrays.asList(text.split("\n", MOST_WRITERS + 8));
        if (!lines.get(0).equals(HEADER) || lines.size() < 8 || !text.endsWith("\n")) {
            throw new IllegalArgumentException("not a statement of recovery: expected it to begin with " + HEADER);
        }
        int end = lines.size() - 1;
        String[] at = part(lines.get(2), "at").split(" ", 3);
        if (at.length != 2) {
            throw new IllegalArgumentException("not a statement of recovery: expected size and root");
        }
        String lost = part(lines.get(3), "lost");
        List<PublicKey> writers = new ArrayList<>();
        for (String line : lines.subList(5, end - 1)) {
            writers.add(publicKey(part(line, "writer")));
        }
        Recovery parsed = new Recovery(
                new LogKey(part(lines.get(1), "from")),
                Long.parseLong(at[0]),
                Base64.getDecoder().decode(at[1]),
                lost.equals(NOTHING) ? null : new String(Base64.getDecoder().decode(lost), StandardCharsets.UTF_8),
                new LogKey(part(lines.get(4), "to")),
                writers,
                part(lines.get(end - 1), "reason"));
        if (parsed.size() < 1 || parsed.root().length != 32 || !parsed.text().equals(text)) {
            throw new IllegalArgumentException("not a statement of recovery: it is not in the one form it must have");
        }
        return parsed;
    }

    private static PublicKey publicKey(String base64) {
        try {
            return Crypto.publicKey(Base64.getDecoder().decode(base64));
        } catch (SigningException e) {
            throw new IllegalArgumentException("not a statement of recovery: " + e.getMessage(), e);
        }
    }

    private static String part(String line, String name) {
        if (!line.startsWith(name + " ")) {
            throw new IllegalArgumentException("not a statement of recovery: expected a line '" + name + "'");
        }
        return line.substring(name.length() + 1);
    }
}
