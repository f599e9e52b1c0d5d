package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointBodyTest {
    private static final String ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    private static final String EMPTY_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    @Test
    void exampleOfTheSpecificationIsReadAndWrittenAlike() {
        String text = "example.com/behind-the-sofa\n20852163\n" + ROOT + "\n";
        CheckpointBody body = CheckpointBody.parse(text);
        assertThat(body.origin()).isEqualTo("example.com/behind-the-sofa");
        assertThat(body.size()).isEqualTo(20852163);
        assertThat(NoteSyntax.base64(body.root())).isEqualTo(ROOT);
        assertThat(body.text()).isEqualTo(text);
        assertThat(body).isEqualTo(CheckpointBody.parse(text)).hasSameHashCodeAs(CheckpointBody.parse(text));
        assertThat(body).isNotEqualTo(CheckpointBody.parse(text.replace("63\n", "64\n")));
    }

    @Test
    void extensionLinesArePassedOver() {
        CheckpointBody body = CheckpointBody.parse("o\n5\n" + ROOT + "\nTimestamp: 1\nmore\n");
        assertThat(body.text()).isEqualTo("o\n5\n" + ROOT + "\n");
    }

    @Test
    void emptyLogHasTheEmptyRoot() {
        assertThat(CheckpointBody.parse("o\n0\n" + EMPTY_ROOT + "\n").size()).isZero();
        assertThat(new CheckpointBody("o", 0, Merkle.emptyRoot()).text()).isEqualTo("o\n0\n" + EMPTY_ROOT + "\n");
    }

    @Test
    void theLargestSizeIsRead() {
        assertThat(CheckpointBody.parse("o\n9223372036854775807\n" + ROOT + "\n")
                        .size())
                .isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "o\n5\n",
                "o\n5\n" + ROOT,
                "\n5\n" + ROOT + "\n",
                "o\n\n" + ROOT + "\n",
                "o\n5\n\n" + ROOT + "\n",
                "o\n5\n" + ROOT + "\n\n",
                "o\n5\n" + ROOT + "\n\nx\n",
                "o\n05\n" + ROOT + "\n",
                "o\n00\n" + EMPTY_ROOT + "\n",
                "o\n-5\n" + ROOT + "\n",
                "o\n+5\n" + ROOT + "\n",
                "o\n5 \n" + ROOT + "\n",
                "o\n5\r\n" + ROOT + "\n",
                "o\n0x5\n" + ROOT + "\n",
                "o\n\u0665\n" + ROOT + "\n",
                "o\n9223372036854775808\n" + ROOT + "\n",
                "o\n18446744073709551615\n" + ROOT + "\n",
                "o\n0\n" + ROOT + "\n",
                "o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
                "o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
                "o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
                "o\n5\n" + ROOT + " \n",
                "o\t\n5\n" + ROOT + "\n",
                "o\n5\n" + ROOT + "\nextension\t\n",
                "\ud800\n5\n" + ROOT + "\n",
            })
    void malformedTextsAreRefused(String text) {
        assertThatExceptionOfType(NoteException.class).isThrownBy(() -> CheckpointBody.parse(text));
    }

    @Test
    void partsThatDoNotFitAreRefused() {
        byte[] root = Merkle.leafHash(new byte[0]);
        assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointBody("", 1, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointBody("a\nb", 1, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointBody("a\tb", 1, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointBody("a", -1, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointBody("a", 0, root));
        assertThatIllegalArgumentException().isThrownBy(() -> new CheckpointBody("a", 1, new byte[31]));
    }

    @Test
    void rootIsCopiedInAndOut() {
        byte[] root = Merkle.leafHash(new byte[0]);
        CheckpointBody body = new CheckpointBody("a", 1, root);
        root[0] ^= 1;
        body.root()[1] ^= 1;
        assertThat(body.root()).isEqualTo(Merkle.leafHash(new byte[0]));
    }
}
