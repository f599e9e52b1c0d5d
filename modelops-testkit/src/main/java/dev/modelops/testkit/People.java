package dev.modelops.testkit;

import dev.modelops.Genesis;
import dev.modelops.Principal;
import dev.modelops.Role;

/**
 * The principals of a test: one for each standard role, a second one where two are needed to agree or to compete, and a
 * stranger without any role. Each holds exactly the role it is named after.
 */
public final class People {
    private static final String ISSUER = "https://id.example.test";

    People() {}

    /**
     * Returns who administers roles.
     *
     * @return the holder of {@link Role#ADMIN}
     */
    public Principal admin() {
        return person("admin");
    }

    /**
     * Returns who registers versions.
     *
     * @return the holder of {@link Role#DATA_SCIENTIST}
     */
    public Principal dataScientist() {
        return person("data-scientist");
    }

    /**
     * Returns somebody else who registers versions.
     *
     * @return another holder of {@link Role#DATA_SCIENTIST}
     */
    public Principal dataScientist2() {
        return person("data-scientist-2");
    }

    /**
     * Returns who judges versions.
     *
     * @return the holder of {@link Role#VALIDATOR}
     */
    public Principal validator() {
        return person("validator");
    }

    /**
     * Returns somebody else who judges versions.
     *
     * @return another holder of {@link Role#VALIDATOR}
     */
    public Principal validator2() {
        return person("validator-2");
    }

    /**
     * Returns who promotes and rolls back.
     *
     * @return the holder of {@link Role#RELEASE_MANAGER}
     */
    public Principal releaseManager() {
        return person("release-manager");
    }

    /**
     * Returns somebody else who promotes and rolls back.
     *
     * @return another holder of {@link Role#RELEASE_MANAGER}
     */
    public Principal releaseManager2() {
        return person("release-manager-2");
    }

    /**
     * Returns who reads everything.
     *
     * @return the holder of {@link Role#AUDITOR}
     */
    public Principal auditor() {
        return person("auditor");
    }

    /**
     * Returns the service that loads champions.
     *
     * @return the holder of {@link Role#SERVICE}
     */
    public Principal service() {
        return person("service");
    }

    /**
     * Returns somebody who is authenticated and holds no role.
     *
     * @return a principal without grants
     */
    public Principal stranger() {
        return person("stranger");
    }

    Genesis grantTo(Genesis genesis) {
        return genesis.grant(admin(), Role.ADMIN)
                .grant(dataScientist(), Role.DATA_SCIENTIST)
                .grant(dataScientist2(), Role.DATA_SCIENTIST)
                .grant(validator(), Role.VALIDATOR)
                .grant(validator2(), Role.VALIDATOR)
                .grant(releaseManager(), Role.RELEASE_MANAGER)
                .grant(releaseManager2(), Role.RELEASE_MANAGER)
                .grant(auditor(), Role.AUDITOR)
                .grant(service(), Role.SERVICE);
    }

    private static Principal person(String id) {
        return Principal.of(ISSUER, id);
    }
}
