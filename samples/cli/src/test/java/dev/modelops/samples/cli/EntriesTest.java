package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.audit.AuditEntry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntriesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "log.created; ; {}; created the log",
                "version.registered; m@2; {}; registered m@2",
                "evidence.attached; m@2; {}; attached evidence to m@2",
                "version.commented; m@2; {\"reason\":\"why?\"}; commented on m@2: why?",
                "version.approved; m@2; {\"environment\":\"staging\"}; approved m@2 for staging",
                "version.rejected; m@2; {\"environment\":\"staging\",\"reason\":\"no\"}; rejected m@2 for staging: no",
                "judgement.withdrawn; m@2; {\"environment\":\"staging\"}; withdrew the judgement of m@2 for staging",
                "champion.promoted; m@2; {\"environment\":\"staging\"}; made m@2 champion of staging",
                "champion.promoted; m; {\"environment\":\"staging\",\"version\":2,\"previous\":1};"
                        + " made m@2 champion of staging, before it 1",
                "champion.promoted; m@2; {\"environment\":\"staging\",\"previous\":null}; made m@2 champion of staging",
                "champion.rolledback; m@1; {\"environment\":\"staging\",\"previous\":2,\"reason\":\"drift\"};"
                        + " rolled back to m@1 in staging, from 2: drift",
                "alias.set; m@2; {\"alias\":\"tested\"}; set the alias tested to m@2",
                "alias.removed; m; {\"alias\":\"tested\"}; removed the alias tested of m",
                "tag.set; m@2; {\"key\":\"team\",\"value\":\"credit\"}; tagged m@2 team=credit",
                "tag.removed; m@2; {\"key\":\"team\"}; removed the tag team of m@2",
                "role.granted; i|ada; {\"role\":\"validator\"}; granted the role validator to i|ada",
                "role.revoked; i|ada; {\"role\":\"validator\"}; revoked the role validator of i|ada",
                "version.transitioned; m@2; {\"from\":\"active\",\"to\":\"retired\",\"transition\":\"retire\"};"
                        + " moved m@2 from active to retired, by retire",
                "policies.proposed; sha256:ab; {\"revision\":2,\"reason\":\"stricter\"};"
                        + " proposed the policy set sha256:ab as revision 2: stricter",
                "policies.installed; sha256:ab; {\"revision\":2,\"proposer\":\"i|ada\"};"
                        + " put the policy set sha256:ab of i|ada into force as revision 2",
                "text.erased; m@2; {\"entry\":7,\"ground\":\"request\"}; erased the text of entry 7 on the ground of request",
                "hold.placed; m; {\"hold\":\"case-1\"}; placed the legal hold case-1 on m",
                "hold.lifted; ; {\"hold\":\"case-1\"}; lifted the legal hold case-1 on the log",
                "access.refused; m@2; {\"action\":\"promote\",\"environment\":\"staging\"};"
                        + " tried to promote m@2 in staging and was refused",
                "access.refused; m@2; {\"action\":\"promote m@2 in staging\"};"
                        + " tried to promote m@2 in staging and was refused",
                "access.refused; ; {\"action\":\"audit\"}; tried to audit and was refused",
                "access.refusals.counted; m@2; {\"action\":\"promote\",\"count\":41};"
                        + " was refused 41 more times when trying to promote m@2",
                "trust.installed; ; {\"version\":3}; put the trust policy 3 into force",
                "version.quarantined; m@2; {\"environment\":\"staging\"}; put m@2 into quarantine in staging",
                "handle.fellback; m@2; {\"environment\":\"staging\",\"to\":1,\"cause\":\"it throws\"};"
                        + " fell back from m@2 to version 1 in staging: it throws",
                "serving.suspended; m; {\"environment\":\"staging\"}; suspended m in staging",
                "serving.resumed; m; {\"environment\":\"staging\"}; resumed m in staging",
                "segment.recorded; m; {\"environment\":\"staging\",\"kind\":\"outcomes\",\"count\":20};"
                        + " recorded 20 outcomes of m in staging",
                "records.expired; m; {\"until\":9,\"ground\":\"retention\"};"
                        + " let records of m up to position 9 expire on the ground of retention",
                "alert.changed; m@2; {\"environment\":\"staging\",\"check\":\"psi:age\",\"from\":\"OK\",\"to\":\"FIRING\"};"
                        + " moved the alert psi:age of m@2 in staging from OK to FIRING",
                "retraining.requested; m@2; {\"environment\":\"staging\",\"cause\":\"drift\"};"
                        + " asked to train m@2 anew in staging: drift",
                "experiment.started; m@2; {\"environment\":\"staging\",\"experiment\":\"x\",\"stage\":2};"
                        + " started stage 2 of the experiment x with m@2 in staging",
                "experiment.judged; m@2; {\"environment\":\"staging\",\"experiment\":\"x\",\"stage\":2,\"state\":\"HARM\"};"
                        + " judged stage 2 of the experiment x with m@2 in staging: HARM",
                "experiment.ended; m@2; {\"environment\":\"staging\",\"experiment\":\"x\",\"cause\":\"harm\"};"
                        + " ended the experiment x with m@2 in staging: harm",
                "state.snapshotted; ; {}; stored a snapshot of the state",
                "notifications.delivered; ; {\"sink\":\"hook\",\"upTo\":7};"
                        + " delivered notifications to hook up to position 7",
                "something.new; m@2; {\"environment\":\"staging\"}; something.new.v1 on m@2"
            })
    void saysWhatHappened(String type, @Nullable String subject, String data, String sentence) {
        assertThat(Entries.sentence(entry("dev.modelops." + type + ".v1", subject, "{\"data\":" + data + "}")))
                .isEqualTo(sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "[]",
                "null",
                "{\"data\":[1]}",
                "{\"data\":{\"environment\":{\"a\":1}}}",
                "{\"data\":{\"environment\":\"x\"},\"data\":{}}",
                "{} {}"
            })
    void bodiesOfAnyOtherShapeDoNoHarm(String body) {
        AuditEntry entry = entry("dev.modelops.version.approved.v1", "m@2", body);

        assertThat(Entries.sentence(entry)).isEqualTo("approved m@2");
        assertThat(Entries.json(entry).get("summary").asText()).isEqualTo("approved m@2");
    }

    @Test
    void aDeeplyNestedBodyDoesNoHarm() {
        AuditEntry entry = entry("dev.modelops.log.created.v1", null, "{\"data\":" + "[".repeat(60_000));

        assertThat(Entries.sentence(entry)).isEqualTo("created the log");
        assertThat(Entries.json(entry).get("event").isNull()).isTrue();
    }

    @Test
    void anUnreadableBodyIsShownAsItIs() {
        StringWriter out = new StringWriter();
        AuditEntry entry = entry("dev.modelops.log.created.v1", null, "not\u0007 JSON");
        Entries.printInFull(new PrintWriter(out), listing(entry));

        assertThat(out.toString()).contains("not\\u0007 JSON");
    }

    @Test
    void nobodyCanWriteToTheTerminalOfAnAuditor() {
        StringWriter out = new StringWriter();
        AuditEntry entry = entry(
                "dev.modelops.version.approved.v1",
                "m@2",
                "{\"data\":{\"reason\":\"\\u001b[2K\\r\\n0  forged \\u202e line \\u2028 \\ud83d\\ude00 \\u00e9\"}}");
        Entries.print(new PrintWriter(out), listing(entry));
        Entries.printInFull(new PrintWriter(out), listing(entry));

        assertThat(out.toString())
                .contains("\\u001b[2K\\u000d\\u000a0  forged \\u202e line \\u2028 \ud83d\ude00 \u00e9")
                .doesNotContain("\u001b", "\r\n0", "\u202e", "\u2028");
        assertThat(out.toString().lines().filter(line -> line.startsWith("0  forged")))
                .isEmpty();
    }

    @Test
    void longSentencesAreCutInTablesOnly() {
        StringWriter out = new StringWriter();
        AuditEntry entry = entry(
                "dev.modelops.version.commented.v1", "m@2", "{\"data\":{\"reason\":\"" + "x".repeat(500) + "END\"}}");
        Entries.print(new PrintWriter(out), listing(entry));

        assertThat(out.toString()).contains("xxx...").doesNotContain("END");
        assertThat(Entries.json(entry).get("summary").asText()).endsWith("END");
    }

    private static Entries.Listing listing(AuditEntry entry) {
        return new Entries.Listing(List.of(entry), false, Map.of());
    }

    private static AuditEntry entry(String type, @Nullable String subject, String body) {
        SampleStore store = new SampleStore();
        store.add(type, subject, SampleStore.allow("rule"), body);
        return store.entries.get(store.entries.size() - 1);
    }
}
