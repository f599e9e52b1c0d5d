package dev.modelops;

/**
 * Somebody or something that acts: a person or a service, as an authority knows it. The text form is
 * {@code issuer|id}.
 *
 * @param issuer the authority that knows the principal, such as the URL of an identity provider; 1 to 255 characters,
 *     no control character and no {@code |}
 * @param id the principal's identity there; 1 to 255 characters, no control character
 */
public record Principal(String issuer, String id) implements Comparable<Principal> {
    /**
     * Creates a principal.
     *
     * @param issuer the authority that knows the principal
     * @param id the principal's identity there
     * @throws IllegalArgumentException if either part has another form
     */
    public Principal {
        requirePlain("issuer", issuer);
        requirePlain("id", id);
        if (issuer.indexOf('|') >= 0) {
            throw new IllegalArgumentException("principal's issuer must not contain '|', but was '" + issuer + "'");
        }
    }

    /**
     * Returns a principal.
     *
     * @param issuer the authority that knows the principal
     * @param id the principal's identity there
     * @return the principal
     * @throws IllegalArgumentException if either part has another form
     */
    public static Principal of(String issuer, String id) {
        return new Principal(issuer, id);
    }

    /**
     * Parses the text form.
     *
     * @param text for example {@code https://id.example.org|ada}
     * @return the principal
     * @throws IllegalArgumentException if the text has another form
     */
    public static Principal parse(String text) {
        int bar = text.indexOf('|');
        if (bar < 0) {
            throw new IllegalArgumentException("principal must look like issuer|id, but was '" + text + "'");
        }
        return new Principal(text.substring(0, bar), text.substring(bar + 1));
    }

    private static void requirePlain(String what, String text) {
        if (text.isEmpty() || text.length() > 255 || hasControl(text)) {
            throw new IllegalArgumentException("principal's " + what
                    + " must have 1 to 255 characters and no control character, but was '" + text + "'");
        }
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public int compareTo(Principal other) {
        int byIssuer = issuer.compareTo(other.issuer);
        return byIssuer != 0 ? byIssuer : id.compareTo(other.id);
    }

    /** Returns the text form that {@link #parse} reads. */
    @Override
    public String toString() {
        return issuer + "|" + id;
    }
}
