package dev.modelops.samples.quickstart;

/**
 * A credit that was granted, and how it went.
 *
 * @param applicant who asked for it
 * @param bad whether it was not paid back as agreed
 */
public record Loan(Applicant applicant, boolean bad) {}
