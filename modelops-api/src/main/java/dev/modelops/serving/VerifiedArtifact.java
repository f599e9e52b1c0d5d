package dev.modelops.serving;

import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.signing.SignedFile;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of a version after its signature, its content and its admission were checked: the only thing a loader is
 * given. Provided by the library.
 */
public interface VerifiedArtifact {
    /**
     * Returns the version.
     *
     * @return the model and number
     */
    ModelRef ref();

    /**
     * Returns the identity of the content.
     *
     * @return the root digest that was verified
     */
    Digest digest();

    /**
     * Returns the files.
     *
     * @return every file, ordered by name
     */
    List<SignedFile> files();

    /**
     * Opens one of the files. The caller closes the stream.
     *
     * @param name the path within the model
     * @return its verified content
     * @throws dev.modelops.NotFoundException if the model has no such file
     */
    InputStream open(String name);

    /**
     * Returns a private folder that holds the verified files, for loaders that read paths. It is removed after loading.
     *
     * @return the folder
     */
    Path folder();
}
