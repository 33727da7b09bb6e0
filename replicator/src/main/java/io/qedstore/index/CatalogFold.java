package io.qedstore.index;

import io.qedstore.event.CatalogCodec;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.CorruptRecordException;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Takes the catalog's records in order, has each one judged, and writes what it changes into the index, together with the
 * position behind it. It goes on where the index stands. One thread at a time, and one fold for an index.
 */
public final class CatalogFold {
    private final TopicId topicId;
    private final WritableIndex index;
    private LogPosition position;

    /** @throws LogException.Recreated if the index was made from another topic */
    public CatalogFold(TopicId topicId, WritableIndex index) throws IOException {
        this.topicId = topicId;
        this.index = index;
        Optional<CatalogPosition> stands = index.catalogPosition();
        if (stands.isPresent() && !stands.get().topicId().equals(topicId)) {
            throw new LogException.Recreated("the index was made from the catalog with the topic id "
                    + stands.get().topicId() + ", and the catalog is topic " + topicId
                    + " now: the topic was deleted and created again, or this is another cluster");
        }
        position = stands.map(CatalogPosition::position).orElse(LogPosition.START);
    }

    /** From where to read on. */
    public LogPosition position() {
        return position;
    }

    /**
     * Takes the next record. When this returns, the index holds what it changes; that survives the end of the process, and
     * after a crash of the machine the fold goes on before it.
     *
     * @return what it is worth; a node finds its own records by their offset, and answers by the verdict
     * @throws LogException.Gap if it is not the next one
     * @throws LogException.NotUnderstood if it says something that this version does not know; nothing has changed then
     * @throws IOException if the index cannot be read or written; the fold has not moved then
     */
    public Judged next(StoredRecord stored) throws IOException {
        if (stored.offset() != position.nextOffset()) {
            throw new LogException.Gap("the catalog has a record at offset " + stored.offset() + ", expected one at "
                    + position.nextOffset() + ": records between them are missing");
        }
        Judged judged = judge(stored);
        LogPosition after = LogPosition.after(stored);
        index.write(judged.decision().changes(), new CatalogPosition(topicId, after));
        position = after;
        return judged;
    }

    private Judged judge(StoredRecord stored) throws IOException {
        CatalogRecord record;
        try {
            record = CatalogCodec.decode(stored.bytes());
        } catch (CorruptRecordException e) {
            String reason = String.valueOf(e.getMessage());
            return new Judged(
                    stored.offset(), Optional.empty(), new CatalogDecision(CatalogVerdict.JUNK, reason, List.of()));
        }
        if (record.event() instanceof CatalogEvent.Unknown unknown) {
            throw new LogException.NotUnderstood("the record at offset " + stored.offset()
                    + " of the catalog says something that this version of qedstore does not know (" + unknown.what()
                    + "); run the version that wrote it, or a newer one");
        }
        return new Judged(stored.offset(), Optional.of(record), CatalogRules.decide(record, index));
    }

    /**
     * A record of the catalog and what it is worth.
     *
     * @param record empty if the bytes are none
     */
    public record Judged(long offset, Optional<CatalogRecord> record, CatalogDecision decision) {}
}
