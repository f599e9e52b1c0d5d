package dev.modelops.registry;

import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import java.time.Instant;

/**
 * A remark on a version.
 *
 * @param ref the version
 * @param text the remark
 * @param by who made it
 * @param at when, in log time
 * @param position where in the log
 */
public record Comment(ModelRef ref, ErasableText text, Principal by, Instant at, LogPosition position) {}
