package com.lab.run;

import com.alipay.sofa.rpc.codec.sofahessian.SingleClassLoaderSofaSerializerFactory;
import com.caucho.hessian.io.Hessian2Input;
import com.caucho.hessian.io.Hessian2Output;
import com.caucho.hessian.io.SerializerFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.lab.ValueService;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Random;

/** The real Hessian library as the judge of bytes: SOFARPC's own serializer factory, and nothing else of SOFARPC. */
final class Judge {
    private static final SerializerFactory FACTORY = new SingleClassLoaderSofaSerializerFactory();

    private Judge() {
    }

    /** {"items": [{"hex", "type"?}]}: each as canonical JSON, and as Java writes it again. */
    static JsonNode decode(JsonNode command) throws IOException {
        ArrayNode out = Lines.JSON.createArrayNode();
        for (JsonNode item : command.get("items")) {
            ObjectNode answer = out.addObject();
            try {
                Object value = read(Canonical.unhex(item.get("hex").asText()), item.path("type").asText(null));
                answer.set("json", Canonical.of(value));
                answer.put("again", Canonical.hex(write(value)));
            } catch (Throwable e) {
                answer.put("error", e.getClass().getName() + ": " + e.getMessage());
            }
        }
        return out;
    }

    /** {"type", "seed", "count"}: random values of the type that makeX of ValueService returns. */
    static JsonNode random(JsonNode command) throws Exception {
        ArrayNode out = Lines.JSON.createArrayNode();
        Method method = ValueService.class.getMethod("make" + command.get("type").asText(), String.class);
        Random random = new Random(command.get("seed").asLong());
        for (int i = 0; i < command.get("count").asInt(); i++) {
            Object value = new RandomValues(random).of(method.getGenericReturnType(), 0);
            ObjectNode answer = out.addObject();
            answer.put("hex", Canonical.hex(write(value)));
            answer.set("json", Canonical.of(value));
        }
        return out;
    }

    static byte[] write(Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Hessian2Output output = new Hessian2Output(bytes);
        output.setSerializerFactory(FACTORY);
        output.writeObject(value);
        output.flush();
        return bytes.toByteArray();
    }

    private static Object read(byte[] bytes, String type) throws Exception {
        ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        Hessian2Input input = new Hessian2Input(in);
        input.setSerializerFactory(FACTORY);
        if (type == null) {
            return input.readObject();
        }
        return input.readObject(ValueService.class.getMethod("make" + type, String.class).getReturnType());
    }
}
