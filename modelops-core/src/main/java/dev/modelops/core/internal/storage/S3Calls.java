package dev.modelops.core.internal.storage;

import dev.modelops.storage.StorageException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/**
 * Requests to an object store: repeated while their failure may pass, not disturbed by interrupts of the caller, and
 * failing in words that say what to do.
 */
final class S3Calls implements AutoCloseable {
    private static final int ATTEMPTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

    private final S3Settings settings;
    private final S3Client client;

    S3Calls(S3Settings settings) {
        this.settings = settings;
        try {
            this.client = client(settings);
        } catch (SdkException e) {
            throw new StorageException(
                    "a client for " + settings.place() + " could not be made (" + e.getMessage()
                            + "); name the region and the credentials, or check the environment they are taken from",
                    e);
        }
    }

    private static S3Client client(S3Settings settings) {
        Duration patience = settings.patience();
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(patience)
                        .socketTimeout(patience))
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .forcePathStyle(settings.pathStyle())
                // Checksums are set by hand: they are the digests known here anyway, and every server takes them as
                // headers.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(config -> config.apiCallAttemptTimeout(patience.multipliedBy(2))
                        .retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(ATTEMPTS)
                                .backoffStrategy(BackoffStrategy.exponentialDelay(FIRST_PAUSE, LONGEST_PAUSE))
                                .throttlingBackoffStrategy(
                                        BackoffStrategy.exponentialDelay(FIRST_PAUSE.multipliedBy(3), LONGEST_PAUSE))
                                .build()));
        URI endpoint = settings.endpoint();
        if (endpoint != null) {
            builder = builder.endpointOverride(endpoint);
        }
        String region = settings.region();
        if (region != null) {
            builder = builder.region(Region.of(region));
        } else if (endpoint != null) {
            builder = builder.region(Region.US_EAST_1);
        }
        Supplier<S3Settings.Key> key = settings.key();
        if (key != null) {
            builder = builder.credentialsProvider(() -> credentials(key.get()));
        }
        return builder.build();
    }

    private static AwsCredentials credentials(S3Settings.Key key) {
        String token = key.sessionToken();
        return token == null
                ? AwsBasicCredentials.create(key.accessKey(), key.secretKey())
                : AwsSessionCredentials.create(key.accessKey(), key.secretKey(), token);
    }

    /** Makes a request, whose failure is for the caller to look at. */
    <T> T attempt(Request<T> request) {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return request.send(client);
                } catch (AbortedException e) {
                    interrupted = true;
                    var unused = Thread.interrupted();
                } catch (SdkException e) {
                    if (!Thread.interrupted()) {
                        throw e;
                    }
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Makes a request that either succeeds or fails with a {@link StorageException}. */
    <T> T require(String failed, Request<T> request) {
        try {
            return attempt(request);
        } catch (SdkException e) {
            throw failure(failed, e);
        }
    }

    /** Returns a failure in words. */
    StorageException failure(String failed, SdkException e) {
        return new StorageException(failed + " in " + settings.place() + ": " + explain(e), e);
    }

    private static String explain(SdkException e) {
        if (!(e instanceof AwsServiceException service)) {
            return "the store could not be asked (" + e.getMessage()
                    + "); check its address, the network and the credentials, and try again";
        }
        String found = "it answered " + service.statusCode() + " " + codeOf(service);
        int status = service.statusCode();
        if (isCode(service, "NoSuchBucket")) {
            return "there is no such bucket; create it, or correct its name";
        }
        String region = service.awsErrorDetails() == null
                ? null
                : service.awsErrorDetails()
                        .sdkHttpResponse()
                        .firstMatchingHeader("x-amz-bucket-region")
                        .orElse(null);
        if (status == 301 || status == 307 || isCode(service, "AuthorizationHeaderMalformed")) {
            return "the bucket is in another region (" + found + "); name "
                    + (region == null ? "the right one" : "region " + region);
        }
        if (status == 401 || status == 403) {
            return "access was refused (" + found + "); check the credentials and the clock of this machine, and grant"
                    + " s3:ListBucket on the bucket and s3:GetObject, s3:PutObject, s3:DeleteObject and"
                    + " s3:AbortMultipartUpload on its objects";
        }
        if (status == 429 || status >= 500) {
            return found + " " + ATTEMPTS + " times; it is overloaded or broken, try again later";
        }
        return found + " (" + e.getMessage() + ")";
    }

    /** Tells whether a service answered with one of its error codes. */
    static boolean isCode(SdkException e, String code) {
        return e instanceof AwsServiceException service && code.equals(codeOf(service));
    }

    /** Tells whether a service answered with a status. */
    static boolean isStatus(SdkException e, int status) {
        return e instanceof AwsServiceException service && service.statusCode() == status;
    }

    private static @Nullable String codeOf(AwsServiceException e) {
        return e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
    }

    @Override
    public void close() {
        client.close();
    }

    /** One request. */
    @FunctionalInterface
    interface Request<T> {
        T send(S3Client client);
    }
}
