package dev.modelops.storage;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.NotFoundException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Texts kept as blobs, for a storage that has no store of its own for them. The blobs are closed by their owner. */
record BlobTexts(BlobStore blobs) implements ErasableStore {
    @Override
    public void put(Map<Digest, Bytes> contents) {
        ErasableStore.requireSound(contents);
        contents.forEach(
                (commitment, content) -> blobs.put(commitment, new ByteArrayInputStream(content.toByteArray())));
    }

    @Override
    public Optional<Bytes> find(Digest commitment) {
        try (InputStream in = blobs.open(commitment)) {
            return Optional.of(Bytes.of(in.readNBytes(MOST_BYTES + 1)));
        } catch (NotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StorageException("a text could not be read: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean erase(Digest commitment) {
        return blobs.delete(commitment);
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        // Which of the blobs are texts only the log can tell, so all are offered.
        blobs.list(visitor);
    }

    @Override
    public void close() {
        // The storage closes the blobs.
    }
}
