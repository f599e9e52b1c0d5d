package dev.modelops.core.internal.signing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads a channel from where it stands, when asked, or one buffer ahead of who takes them: while one is hashed, another thread
 * fills the next. For one taker.
 */
final class ReadAhead {
    private final SeekableByteChannel channel;
    private final @Nullable Executor executor;
    private ByteBuffer buffer;
    private ByteBuffer other;
    private long left;
    private @Nullable FutureTask<Boolean> next;

    /** Reads so many bytes when asked, into a buffer of the caller's. */
    ReadAhead(SeekableByteChannel channel, long length, ByteBuffer buffer) {
        this.channel = channel;
        this.left = length;
        this.buffer = buffer;
        this.other = buffer;
        this.executor = null;
    }

    /** Reads so many bytes ahead, in two buffers of a size. */
    ReadAhead(SeekableByteChannel channel, long length, int size, Executor executor) {
        this.channel = channel;
        this.left = length;
        int most = (int) Math.min(size, Math.max(length, 1));
        this.buffer = ByteBuffer.allocate(most);
        this.executor = length > most ? executor : null;
        this.other = this.executor == null ? buffer : ByteBuffer.allocate(most);
    }

    /**
     * Returns the next bytes, which stay until it is called again.
     *
     * @return a buffer to be read, or null if the channel ended before its length
     * @throws InterruptedIOException if this thread is interrupted
     */
    @Nullable ByteBuffer take() throws IOException {
        boolean isThere = next == null ? fill(buffer) : await(next);
        if (!isThere) {
            return null;
        }
        ByteBuffer full = buffer;
        left -= full.remaining();
        if (executor != null && left > 0) {
            ByteBuffer empty = other;
            other = full;
            buffer = empty;
            FutureTask<Boolean> filling = new FutureTask<>(() -> fill(empty));
            next = filling;
            executor.execute(filling);
        }
        return full;
    }

    private boolean fill(ByteBuffer into) throws IOException {
        into.clear().limit((int) Math.min(into.capacity(), left));
        int read = channel.read(into);
        into.flip();
        return read >= 0;
    }

    private static boolean await(FutureTask<Boolean> filling) throws IOException {
        try {
            return filling.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while it was read");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException("could not be read: " + e.getCause(), e);
        }
    }
}
