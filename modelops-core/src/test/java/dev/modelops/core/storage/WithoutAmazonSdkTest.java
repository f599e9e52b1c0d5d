package dev.modelops.core.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The SDK is optional: loads the library once more, by a class loader that does not have it. */
class WithoutAmazonSdkTest {
    private URLClassLoader loader;

    @TempDir
    Path folder;

    @BeforeEach
    void makeClassLoader() throws Exception {
        List<URL> path = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!part.replace('\\', '/').contains("/software/amazon/") && !part.isEmpty()) {
                path.add(new File(part).toURI().toURL());
            }
        }
        loader = new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    @AfterEach
    void closeClassLoader() throws Exception {
        loader.close();
    }

    @Test
    void theOtherStoresWork() {
        assertThatCode(() -> loader.loadClass("software.amazon.awssdk.services.s3.S3Client"))
                .isInstanceOf(ClassNotFoundException.class);
        assertThatCode(() -> {
                    Class<?> blobs = loader.loadClass(Blobs.class.getName());
                    Object store = blobs.getMethod("directory", Path.class).invoke(null, folder.resolve("blobs"));
                    ((AutoCloseable) store).close();
                    Class<?> storages = loader.loadClass(Storages.class.getName());
                    Object storage = storages.getMethod("directory", Path.class).invoke(null, folder.resolve("all"));
                    ((AutoCloseable) storage).close();
                })
                .doesNotThrowAnyException();
    }

    @Test
    void askingForS3SaysWhatToAdd() throws Exception {
        Class<?> locations = loader.loadClass(S3Location.class.getName());
        Object bucket = locations.getMethod("bucket", String.class).invoke(null, "models");
        Object location = locations.getMethod("endpoint", URI.class).invoke(bucket, URI.create("http://127.0.0.1:9"));
        Class<?> blobs = loader.loadClass(Blobs.class.getName());

        assertThatThrownBy(() -> blobs.getMethod("s3", locations).invoke(null, location))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo("StorageException"))
                .hasMessageContaining("software.amazon.awssdk:url-connection-client");
    }
}
