package dev.modelops.core.registry;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Model;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionQuery;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All that a view shows to somebody who may read, but its position. */
record Picture(
        List<Model> models,
        List<ModelVersion> versions,
        Map<String, List<VersionNumber>> champions,
        Map<String, List<Approval>> approvals,
        Map<String, List<Evidence>> evidence,
        Map<String, List<Comment>> comments,
        Map<Principal, Set<Role>> roles) {

    static Picture of(RegistryView view, List<Principal> people) {
        List<Model> models = view.models();
        List<ModelVersion> versions = view.query(VersionQuery.all()).items();
        Map<String, List<VersionNumber>> champions = models.stream()
                .map(Model::name)
                .collect(Collectors.toMap(ModelName::value, name -> view.champions(name, Environment.PRODUCTION)));
        models.forEach(
                model -> champions.put(model.name() + " staged", view.champions(model.name(), Environment.STAGING)));
        return new Picture(
                models,
                versions,
                champions,
                each(versions, version -> view.approvals(version.ref())),
                each(versions, version -> view.evidence(version.ref())),
                each(versions, version -> view.comments(version.ref())),
                people.stream().collect(Collectors.toMap(person -> person, view::roles)));
    }

    private static <T> Map<String, T> each(List<ModelVersion> versions, Function<ModelVersion, T> part) {
        return versions.stream()
                .collect(Collectors.toMap(version -> version.ref().toString(), part));
    }
}
