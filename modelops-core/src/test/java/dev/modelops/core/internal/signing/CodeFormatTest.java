package dev.modelops.core.internal.signing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodeFormatTest {
    private static final String NUMPY =
            "\u0093NUMPY\u0001\u0000v\u0000{'descr': '%s', 'fortran_order': False, 'shape': (1,), }\n";

    static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] zip(String name, byte[] content, boolean stored) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("version"));
            zip.write('3');
            zip.closeEntry();
            ZipEntry entry = new ZipEntry(name);
            if (stored) {
                CRC32 check = new CRC32();
                check.update(content);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(content.length);
                entry.setCrc(check.getValue());
            }
            zip.putNextEntry(entry);
            zip.write(content);
            zip.closeEntry();
        }
        return out.toByteArray();
    }

    private static byte[] javaObject() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
            objects.writeObject(List.of("x"));
        }
        return out.toByteArray();
    }

    static Stream<Arguments> bearing() throws IOException {
        return Stream.of(
                // As pickle.dumps writes a dictionary under each of its versions.
                Arguments.of(
                        CodeFormat.PICKLE,
                        "model.bin",
                        bytes("\u0080\u0002}q\u0000X\u0001\u0000\u0000\u0000aq\u0001K\u0001s.")),
                Arguments.of(CodeFormat.PICKLE, "model.bin", bytes("\u0080\u0003}q\u0000.")),
                Arguments.of(
                        CodeFormat.PICKLE,
                        "model.bin",
                        bytes("\u0080\u0004\u0095\u000c\u0000\u0000\u0000\u0000\u0000\u0000\u0000}\u0094.")),
                Arguments.of(
                        CodeFormat.PICKLE,
                        "model.bin",
                        bytes("\u0080\u0005\u0095\u000c\u0000\u0000\u0000\u0000\u0000\u0000\u0000}\u0094.")),
                // What PyTorch began its files with before it made archives: a long number.
                Arguments.of(
                        CodeFormat.PICKLE,
                        "model.pt",
                        bytes("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.")),
                Arguments.of(CodeFormat.PICKLE, "notes.txt", bytes("cos\nsystem\n(S'rm -rf /'\ntR.")),
                Arguments.of(CodeFormat.PICKLE, "model.bin", bytes("(dp0\nS'a'\np1\nI1\ns.")),
                Arguments.of(CodeFormat.PICKLE, "Model.JOBLIB", bytes("x\u009c")),
                Arguments.of(CodeFormat.PICKLE, "a/b.pkl", bytes("")),
                Arguments.of(CodeFormat.PICKLE_ARCHIVE, "model.pt", zip("archive/data.pkl", bytes("x"), false)),
                Arguments.of(CodeFormat.PICKLE_ARCHIVE, "model.zip", zip("data.pkl", bytes("x"), true)),
                Arguments.of(CodeFormat.NUMPY_OBJECTS, "a.npy", bytes(String.format(NUMPY, "|O"))),
                Arguments.of(CodeFormat.NUMPY_OBJECTS, "a.bin", bytes(String.format(NUMPY, "|O8"))),
                Arguments.of(CodeFormat.NUMPY_OBJECTS, "a.npz", zip("a.npy", bytes(String.format(NUMPY, "O")), true)),
                Arguments.of(CodeFormat.JAVA_OBJECTS, "model.bin", javaObject()));
    }

    @ParameterizedTest
    @MethodSource("bearing")
    void whatCanRunCodeIsToldByItsBytesOrItsName(CodeFormat format, String name, byte[] content) {
        ByteBuffer start = ByteBuffer.wrap(content);
        assertThat(CodeFormat.of(name, start)).contains(format);
        assertThat(start.position()).isZero();
    }

    @Test
    void whatStandsBeforeTheEndingOfANameHidesNothing() throws IOException {
        for (String before : List.of("a", "a\nb", "x".repeat(3000) + "/", "")) {
            for (String ending : List.of(".pkl", ".pickle")) {
                assertThat(CodeFormat.of(before + ending, ByteBuffer.wrap(bytes("x"))))
                        .contains(CodeFormat.PICKLE);
                assertThat(CodeFormat.of("model.pt", ByteBuffer.wrap(zip(before + ending, bytes("x"), false))))
                        .contains(CodeFormat.PICKLE_ARCHIVE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0080",
                "\u0080\u0002",
                "\u0080\u0001}",
                "\u0080\u0006}",
                "\u0080\u0004\u0000",
                "PK\u0003\u0004",
                "PK\u0003\u0004 and no archive, though it begins like one",
                "\u00ac\u00ed\u0000",
                "cat\ndog\nqueen\npig\n",
                "cat\ndog\n",
                "(a, b)\n",
                "{\"format\": \"json\"}",
                "\u0093NUMPY",
                "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f8', 'shape': (1,), }\n'O'",
                "\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0000{}"
            })
    void dataIsNotTakenForCode(String content) {
        assertThat(CodeFormat.of("weights.bin", ByteBuffer.wrap(bytes(content))))
                .isEmpty();
    }

    @Test
    void anArchiveOfDataIsNoArchiveOfCode() throws IOException {
        for (String name : List.of("weights.json", "data.pkl.txt", "pkl")) {
            assertThat(CodeFormat.of("model.zip", ByteBuffer.wrap(zip(name, bytes("x"), true))))
                    .as(name)
                    .isEmpty();
        }
    }

    @Test
    void whateverIsCutOrAlteredIsLookedAtWithoutFailing() throws IOException {
        Random random = new Random(7);
        for (Arguments known : bearing().toList()) {
            byte[] content = (byte[]) known.get()[2];
            for (int length = 0; length <= content.length; length++) {
                Optional<CodeFormat> unused = CodeFormat.of("x", ByteBuffer.wrap(content, 0, length));
            }
            for (int i = 0; i < 200; i++) {
                byte[] altered = content.clone();
                for (int j = 0; j < Math.min(4, altered.length); j++) {
                    altered[random.nextInt(altered.length)] = (byte) random.nextInt();
                }
                Optional<CodeFormat> unused = CodeFormat.of("x", ByteBuffer.wrap(altered));
            }
        }
    }
}
