package com.lab.run;

import com.alipay.sofa.rpc.client.ProviderGroup;
import com.alipay.sofa.rpc.client.ProviderInfo;
import com.alipay.sofa.rpc.config.ApplicationConfig;
import com.alipay.sofa.rpc.config.ConsumerConfig;
import com.alipay.sofa.rpc.config.ProviderConfig;
import com.alipay.sofa.rpc.config.RegistryConfig;
import com.alipay.sofa.rpc.config.ServerConfig;
import com.alipay.sofa.rpc.registry.RegistryFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.lab.GreetService;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Providers and consumers of GreetService that find each other through ZooKeeper, as an application's do. */
final class Registry {
    private static final Map<String, ProviderConfig<GreetService>> PROVIDERS = new ConcurrentHashMap<>();
    private static final Map<String, ConsumerConfig<GreetService>> CONSUMERS = new ConcurrentHashMap<>();
    private static final Map<String, GreetService> PROXIES = new ConcurrentHashMap<>();

    private Registry() {
    }

    static void main() throws Exception {
        Lines lines = new Lines();
        lines.print(Lines.JSON.createObjectNode().put("ready", true));
        lines.serve(Registry::run);
    }

    private static JsonNode run(JsonNode command) throws Throwable {
        String name = command.path("name").asText();
        switch (command.get("cmd").asText()) {
            case "export":
                return Lines.JSON.getNodeFactory().numberNode(export(name, command));
            case "unexport":
                unexport(name);
                return Lines.JSON.getNodeFactory().nullNode();
            case "refer":
                refer(name, command);
                return Lines.JSON.getNodeFactory().nullNode();
            case "unrefer":
                PROXIES.remove(name);
                CONSUMERS.remove(name).unRefer();
                return Lines.JSON.getNodeFactory().nullNode();
            case "known":
                return known(name);
            case "call":
                return call(name, command.path("times").asInt(1));
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private static RegistryConfig registry(JsonNode command) {
        return Registries.at("zookeeper://" + command.get("registry").asText());
    }

    /**
     * {"name", "registry", "version"?, "uniqueId"?, "weight"?, "parameters"?}: a provider on a port of its own whose
     * answers begin with its name; the port.
     */
    private static int export(String name, JsonNode command) throws Exception {
        ServerConfig server = server();
        ProviderConfig<GreetService> config = new ProviderConfig<GreetService>().setInterfaceId(GreetService.class.getName())
            .setRef(new Others.Greeter(name)).setApplication(new ApplicationConfig().setAppName("java-provider"))
            .setServer(server).setRegistry(registry(command)).setVersion(command.path("version").asText("1.0"))
            .setWeight(command.path("weight").asInt(100)).setRepeatedExportLimit(-1);
        if (command.has("uniqueId")) {
            config.setUniqueId(command.get("uniqueId").asText());
        }
        command.path("parameters").fields()
            .forEachRemaining(entry -> config.setParameter(entry.getKey(), entry.getValue().asText()));
        config.export();
        PROVIDERS.put(name, config);
        return server.getPort();
    }

    private static ServerConfig server() throws Exception {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            // Published is the virtual address: 127.0.0.1 would be replaced by that of a network card.
            return new ServerConfig().setProtocol("bolt").setBoundHost("127.0.0.1").setHost("127.0.0.1")
                .setPort(probe.getLocalPort()).setVirtualHost("127.0.0.1").setVirtualPort(probe.getLocalPort())
                .setDaemon(true);
        }
    }

    private static void unexport(String name) {
        // Not unExport(): it forgets the methods of the service on every port of this JVM.
        ProviderConfig<GreetService> config = PROVIDERS.remove(name);
        config.getRegistry().forEach(registry -> RegistryFactory.getRegistry(registry).unRegister(config));
        config.getServer().forEach(ServerConfig::destroy);
    }

    /** {"name", "registry", "version"?, "uniqueId"?, "timeout"?, "loadBalancer"?}: a consumer; it need not find anybody yet. */
    private static void refer(String name, JsonNode command) {
        ConsumerConfig<GreetService> config = new ConsumerConfig<GreetService>().setInterfaceId(GreetService.class.getName())
            .setApplication(new ApplicationConfig().setAppName("java-consumer")).setProtocol("bolt")
            .setRegistry(registry(command)).setVersion(command.path("version").asText("1.0"))
            .setTimeout(command.path("timeout").asInt(3000)).setConnectTimeout(3000).setRetries(0).setCheck(false)
            .setInJVM(false).setRepeatedReferLimit(-1).setReconnectPeriod(1000);
        if (command.has("uniqueId")) {
            config.setUniqueId(command.get("uniqueId").asText());
        }
        if (command.has("loadBalancer")) {
            config.setLoadBalancer(command.get("loadBalancer").asText());
        }
        PROXIES.put(name, config.refer());
        CONSUMERS.put(name, config);
    }

    /** {"name"}: the addresses that a consumer was told of, `host:port weight`. */
    private static JsonNode known(String name) {
        ArrayNode out = Lines.JSON.createArrayNode();
        List<ProviderGroup> groups = CONSUMERS.get(name).getConsumerBootstrap().getCluster().getAddressHolder().getProviderGroups();
        for (ProviderGroup group : groups) {
            for (ProviderInfo provider : group.getProviderInfos()) {
                out.add(provider.getHost() + ":" + provider.getPort() + " " + provider.getWeight());
            }
        }
        return out;
    }

    /** {"name", "times"?}: so many calls of a consumer, one after another; how often each provider or exception answered. */
    private static JsonNode call(String name, int times) {
        ObjectNode out = Lines.JSON.createObjectNode();
        for (int i = 0; i < times; i++) {
            String answer;
            try {
                answer = PROXIES.get(name).greet("Java").replaceFirst(" greets .*", "");
            } catch (RuntimeException e) {
                answer = e.getClass().getSimpleName() + ": " + e.getMessage();
            }
            out.put(answer, out.path(answer).asInt() + 1);
        }
        return out;
    }
}
