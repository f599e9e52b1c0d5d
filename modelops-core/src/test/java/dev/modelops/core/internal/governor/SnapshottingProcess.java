package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.CommandId;
import dev.modelops.Identity;
import dev.modelops.Principal;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;

/** A process that acts and keeps a snapshot after every few acts; it tells {@code ACK id position} of each act. */
public final class SnapshottingProcess {
    private static final long EVERY = 10;

    private SnapshottingProcess() {}

    /** Sets tags of a model until it is killed, from the line on that names the round. */
    public static void run(
            Place place, LogKey key, Signer writer, String model, Principal who, BufferedReader in, PrintStream out)
            throws IOException {
        try (Storage storage = place.existing()) {
            Ledger ledger = Ledger.openFromSnapshot(storage, key, null);
            Committer committer = new Committer(
                    ledger,
                    storage.log(),
                    Seal.signer(ledger.tip().state().founding().origin(), writer),
                    Clock.systemUTC(),
                    new SplittableRandom(ProcessHandle.current().pid()),
                    1000,
                    Duration.ofSeconds(60));
            out.println("READY");
            String round = in.readLine();
            try (Snapshots snapshots =
                    new Snapshots(ledger, storage.blobs(), committer, 1, EVERY, Snapshots.OVERDUE)) {
                for (int i = 0; round != null && i < Integer.MAX_VALUE; i++) {
                    CommandId id = CommandId.of(round + "-" + i);
                    long position = committer.submit(new Tagging(id, model, who));
                    out.println("ACK " + id + " " + position + " .");
                }
            }
        }
    }

    private record Tagging(CommandId id, String model, Principal who) implements Command<Long> {
        @Override
        public Verdict<Long> decide(Moment moment) {
            ObjectNode data = Entry.payload(Identity.asserted(who), Set.of(), id, null, null);
            data.put("key", "tag");
            data.put("value", id.value());
            return new Append<>(
                    EntryType.MODEL_TAG_SET,
                    model,
                    data,
                    done -> done.entry().index() + 1);
        }

        @Override
        public Long recognise(Entry entry, Moment moment) {
            return entry.index() + 1;
        }
    }
}
