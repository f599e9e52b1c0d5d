package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TilePathTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, 256, tile/0/000",
        "0, 5, 256, tile/0/005",
        "0, 999, 256, tile/0/999",
        "0, 1000, 256, tile/0/x001/000",
        "0, 1234067, 256, tile/0/x001/x234/067",
        "1, 1000000, 1, tile/1/x001/x000/000.p/1",
        "2, 0, 255, tile/2/000.p/255",
        "63, 0, 256, tile/63/000",
        "-1, 0, 256, tile/entries/000",
        "-1, 273, 112, tile/entries/273.p/112",
        "-1, 1234067, 7, tile/entries/x001/x234/067.p/7",
        "0, 9223372036854775807, 256, tile/0/x009/x223/x372/x036/x854/x775/807",
    })
    void pathsAreReadAndWrittenAlike(int level, long index, int width, String text) {
        TilePath path = new TilePath(level, index, width);
        assertThat(path).hasToString(text);
        assertThat(TilePath.parse(text)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tile",
                "tile/0",
                "tile/0/",
                "tile/0/0",
                "tile/0/00",
                "tile/0/0000",
                "tile/00/000",
                "tile/01/000",
                "tile/64/000",
                "tile/100/000",
                "tile/-1/000",
                "tile/+1/000",
                "tile/entry/000",
                "tile/0/x000/005",
                "tile/0/x000",
                "tile/0/001/000",
                "tile/0/x001/x000",
                "tile/0/x01/000",
                "tile/0/X001/000",
                "tile/0/x001//000",
                "tile/0/x010/x000/x000/x000/x000/x000/000",
                "tile/0/x001/x009/x223/x372/x036/x854/x775/807",
                "tile/0/000.p",
                "tile/0/000.p/",
                "tile/0/000.p/0",
                "tile/0/000.p/01",
                "tile/0/000.p/256",
                "tile/0/000.p/257",
                "tile/0/000.p/-1",
                "tile/0/000.P/1",
                "tile/0/000/p/1",
                "tile/0/000.p/1/",
                "/tile/0/000",
                "tile/0/000/",
                "tile/0/000 ",
                "tile/0/000\n",
                "tile/0/../000",
                "tile\\0\\000",
                "tile/0/\u0660\u0660\u0660",
                "checkpoint",
            })
    void everyOtherFormIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> TilePath.parse(text));
    }

    @Test
    void partsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TilePath(-2, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new TilePath(64, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new TilePath(0, -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new TilePath(0, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TilePath(0, 0, 257));
    }
}
