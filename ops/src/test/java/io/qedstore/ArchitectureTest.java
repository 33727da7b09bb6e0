package io.qedstore;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.qedstore.qed.file.DurableFile;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
class ArchitectureTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(location -> !location.contains("test-classes") && !location.contains("-tests.jar"))
            .importPackages("io.qedstore");

    /** From logs to copies of an image. */
    private static final String[] REPLICATOR = {
        "io.qedstore.event..",
        "io.qedstore.digest..",
        "io.qedstore.content..",
        "io.qedstore.log..",
        "io.qedstore.fold..",
        "io.qedstore.replica..",
        "io.qedstore.checkpoint..",
        "io.qedstore.rebuild..",
        "io.qedstore.retention..",
        "io.qedstore.history..",
        "io.qedstore.index.."
    };

    @Test
    void theEngineIsAmongTheClassesThatAreJudged() {
        assertThat(PRODUCT.contain("io.qedstore.qed.QedImage")).isTrue();
        assertThat(PRODUCT.contain("io.qedstore.index.rocksdb.RocksDbIndex")).isTrue();
        assertThat(PRODUCT.contain("io.qedstore.cli.Main")).isTrue();
    }

    @Test
    void theEngineKnowsJavaAndNothingElse() {
        classes()
                .that()
                .resideInAPackage("io.qedstore.qed..")
                .and()
                .resideOutsideOfPackage("io.qedstore.qed.file..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations..", "io.qedstore.qed..")
                .check(PRODUCT);
    }

    @Test
    void onlyTheSeamToTheDiskMakesNativeCalls() {
        classes()
                .that()
                .resideInAPackage("io.qedstore.qed.file..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations..", "io.qedstore.qed.file..", "com.sun.jna..")
                .check(PRODUCT);
    }

    @Test
    void theEngineHasNoNetwork() {
        noClasses()
                .that()
                .resideInAPackage("io.qedstore.qed..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.rmi..")
                .check(PRODUCT);
    }

    @Test
    void theFormatDoesNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAPackage("io.qedstore.qed.format..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "io.qedstore.qed.file..")
                .check(PRODUCT);
    }

    @Test
    void clockAndRandomnessComeFromOutside() {
        noClasses()
                .that()
                .resideInAPackage("io.qedstore.qed..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.UUID")
                .check(PRODUCT);
    }

    @Test
    void theReplicatorKnowsTheEngineAndNoServer() {
        noClasses()
                .that()
                .resideInAnyPackage(REPLICATOR)
                .should()
                .dependOnClassesThat(resideInAPackage("io.qedstore..")
                        .and(not(resideInAnyPackage(REPLICATOR)))
                        .and(not(resideInAPackage("io.qedstore.qed.."))))
                .check(PRODUCT);
    }

    @Test
    void onlyTheIndexOnDiskKnowsRocksDb() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.qedstore.index.rocksdb..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.rocksdb..")
                .check(PRODUCT);
    }

    @Test
    void onlyTheCodecsKnowProtobuf() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.qedstore.event..", "io.qedstore.log.v1..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.protobuf..", "io.qedstore.log.v1..")
                .check(PRODUCT);
    }

    @Test
    void onlyTheLogKnowsKafka() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.qedstore.log.kafka..", "io.qedstore.kafka..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(PRODUCT);
    }

    @Test
    void onlyTheStoreOfObjectsKnowsTheSdkOfS3() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.qedstore.checkpoint.s3..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("software.amazon..")
                .check(PRODUCT);
    }

    @Test
    void theNbdServerKnowsDevicesAndItsProtocolAlone() {
        noClasses()
                .that()
                .resideInAPackage("io.qedstore.nbd..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.qedstore..")
                        .and(not(resideInAnyPackage("io.qedstore.nbd..", "io.qedstore.device"))))
                .check(PRODUCT);
    }

    @Test
    void theWireKnowsBuffersAndNothingElse() {
        classes()
                .that()
                .resideInAPackage("io.qedstore.nbd.wire..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "org.jspecify.annotations..", "io.netty.buffer..", "io.qedstore.nbd.wire..")
                .check(PRODUCT);
    }

    @Test
    void aBlockDeviceIsJavaAlone() {
        classes()
                .that()
                .resideInAPackage("io.qedstore.device")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations..", "io.qedstore.device")
                .check(PRODUCT);
    }

    @Test
    void onlyTheApiKnowsItsHttpLibraries() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.qedstore.api.http..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..")
                .check(PRODUCT);
    }

    @Test
    void theApiKnowsItsNodeByTheContractAlone() {
        noClasses()
                .that()
                .resideInAPackage("io.qedstore.api..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.qedstore..")
                        .and(not(resideInAnyPackage(
                                "io.qedstore.api..", "io.qedstore.config..", "io.qedstore.security.."))))
                .check(PRODUCT);
    }

    @Test
    void kafkaIsBehindTheLogAndTheEmbeddedBroker() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.qedstore.log.kafka..", "io.qedstore.kafka..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(PRODUCT);
    }

    @Test
    void anEmbeddedKafkaKnowsNothingOfWhatItIsFor() {
        noClasses()
                .that()
                .resideInAPackage("io.qedstore.kafka..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.qedstore..")
                        .and(not(resideInAPackage("io.qedstore.kafka..")))
                        .and(not(equivalentTo(DurableFile.class)))) // which is of use to anybody
                .check(PRODUCT);
    }

    @Test
    void nobodyKnowsTheProgram() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.qedstore.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.qedstore.cli..")
                .check(PRODUCT);
    }

    @Test
    void packagesFormNoCycle() {
        slices().matching("io.qedstore.(**)").should().beFreeOfCycles().check(PRODUCT);
    }
}
