package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
    @TempDir
    Path folder;

    @Test
    void isGoneWhenClosed() throws IOException {
        Path whole;
        try (Scratch scratch = Scratch.create()) {
            whole = scratch.resolve(".").normalize();
            Files.writeString(Files.createDirectories(scratch.resolve("a/b")).resolve("file"), "content");
            assertThat(whole).isNotEmptyDirectory();
        }
        assertThat(whole).doesNotExist();
    }

    @Test
    void copiesAFolderWithAllThatIsInIt() throws IOException {
        Files.createDirectories(folder.resolve("a/empty"));
        Files.writeString(folder.resolve("a/file"), "content");
        try (Scratch scratch = Scratch.create()) {
            Path copy = scratch.copy(folder, "copy");

            assertThat(copy.resolve("a/empty")).isEmptyDirectory();
            assertThat(copy.resolve("a/file")).hasContent("content");
        }
    }

    @Test
    void flipsExactlyOneBitEvenOfAReadOnlyFile() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[] {0, 0, 0});
        assertThat(file.toFile().setReadOnly()).isTrue();

        Scratch.flipBit(file);

        assertThat(file).hasBinaryContent(new byte[] {0, 1, 0});
    }
}
