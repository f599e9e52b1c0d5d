package dev.modelops.core.registry;

import dev.modelops.Environment;
import dev.modelops.Principal;
import dev.modelops.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the built-in rules say in the words of their documentation, over plain collections: says of every act what must
 * become of it, and follows those that are done. Knows nothing of the engine, the fold or the facts.
 */
final class GovernanceOracle {
    enum Outcome {
        DONE,
        DENIED,
        CONFLICT,
        NOT_FOUND
    }

    static final class Version {
        final int number;
        final Principal author;
        final boolean trusted;
        final List<String> evidence = new ArrayList<>();
        final List<Judgement> judgements = new ArrayList<>();
        final Map<String, String> tags = new HashMap<>();
        int comments;
        String status = "active";

        /** Who made it in the log that it comes from, if it does. */
        final @Nullable Principal sourceAuthor;

        Version(int number, Principal author, boolean trusted, @Nullable Principal sourceAuthor) {
            this.number = number;
            this.author = author;
            this.trusted = trusted;
            this.sourceAuthor = sourceAuthor;
        }

        boolean isBy(Principal person) {
            return author.equals(person) || person.equals(sourceAuthor);
        }

        boolean servable() {
            return trusted && (status.equals("active") || status.equals("deprecated"));
        }
    }

    /** A policy set that was proposed while a revision was in force. */
    record Proposal(Principal by, int basedOn) {}

    record Judgement(Principal by, Environment environment, boolean approves, int evidenceSeen) {}

    final Map<Principal, Set<Role>> roles = new HashMap<>();
    final List<Version> versions = new ArrayList<>();
    final Map<Environment, List<Integer>> champions = new TreeMap<>();
    final Map<String, Integer> aliases = new HashMap<>();
    final Map<String, Proposal> proposals = new HashMap<>();
    final List<String> policies = new ArrayList<>();

    boolean holds(Principal person, Role role) {
        return roles.getOrDefault(person, Set.of()).contains(role);
    }

    boolean reads(Principal person) {
        return !roles.getOrDefault(person, Set.of()).isEmpty();
    }

    private boolean works(Principal person, Role... any) {
        if (holds(person, Role.SERVICE)) {
            return false;
        }
        for (Role role : any) {
            if (holds(person, role)) {
                return true;
            }
        }
        return false;
    }

    Version version(int number) {
        return versions.get(number - 1);
    }

    Integer champion(Environment environment) {
        List<Integer> history = champions.getOrDefault(environment, List.of());
        return history.isEmpty() ? null : history.get(history.size() - 1);
    }

    Outcome register(Principal who, boolean trusted) {
        if (!works(who, Role.DATA_SCIENTIST)) {
            return Outcome.DENIED;
        }
        versions.add(new Version(versions.size() + 1, who, trusted, null));
        return Outcome.DONE;
    }

    /** A version of the other log, whose versions have the numbers that they get here. */
    Outcome importVersion(Principal who, int number, Principal sourceAuthor) {
        if (!works(who, Role.DATA_SCIENTIST)) {
            return Outcome.DENIED;
        }
        if (number <= versions.size()) {
            return Outcome.CONFLICT;
        }
        Version version = new Version(number, who, true, sourceAuthor);
        version.evidence.add("what the other log says");
        versions.add(version);
        return Outcome.DONE;
    }

    Outcome attach(Principal who, int number, String type, String document) {
        if (!works(who, Role.DATA_SCIENTIST, Role.VALIDATOR)) {
            return Outcome.DENIED;
        }
        String item = type + "=" + document;
        if (version(number).evidence.contains(item)) {
            return Outcome.CONFLICT;
        }
        version(number).evidence.add(item);
        return Outcome.DONE;
    }

    Outcome comment(Principal who, int number) {
        if (!works(who, Role.DATA_SCIENTIST, Role.VALIDATOR)) {
            return Outcome.DENIED;
        }
        version(number).comments++;
        return Outcome.DONE;
    }

    Outcome judge(Principal who, int number, Environment environment, boolean approves) {
        Version version = version(number);
        if (!works(who, Role.VALIDATOR) || version.isBy(who)) {
            return Outcome.DENIED;
        }
        version.judgements.removeIf(old -> old.by.equals(who) && old.environment.equals(environment));
        version.judgements.add(new Judgement(who, environment, approves, version.evidence.size()));
        return Outcome.DONE;
    }

    Outcome withdraw(Principal who, int number, Environment environment) {
        if (!works(who, Role.VALIDATOR)) {
            return Outcome.DENIED;
        }
        boolean stood =
                version(number).judgements.removeIf(old -> old.by.equals(who) && old.environment.equals(environment));
        return stood ? Outcome.DONE : Outcome.NOT_FOUND;
    }

    /** Whether today's approvals would let a version into production. */
    boolean approved(Version version) {
        boolean approved = false;
        for (Judgement judgement : version.judgements) {
            if (!judgement.environment.equals(Environment.PRODUCTION)) {
                continue;
            }
            if (!judgement.approves) {
                return false;
            }
            approved |= !version.isBy(judgement.by)
                    && judgement.evidenceSeen == version.evidence.size()
                    && holds(judgement.by, Role.VALIDATOR);
        }
        return approved;
    }

    Outcome promote(Principal who, int number, Environment environment) {
        Version version = version(number);
        boolean allowed = works(who, Role.RELEASE_MANAGER)
                && !version.isBy(who)
                && version.trusted
                && version.status.equals("active")
                && (!environment.equals(Environment.PRODUCTION) || approved(version));
        if (!allowed) {
            return Outcome.DENIED;
        }
        Integer present = champion(environment);
        if (present != null && present == number) {
            return Outcome.CONFLICT;
        }
        champions.computeIfAbsent(environment, unused -> new ArrayList<>()).add(number);
        return Outcome.DONE;
    }

    Integer formerChampion(Environment environment) {
        Integer present = champion(environment);
        List<Integer> history = champions.getOrDefault(environment, List.of());
        for (int i = history.size() - 1; i >= 0; i--) {
            if (!history.get(i).equals(present) && version(history.get(i)).servable()) {
                return history.get(i);
            }
        }
        return null;
    }

    Outcome rollback(Principal who, Environment environment) {
        Integer target = formerChampion(environment);
        if (!works(who, Role.RELEASE_MANAGER) || target == null) {
            return Outcome.DENIED;
        }
        champions.get(environment).add(target);
        return Outcome.DONE;
    }

    Outcome transition(Principal who, int number, String step) {
        if (!works(who, Role.RELEASE_MANAGER)) {
            return Outcome.DENIED;
        }
        Version version = version(number);
        boolean served = version.status.equals("active") || version.status.equals("deprecated");
        String next = switch (step) {
            case "deprecate" -> version.status.equals("active") ? "deprecated" : null;
            case "reinstate" -> version.status.equals("deprecated") ? "active" : null;
            case "retire" -> served ? "retired" : null;
            case "revoke" -> version.status.equals("revoked") ? null : "revoked";
            default -> null;
        };
        if (next == null) {
            return Outcome.CONFLICT;
        }
        version.status = next;
        return Outcome.DONE;
    }

    Outcome setAlias(Principal who, int number, String alias) {
        if (!works(who, Role.RELEASE_MANAGER)) {
            return Outcome.DENIED;
        }
        Integer before = aliases.put(alias, number);
        return before != null && before == number ? Outcome.CONFLICT : Outcome.DONE;
    }

    Outcome removeAlias(Principal who, String alias) {
        if (!works(who, Role.RELEASE_MANAGER)) {
            return Outcome.DENIED;
        }
        return aliases.remove(alias) == null ? Outcome.NOT_FOUND : Outcome.DONE;
    }

    Outcome setTag(Principal who, int number, String key, String value) {
        if (!works(who, Role.DATA_SCIENTIST, Role.RELEASE_MANAGER)) {
            return Outcome.DENIED;
        }
        version(number).tags.put(key, value);
        return Outcome.DONE;
    }

    Outcome removeTag(Principal who, int number, String key) {
        if (!works(who, Role.DATA_SCIENTIST, Role.RELEASE_MANAGER)) {
            return Outcome.DENIED;
        }
        return version(number).tags.remove(key) == null ? Outcome.NOT_FOUND : Outcome.DONE;
    }

    Outcome grant(Principal who, Principal grantee, Role role) {
        if (!works(who, Role.ADMIN) || who.equals(grantee)) {
            return Outcome.DENIED;
        }
        return roles.computeIfAbsent(grantee, unused -> new HashSet<>()).add(role) ? Outcome.DONE : Outcome.CONFLICT;
    }

    Outcome revokeRole(Principal who, Principal grantee, Role role) {
        if (!works(who, Role.ADMIN)) {
            return Outcome.DENIED;
        }
        return roles.getOrDefault(grantee, new HashSet<>()).remove(role) ? Outcome.DONE : Outcome.CONFLICT;
    }

    private boolean isInForce(String set) {
        return policies.get(policies.size() - 1).equals(set);
    }

    private boolean isOpen(String set) {
        Proposal proposal = proposals.get(set);
        return proposal != null && proposal.basedOn == policies.size();
    }

    Outcome propose(Principal who, String set) {
        if (!works(who, Role.ADMIN)) {
            return Outcome.DENIED;
        }
        if (isInForce(set) || isOpen(set)) {
            return Outcome.CONFLICT;
        }
        proposals.put(set, new Proposal(who, policies.size()));
        return Outcome.DONE;
    }

    Outcome install(Principal who, String set) {
        if (!proposals.containsKey(set)) {
            return Outcome.NOT_FOUND;
        }
        if (!works(who, Role.ADMIN) || proposals.get(set).by.equals(who)) {
            return Outcome.DENIED;
        }
        if (isInForce(set) || !isOpen(set)) {
            return Outcome.CONFLICT;
        }
        policies.add(set);
        return Outcome.DONE;
    }
}
