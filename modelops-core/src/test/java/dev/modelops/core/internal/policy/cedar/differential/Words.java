package dev.modelops.core.internal.policy.cedar.differential;

import java.util.List;
import java.util.Random;

/** Texts of the extension types drawn at random: right ones, wrong ones, and right ones with a character changed. */
final class Words {
    private static final List<String> DECIMALS = List.of(
            "0.0",
            "1.0",
            "1.2345",
            "-0.0001",
            "0.5",
            "-0.0",
            "12.34",
            "1.0000",
            "00.5",
            "922337203685477.5807",
            "-922337203685477.5808");
    private static final List<String> NO_DECIMALS = List.of(
            "",
            "1",
            "1.",
            ".5",
            "-.5",
            "+1.0",
            "1e3",
            "1.0 ",
            "1.23456",
            "0.00000",
            "922337203685477.5808",
            "-922337203685477.5809",
            "99999999999999999999.0",
            "--1.0",
            "-",
            "1.-5",
            "\u0661.0");
    private static final List<String> ADDRESSES = List.of(
            "127.0.0.1",
            "127.0.0.0/8",
            "127.3.4.5",
            "10.0.0.1",
            "10.0.0.0/8",
            "10.1.2.3/16",
            "10.1.2.3/32",
            "224.0.0.1",
            "239.255.255.255/4",
            "0.0.0.0/0",
            "255.255.255.255",
            "::1",
            "::",
            "::/0",
            "::1/128",
            "ff00::/8",
            "ff02::1",
            "2001:db8::1",
            "2001:DB8::/32",
            "1:2:3:4:5:6:7:8",
            "0001:2:3:4:5:6:7:8",
            "1::8",
            "1::",
            "::ffff:7f00:1");
    private static final List<String> NO_ADDRESSES = List.of(
            "",
            "10.0.0",
            "10.0.0.256",
            "10.0.0.01",
            "10.0.0.1/33",
            "10.0.0.1/08",
            "10.0.0.1/",
            "10.0.0.1.2",
            " 10.0.0.1",
            "::1/129",
            "::1/0128",
            ":::",
            "1::2::3",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::",
            "12345::",
            "g::",
            "::ffff:127.0.0.1",
            ":1",
            "1:",
            "/8",
            "10.0.0.1/-1",
            "10.0.0.1/+8",
            "\u0661.0.0.1",
            "::1/1/1");
    private static final List<String> DATETIMES = List.of(
            "1970-01-01",
            "2024-02-29",
            "2024-01-01",
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.000Z",
            "2024-01-01T00:00:00+0100",
            "2024-01-01T23:59:59.999-2359",
            "2024-12-31T12:34:56.789+0000",
            "1969-12-31T23:59:59.999Z",
            "0000-01-01",
            "0001-01-01",
            "9999-12-31T23:59:59.999Z",
            "9999-12-31T23:59:59.999-2359",
            "0000-01-01T00:00:00+2359",
            "2000-02-29",
            "1900-02-28");
    private static final List<String> NO_DATETIMES = List.of(
            "",
            "2024-1-01",
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-01-00",
            "2024-01-32",
            "2024-01-01T",
            "2024-01-01T00:00:00",
            "2024-01-01T24:00:00Z",
            "2024-01-01T23:60:00Z",
            "2024-01-01T23:59:60Z",
            "2024-01-01T00:00:00.00Z",
            "2024-01-01T00:00:00.0000Z",
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:00+2400",
            "2024-01-01T00:00:00+0060",
            "2024-01-01T00:00:00+01",
            "2024-01-01t00:00:00z",
            "2024-01-01 00:00:00Z",
            "-2024-01-01",
            "+2024-01-01",
            "12024-01-01",
            "24-01-01",
            " 2024-01-01",
            "2024-01-01Z");
    private static final List<String> DURATIONS = List.of(
            "0s",
            "0ms",
            "1d",
            "1h",
            "1m",
            "1s",
            "1ms",
            "-1d",
            "-0ms",
            "1d2h3m4s5ms",
            "-1d2h3m4s5ms",
            "24h",
            "1440m",
            "86400s",
            "1d5ms",
            "0001h",
            "9223372036854775807ms",
            "-9223372036854775808ms",
            "106751991167d",
            "-106751991167d7h12m55s808ms");
    private static final List<String> NO_DURATIONS = List.of(
            "",
            "-",
            "d",
            "1",
            "1D",
            "1.5h",
            "+1d",
            "1d ",
            " 1d",
            "1h1d",
            "1d1d",
            "1d-2h",
            "--1d",
            "5ms4s",
            "9223372036854775808ms",
            "-9223372036854775809ms",
            "106751991168d",
            "106751991167d7h12m55s808ms",
            "99999999999999999999ms",
            "1w",
            "1dms",
            "\u0661d");
    private static final String ALPHABET = "0123456789.:-+/dhmsTZ a\u00e9";

    private final Random random;

    Words(Random random) {
        this.random = random;
    }

    String decimal() {
        return draw(DECIMALS, NO_DECIMALS);
    }

    String ip() {
        return draw(ADDRESSES, NO_ADDRESSES);
    }

    String datetime() {
        return draw(DATETIMES, NO_DATETIMES);
    }

    String duration() {
        return draw(DURATIONS, NO_DURATIONS);
    }

    /** Returns a text that is right, for data that is refused as a whole if one value is wrong. */
    String right(String function) {
        List<String> choices = switch (function) {
            case "decimal" -> DECIMALS;
            case "ip" -> ADDRESSES;
            case "datetime" -> DATETIMES;
            case "duration" -> DURATIONS;
            default -> throw new IllegalArgumentException("no constructor: " + function);
        };
        return choices.get(random.nextInt(choices.size()));
    }

    private String draw(List<String> right, List<String> wrong) {
        int kind = random.nextInt(20);
        if (kind == 0) {
            return wrong.get(random.nextInt(wrong.size()));
        }
        String text = right.get(random.nextInt(right.size()));
        return kind == 1 ? changed(text) : text;
    }

    /** Returns a text with one character removed, added, replaced or repeated. */
    String changed(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int at = random.nextInt(text.length());
        char other = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
        return switch (random.nextInt(4)) {
            case 0 -> text.substring(0, at) + text.substring(at + 1);
            case 1 -> text.substring(0, at) + other + text.substring(at);
            case 2 -> text.substring(0, at) + other + text.substring(at + 1);
            default -> text.substring(0, at) + text.charAt(at) + text.substring(at);
        };
    }
}
