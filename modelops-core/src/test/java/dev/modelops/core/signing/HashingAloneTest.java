package dev.modelops.core.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Digest;
import dev.modelops.Progress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hashing a model with SHA-256 has no need of Bouncy Castle, whose start costs more than a small model. */
class HashingAloneTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void aModelIsHashedWhereBouncyCastleIsNot() throws Exception {
        Path model = Files.writeString(folder.resolve("model.bin"), "weights");
        Digest expected = ModelSignatures.digest(model, SigningOptions.DEFAULT, Progress.NONE);
        URL[] places = {place(ModelSignatures.class), place(Digest.class), place(Uninterruptibles.class)};
        try (URLClassLoader alone = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
            assertThatThrownBy(() -> alone.loadClass("org.bouncycastle.jce.provider.BouncyCastleProvider"))
                    .isInstanceOf(ClassNotFoundException.class);
            Class<?> options = alone.loadClass(SigningOptions.class.getName());
            Class<?> progress = alone.loadClass(Progress.class.getName());
            Object digest = alone.loadClass(ModelSignatures.class.getName())
                    .getMethod("digest", Path.class, options, progress)
                    .invoke(
                            null,
                            model,
                            options.getField("DEFAULT").get(null),
                            progress.getField("NONE").get(null));
            assertThat(digest).hasToString(expected.toString());
        }
    }

    private static URL place(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }
}
