package dev.modelops.core.internal.state;

import dev.modelops.Role;
import dev.modelops.registry.Approval;
import java.util.Set;

/** A standing approval or rejection with the roles that counted for the person at the time. */
public record Judgement(Approval approval, Set<Role> rolesThen) {}
