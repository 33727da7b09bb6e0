package io.qedstore.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.ContentDigest;
import io.qedstore.fold.FoldedFile;
import io.qedstore.hosting.ByteRate;
import io.qedstore.hosting.TestCopy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns red when a copy is called good whose last content the log has not spoken of. */
class CopyVerificationTest {
    private final TestCopy copy;

    CopyVerificationTest(@TempDir Path folder) throws IOException {
        copy = new TestCopy(folder);
        for (int value = 2; value < 6; value++) {
            copy.write(value);
        }
    }

    private CopyReport verify() {
        return verify(() -> copy.file().folded(), () -> {});
    }

    private static CopyReport verify(CopyVerification.Opening opening, ByteRate.Check goingOn) {
        CopyVerification verification = new CopyVerification(
                opening, new ByteRate(0, System::nanoTime), goingOn, Duration.ZERO, System::nanoTime);
        verification.run();
        return verification.report();
    }

    private void damage(long fileOffset) throws IOException {
        try (FileChannel file =
                FileChannel.open(copy.file().path(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            file.read(one, fileOffset);
            file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}), fileOffset);
        }
    }

    @Test
    void aCopyAtRestIsInOrderUpToItsLastEvent() {
        copy.rest();
        FoldedFile file = copy.file().folded();
        CopyReport report = verify();
        assertThat(report.detail()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.OK);
        assertThat(report.sequence()).isEqualTo(file.holds());
        assertThat(report.recorded()).isEqualTo(file.holds() - 1);
        assertThat(report.doneBytes()).isEqualTo(report.totalBytes()).isPositive();
    }

    @Test
    void damagedBlocksAreCountedAndNamedAndLeftAsTheyAre() throws IOException {
        copy.rest();
        long length = copy.file().folded().contentRecord().sums().lengthBytes();
        damage(5);
        damage(length - 4096);
        for (int again = 0; again < 2; again++) {
            CopyReport report = verify();
            assertThat(report.verdict()).isEqualTo(Verdict.DIFFERS);
            assertThat(report.badBlocks()).isEqualTo(2);
            assertThat(report.badOffsets()).containsExactly(0L, length - 4096);
            assertThat(report.detail().orElseThrow()).contains("2 blocks");
        }
    }

    @Test
    void whatTheLogHasNotSaidYetIsNotCalledGood() {
        CopyReport report = verify();
        assertThat(report.verdict()).isEqualTo(Verdict.UNVERIFIED);
        assertThat(report.detail().orElseThrow()).contains("the log has not said");
        assertThat(report.doneBytes()).isEqualTo(report.totalBytes());
    }

    @Test
    void theOwnerSaysAgainWhatTheFileContainsIfItIsAskedTo() {
        copy.rest();
        ContentDigest before = copy.file().folded().contentRecord().verified().orElseThrow();
        copy.rest();
        assertThat(copy.file().folded().contentRecord().verified()).hasValue(before);
        copy.sayContent();
        ContentDigest after = copy.file().folded().contentRecord().verified().orElseThrow();
        assertThat(after.sequence()).isGreaterThan(before.sequence());
        assertThat(after.sum()).isEqualTo(before.sum());
        assertThat(verify().verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void whatCannotBeReadIsSaid() {
        CopyReport none = verify(
                () -> {
                    throw new IOException("it is being made");
                },
                () -> {});
        assertThat(none.verdict()).isEqualTo(Verdict.UNVERIFIED);
        assertThat(none.detail()).hasValue("it is being made");
        CopyReport ended = verify(() -> copy.file().folded(), () -> {
            throw new InterruptedIOException("the node stops");
        });
        assertThat(ended.detail()).hasValue("the node stops");
    }
}
