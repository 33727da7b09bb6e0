package io.qedstore.event;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.qedstore.log.v1.EventProto;
import io.qedstore.qed.change.QedChange;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A change that carries data, as a field of its event: the same bytes as the generated classes make, without the copy that
 * those take of buffers outside the heap.
 */
final class DataField {
    private final long fileOffset;
    private final ByteBuffer data;
    private final int writtenBytes;
    private final int changeBytes;

    DataField(QedChange.DataWritten change) {
        fileOffset = change.fileOffset();
        data = change.data().duplicate();
        int offsetBytes = fileOffset == 0
                ? 0
                : CodedOutputStream.computeUInt64Size(EventProto.DataWritten.FILE_OFFSET_FIELD_NUMBER, fileOffset);
        int dataBytes =
                data.hasRemaining() ? fieldBytes(EventProto.DataWritten.DATA_FIELD_NUMBER, data.remaining()) : 0;
        writtenBytes = offsetBytes + dataBytes;
        changeBytes = fieldBytes(EventProto.Change.DATA_WRITTEN_FIELD_NUMBER, writtenBytes);
    }

    /** Bytes of a field that holds so many bytes. */
    static int fieldBytes(int number, int lengthBytes) {
        return CodedOutputStream.computeTagSize(number)
                + CodedOutputStream.computeUInt32SizeNoTag(lengthBytes)
                + lengthBytes;
    }

    /** Bytes of the whole field. */
    int bytes() {
        return fieldBytes(EventProto.Event.CHANGES_FIELD_NUMBER, changeBytes);
    }

    void writeTo(CodedOutputStream out) throws IOException {
        start(out, EventProto.Event.CHANGES_FIELD_NUMBER, changeBytes);
        start(out, EventProto.Change.DATA_WRITTEN_FIELD_NUMBER, writtenBytes);
        if (fileOffset != 0) {
            out.writeUInt64(EventProto.DataWritten.FILE_OFFSET_FIELD_NUMBER, fileOffset);
        }
        if (data.hasRemaining()) {
            start(out, EventProto.DataWritten.DATA_FIELD_NUMBER, data.remaining());
            out.write(data);
        }
    }

    /** Begins a field of so many bytes. */
    static void start(CodedOutputStream out, int number, int lengthBytes) throws IOException {
        out.writeTag(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(lengthBytes);
    }
}
