package com.lab.run;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One JSON object a line: {"id", "cmd", ..} in, {"id", "value" | "thrown" | "wrong"} out, answers in any order. Ends the JVM
 * when stdin ends, so that a test that dies leaves no process behind.
 */
final class Lines {
    static final ObjectMapper JSON = new ObjectMapper();

    interface Command {
        JsonNode run(JsonNode command) throws Throwable;
    }

    private final PrintStream out;

    /** Everything that libraries print goes to stderr: stdout belongs to the protocol. */
    Lines() {
        JSON.getFactory().configure(JsonGenerator.Feature.ESCAPE_NON_ASCII, true);
        out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.US_ASCII);
        System.setOut(System.err);
    }

    synchronized void print(JsonNode line) {
        out.println(line.isNull() ? "null" : text(line));
    }

    private static String text(JsonNode node) {
        try {
            return JSON.writeValueAsString(node);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    void serve(Command command) throws IOException {
        ExecutorService pool = Executors.newCachedThreadPool();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String text = line;
            pool.execute(() -> answer(command, text));
        }
        Runtime.getRuntime().halt(0);
    }

    private void answer(Command command, String text) {
        ObjectNode reply = JSON.createObjectNode();
        try {
            JsonNode request = JSON.readTree(text);
            reply.set("id", request.get("id"));
            reply.set("value", command.run(request));
        } catch (Wrong e) {
            reply.put("wrong", e.getMessage());
        } catch (Throwable e) {
            reply.set("thrown", thrown(e));
        }
        print(reply);
    }

    /** What a Java caller can see of an exception. */
    static JsonNode thrown(Throwable e) {
        ObjectNode out = JSON.createObjectNode();
        out.put("class", e.getClass().getName());
        out.put("message", e.getMessage());
        out.put("stack", e.getStackTrace().length);
        out.put("top", e.getStackTrace().length == 0 ? null : e.getStackTrace()[0].toString());
        if (e instanceof com.alipay.sofa.rpc.core.exception.SofaRpcException) {
            out.put("errorType", ((com.alipay.sofa.rpc.core.exception.SofaRpcException) e).getErrorType());
        } else {
            out.set("fields", Canonical.of(e).get("f"));
        }
        if (e.getCause() != null && e.getCause() != e) {
            out.set("cause", thrown(e.getCause()));
        }
        return out;
    }

    /** The other side answered, and Java disagrees with the answer. */
    static final class Wrong extends RuntimeException {
        Wrong(String message) {
            super(message);
        }
    }
}
