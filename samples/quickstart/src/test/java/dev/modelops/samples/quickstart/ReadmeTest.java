package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path README = Path.of("../../README.md");
    private static final Path EXAMPLE = Path.of("src/main/java/dev/modelops/samples/quickstart/Example.java");

    @Test
    void showsTheCompiledExampleWordForWord() throws IOException {
        List<String> lines = Files.readAllLines(EXAMPLE);
        String example = lines.stream()
                .dropWhile(line -> !line.strip().equals("// tag::example"))
                .skip(1)
                .takeWhile(line -> !line.strip().equals("// end::example"))
                .collect(Collectors.joining("\n"))
                .stripIndent();

        assertThat(example.lines()).hasSizeBetween(5, 15);
        assertThat(Files.readString(README).lines().collect(Collectors.joining("\n")))
                .contains("```java\n" + example + "\n```");
    }
}
