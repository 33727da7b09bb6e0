package io.qedstore.index.rocksdb;

import io.qedstore.fold.FoldStateException;
import io.qedstore.index.IndexException;
import java.nio.BufferUnderflowException;
import java.nio.file.Path;
import java.util.HexFormat;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** What went wrong in the database of a folder, by its name. */
final class Failures {
    private static final String LOCK_FILE = "/LOCK:";
    private static final String NO_SUCH_FILE = "No such file or directory";

    private final Path folder;

    Failures(Path folder) {
        this.folder = folder;
    }

    IndexException of(RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        Status status = e.getStatus();
        Status.Code code = status == null ? Status.Code.Undefined : status.getCode();
        return switch (code) {
            case Corruption, InvalidArgument, NotFound -> damaged(message, e);
            case NotSupported -> newer("RocksDB says: " + message);
            case IOError -> {
                if (message.contains(LOCK_FILE)) {
                    yield new IndexException.InUse(
                            "the index in " + folder + " is open in another process, or twice in this one: " + message,
                            e);
                }
                yield message.contains(NO_SUCH_FILE) ? damaged(message, e) : unavailable(message, e);
            }
            case Ok,
                    MergeInProgress,
                    Incomplete,
                    ShutdownInProgress,
                    TimedOut,
                    Aborted,
                    Busy,
                    Expired,
                    TryAgain,
                    Undefined -> unavailable(message, e);
        };
    }

    IndexException of(FoldStateException e) {
        String message = String.valueOf(e.getMessage());
        return e instanceof FoldStateException.OtherVersion ? newer(message) : damaged(message, e);
    }

    IndexException senseless(Family family, byte[] key, RuntimeException e) {
        String what = e instanceof BufferUnderflowException ? "too short" : String.valueOf(e.getMessage());
        return damaged(
                "the value in " + family.storedName() + " under "
                        + HexFormat.of().formatHex(key) + " makes no sense (" + what + ")",
                e);
    }

    IndexException newer(String message) {
        return new IndexException.Newer("the index in " + folder + " was written by a newer version of qedstore ("
                + message + "); run that version, or delete the folder. " + WHAT_IS_LOST);
    }

    IndexException damaged(String message) {
        return new IndexException.Damaged(damage(message));
    }

    IndexException damaged(String message, Throwable cause) {
        return new IndexException.Damaged(damage(message), cause);
    }

    private String damage(String message) {
        return "the index in " + folder + " is damaged: " + message + ". Delete the folder. " + WHAT_IS_LOST;
    }

    IndexException closed() {
        return new IndexException.Unavailable("the index in " + folder + " is closed");
    }

    private IndexException unavailable(String message, Throwable cause) {
        return new IndexException.Unavailable(
                "the index in " + folder + " cannot be read or written: " + message, cause);
    }

    private static final String WHAT_IS_LOST =
            "That is safe for the index, which is made again from the logs; with it goes how far this node's image files"
                    + " may be ahead, so the node has to verify its files or copy them anew before it uses them";
}
