package com.lab.run;

import com.alipay.sofa.rpc.config.RegistryConfig;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** SOFARPC's registries by URL: `zookeeper://host:port/root`, or the mesh API of a sidecar, `mesh://host:port`. */
final class Registries {
    private static final Map<String, RegistryConfig> KNOWN = new ConcurrentHashMap<>();

    private Registries() {
    }

    /** One for a URL: SOFARPC opens a session for each of these objects, and tells a sidecar the application once for each. */
    static RegistryConfig at(String url) {
        String[] parts = url.split("://");
        // A sidecar's is the URL of its HTTP server. A ZooKeeper session asks for 3 times the timeout.
        String address = parts[0].equals("mesh") ? "http://" + parts[1] : parts[1];
        return KNOWN.computeIfAbsent(url,
            key -> new RegistryConfig().setProtocol(parts[0]).setAddress(address).setConnectTimeout(2000));
    }
}
