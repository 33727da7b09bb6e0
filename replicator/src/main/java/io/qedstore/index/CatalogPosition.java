package io.qedstore.index;

import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;

/** How far the catalog is folded: up to before this record of this topic. */
public record CatalogPosition(TopicId topicId, LogPosition position) {}
