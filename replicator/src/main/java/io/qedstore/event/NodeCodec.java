package io.qedstore.event;

import io.qedstore.event.CatalogEvent.NodeAnnounced;
import io.qedstore.log.v1.CatalogProto;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The part of {@link CatalogCodec} that is about nodes and what is placed on them. */
final class NodeCodec {
    private NodeCodec() {}

    static CatalogProto.NodeAnnounced toProto(NodeAnnounced announced) {
        CatalogProto.NodeAnnounced.Builder message = CatalogProto.NodeAnnounced.newBuilder()
                .setNodeId(announced.node().value())
                .setApiEndpoint(announced.api().value())
                .setNbdEndpoint(announced.nbd().value())
                .setUnderstands(announced.understands());
        EnumSet.copyOf(announced.roles()).forEach(role -> message.addRoles(toProto(role)));
        return message.build();
    }

    static NodeAnnounced fromProto(CatalogProto.NodeAnnounced message) {
        Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
        for (CatalogProto.NodeRole role : message.getRolesList()) {
            roles.add(fromProto(role));
        }
        return new NodeAnnounced(
                new NodeId(message.getNodeId()),
                roles,
                new Endpoint(message.getApiEndpoint()),
                new Endpoint(message.getNbdEndpoint()),
                message.getUnderstands());
    }

    static CatalogProto.Placement toProto(Placement placement) {
        CatalogProto.Placement.Builder message =
                CatalogProto.Placement.newBuilder().setOwner(placement.owner().value());
        placement.replicas().forEach(replica -> message.addReplicas(replica.value()));
        return message.build();
    }

    static Placement fromProto(CatalogProto.Placement message) {
        List<NodeId> replicas =
                message.getReplicasList().stream().map(NodeId::new).toList();
        return new Placement(new NodeId(message.getOwner()), replicas);
    }

    private static CatalogProto.NodeRole toProto(NodeRole role) {
        return switch (role) {
            case OWNER -> CatalogProto.NodeRole.NODE_ROLE_OWNER;
            case REPLICA -> CatalogProto.NodeRole.NODE_ROLE_REPLICA;
        };
    }

    private static NodeRole fromProto(CatalogProto.NodeRole role) {
        return switch (role) {
            case NODE_ROLE_OWNER -> NodeRole.OWNER;
            case NODE_ROLE_REPLICA -> NodeRole.REPLICA;
            case NODE_ROLE_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("no role of a node");
        };
    }
}
