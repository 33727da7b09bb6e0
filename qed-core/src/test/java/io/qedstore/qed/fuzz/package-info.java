/**
 * Fuzzing of the engine with files that nobody made on purpose: bytes become a sparse file in memory, and whatever the
 * engine does with it must end soon, in little memory, with a result or a clean refusal.
 *
 * <p>{@link io.qedstore.qed.fuzz.QedFileFuzzer} is the target and lists the properties, {@link
 * io.qedstore.qed.fuzz.FuzzedImage} says what the bytes mean. {@code QedFileFuzzerIT} runs it under Jazzer, {@code
 * QedFileFuzzerTest} replays the seeds.
 *
 * <p>{@link io.qedstore.qed.fuzz.JazzerRun} and {@link io.qedstore.qed.fuzz.FuzzSeeds} serve the fuzzers of other parts, too. A
 * finding is a file under {@code target/fuzz-NAME}; put it beside the seeds in {@code src/test/resources/fuzz/NAME}, and it is
 * replayed from then on.
 */
@NullMarked
package io.qedstore.qed.fuzz;

import org.jspecify.annotations.NullMarked;
