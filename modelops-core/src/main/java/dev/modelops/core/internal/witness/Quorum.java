package dev.modelops.core.internal.witness;

import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which witnesses must have cosigned a checkpoint for it to count (C2SP tlog-policy). Immutable. */
public final class Quorum {
    private static final int MAX_LENGTH = 1 << 20;
    private static final int MAX_LINES = 10_000;
    private static final String NONE = "none";

    private final List<NoteVerifier> logs;
    private final List<CosignatureKey> witnesses;
    private final Rule rule;

    /** Tells whether those who cosigned are enough. */
    @FunctionalInterface
    private interface Rule {
        boolean isMet(Collection<CosignatureKey> cosigned);
    }

    private Quorum(List<NoteVerifier> logs, List<CosignatureKey> witnesses, Rule rule) {
        this.logs = List.copyOf(logs);
        this.witnesses = List.copyOf(witnesses);
        this.rule = rule;
    }

    /** Returns the quorum of so many of some witnesses; {@link IllegalArgumentException} if there can be none. */
    public static Quorum of(int least, List<String> vkeys) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < vkeys.size(); i++) {
            text.append("witness w").append(i).append(' ').append(vkeys.get(i)).append('\n');
        }
        text.append("group all-of-them ").append(least);
        for (int i = 0; i < vkeys.size(); i++) {
            text.append(" w").append(i);
        }
        return parse(text + "\nquorum all-of-them\n");
    }

    /** Parses the text of a policy; {@link IllegalArgumentException} with the line, if it is malformed. */
    public static Quorum parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a witness policy may have " + MAX_LENGTH + " characters");
        }
        String[] lines = text.split("\n", MAX_LINES + 1);
        if (lines.length > MAX_LINES) {
            throw new IllegalArgumentException("a witness policy may have " + MAX_LINES + " lines");
        }
        Reading reading = new Reading();
        for (int i = 0; i < lines.length; i++) {
            try {
                reading.line(lines[i]);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("line " + (i + 1) + " of the witness policy: " + e.getMessage(), e);
            }
        }
        return reading.end();
    }

    /**
     * Tells whether a checkpoint counts: whether enough witnesses cosigned it and, where the policy names logs, one of them
     * signed it. A note with a signature that is said to be by one of them and does not verify never counts.
     */
    public boolean isMetBy(String checkpoint) {
        return isMetBy(checkpoint, Instant.MIN);
    }

    /** Tells the same of a checkpoint that each of those witnesses must have cosigned at a time or after it. */
    public boolean isMetBy(String checkpoint, Instant since) {
        try {
            SignedNote note = SignedNote.parse(checkpoint);
            Map<CosignatureKey, Instant> cosigned = note.cosignedBy(witnesses);
            cosigned.values().removeIf(time -> time.isBefore(since));
            return (logs.isEmpty() || isSigned(note)) && rule.isMet(cosigned.keySet());
        } catch (NoteException e) {
            return false;
        }
    }

    private boolean isSigned(SignedNote note) {
        return note.verifiedBy(logs).stream().anyMatch(log -> note.text().startsWith(log.name() + "\n"));
    }

    /** A policy as far as it was read. */
    private static final class Reading {
        private final List<NoteVerifier> logs = new ArrayList<>();
        private final List<CosignatureKey> witnesses = new ArrayList<>();
        private final Map<String, Rule> rules = new HashMap<>();
        private final Set<String> members = new HashSet<>();
        private @Nullable Rule quorum;

        void line(String line) {
            if (line.chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7f)) {
                throw new IllegalArgumentException("control characters are not allowed");
            }
            List<String> words = Arrays.stream(line.split("[ \t]+"))
                    .filter(word -> !word.isEmpty())
                    .toList();
            if (words.isEmpty() || words.get(0).startsWith("#")) {
                return;
            }
            switch (words.get(0)) {
                case "log" -> log(words);
                case "witness" -> witness(words);
                case "group" -> group(words);
                case "quorum" -> quorum(words);
                default ->
                    throw new IllegalArgumentException(
                            "expected log, witness, group or quorum, found '" + words.get(0) + "'");
            }
        }

        private void log(List<String> words) {
            requireLength(words, 2, 3);
            NoteVerifier log = NoteVerifier.parse(words.get(1));
            if (logs.stream().anyMatch(other -> other.publicKey().equals(log.publicKey()))) {
                throw new IllegalArgumentException("the key of this log is there already");
            }
            logs.add(log);
        }

        private void witness(List<String> words) {
            requireLength(words, 3, 4);
            CosignatureKey key = CosignatureKey.parse(words.get(2));
            if (witnesses.stream().anyMatch(key::isSameKey)) {
                throw new IllegalArgumentException("the key of this witness is there already; each counts once");
            }
            define(words.get(1), cosigned -> cosigned.contains(key));
            witnesses.add(key);
        }

        private void group(List<String> words) {
            requireLength(words, 4, Integer.MAX_VALUE);
            List<Rule> parts = new ArrayList<>();
            for (String member : words.subList(3, words.size())) {
                parts.add(rule(member));
                if (!members.add(member)) {
                    throw new IllegalArgumentException("'" + member + "' is a member already; each counts once");
                }
            }
            int least = least(words.get(2), parts.size());
            define(
                    words.get(1),
                    cosigned ->
                            parts.stream().filter(part -> part.isMet(cosigned)).count() >= least);
        }

        private static int least(String word, int of) {
            if (word.equals("any")) {
                return 1;
            }
            if (word.equals("all")) {
                return of;
            }
            if (word.matches("[1-9][0-9]{0,5}") && Integer.parseInt(word) <= of) {
                return Integer.parseInt(word);
            }
            throw new IllegalArgumentException(
                    "expected any, all, or a number from 1 to " + of + ", found '" + word + "'");
        }

        private void quorum(List<String> words) {
            requireLength(words, 2, 2);
            if (quorum != null) {
                throw new IllegalArgumentException("there is a quorum already");
            }
            quorum = words.get(1).equals(NONE) ? cosigned -> true : rule(words.get(1));
        }

        private void define(String name, Rule rule) {
            if (name.equals(NONE) || rules.putIfAbsent(name, rule) != null) {
                throw new IllegalArgumentException("the name '" + name + "' is taken already");
            }
        }

        private Rule rule(String name) {
            Rule rule = rules.get(name);
            if (rule == null) {
                throw new IllegalArgumentException("no witness or group '" + name + "' is defined above");
            }
            return rule;
        }

        private static void requireLength(List<String> words, int least, int most) {
            if (words.size() < least || words.size() > most) {
                throw new IllegalArgumentException("'" + words.get(0) + "' takes another number of words");
            }
        }

        Quorum end() {
            if (quorum == null) {
                throw new IllegalArgumentException("the witness policy must have a line 'quorum'");
            }
            return new Quorum(logs, witnesses, quorum);
        }
    }
}
