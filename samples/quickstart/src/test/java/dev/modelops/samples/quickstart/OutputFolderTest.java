package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
    @TempDir
    Path folder;

    @Test
    void makesAFolderThatDoesNotExist() throws IOException {
        OutputFolder output = OutputFolder.prepare(folder.resolve("a/b"));

        assertThat(output.root()).isEmptyDirectory();
    }

    @Test
    void takesAnEmptyFolder() throws IOException {
        assertThat(OutputFolder.prepare(folder).root()).isEmptyDirectory();
    }

    @Test
    void emptiesWhatAnEarlierRunLeft() throws IOException {
        Files.createDirectories(folder.resolve("store/keys"));
        Files.writeString(folder.resolve("store/keys/publisher.pub"), "key");
        Files.createDirectories(folder.resolve("tiles/tile"));
        Files.writeString(folder.resolve("model.sig"), "signature");

        assertThat(OutputFolder.prepare(folder).root()).isEmptyDirectory();
    }

    @Test
    void deletesNothingIfAnythingElseIsThere() throws IOException {
        Files.createDirectories(folder.resolve("store"));
        Files.writeString(folder.resolve("thesis.txt"), "years of work");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> OutputFolder.prepare(folder))
                .withMessageContaining("thesis.txt");
        assertThat(folder.resolve("store")).exists();
        assertThat(folder.resolve("thesis.txt")).exists();
    }

    @Test
    void deletesNothingIfThereIsNoStore() throws IOException {
        Files.createDirectories(folder.resolve("model"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> OutputFolder.prepare(folder))
                .withMessageContaining("no store");
        assertThat(folder.resolve("model")).exists();
    }

    @Test
    void aFileIsNoFolder() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "content");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> OutputFolder.prepare(file))
                .withMessageContaining("must be a folder");
    }

    @Test
    void deletesLinksButNotWhatTheyLeadTo() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("precious"), "content");
        Path output = Files.createDirectories(folder.resolve("output"));
        Files.createDirectories(output.resolve("store"));
        Files.createSymbolicLink(output.resolve("model"), elsewhere);

        assertThat(OutputFolder.prepare(output).root()).isEmptyDirectory();
        assertThat(elsewhere.resolve("precious")).exists();
    }

    @Test
    void aLinkIsNotTakenForTheFolderOrForTheStore() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere/store"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("elsewhere"));
        Path output = Files.createDirectories(folder.resolve("output"));
        Files.createSymbolicLink(output.resolve("store"), elsewhere);

        assertThatIllegalArgumentException().isThrownBy(() -> OutputFolder.prepare(link));
        assertThatIllegalArgumentException().isThrownBy(() -> OutputFolder.prepare(output));
        assertThat(elsewhere).exists();
    }
}
