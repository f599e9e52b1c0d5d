package dev.modelops.core.internal.policy.cedar.schema;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** The files of a corpus of Cedar tests by the paths they name each other by, from a folder or a compressed archive. */
record CorpusFiles(String name, Map<String, String> texts) {
    private static final int BLOCK = 512;

    /** Finds every corpus in a folder: the folder itself, folders in it, archives in it; or in a single archive. */
    static List<CorpusFiles> in(Path place) throws IOException {
        List<CorpusFiles> found = new ArrayList<>();
        if (Files.isRegularFile(place)) {
            found.add(archive(place));
            return found;
        }
        if (place.getFileName().toString().equals("corpus-tests")) {
            return in(place.toAbsolutePath().resolve("..").normalize());
        }
        List<Path> children;
        try (Stream<Path> list = Files.list(place)) {
            children = list.sorted().toList();
        }
        if (isRoot(place)) {
            found.add(folder(place));
        }
        for (Path child : children) {
            if (Files.isDirectory(child) && isRoot(child)) {
                found.add(folder(child));
            } else if (child.getFileName().toString().endsWith(".tar.gz")) {
                found.add(archive(child));
            }
        }
        return found;
    }

    /** Returns the paths of the tests. */
    List<String> tests() {
        return texts.keySet().stream()
                .filter(path -> path.endsWith(".json") && path.indexOf('.') == path.length() - ".json".length())
                .filter(path -> path.startsWith("corpus-tests/") || path.startsWith("tests/"))
                .toList();
    }

    String text(String path) {
        String text = texts.get(path);
        if (text == null) {
            throw new IllegalArgumentException(name + " has no file " + path);
        }
        return text;
    }

    private static boolean isRoot(Path folder) {
        return Files.isDirectory(folder.resolve("corpus-tests")) || Files.isDirectory(folder.resolve("tests"));
    }

    private static CorpusFiles folder(Path root) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        for (String part : List.of("corpus-tests", "tests", "sample-data")) {
            if (Files.isDirectory(root.resolve(part))) {
                try (Stream<Path> files = Files.walk(root.resolve(part))) {
                    files.filter(Files::isRegularFile)
                            .forEach(file ->
                                    texts.put(root.relativize(file).toString().replace('\\', '/'), read(file)));
                }
            }
        }
        return new CorpusFiles(root.getFileName().toString(), texts);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CorpusFiles archive(Path file) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        try (InputStream raw = Files.newInputStream(file);
                DataInputStream in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(raw, 65_536)))) {
            byte[] header = new byte[BLOCK];
            String longName = null;
            while (true) {
                in.readFully(header);
                if (header[0] == 0) {
                    break;
                }
                int size = Integer.parseInt(field(header, 124, 12), 8);
                byte[] body = new byte[size];
                in.readFully(body);
                in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
                String prefix = field(header, 257, 5).equals("ustar") ? field(header, 345, 155) : "";
                String name = longName != null
                        ? longName
                        : prefix.isEmpty() ? field(header, 0, 100) : prefix + "/" + field(header, 0, 100);
                longName = null;
                switch (header[156]) {
                    case 'L' -> longName = field(body, 0, size);
                    case '0', 0 -> texts.put(path(name), new String(body, StandardCharsets.UTF_8));
                    default -> {
                        // Folders and metadata of the archive hold no test.
                    }
                }
            }
        }
        return new CorpusFiles(file.getFileName().toString(), texts);
    }

    private static String path(String name) {
        for (String part : List.of("corpus-tests/", "tests/", "sample-data/")) {
            int at = ("/" + name).indexOf("/" + part);
            if (at >= 0) {
                return name.substring(at);
            }
        }
        return name;
    }

    private static String field(byte[] bytes, int from, int length) {
        int end = from;
        while (end < from + length && bytes[end] != 0) {
            end++;
        }
        return new String(Arrays.copyOfRange(bytes, from, end), StandardCharsets.UTF_8).strip();
    }

    static CorpusFiles of(String name, Map<String, String> texts) {
        return new CorpusFiles(name, new TreeMap<>(texts));
    }
}
