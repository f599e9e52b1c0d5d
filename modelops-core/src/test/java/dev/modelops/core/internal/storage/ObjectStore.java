package dev.modelops.core.internal.storage;

import dev.modelops.core.storage.S3Location;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.jspecify.annotations.Nullable;

/**
 * An object store to test against: S3Proxy on loopback, or the one that the system property {@code
 * modelops.s3.endpoint} names, with {@code modelops.s3.bucket}, {@code .accessKey}, {@code .secretKey} and, unless it is
 * us-east-1, {@code .region}. In the latter nothing is touched but what is below a prefix of the run.
 */
final class ObjectStore implements AutoCloseable {
    private static final String ACCESS_KEY = "local-identity";
    private static final String SECRET_KEY = "local-credential";
    private static final String PREFIX = "modelops-test/";

    private final @Nullable S3Proxy server;
    private final @Nullable BlobStore objects;
    private final S3Location anywhere;
    private final AtomicInteger places = new AtomicInteger();

    private ObjectStore(@Nullable S3Proxy server, @Nullable BlobStore objects, S3Location anywhere) {
        this.server = server;
        this.objects = objects;
        this.anywhere = anywhere;
    }

    /** Starts a server, unless another one is named. */
    static ObjectStore start() throws Exception {
        String endpoint = System.getProperty("modelops.s3.endpoint");
        return endpoint == null ? startLocal() : new ObjectStore(null, null, named(endpoint));
    }

    /** Starts a server. */
    static ObjectStore startLocal() throws Exception {
        BlobStore objects = new TransientNio2BlobStore();
        S3Proxy server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                .build();
        server.start();
        S3Location location = S3Location.bucket("modelops")
                .endpoint(URI.create("http://127.0.0.1:" + server.getPort()))
                .pathStyle()
                .credentials(ACCESS_KEY, SECRET_KEY)
                .partLength(5 << 20);
        var unused = objects.createContainer("modelops");
        return new ObjectStore(server, objects, location);
    }

    private static S3Location named(String endpoint) {
        return S3Location.bucket(Objects.requireNonNull(System.getProperty("modelops.s3.bucket"), "modelops.s3.bucket"))
                .endpoint(URI.create(endpoint))
                .region(System.getProperty("modelops.s3.region", "us-east-1"))
                .pathStyle()
                .credentials(
                        Objects.requireNonNull(System.getProperty("modelops.s3.accessKey"), "modelops.s3.accessKey"),
                        Objects.requireNonNull(System.getProperty("modelops.s3.secretKey"), "modelops.s3.secretKey"))
                .partLength(5 << 20)
                .prefix(PREFIX + Long.toHexString(System.nanoTime()) + "/");
    }

    /** Returns a place where nothing is yet. */
    S3Location newPlace() {
        return anywhere.prefix(anywhere.prefix() + places.incrementAndGet() + "/");
    }

    /** Returns the port of the local server. */
    int port() {
        return Objects.requireNonNull(server).getPort();
    }

    /** Returns what the local server serves. */
    BlobStore objects() {
        return Objects.requireNonNull(objects);
    }

    @Override
    public void close() throws Exception {
        if (server != null) {
            server.stop();
        }
        if (objects != null) {
            objects.close();
        }
    }
}
