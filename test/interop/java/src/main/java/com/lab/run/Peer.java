package com.lab.run;

import com.alipay.sofa.rpc.core.request.SofaRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.lab.SlowService;
import com.lab.ValueService;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The Java caller and the judge, driven by lines on stdin. */
final class Peer {
    private Peer() {
    }

    static void main() throws Exception {
        System.setProperty("invoke.baggage.enable", "true");
        Lines lines = new Lines();
        lines.print(Lines.JSON.createObjectNode().put("ready", true));
        lines.serve(Peer::run);
    }

    static JsonNode run(JsonNode command) throws Throwable {
        switch (command.get("cmd").asText()) {
            case "types":
                return types();
            case "make":
                return make(command);
            case "check":
                return check(command);
            case "case":
                return Cases.run(command.get("name").asText(), Caller.at(command.get("address").asText()));
            case "cases":
                return Lines.JSON.valueToTree(Cases.names());
            case "call":
                return call(command);
            case "load":
                return load(command);
            case "forget":
                Caller.forget(command.get("address").asText());
                return Lines.JSON.getNodeFactory().nullNode();
            case "bolt":
                return Bolt.call(command);
            case "decode":
                return Judge.decode(command);
            case "random":
                return Judge.random(command);
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private static JsonNode types() {
        ObjectNode out = Lines.JSON.createObjectNode();
        for (String type : Values.types()) {
            out.set(type, Lines.JSON.valueToTree(Values.kinds(type)));
        }
        return out;
    }

    /** Every kind of a type: what the other side made must be what Java makes. */
    private static JsonNode make(JsonNode command) throws Throwable {
        String type = command.get("type").asText();
        ValueService values = Caller.at(command.get("address").asText()).service(ValueService.class);
        Method method = ValueService.class.getMethod("make" + type, String.class);
        ArrayNode out = Lines.JSON.createArrayNode();
        for (String kind : Values.kinds(type)) {
            String difference = Canonical.difference(Values.make(type, kind), invoke(method, values, kind));
            if (!difference.equals("ok")) {
                throw new Lines.Wrong(type + "/" + kind + ": " + difference);
            }
            out.add(kind);
        }
        return out;
    }

    /** Every kind of a type: the other side compares Java's value with its own. */
    private static JsonNode check(JsonNode command) throws Throwable {
        String type = command.get("type").asText();
        ValueService values = Caller.at(command.get("address").asText()).service(ValueService.class);
        ArrayNode out = Lines.JSON.createArrayNode();
        for (Method method : ValueService.class.getMethods()) {
            if (method.getName().equals("check" + type)) {
                for (String kind : Values.kinds(type)) {
                    Object answer = invoke(method, values, kind, Values.make(type, kind));
                    if (!"ok".equals(answer)) {
                        throw new Lines.Wrong(type + "/" + kind + ": " + answer);
                    }
                    out.add(kind);
                }
            }
        }
        return out;
    }

    /**
     * {"address", "service", "method", "args": [..], "version"?, "uniqueId"?, "timeout"?, "invokeType"?, "serialization"?,
     * "rename"?, "drop"?}: a plain call with plain arguments; the canonical result, or what was thrown. "rename" and "drop"
     * change the method's name and leave arguments out behind the back of Java's proxy.
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static JsonNode call(JsonNode command) throws Throwable {
        Class<?> type = Class.forName(command.get("service").asText());
        JsonNode args = command.path("args");
        Method method = null;
        for (Method candidate : type.getMethods()) {
            if (candidate.getName().equals(command.get("method").asText()) && candidate.getParameterCount() == args.size()) {
                method = candidate;
            }
        }
        Type[] types = method.getGenericParameterTypes();
        Object[] values = new Object[args.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Lines.JSON.convertValue(args.get(i), Lines.JSON.getTypeFactory().constructType(types[i]));
        }
        String flavour = command.path("version") + " " + command.path("uniqueId") + " " + command.path("timeout") + " "
            + command.path("serialization") + " " + command.path("rename") + " " + command.path("drop");
        Object proxy = Caller.at(command.get("address").asText()).service((Class) type, flavour, config -> {
            config.setVersion(command.path("version").asText("1.0"));
            if (command.has("uniqueId")) {
                config.setUniqueId(command.get("uniqueId").asText());
            }
            config.setTimeout(command.path("timeout").asInt(10000));
            if (command.has("serialization")) {
                config.setSerialization(command.get("serialization").asText());
            }
            if (command.has("rename") || command.has("drop")) {
                config.setFilterRef(Values.list(bend(command)));
            }
        });
        return Canonical.of(invoke(method, proxy, values));
    }

    private static com.alipay.sofa.rpc.filter.Filter bend(JsonNode command) {
        return new com.alipay.sofa.rpc.filter.Filter() {
            @Override
            public com.alipay.sofa.rpc.core.response.SofaResponse invoke(com.alipay.sofa.rpc.filter.FilterInvoker invoker,
                                                                         SofaRequest request) {
                if (command.has("rename")) {
                    request.setMethodName(command.get("rename").asText());
                }
                if (command.has("drop")) {
                    request.setMethodArgs(new Object[0]);
                }
                return invoker.invoke(request);
            }
        };
    }

    /** {"address", "calls", "concurrency"}: so many calls of overtake(n) on one connection; each answer is n + 1. */
    private static JsonNode load(JsonNode command) throws Exception {
        SlowService slow = Caller.at(command.get("address").asText()).service(SlowService.class);
        int calls = command.get("calls").asInt();
        int concurrency = command.get("concurrency").asInt();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger right = new AtomicInteger();
        AtomicInteger latest = new AtomicInteger();
        AtomicInteger overtaken = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(concurrency);
        StringBuffer faults = new StringBuffer();
        for (int t = 0; t < concurrency; t++) {
            new Thread(() -> {
                for (int n = next.getAndIncrement(); n < calls; n = next.getAndIncrement()) {
                    try {
                        int answer = slow.overtake(n);
                        if (answer == n + 1) {
                            right.incrementAndGet();
                        } else {
                            faults.append(n).append(" got ").append(answer).append("; ");
                        }
                        if (latest.getAndAccumulate(n, Math::max) > n) {
                            overtaken.incrementAndGet();
                        }
                    } catch (Throwable e) {
                        faults.append(n).append(" threw ").append(e).append("; ");
                    }
                }
                done.countDown();
            }).start();
        }
        done.await();
        if (faults.length() > 0) {
            throw new Lines.Wrong(faults.substring(0, Math.min(faults.length(), 2000)));
        }
        return Lines.JSON.createObjectNode().put("right", right.get()).put("overtaken", overtaken.get());
    }


    private static Object invoke(Method method, Object target, Object... args) throws Throwable {
        try {
            return method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
