package com.lab.run;

import com.alipay.remoting.InvokeContext;
import com.alipay.remoting.Url;
import com.alipay.remoting.rpc.RpcClient;
import com.alipay.sofa.rpc.codec.bolt.SofaRpcSerializationRegister;
import com.alipay.sofa.rpc.core.request.SofaRequest;
import com.alipay.sofa.rpc.core.response.SofaResponse;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.lab.Person;

import java.util.HashMap;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

/** Below SOFARPC: Java's Bolt client with the protocol version of one's choice. */
final class Bolt {
    private static RpcClient client;

    private Bolt() {
    }

    private static synchronized RpcClient client() {
        if (client == null) {
            new SofaRpcSerializationRegister().doRegisterCustomSerializer();
            client = new RpcClient();
            client.startup();
        }
        return client;
    }

    /** {"address", "protocol": 1 | 2, "version": 1 | 2, "crc", "kind", "calls"}: describe(person) over frames of that form. */
    static JsonNode call(JsonNode command) throws Exception {
        String[] address = command.get("address").asText().split(":");
        // Each call of this command has a connection pool of its own: the first frame fixes a connection's protocol.
        String key = "call" + UNIQUE.incrementAndGet() + "/" + command.get("address").asText();
        Url url = new Url(key, address[0], Integer.parseInt(address[1]), key, new Properties());
        url.setConnectTimeout(3000);
        url.setConnNum(1);
        url.setProtocol((byte) command.path("protocol").asInt(1));
        url.setVersion((byte) command.path("version").asInt(1));
        ArrayNode out = Lines.JSON.createArrayNode();
        for (int i = 0; i < command.path("calls").asInt(1); i++) {
            Person person = Values.person(command.path("kind").asText("full"));
            person.age = i;
            InvokeContext context = new InvokeContext();
            context.put(InvokeContext.BOLT_CRC_SWITCH, command.path("crc").asBoolean());
            SofaResponse response = (SofaResponse) client().invokeSync(url, request(person), context, 5000);
            if (response.isError() || response.getAppResponse() instanceof Throwable) {
                out.add(response.isError() ? response.getErrorMsg() : response.getAppResponse().toString());
                continue;
            }
            if (!People.text(person).equals(response.getAppResponse())) {
                throw new Lines.Wrong("expected " + People.text(person) + " got " + response.getAppResponse());
            }
            out.add(String.valueOf(response.getAppResponse()));
        }
        return out;
    }

    private static final AtomicInteger UNIQUE = new AtomicInteger();

    private static SofaRequest request(Person person) {
        SofaRequest out = new SofaRequest();
        out.setInterfaceName("com.lab.PeopleService");
        out.setTargetServiceUniqueName("com.lab.PeopleService:1.0");
        out.setTargetAppName("java-consumer");
        out.setMethodName("describe");
        out.setMethodArgSigs(new String[] {"com.lab.Person"});
        out.setMethodArgs(new Object[] {person});
        out.addRequestProp("props", new HashMap<String, String>());
        return out;
    }
}
