package dev.modelops.core.internal.governor;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.storage.ErasableStore;
import dev.modelops.storage.StorageException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The texts that people wrote: makes the commitments that entries hold, and looks up what they commit to. Content is a
 * salt of 32 bytes and the text in UTF-8; the commitment is its SHA-256 digest.
 */
public final class Texts {
    /** The bytes of salt before the text. */
    public static final int SALT = 32;

    private static final String MISSING =
            "the text is missing from the store, though it was not erased; verify the log";

    private final ErasableStore store;
    private final Supplier<RegistryState> newest;

    /** A text to be stored before the entry that commits to it. */
    record Written(Digest commitment, Bytes content) {
        static Written of(String text, RandomGenerator random) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            byte[] salt = new byte[SALT];
            random.nextBytes(salt);
            Bytes content = Bytes.of(
                    ByteBuffer.allocate(SALT + utf8.length).put(salt).put(utf8).array());
            return new Written(Digest.sha256Of(content), content);
        }
    }

    /** Looks texts up in a store; what was erased, the newest state tells. */
    public Texts(ErasableStore store, Supplier<RegistryState> newest) {
        this.store = store;
        this.newest = newest;
    }

    /** Returns what stands for a text in a state or entry with the text in its place, as far as there is one to be shown. */
    public ErasableText read(ErasableText recorded) {
        if (!(recorded instanceof ErasableText.Unavailable committed)) {
            return recorded;
        }
        Digest commitment = committed.commitment();
        // The store first: what is erased meanwhile is then seen to be.
        Bytes content;
        String trouble = MISSING;
        try {
            content = store.find(commitment).orElse(null);
        } catch (StorageException | IntegrityException e) {
            content = null;
            trouble = String.valueOf(e.getMessage());
        }
        LogPosition erased = newest.get().texts().erased().get(commitment);
        if (erased != null) {
            return new ErasableText.Erased(erased);
        }
        if (content == null) {
            return new ErasableText.Unavailable(commitment, trouble);
        }
        String text = text(commitment, content);
        return text == null
                ? new ErasableText.Unavailable(
                        commitment, "what is stored is not what was committed to; verify the log")
                : new ErasableText.Kept(text);
    }

    /** Returns the text of content, or null unless it is what was committed to. */
    public static @Nullable String text(Digest commitment, Bytes content) {
        if (content.length() <= SALT || !Digest.sha256Of(content).equals(commitment)) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content.toByteArray()).position(SALT))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** Returns a comment with its text. */
    public Comment read(Comment comment) {
        return new Comment(comment.ref(), read(comment.text()), comment.by(), comment.at(), comment.position());
    }

    /** Returns a judgement with its reason. */
    public Approval read(Approval approval) {
        return new Approval(
                approval.ref(),
                approval.environment(),
                approval.verdict(),
                approval.by(),
                approval.reason().map(this::read),
                approval.artifact(),
                approval.evidence(),
                approval.policy(),
                approval.at(),
                approval.position(),
                approval.signer());
    }

    /** Returns a revision with its reason. */
    public PolicyRevision read(PolicyRevision revision) {
        return new PolicyRevision(
                revision.number(),
                revision.digest(),
                revision.proposer(),
                revision.installer(),
                revision.reason().map(this::read),
                revision.at(),
                revision.position());
    }

    /** Returns a proposal with its reason. */
    public PolicyProposal read(PolicyProposal proposal) {
        return new PolicyProposal(
                proposal.digest(),
                proposal.basedOn(),
                proposal.revision(),
                proposal.bundle(),
                proposal.by(),
                proposal.reason().map(this::read),
                proposal.at(),
                proposal.position());
    }

    /** Returns the model that the entry with a subject is about, or null where it is about a principal or a policy set. */
    public static @Nullable ModelName modelOf(@Nullable String subject) {
        if (subject == null || subject.indexOf('|') >= 0 || subject.indexOf(':') >= 0) {
            return null;
        }
        int end = subject.indexOf('@');
        return ModelName.of(end < 0 ? subject : subject.substring(0, end));
    }

    /** Tells whether an entry may be about a text: false only if the text is there and another one. */
    boolean maySay(Entry entry, String text) {
        ErasableText written = entry.written();
        return written != null && read(written).text().map(text::equals).orElse(true);
    }

    /** Stores texts before entries commit to them. */
    void put(Map<Digest, Bytes> contents) {
        store.put(contents);
    }

    /** Puts a text again that is no longer there now that an entry commits to it, unless it was erased since. */
    void confirm(Written text) {
        if (!isErased(text.commitment()) && store.find(text.commitment()).isEmpty()) {
            store.put(Map.of(text.commitment(), text.content()));
            if (isErased(text.commitment())) {
                erase(text.commitment());
            }
        }
    }

    /** Removes a text. */
    void erase(Digest commitment) {
        var unused = store.erase(commitment);
    }

    private boolean isErased(Digest commitment) {
        return newest.get().texts().erased().containsKey(commitment);
    }
}
