package com.lab.run;

import com.alipay.sofa.rpc.config.ApplicationConfig;
import com.alipay.sofa.rpc.config.ProviderConfig;
import com.alipay.sofa.rpc.config.ServerConfig;
import com.alipay.sofa.rpc.registry.RegistryFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.lab.ContextService;
import com.lab.FaultService;
import com.lab.GraphService;
import com.lab.GreetService;
import com.lab.JsonService;
import com.lab.NoteService;
import com.lab.OrderService;
import com.lab.PeopleService;
import com.lab.SlowService;
import com.lab.ValueService;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Exports every service on one port, and a few on ports with another temper: "busy" has one thread and no queue. */
final class Provider {
    private static final String LOOPBACK = "127.0.0.1";

    private final Map<String, ServerConfig> servers = new ConcurrentHashMap<>();
    private final Map<String, List<ProviderConfig<?>>> published = new ConcurrentHashMap<>();

    static void main() throws Exception {
        System.setProperty("invoke.baggage.enable", "true");
        Lines lines = new Lines();
        Provider provider = new Provider();
        ObjectNode ready = Lines.JSON.createObjectNode();
        ObjectNode ports = ready.putObject("ready");
        ports.put("main", provider.start("main", server().setMaxThreads(400).setCoreThreads(32), null));
        ports.put("busy", provider.start("busy", server().setMaxThreads(1).setCoreThreads(1).setQueues(0), null));
        lines.print(ready);
        lines.serve(provider::run);
    }

    /**
     * {"cmd": "start", "name", "host"?, "port"?, "registry"?}: every service on a port more, and in a registry (Registries).
     * {"cmd": "stop", "name"}: the end of both; {"cmd": "withdraw", "name"}: of what is in the registry.
     */
    JsonNode run(JsonNode command) throws Exception {
        String name = command.path("name").asText();
        switch (command.get("cmd").asText()) {
            case "start":
                String host = command.path("host").asText(LOOPBACK);
                ServerConfig server = server(host, command.path("port").asInt(freePort(host))).setStopTimeout(10000);
                return Lines.JSON.getNodeFactory().numberNode(start(name, server, command.path("registry").asText(null)));
            case "withdraw":
                withdraw(name);
                return Lines.JSON.getNodeFactory().nullNode();
            case "stop":
                withdraw(name);
                servers.get(name).destroy();
                return Lines.JSON.getNodeFactory().textNode("stopped");
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private static int freePort(String host) throws Exception {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return probe.getLocalPort();
        }
    }

    private static ServerConfig server() throws Exception {
        return server(LOOPBACK, freePort(LOOPBACK));
    }

    private static ServerConfig server(String host, int port) {
        // Published is the virtual address: a loopback address would be replaced by that of a network card.
        return new ServerConfig().setProtocol("bolt").setBoundHost(host).setHost(host).setPort(port)
            .setVirtualHost(host).setVirtualPort(port).setDaemon(true);
    }

    private void withdraw(String name) {
        // Not unExport(): it forgets the methods of the service on every port of this JVM.
        List<ProviderConfig<?>> configs = published.remove(name);
        if (configs != null) {
            for (ProviderConfig<?> config : configs) {
                config.getRegistry().forEach(registry -> RegistryFactory.getRegistry(registry).unRegister(config));
            }
        }
    }

    private int start(String name, ServerConfig server, String registry) {
        servers.put(name, server);
        ValueService values = (ValueService) Proxy.newProxyInstance(Provider.class.getClassLoader(),
            new Class<?>[] {ValueService.class}, (proxy, method, args) -> {
                String verb = method.getName();
                if (verb.startsWith("make")) {
                    return Values.make(verb.substring(4), (String) args[0]);
                }
                if (verb.startsWith("check")) {
                    return Canonical.difference(Values.make(verb.substring(5), (String) args[0]), args[1]);
                }
                return method.getDeclaringClass() == Object.class ? method.invoke(values(), args) : null;
            });
        export(name, registry, ValueService.class, values, "1.0", null);
        export(name, registry, PeopleService.class, new People(), "1.0", null);
        export(name, registry, GraphService.class, new Graphs(), "1.0", null);
        export(name, registry, FaultService.class, new Faults(), "1.0", null);
        export(name, registry, SlowService.class, new Slow(), "1.0", null);
        export(name, registry, NoteService.class, new Others.Notes(), "1.0", null);
        export(name, registry, GreetService.class, new Others.Greeter("plain"), "1.0", null);
        export(name, registry, GreetService.class, new Others.Greeter("blue"), "1.0", "blue");
        export(name, registry, GreetService.class, new Others.Greeter("second"), "2.0", null);
        export(name, registry, ContextService.class, new Others.Context(), "1.0", null);
        export(name, registry, JsonService.class, new Others.Json(), "1.0", null);
        export(name, registry, OrderService.class, new Others.Orders(), "1.0", null);
        return server.getPort();
    }

    private static Object values() {
        return Values.class;
    }

    private <T> void export(String server, String registry, Class<T> type, T service, String version, String uniqueId) {
        ProviderConfig<T> config = new ProviderConfig<T>().setInterfaceId(type.getName()).setRef(service)
            .setApplication(new ApplicationConfig().setAppName("java-provider")).setServer(servers.get(server))
            .setVersion(version).setRegister(registry != null).setRepeatedExportLimit(-1)
            .setFilterRef(new ArrayList<>(List.of(new Others.Watch())));
        if (uniqueId != null) {
            config.setUniqueId(uniqueId);
        }
        if (registry != null) {
            config.setRegistry(Registries.at(registry));
            published.computeIfAbsent(server, name -> new ArrayList<>()).add(config);
        }
        config.export();
    }
}
