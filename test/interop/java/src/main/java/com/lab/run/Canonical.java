package com.lab.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A Java value as canonical JSON: {"c": class, "v" | "e" | "kv" | "f" | "enum"}, objects numbered by id, {"ref": id} back.
 * The loose form forgets which List, Set or Map class it was and sorts what has no order, so that two values built on two
 * sides can be compared.
 */
final class Canonical {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int LONG_VALUE = 4096;

    private final boolean loose;
    private final IdentityHashMap<Object, Integer> ids = new IdentityHashMap<>();

    private Canonical(boolean loose) {
        this.loose = loose;
    }

    static JsonNode of(Object value) {
        return new Canonical(false).write(value);
    }

    static JsonNode loose(Object value) {
        return new Canonical(true).write(value);
    }

    /** "ok", or what differs. */
    static String difference(Object expected, Object actual) {
        String want = loose(expected).toString();
        String got = loose(actual).toString();
        if (want.equals(got)) {
            return "ok";
        }
        int at = 0;
        while (at < want.length() && at < got.length() && want.charAt(at) == got.charAt(at)) {
            at++;
        }
        int from = Math.max(0, at - 60);
        return "expected .." + want.substring(from, Math.min(want.length(), at + 120)) + ".. got .."
            + got.substring(from, Math.min(got.length(), at + 120)) + "..";
    }

    private JsonNode write(Object value) {
        if (value == null) {
            return JSON.nullNode();
        }
        Class<?> type = value.getClass();
        ObjectNode out = JSON.objectNode();
        if (value instanceof Enum) {
            return out.put("c", ((Enum<?>) value).getDeclaringClass().getName()).put("enum", ((Enum<?>) value).name());
        }
        out.put("c", type.getName());
        if (value instanceof Boolean) {
            return out.put("v", (Boolean) value);
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return out.put("v", ((Number) value).intValue());
        }
        if (value instanceof Double) {
            return out.put("v", value.toString()).put("bits", String.format("%016x", Double.doubleToLongBits((Double) value)));
        }
        if (value instanceof Float) {
            return out.put("v", value.toString()).put("bits", String.format("%08x", Float.floatToIntBits((Float) value)));
        }
        if (value instanceof String) {
            return text(out, (String) value);
        }
        if (value instanceof byte[]) {
            return bytes(out, (byte[]) value);
        }
        if (value instanceof Date) {
            return out.put("v", Long.toString(((Date) value).getTime()));
        }
        if (value instanceof Class) {
            return out.put("v", ((Class<?>) value).getName());
        }
        if (value instanceof Optional) {
            out.set("v", write(((Optional<?>) value).orElse(null)));
            return out;
        }
        if (isPlain(value, type)) {
            return out.put("v", value.toString());
        }
        Integer seen = ids.get(value);
        if (seen != null) {
            return JSON.objectNode().put("ref", seen);
        }
        ids.put(value, ids.size());
        out.put("id", ids.get(value));
        if (type.isArray()) {
            ArrayNode elements = out.putArray("e");
            for (int i = 0; i < Array.getLength(value); i++) {
                elements.add(write(Array.get(value, i)));
            }
            return out;
        }
        if (value instanceof Collection) {
            return collection(out, (Collection<?>) value);
        }
        if (value instanceof Map) {
            return map(out, (Map<?, ?>) value);
        }
        if (value instanceof Throwable) {
            return throwable(out, (Throwable) value);
        }
        ObjectNode fields = out.putObject("f");
        for (Field field : fields(type, Object.class)) {
            fields.set(field.getName(), write(get(field, value)));
        }
        return out;
    }

    private JsonNode text(ObjectNode out, String value) {
        if (value.length() <= LONG_VALUE) {
            return out.put("v", value);
        }
        return out.put("len", value.length()).put("sha256utf16be", sha256(value.getBytes(StandardCharsets.UTF_16BE)))
            .put("head", value.substring(0, 16));
    }

    private JsonNode bytes(ObjectNode out, byte[] value) {
        if (value.length <= LONG_VALUE) {
            return out.put("v", hex(value));
        }
        return out.put("len", value.length).put("sha256", sha256(value));
    }

    private JsonNode collection(ObjectNode out, Collection<?> value) {
        List<JsonNode> elements = new ArrayList<>();
        for (Object element : value) {
            elements.add(write(element));
        }
        if (loose) {
            out.put("c", value instanceof Set ? "Set" : "List");
            if (value instanceof Set) {
                elements.sort((a, b) -> a.toString().compareTo(b.toString()));
            }
        }
        out.putArray("e").addAll(elements);
        return out;
    }

    private JsonNode map(ObjectNode out, Map<?, ?> value) {
        Iterable<? extends Map.Entry<?, ?>> entries = value.entrySet();
        if (loose) {
            out.put("c", "Map");
            TreeMap<String, Map.Entry<?, ?>> sorted = new TreeMap<>();
            for (Map.Entry<?, ?> entry : value.entrySet()) {
                sorted.put(loose(entry.getKey()).toString(), entry);
            }
            entries = sorted.values();
        }
        ArrayNode pairs = out.putArray("kv");
        for (Map.Entry<?, ?> entry : entries) {
            JsonNode key = write(entry.getKey());
            pairs.addArray().add(key).add(write(entry.getValue()));
        }
        return out;
    }

    private JsonNode throwable(ObjectNode out, Throwable value) {
        StackTraceElement[] stack = value.getStackTrace();
        out.put("message", value.getMessage());
        out.set("cause", write(value.getCause()));
        out.put("stack", stack.length).put("top", stack.length == 0 ? null : stack[0].toString());
        out.put("suppressed", value.getSuppressed().length);
        ObjectNode fields = out.putObject("f");
        for (Field field : fields(value.getClass(), Throwable.class)) {
            fields.set(field.getName(), write(get(field, value)));
        }
        return out;
    }

    /** JDK values that say all they are in toString. */
    private static boolean isPlain(Object value, Class<?> type) {
        if (value instanceof Collection || value instanceof Map || value instanceof Throwable || type.isArray()) {
            return false;
        }
        return type.getName().startsWith("java.");
    }

    /** The derived class's fields first, as Hessian writes them. */
    static List<Field> fields(Class<?> type, Class<?> end) {
        List<Field> out = new ArrayList<>();
        for (Class<?> at = type; at != null && at != end; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !Modifier.isTransient(field.getModifiers())
                    && !at.getName().startsWith("java.")) {
                    field.setAccessible(true);
                    out.add(field);
                }
            }
        }
        return out;
    }

    static Object get(Field field, Object owner) {
        try {
            return field.get(owner);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return hex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static String hex(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length * 2);
        for (byte b : bytes) {
            out.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return out.toString();
    }

    static byte[] unhex(String hex) {
        byte[] out = new byte[hex.length() / 2];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return out;
    }
}
