package dev.modelops.core.internal.policy.cedar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.modelops.core.internal.policy.cedar.Value.LongValue;
import dev.modelops.core.internal.policy.cedar.Value.RecordValue;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtensionValueTest {
    private static final Query NOTHING = new StoredQuery(
            Exprs.uid("User", "a"),
            Exprs.uid("Action", "a"),
            Exprs.uid("User", "a"),
            RecordValue.EMPTY,
            EntityStore.empty());

    private static Value evaluate(String expr) {
        return ExprCompiler.compile(PolicyParser.expr(expr)).evaluate(NOTHING);
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "10.1.2.3/32, 10.1.2.3",
        "10.1.2.3/0, 10.1.2.3/0",
        "10.1.2.3/8, 10.1.2.3/8",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "2001:DB8:0:0:1:0:0:0, 2001:db8:0:0:1::",
        "2001:0db8:0000::0001/64, 2001:db8::1/64",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/0",
        "0:0:0:0:0:0:0:0/128, ::"
    })
    void addressesHaveOneShortForm(String text, String shortest) {
        IpValue value = IpValue.parse(text);
        assertThat(value).hasToString(shortest);
        assertThat(IpValue.parse(shortest)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.04",
                "1.2.3.00",
                "1.2.3.",
                "1..3.4",
                "1.2.3.4 ",
                "+1.2.3.4",
                "-1.2.3.4",
                "1.2.3.4/",
                "1.2.3.4/33",
                "1.2.3.4/08",
                "1.2.3.4/8/8",
                "1.2.3.4/-1",
                "1.2.3.a",
                "١.2.3.4",
                ":",
                ":::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                "1:2:3:4::5:6:7:8",
                "12345::",
                "g::",
                "::ffff:127.0.0.1",
                "::1%eth0",
                "[::1]",
                "::1/129",
                "::1/064",
                "::1/",
                "1:2:3:4:5:6:7:8::",
                "::1:",
                "1.2.3.4.",
                "localhost"
            })
    void otherTextsAreNoAddresses(String text) {
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> IpValue.parse(text))
                .withMessageContaining("10.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.0.0.0/8, true",
        "10.1.2.3, 11.0.0.0/8, false",
        "10.0.0.0/8, 10.1.2.3, false",
        "10.0.0.0/8, 10.0.0.0/8, true",
        "10.9.9.9/8, 10.0.0.0/8, true",
        "10.0.0.0/7, 10.0.0.0/8, false",
        "1.2.3.4, 0.0.0.0/0, true",
        "1.2.3.4, 9.9.9.9/0, true",
        "1.2.3.4, 1.2.3.4, true",
        "1.2.3.4, 1.2.3.5, false",
        "1.2.3.4, ::/0, false",
        "::1, 0.0.0.0/0, false",
        "::1, ::/0, true",
        "2001:db8::1, 2001:db8::/32, true",
        "2001:db9::1, 2001:db8::/32, false",
        "2001:db8::1:0:0:1, 2001:db8::1:0:0:0/96, true",
        "2001:db8::2:0:0:1, 2001:db8::1:0:0:0/80, false",
        "8000::, ::/1, false",
        "::8000:0:0:0, ::/65, false",
        "::7fff:0:0:0, ::/65, true",
        "1::2, 1::/64, true"
    })
    void aRangeLiesInAnotherIfAllItsAddressesDo(String inner, String outer, boolean expected) {
        assertThat(IpValue.parse(inner).isInRange(IpValue.parse(outer))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true, false",
        "127.255.255.255, true, false",
        "127.0.0.0/8, true, false",
        "126.0.0.0/7, false, false",
        "128.0.0.1, false, false",
        "::1, true, false",
        "::1/127, false, false",
        "::2, false, false",
        "224.0.0.1, false, true",
        "239.255.255.255, false, true",
        "240.0.0.0, false, false",
        "224.0.0.0/3, false, false",
        "ff00::, false, true",
        "ff02::1, false, true",
        "fe80::, false, false",
        "ff00::/7, false, false"
    })
    void someAddressesAreOfTheOwnMachineOrOfMany(String text, boolean loopback, boolean multicast) {
        assertThat(IpValue.parse(text).isLoopback()).isEqualTo(loopback);
        assertThat(IpValue.parse(text).isMulticast()).isEqualTo(multicast);
    }

    @Test
    void addressesHoldNoMoreBitsThanTheirVersion() {
        assertThatIllegalArgumentException().isThrownBy(() -> new IpValue(false, 1, 0, 8));
        assertThatIllegalArgumentException().isThrownBy(() -> new IpValue(false, 0, 1L << 32, 8));
        assertThatIllegalArgumentException().isThrownBy(() -> new IpValue(false, 0, 0, 33));
        assertThatIllegalArgumentException().isThrownBy(() -> new IpValue(true, 0, 0, -1));
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01, 0",
        "1969-12-31, -86400000",
        "2024-02-29, 1709164800000",
        "0000-01-01, -62167219200000",
        "9999-12-31, 253402214400000",
        "2024-10-15T11:35:00Z, 1728992100000",
        "2024-10-15T11:35:00.123Z, 1728992100123",
        "2024-10-15T11:35:00+0100, 1728988500000",
        "2024-10-15T11:35:00.001-0130, 1728997500001",
        "1970-01-01T00:00:00+2359, -86340000",
        "1970-01-01T00:00:00-2359, 86340000",
        "1970-01-01T00:00:00-0000, 0"
    })
    void datetimesAreMilliseconds(String text, long expected) {
        DatetimeValue value = DatetimeValue.parse(text);
        assertThat(value).isEqualTo(new DatetimeValue(expected));
        assertThat(ExprCompiler.compile(value.toExpr()).evaluate(NOTHING)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2024",
                "2024-10",
                "2024-1-1",
                "24-10-15",
                "12024-10-15",
                "-2024-10-15",
                "+2024-10-15",
                "2024-13-01",
                "2024-00-01",
                "2024-10-32",
                "2024-10-00",
                "2023-02-29",
                "1900-02-29",
                "2024-10-15T",
                "2024-10-15Z",
                "2024-10-15T11:35Z",
                "2024-10-15T11:35:00",
                "2024-10-15T24:00:00Z",
                "2024-10-15T11:60:00Z",
                "2024-10-15T11:35:60Z",
                "2024-10-15t11:35:00z",
                "2024-10-15 11:35:00Z",
                "2024-10-15T11:35:00.1Z",
                "2024-10-15T11:35:00.1234Z",
                "2024-10-15T11:35:00,123Z",
                "2024-10-15T11:35:00+01:00",
                "2024-10-15T11:35:00+01",
                "2024-10-15T11:35:00+2400",
                "2024-10-15T11:35:00+0060",
                "2024-10-15T11:35:00+9999",
                "2024-10-15T11:35:00Z+0100",
                "2024-10-15T11:35:00ZZ",
                " 2024-10-15",
                "٢٠٢٤-10-15"
            })
    void otherTextsAreNoDatetimes(String text) {
        assertThatExceptionOfType(EvaluationException.class)
                .isThrownBy(() -> DatetimeValue.parse(text))
                .withMessageContaining("2024-10-15");
    }

    @ParameterizedTest
    @CsvSource({
        "0ms, 0, 0ms",
        "-0d, 0, 0ms",
        "1ms, 1, 1ms",
        "1s, 1000, 1s",
        "1m, 60000, 1m",
        "1h, 3600000, 1h",
        "1d, 86400000, 1d",
        "1d2h3m4s5ms, 93784005, 1d2h3m4s5ms",
        "-1d2h3m4s5ms, -93784005, -1d2h3m4s5ms",
        "25h, 90000000, 1d1h",
        "1h1ms, 3600001, 1h1ms",
        "007m, 420000, 7m",
        "9223372036854775807ms, 9223372036854775807, 106751991167d7h12m55s807ms",
        "-9223372036854775808ms, -9223372036854775808, -106751991167d7h12m55s808ms",
        "106751991167d, 9223372036828800000, 106751991167d"
    })
    void durationsAreMilliseconds(String text, long expected, String written) {
        DurationValue value = DurationValue.parse(text);
        assertThat(value).isEqualTo(new DurationValue(expected)).hasToString(written);
        assertThat(DurationValue.parse(written)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "1",
                "d",
                "ms",
                "-d",
                "+1d",
                "1.5h",
                "1d1d",
                "1h1d",
                "1ms1s",
                "1s1m",
                "1D",
                "1 d",
                " 1d",
                "1d ",
                "--1d",
                "1d-1h",
                "1y",
                "1w",
                "1us",
                "١d",
                "9223372036854775808ms",
                "-9223372036854775809ms",
                "106751991168d",
                "106751991167d8h",
                "99999999999999999999d",
                "9223372036854775807d"
            })
    void otherTextsAreNoDurations(String text) {
        assertThatExceptionOfType(EvaluationException.class).isThrownBy(() -> DurationValue.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "datetime('2024-10-15').offset(duration('1d')) == datetime('2024-10-16')",
                "datetime('2024-10-15').offset(duration('-1ms')) < datetime('2024-10-15')",
                "datetime('2024-10-16').durationSince(datetime('2024-10-15')) == duration('1d')",
                "datetime('2024-10-15').durationSince(datetime('2024-10-16')) == duration('-24h')",
                "datetime('2024-10-15T11:35:00Z').toDate() == datetime('2024-10-15')",
                "datetime('1969-12-31T23:00:00Z').toDate() == datetime('1969-12-31')",
                "datetime('1969-12-31').toDate() == datetime('1969-12-31')",
                "datetime('2024-10-15T11:35:00Z').toTime() == duration('11h35m')",
                "datetime('1969-12-31T23:00:00Z').toTime() == duration('23h')",
                "datetime('1969-12-31').toTime() == duration('0ms')",
                "duration('1d2h3m4s5ms').toMilliseconds() == 93784005",
                "duration('1d2h3m4s5ms').toSeconds() == 93784",
                "duration('1d2h3m4s5ms').toMinutes() == 1563",
                "duration('1d2h3m4s5ms').toHours() == 26",
                "duration('1d2h3m4s5ms').toDays() == 1",
                "duration('-1999ms').toSeconds() == -1",
                "duration('-47h').toDays() == -1",
                "datetime('2024-10-15') < datetime('2024-10-16')",
                "datetime('2024-10-15') <= datetime('2024-10-15T00:00:00Z')",
                "datetime('2024-10-16') > datetime('2024-10-15')",
                "datetime('2024-10-15') >= datetime('2024-10-15')",
                "!(datetime('2024-10-15') < datetime('2024-10-15'))",
                "duration('1h') < duration('61m')",
                "duration('60m') <= duration('1h')",
                "duration('-1ms') < duration('0s')",
                "duration('1h') == duration('60m')",
                "duration('1h') != datetime('1970-01-01')",
                "!(duration('1ms') == 1)",
                "ip('10.0.0.1') == ip('10.0.0.1/32')",
                "ip('10.0.0.1/8') != ip('10.0.0.0/8')",
                "ip('::1') == ip('0:0:0:0:0:0:0:1')",
                "ip('10.0.0.1').isIpv4() && !ip('10.0.0.1').isIpv6()",
                "ip('::1').isIpv6() && !ip('::1').isIpv4()",
                "ip('127.0.0.1').isLoopback() && ip('224.0.0.1').isMulticast()",
                "ip('10.0.0.1').isInRange(ip('10.0.0.0/8'))",
                "[ip('10.0.0.1'), ip('10.0.0.1/32')] == [ip('10.0.0.1')]",
                "decimal('1.0').lessThan(decimal('1.0001')) && decimal('1.0').lessThanOrEqual(decimal('1.0'))",
                "decimal('1.1').greaterThan(decimal('1.0999')) && decimal('-0.5').greaterThanOrEqual(decimal('-0.5'))"
            })
    void functionsCompute(String expr) {
        assertThat(evaluate(expr.replace('\'', '"'))).isEqualTo(Value.BoolValue.TRUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ip(1)",
                "ip(ip('1.1.1.1'))",
                "datetime(1)",
                "duration(1)",
                "ip('1.1.1.1', '1.1.1.1')",
                "ip()",
                "ip('1.1.1.1').isInRange('1.1.1.1')",
                "ip('1.1.1.1').isInRange(ip('1.1.1.1'), ip('1.1.1.1'))",
                "'1.1.1.1'.isIpv4()",
                "decimal('1.0') < decimal('2.0')",
                "ip('1.1.1.1') < ip('1.1.1.2')",
                "datetime('2024-10-15') < duration('1h')",
                "duration('1h') < 1",
                "1 < duration('1h')",
                "1 < '2'",
                "true < false",
                "duration('1h').lessThan(duration('2h'))",
                "datetime('2024-10-15') + duration('1h') == 1",
                "datetime('2024-10-15').offset(1)",
                "datetime('2024-10-15').offset(datetime('2024-10-15'))",
                "datetime('9999-12-31').offset(duration('9223372036854775807ms'))",
                "datetime('1969-12-31').offset(duration('-9223372036854775808ms'))",
                "datetime('1970-01-01').offset(duration('-9223372036854775808ms')).toDate()",
                "datetime('1970-01-02').durationSince("
                        + "datetime('1970-01-01').offset(duration('-9223372036854775808ms')))",
                "duration('1h').toDate()",
                "datetime('2024-10-15').toDays()"
            })
    void functionsWithoutAValueErr(String expr) {
        assertThatExceptionOfType(EvaluationException.class).isThrownBy(() -> evaluate(expr.replace('\'', '"')));
    }

    @Test
    void datetimesBeyondFourDigitsAreWrittenAsOffsets() {
        DatetimeValue far = new DatetimeValue(253402300800000L);
        assertThat(CedarText.of(far)).isEqualTo("datetime(\"1970-01-01\").offset(duration(\"2932897d\"))");
        for (long at : List.of(Long.MIN_VALUE, Long.MAX_VALUE, 253402300799999L, -62167219200001L, -62167219200000L)) {
            DatetimeValue value = new DatetimeValue(at);
            assertThat(evaluate(CedarText.of(value))).isEqualTo(value);
        }
        assertThat(new DatetimeValue(1)).hasToString("1970-01-01T00:00:00.001Z");
    }

    @Test
    void constructorsMakeValuesOfTextsAndMethodsDoNot() {
        assertThat(ExtensionFunction.IP.construct("10.0.0.1")).isEqualTo(IpValue.parse("10.0.0.1"));
        assertThatIllegalStateException().isThrownBy(() -> ExtensionFunction.IS_IPV4.construct("10.0.0.1"));
        for (ExtensionFunction function : ExtensionFunction.values()) {
            assertThat(ExtensionFunction.named(function.cedarName())).isEqualTo(function);
        }
        assertThat(ExtensionFunction.named("ipaddr")).isNull();
        assertThat(evaluate("duration(\"1s\").toMilliseconds()")).isEqualTo(new LongValue(1000));
    }
}
