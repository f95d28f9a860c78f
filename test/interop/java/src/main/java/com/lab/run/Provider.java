package com.lab.run;

import com.alipay.sofa.rpc.config.ApplicationConfig;
import com.alipay.sofa.rpc.config.ProviderConfig;
import com.alipay.sofa.rpc.config.ServerConfig;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Exports every service on one port, and a few on ports with another temper: "busy" has one thread and no queue. */
final class Provider {
    private final Map<String, ServerConfig> servers = new LinkedHashMap<>();

    static void main() throws Exception {
        System.setProperty("invoke.baggage.enable", "true");
        Lines lines = new Lines();
        Provider provider = new Provider();
        ObjectNode ready = Lines.JSON.createObjectNode();
        ObjectNode ports = ready.putObject("ready");
        ports.put("main", provider.start("main", server().setMaxThreads(400).setCoreThreads(32)));
        ports.put("busy", provider.start("busy", server().setMaxThreads(1).setCoreThreads(1).setQueues(0)));
        lines.print(ready);
        lines.serve(provider::run);
    }

    private JsonNode run(JsonNode command) throws Exception {
        String name = command.path("name").asText();
        switch (command.get("cmd").asText()) {
            case "start":
                return Lines.JSON.getNodeFactory().numberNode(start(name, server().setStopTimeout(10000)));
            case "stop":
                // Not unExport(): it forgets the methods of the service on every port of this JVM.
                servers.get(name).destroy();
                return Lines.JSON.getNodeFactory().textNode("stopped");
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private static ServerConfig server() throws Exception {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return new ServerConfig().setProtocol("bolt").setBoundHost("127.0.0.1").setHost("127.0.0.1")
                .setPort(probe.getLocalPort()).setDaemon(true);
        }
    }

    private int start(String name, ServerConfig server) {
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
        export(name, ValueService.class, values, "1.0", null);
        export(name, PeopleService.class, new People(), "1.0", null);
        export(name, GraphService.class, new Graphs(), "1.0", null);
        export(name, FaultService.class, new Faults(), "1.0", null);
        export(name, SlowService.class, new Slow(), "1.0", null);
        export(name, NoteService.class, new Others.Notes(), "1.0", null);
        export(name, GreetService.class, new Others.Greeter("plain"), "1.0", null);
        export(name, GreetService.class, new Others.Greeter("blue"), "1.0", "blue");
        export(name, GreetService.class, new Others.Greeter("second"), "2.0", null);
        export(name, ContextService.class, new Others.Context(), "1.0", null);
        export(name, JsonService.class, new Others.Json(), "1.0", null);
        export(name, OrderService.class, new Others.Orders(), "1.0", null);
        return server.getPort();
    }

    private static Object values() {
        return Values.class;
    }

    private <T> void export(String server, Class<T> type, T service, String version, String uniqueId) {
        ProviderConfig<T> config = new ProviderConfig<T>().setInterfaceId(type.getName()).setRef(service)
            .setApplication(new ApplicationConfig().setAppName("java-provider")).setServer(servers.get(server))
            .setVersion(version).setRegister(false).setRepeatedExportLimit(-1)
            .setFilterRef(new ArrayList<>(List.of(new Others.Watch())));
        if (uniqueId != null) {
            config.setUniqueId(uniqueId);
        }
        config.export();
    }
}
