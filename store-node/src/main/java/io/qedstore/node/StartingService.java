package io.qedstore.node;

import io.qedstore.api.NodeService;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.hosting.HostingException;
import io.qedstore.log.LogException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What the API asks: before the node is there, it says what the node waits for; then it hands on, and names failures. */
final class StartingService {
    private final AtomicReference<@Nullable NodeService> ready = new AtomicReference<>();
    private volatile String waitingFor = "the node is starting";

    void waitsFor(String what) {
        waitingFor = what;
    }

    /** From now on the node answers. */
    void ready(NodeService service) {
        ready.set(service);
    }

    /** The node does not answer any more. */
    void stops() {
        waitingFor = "the node is being stopped";
        ready.set(null);
    }

    /** What waits for others to be well, and may succeed when they are. */
    private static Throwable asService(Throwable failure) {
        boolean passes = failure instanceof LogException
                || failure instanceof HostingException
                || (failure instanceof BlockDeviceException device && device.error() == DeviceError.SHUTTING_DOWN);
        return passes
                ? new ServiceException(ServiceError.UNAVAILABLE, String.valueOf(failure.getMessage()), failure)
                : failure;
    }

    NodeService service() {
        return (NodeService) Proxy.newProxyInstance(
                NodeService.class.getClassLoader(), new Class<?>[] {NodeService.class}, (proxy, method, arguments) -> {
                    NodeService there = ready.get();
                    if (there != null) {
                        try {
                            return method.invoke(there, arguments);
                        } catch (InvocationTargetException e) {
                            throw asService(e.getCause() == null ? e : e.getCause());
                        }
                    } else if (method.getName().equals("notReady")) {
                        return Optional.of(waitingFor);
                    } else if (method.getName().equals("metrics")) {
                        return "";
                    } else if (method.getDeclaringClass() == Object.class) {
                        return method.invoke(this, arguments);
                    }
                    throw new ServiceException(ServiceError.UNAVAILABLE, waitingFor);
                });
    }
}
