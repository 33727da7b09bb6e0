/**
 * Benchmarks of the engine's hot paths, run with {@code mvn -Pbench -pl qed-core verify}; {@code ops/docs/benchmarks.md}
 * says what each one means and what it once measured.
 */
@NullMarked
package io.qedstore.qed.bench;

import org.jspecify.annotations.NullMarked;
