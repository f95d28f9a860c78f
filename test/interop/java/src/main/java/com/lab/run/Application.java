package com.lab.run;

import com.fasterxml.jackson.databind.JsonNode;

/** An application as there are most: a provider and a consumer in one process. It takes the commands of Provider and Peer. */
final class Application {
    private Application() {
    }

    static void main() throws Exception {
        System.setProperty("invoke.baggage.enable", "true");
        Lines lines = new Lines();
        Provider provider = new Provider();
        lines.print(Lines.JSON.createObjectNode().put("ready", true));
        lines.serve(command -> run(provider, command));
    }

    private static JsonNode run(Provider provider, JsonNode command) throws Throwable {
        switch (command.get("cmd").asText()) {
            case "start":
            case "withdraw":
            case "stop":
                return provider.run(command);
            default:
                return Peer.run(command);
        }
    }
}
