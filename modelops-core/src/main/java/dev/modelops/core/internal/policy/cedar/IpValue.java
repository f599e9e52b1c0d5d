package dev.modelops.core.internal.policy.cedar;

import java.util.Locale;
import java.util.StringJoiner;

/**
 * A Cedar ipaddr: an address of version 4 or 6, or a range of them that begins with the same bits.
 *
 * @param v6 whether it is of version 6
 * @param high the upper 64 bits, 0 for version 4
 * @param low the lower 64 bits; for version 4 all 32
 * @param prefix how many bits all addresses of the range share
 */
public record IpValue(boolean v6, long high, long low, int prefix) implements ExtensionValue {
    private static final int LONGEST = 64;
    private static final IpValue LOOPBACK_4 = new IpValue(false, 0, 0x7f000000L, 8);
    private static final IpValue LOOPBACK_6 = new IpValue(true, 0, 1, 128);
    private static final IpValue MULTICAST_4 = new IpValue(false, 0, 0xe0000000L, 4);
    private static final IpValue MULTICAST_6 = new IpValue(true, 0xff00L << 48, 0, 8);

    /**
     * Creates an address or range.
     *
     * @throws IllegalArgumentException if a version 4 address has more than 32 bits, or the prefix exceeds the address
     */
    public IpValue {
        if (prefix < 0 || prefix > (v6 ? 128 : 32) || !v6 && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("an address of version 4 has 32 bits, one of version 6 has 128");
        }
    }

    /**
     * Parses the forms that Cedar's {@code ip} function reads: {@code 10.0.0.1}, {@code 10.0.0.0/8}, {@code 2001:db8::1},
     * {@code fe80::/10}; no leading zeros in decimal numbers, no version 4 address inside one of version 6.
     *
     * @throws EvaluationException if the text has another form
     */
    public static IpValue parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean v6 = address.indexOf(':') >= 0;
        int size = v6 ? 128 : 32;
        int prefix = slash < 0 ? size : decimal(text.substring(slash + 1), v6 ? 3 : 2, size);
        long[] parts = text.length() > LONGEST ? new long[0] : v6 ? parse6(address) : parse4(address);
        if (prefix < 0 || parts.length == 0) {
            throw new EvaluationException("ip must be an address such as 10.0.0.1 or 2001:db8::1, perhaps with a"
                    + " prefix length such as /8, but was \"" + Names.brief(text) + "\"");
        }
        return new IpValue(v6, parts[0], parts[1], prefix);
    }

    private static long[] parse4(String text) {
        String[] numbers = text.split("\\.", -1);
        if (numbers.length != 4) {
            return new long[0];
        }
        long all = 0;
        for (String number : numbers) {
            int value = decimal(number, 3, 255);
            if (value < 0) {
                return new long[0];
            }
            all = all << 8 | value;
        }
        return new long[] {0, all};
    }

    private static long[] parse6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 2) >= 0) {
            return new long[0];
        }
        String[] before = groups(gap < 0 ? text : text.substring(0, gap));
        String[] after = groups(gap < 0 ? "" : text.substring(gap + 2));
        int given = before.length + after.length;
        if (gap < 0 ? given != 8 : given > 7) {
            return new long[0];
        }
        long[] bits = new long[2];
        for (int i = 0; i < given; i++) {
            int value = i < before.length ? hex(before[i]) : hex(after[i - before.length]);
            if (value < 0) {
                return new long[0];
            }
            int at = i < before.length ? i : 8 - given + i;
            bits[at / 4] |= (long) value << 48 - 16 * (at % 4);
        }
        return bits;
    }

    private static String[] groups(String text) {
        return text.isEmpty() ? new String[0] : text.split(":", -1);
    }

    /** Returns a number without leading zeros, -1 if the text is none or it is too large. */
    private static int decimal(String text, int digits, int most) {
        if (text.isEmpty() || text.length() > digits || text.length() > 1 && text.charAt(0) == '0') {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = 10 * value + c - '0';
        }
        return value <= most ? value : -1;
    }

    private static int hex(String text) {
        if (text.isEmpty() || text.length() > 4) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = 16 * value + digit;
        }
        return value;
    }

    /** Tells whether every address of this range lies in another; never so for different versions. */
    public boolean isInRange(IpValue other) {
        if (v6 != other.v6 || prefix < other.prefix) {
            return false;
        }
        int shared = v6 ? other.prefix : 96 + other.prefix;
        return ((high ^ other.high) & mask(Math.min(shared, 64))) == 0
                && ((low ^ other.low) & mask(Math.max(shared - 64, 0))) == 0;
    }

    private static long mask(int bits) {
        return bits == 0 ? 0 : -1L << 64 - bits;
    }

    /** Tells whether the range lies in that of the own machine. */
    public boolean isLoopback() {
        return isInRange(v6 ? LOOPBACK_6 : LOOPBACK_4);
    }

    /** Tells whether the range lies in that of multicast. */
    public boolean isMulticast() {
        return isInRange(v6 ? MULTICAST_6 : MULTICAST_4);
    }

    @Override
    public ExtensionFunction constructor() {
        return ExtensionFunction.IP;
    }

    @Override
    public String typeName() {
        return "ipaddr";
    }

    /** Returns a short text that {@link #parse} reads back. */
    @Override
    public String toString() {
        String address = v6 ? text6() : text4();
        return prefix == (v6 ? 128 : 32) ? address : address + "/" + prefix;
    }

    private String text4() {
        return (low >>> 24) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    }

    private String text6() {
        int gapStart = 0;
        int gapLength = 1;
        int run = 0;
        for (int i = 0; i < 8; i++) {
            run = group(i) == 0 ? run + 1 : 0;
            if (run > gapLength) {
                gapLength = run;
                gapStart = i + 1 - run;
            }
        }
        return gapLength == 1 ? text6(0, 8) : text6(0, gapStart) + "::" + text6(gapStart + gapLength, 8);
    }

    private String text6(int from, int to) {
        StringJoiner text = new StringJoiner(":");
        for (int i = from; i < to; i++) {
            text.add(String.format(Locale.ROOT, "%x", group(i)));
        }
        return text.toString();
    }

    private long group(int index) {
        return (index < 4 ? high : low) >>> 48 - 16 * (index % 4) & 0xffff;
    }
}
