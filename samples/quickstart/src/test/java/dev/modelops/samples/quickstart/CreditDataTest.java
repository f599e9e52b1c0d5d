package dev.modelops.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreditDataTest {
    @Test
    void holdsEveryLoanOfTheFile() {
        CreditData data = CreditData.load();

        assertThat(data.loans()).hasSize(4454);
        assertThat(data.loans().stream().filter(Loan::bad)).hasSize(1254);
        assertThat(data.loans().stream()
                        .filter(loan -> !loan.applicant().numbers().containsKey("Income")))
                .hasSize(381);
        assertThat(data.digest())
                .hasToString("sha256:9ba0c2326900ca6cc90cee6e43930bd691f07574f154d70807d5cb8f313e3217");
    }

    @Test
    void trainsOnSevenTenthsOfTheFixedEmploymentsAndHoldsOutTheRest() {
        CreditData data = CreditData.load();
        CreditData.Split split = data.split(1);

        assertThat(split.training()).hasSize(1963);
        assertThat(split.holdOut()).hasSize(842);
        List<Loan> both = new ArrayList<>(split.training());
        both.addAll(split.holdOut());
        assertThat(both)
                .containsExactlyInAnyOrderElementsOf(data.loans().stream()
                        .filter(loan ->
                                "fixed".equals(loan.applicant().categories().get("Job")))
                        .toList());
    }

    @Test
    void theSeedDecidesTheSplit() {
        CreditData data = CreditData.load();

        assertThat(data.split(1)).isEqualTo(data.split(1)).isNotEqualTo(data.split(2));
    }

    @Test
    void missingValuesAreAbsent() {
        List<Loan> loans = CreditData.parse("\"Status\",\"Age\",\"Home\"\n\"bad\",,\n\"good\",30,\"rent\"\n");

        assertThat(loans)
                .containsExactly(
                        new Loan(new Applicant(Map.of(), Map.of()), true),
                        new Loan(new Applicant(Map.of("Age", 30.0), Map.of("Home", "rent")), false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    'Status,Age;bad,30,1'  | line 2 must have 2 values, but has 3
                    'Status,Age;bad'       | line 2 must have 2 values, but has 1
                    'Status,Age;bad,old'   | line 2: Age must be a number, but was 'old'
                    'Status,Age;bad,NaN'   | Age must be a finite number
                    'Status,Age;worse,30'  | line 2: Status must be good or bad, but was 'worse'
                    'Status,Age;,30'       | line 2: Status must be good or bad, but was ''
                    'Age;30'               | line 2: Status must be good or bad, but was ''
                    ''                     | must begin with a line of column names
                    """)
    void badLinesAreNamed(String lines, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CreditData.parse(lines.replace(';', '\n')))
                .withMessageContaining(message);
    }
}
