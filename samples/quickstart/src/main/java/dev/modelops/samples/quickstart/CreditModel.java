package dev.modelops.samples.quickstart;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** A logistic regression on credit applications. As files: two formats that hold data only, no serialised Java objects. */
public final class CreditModel implements Scorer {
    static final String MODEL_FILE = "model.pb";
    static final String PREPROCESSING_FILE = "preprocessing.json";
    static final String CARD_FILE = "README.txt";

    private static final String BAD = "bad";
    private static final String GOOD = "good";
    private static final double LEARNING_RATE = 0.1;
    private static final LabelFactory LABELS = new LabelFactory();
    // Held here because the JDK forgets the level of a logger that nobody refers to.
    private static final Logger TRIBUO_LOG = Logger.getLogger("org.tribuo");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();

    private final Preprocessing preprocessing;
    private final String[] names;
    private final Model<Label> model;

    private CreditModel(Preprocessing preprocessing, Model<Label> model) {
        this.preprocessing = preprocessing;
        this.names = preprocessing.names().toArray(String[]::new);
        this.model = model;
    }

    /** Learns from loans. The same arguments give the same scores. */
    public static CreditModel train(List<Loan> training, Preprocessing.Features features, int epochs, long seed) {
        TRIBUO_LOG.setLevel(Level.WARNING);
        Preprocessing preprocessing = Preprocessing.fit(training, features);
        String[] names = preprocessing.names().toArray(String[]::new);
        List<Example<Label>> examples = new ArrayList<>();
        for (Loan loan : training) {
            Label outcome = new Label(loan.bad() ? BAD : GOOD);
            examples.add(new ArrayExample<>(outcome, names, preprocessing.row(loan.applicant())));
        }
        var source = new SimpleDataSourceProvenance(CreditData.FILE, LABELS);
        var trainer = new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(LEARNING_RATE), epochs, seed);
        return new CreditModel(preprocessing, trainer.train(new MutableDataset<>(examples, source, LABELS)));
    }

    @Override
    public double score(Applicant applicant) {
        Example<Label> example = new ArrayExample<>(LabelFactory.UNKNOWN_LABEL, names, preprocessing.row(applicant));
        Label bad = model.predict(example).getOutputScores().get(BAD);
        if (bad == null) {
            throw new IllegalStateException("the model must know the outcome 'bad', but knows only "
                    + model.getOutputIDInfo().getDomain());
        }
        return bad.getScore();
    }

    /** Writes the model into a new folder, with a card for people. */
    public void save(Path folder, String card) throws IOException {
        Files.createDirectories(folder);
        model.serializeToFile(folder.resolve(MODEL_FILE));
        Files.writeString(folder.resolve(PREPROCESSING_FILE), JSON.writeValueAsString(preprocessing) + "\n");
        Files.writeString(folder.resolve(CARD_FILE), card);
    }

    /** Reads a model that {@link #save} wrote. */
    public static CreditModel read(Source files) throws IOException {
        try (InputStream json = files.open(PREPROCESSING_FILE);
                InputStream weights = files.open(MODEL_FILE)) {
            return new CreditModel(
                    JSON.readValue(json, Preprocessing.class),
                    Model.deserializeFromStream(weights).castModel(Label.class));
        }
    }

    /** Opens a model's files by name. */
    @FunctionalInterface
    public interface Source {
        /** Opens a file; the caller closes it. */
        InputStream open(String name) throws IOException;
    }
}
