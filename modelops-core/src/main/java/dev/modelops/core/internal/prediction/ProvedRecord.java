package dev.modelops.core.internal.prediction;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Bytes;
import dev.modelops.IntegrityException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.serving.PredictionRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A proof that a record is in a segment that the log names.
 *
 * @param record the record
 * @param entry the entry that names the segment
 */
public record ProvedRecord(PredictionRecord record, Entry entry) {
    static final String FORM = "modelops.dev/record-proof@v1";

    private static final int MOST_PATH = 64;

    /**
     * Verifies a proof by the key of the log alone.
     *
     * @throws IntegrityException if it does not lead from the record to a checkpoint of that key
     */
    public static ProvedRecord verify(Bytes proof, NoteVerifier logKey) {
        try {
            JsonNode json = Json.parseObject(proof.toByteArray());
            if (json.size() != 6 || !FORM.equals(Entry.text(json, "form"))) {
                throw new IllegalArgumentException("expected a proof of the form " + FORM);
            }
            byte[] line = Entry.text(json, "record").getBytes(StandardCharsets.UTF_8);
            byte[] body = Entry.text(json, "entry").getBytes(StandardCharsets.UTF_8);
            TlogProof receipt = TlogProof.parse(Entry.text(json, "receipt"));
            var unused = receipt.verify(body, logKey);
            Entry entry = Entry.decode(receipt.index(), body);
            if (entry.type() != EntryType.SEGMENT_RECORDED) {
                throw new IllegalArgumentException(
                        "its entry is a " + entry.type().sentence() + ", no segment");
            }
            Segment segment = Segment.read(entry);
            List<byte[]> path = new ArrayList<>();
            for (JsonNode hash : json.path("path")) {
                if (path.size() == MOST_PATH || !hash.isTextual()) {
                    throw new IllegalArgumentException("its path must be at most " + MOST_PATH + " hashes");
                }
                path.add(HexFormat.of().parseHex(hash.textValue()));
            }
            if (!Merkle.verifyInclusion(
                    Entry.number(json, "index"),
                    segment.count(),
                    Merkle.leafHash(line),
                    path,
                    segment.root().value().toByteArray())) {
                throw new IllegalArgumentException(
                        "its path does not lead from the record to the segment's root: one of them was changed");
            }
            PredictionRecord record = Records.read(line);
            if (!record.version().name().value().equals(entry.subject())
                    || !record.environment().value().equals(entry.find("environment"))) {
                throw new IllegalArgumentException("its record is of " + record.version() + " in "
                        + record.environment() + ", but its segment of " + entry.subject() + " in "
                        + entry.find("environment"));
            }
            return new ProvedRecord(record, entry);
        } catch (IllegalArgumentException | NoteException e) {
            throw new IntegrityException("the proof of a record does not hold: " + e.getMessage(), e);
        }
    }
}
