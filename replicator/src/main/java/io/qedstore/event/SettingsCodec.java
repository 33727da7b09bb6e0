package io.qedstore.event;

import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.log.v1.CatalogProto;
import java.util.OptionalLong;

/** The part of {@link CatalogCodec} that is about the settings of images. */
final class SettingsCodec {
    private SettingsCodec() {}

    static CatalogProto.ImageSettings toProto(ImageSettings settings) {
        return CatalogProto.ImageSettings.newBuilder()
                .setCacheMode(toProto(settings.cache()))
                .setAttachMode(toProto(settings.attach()))
                .setFailoverMode(toProto(settings.failover()))
                .setIopsLimit(settings.limits().iops().orElse(0))
                .setBytesPerSecondLimit(settings.limits().bytesPerSecond().orElse(0))
                .setKeepSeconds(settings.retention().keepSeconds().orElse(0))
                .setKeepBytes(settings.retention().keepBytes().orElse(0))
                .build();
    }

    static ImageSettings fromProto(CatalogProto.ImageSettings message) {
        return new ImageSettings(
                fromProto(message.getCacheMode()),
                fromProto(message.getAttachMode()),
                fromProto(message.getFailoverMode()),
                new Limits(limit(message.getIopsLimit()), limit(message.getBytesPerSecondLimit())),
                new Retention(limit(message.getKeepSeconds()), limit(message.getKeepBytes())));
    }

    private static OptionalLong limit(long value) {
        return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static CatalogProto.CacheMode toProto(CacheMode mode) {
        return switch (mode) {
            case WRITETHROUGH -> CatalogProto.CacheMode.CACHE_MODE_WRITETHROUGH;
            case WRITEBACK -> CatalogProto.CacheMode.CACHE_MODE_WRITEBACK;
        };
    }

    private static CacheMode fromProto(CatalogProto.CacheMode mode) {
        return switch (mode) {
            case CACHE_MODE_WRITETHROUGH -> CacheMode.WRITETHROUGH;
            case CACHE_MODE_WRITEBACK -> CacheMode.WRITEBACK;
            case CACHE_MODE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("settings of no cache mode");
        };
    }

    private static CatalogProto.AttachMode toProto(AttachMode mode) {
        return switch (mode) {
            case EXCLUSIVE -> CatalogProto.AttachMode.ATTACH_MODE_EXCLUSIVE;
            case SHARED -> CatalogProto.AttachMode.ATTACH_MODE_SHARED;
        };
    }

    private static AttachMode fromProto(CatalogProto.AttachMode mode) {
        return switch (mode) {
            case ATTACH_MODE_EXCLUSIVE -> AttachMode.EXCLUSIVE;
            case ATTACH_MODE_SHARED -> AttachMode.SHARED;
            case ATTACH_MODE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("settings of no attach mode");
        };
    }

    private static CatalogProto.FailoverMode toProto(FailoverMode mode) {
        return switch (mode) {
            case MANUAL -> CatalogProto.FailoverMode.FAILOVER_MODE_MANUAL;
            case AUTO -> CatalogProto.FailoverMode.FAILOVER_MODE_AUTO;
        };
    }

    private static FailoverMode fromProto(CatalogProto.FailoverMode mode) {
        return switch (mode) {
            case FAILOVER_MODE_MANUAL -> FailoverMode.MANUAL;
            case FAILOVER_MODE_AUTO -> FailoverMode.AUTO;
            case FAILOVER_MODE_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("settings of no failover mode");
        };
    }
}
