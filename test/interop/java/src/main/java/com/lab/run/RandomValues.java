package com.lab.run;

import com.lab.Animal;
import com.lab.Cat;
import com.lab.Dog;
import com.lab.Puppy;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Random values of a Java type, by reflection. A value used twice is sometimes the same object. */
final class RandomValues {
    private static final int DEEP = 4;

    private final Random random;
    private final Map<Type, List<Object>> earlier = new HashMap<>();

    RandomValues(Random random) {
        this.random = random;
    }

    Object of(Type type, int depth) throws Exception {
        return of(type, depth, Map.of());
    }

    private Object of(Type type, int depth, Map<String, Type> bound) throws Exception {
        if (type instanceof TypeVariable) {
            return of(bound.get(((TypeVariable<?>) type).getName()), depth, bound);
        }
        if (type instanceof ParameterizedType) {
            return parameterized((ParameterizedType) type, depth, bound);
        }
        if (type instanceof GenericArrayType) {
            throw new IllegalArgumentException("generic array " + type);
        }
        Class<?> cls = (Class<?>) type;
        if (!cls.isPrimitive() && depth > 0 && random.nextInt(6) == 0) {
            return null;
        }
        if (cls.isArray() && cls != byte[].class) {
            Object out = Array.newInstance(cls.getComponentType(), size(depth));
            for (int i = 0; i < Array.getLength(out); i++) {
                Array.set(out, i, of(cls.getComponentType(), depth + 1, bound));
            }
            return out;
        }
        if (cls.isEnum()) {
            return pick(cls.getEnumConstants());
        }
        Object plain = plain(cls);
        return plain != null ? plain : object(cls, depth, bound);
    }

    private Object parameterized(ParameterizedType type, int depth, Map<String, Type> bound) throws Exception {
        Class<?> raw = (Class<?>) type.getRawType();
        Type[] args = type.getActualTypeArguments();
        if (raw == Class.class) {
            return pick(String.class, int.class, Dog.class, int[].class);
        }
        if (depth > 0 && random.nextInt(6) == 0) {
            return null;
        }
        if (raw == Optional.class) {
            return Optional.ofNullable(of(args[0], depth + 1, bound));
        }
        if (Collection.class.isAssignableFrom(raw)) {
            List<Object> out = new ArrayList<>();
            for (int i = size(depth); i > 0; i--) {
                // A TreeSet takes no null.
                out.add(of(args[0], raw == TreeSet.class ? 0 : depth + 1, bound));
            }
            return raw == LinkedList.class ? new LinkedList<>(out)
                : raw == TreeSet.class ? new TreeSet<>(out)
                    : raw == Set.class ? new HashSet<>(out) : out;
        }
        if (Map.class.isAssignableFrom(raw)) {
            Map<Object, Object> out = raw == TreeMap.class ? new TreeMap<>()
                : random.nextBoolean() ? new HashMap<>() : new LinkedHashMap<>();
            for (int i = size(depth); i > 0; i--) {
                Object key = of(args[0], 0, bound);
                out.put(key, of(args[1], depth + 1, bound));
            }
            return out;
        }
        Map<String, Type> inner = new HashMap<>();
        for (int i = 0; i < args.length; i++) {
            inner.put(raw.getTypeParameters()[i].getName(), args[i]);
        }
        return object(raw, depth, inner);
    }

    private Object object(Class<?> type, int depth, Map<String, Type> bound) throws Exception {
        if (type == Animal.class) {
            type = (Class<?>) pick(Dog.class, Puppy.class, Cat.class);
        }
        if (type == Object.class) {
            type = (Class<?>) pick(String.class, Integer.class, Long.class, Double.class, Boolean.class);
            return of(type, 0, bound);
        }
        if (depth > DEEP) {
            return null;
        }
        List<Object> known = earlier.computeIfAbsent(type, k -> new ArrayList<>());
        if (!known.isEmpty() && random.nextInt(4) == 0) {
            return known.get(random.nextInt(known.size()));
        }
        Object out = type.getDeclaredConstructor().newInstance();
        known.add(out);
        for (Field field : Canonical.fields(type, Object.class)) {
            field.set(out, of(field.getGenericType(), depth + 1, bound));
        }
        return out;
    }

    private Object plain(Class<?> type) {
        switch (type.getName()) {
            case "int":
            case "java.lang.Integer":
                return integer();
            case "long":
            case "java.lang.Long":
                return longValue();
            case "short":
            case "java.lang.Short":
                return (short) random.nextInt();
            case "byte":
            case "java.lang.Byte":
                return (byte) random.nextInt();
            case "float":
            case "java.lang.Float":
                return random.nextBoolean() ? (float) random.nextInt(100) / 4 : Float.intBitsToFloat(random.nextInt() & 0x7f7fffff);
            case "double":
            case "java.lang.Double":
                return doubleValue();
            case "boolean":
            case "java.lang.Boolean":
                return random.nextBoolean();
            case "char":
            case "java.lang.Character":
                return (char) (random.nextBoolean() ? 32 + random.nextInt(90) : 0x4e00 + random.nextInt(0x5000));
            case "java.lang.String":
                return text();
            case "[B":
                byte[] bytes = new byte[random.nextInt(8) == 0 ? 30000 + random.nextInt(40000) : random.nextInt(40)];
                random.nextBytes(bytes);
                return bytes;
            case "java.util.Date":
                return new Date(random.nextLong() % 8640000000000000L);
            case "java.sql.Date":
                return new java.sql.Date(random.nextLong() % 8640000000000000L);
            case "java.sql.Time":
                return new java.sql.Time(random.nextInt(86_400_000));
            case "java.sql.Timestamp":
                return new java.sql.Timestamp(random.nextLong() % 8640000000000L);
            case "java.math.BigDecimal":
                return new BigDecimal(new BigInteger(random.nextInt(120), random), random.nextInt(40) - 10);
            case "java.math.BigInteger":
                BigInteger big = new BigInteger(random.nextInt(300), random);
                return random.nextBoolean() ? big : big.negate();
            case "java.util.UUID":
                return new UUID(random.nextLong(), random.nextLong());
            case "java.util.Locale":
                return pick(Locale.CHINA, Locale.ENGLISH, Locale.FRANCE, new Locale("pt", "BR"));
            case "java.util.Currency":
                return Currency.getInstance((String) pick("CNY", "USD", "EUR", "JPY"));
            default:
                return type.getName().startsWith("java.time.") ? time(type) : null;
        }
    }

    private Object time(Class<?> type) {
        LocalDate date = LocalDate.ofEpochDay(random.nextInt(2_000_000) - 700_000);
        LocalTime time = LocalTime.ofNanoOfDay(Math.floorMod(random.nextLong(), 86_400_000_000_000L));
        ZoneOffset offset = ZoneOffset.ofTotalSeconds((random.nextInt(145) - 72) * 900);
        switch (type.getSimpleName()) {
            case "LocalDate":
                return date;
            case "LocalTime":
                return time;
            case "LocalDateTime":
                return LocalDateTime.of(date, time);
            case "Instant":
                return Instant.ofEpochSecond(random.nextLong() % 100_000_000_000L, random.nextInt(1_000_000_000));
            case "Duration":
                return Duration.ofSeconds(random.nextLong() % 1_000_000_000L, random.nextInt(1_000_000_000));
            case "Period":
                return Period.of(random.nextInt(200) - 100, random.nextInt(30) - 15, random.nextInt(80) - 40);
            case "Year":
                return Year.of(random.nextInt(20000) - 9000);
            case "YearMonth":
                return YearMonth.from(date);
            case "MonthDay":
                return MonthDay.from(date);
            case "ZoneId":
                return pick(ZoneId.of("Asia/Shanghai"), ZoneId.of("Europe/Paris"), ZoneId.of("America/New_York"));
            case "ZoneOffset":
                return offset;
            case "OffsetTime":
                return OffsetTime.of(time, offset);
            case "OffsetDateTime":
                return OffsetDateTime.of(date, time, offset);
            case "ZonedDateTime":
                return ZonedDateTime.of(date, time, (ZoneId) pick(ZoneId.of("Asia/Shanghai"), ZoneId.of("America/New_York"), offset));
            default:
                throw new IllegalArgumentException(type.getName());
        }
    }

    private int integer() {
        return random.nextInt() >> random.nextInt(32);
    }

    private long longValue() {
        return random.nextLong() >> random.nextInt(64);
    }

    private double doubleValue() {
        switch (random.nextInt(3)) {
            case 0:
                return integer();
            case 1:
                return random.nextGaussian() * 1e6;
            default:
                double any = Double.longBitsToDouble(random.nextLong());
                return any == 0 || Double.isNaN(any) ? 0.5 : any;
        }
    }

    private String text() {
        int length = random.nextInt(40) == 0 ? 32740 + random.nextInt(60) : random.nextInt(40);
        StringBuilder out = new StringBuilder();
        while (out.length() < length) {
            switch (random.nextInt(4)) {
                case 0:
                    out.append((char) (0x4e00 + random.nextInt(0x5000)));
                    break;
                case 1:
                    out.appendCodePoint(0x1f600 + random.nextInt(60));
                    break;
                default:
                    out.append((char) (random.nextInt(0x250)));
            }
        }
        return out.toString();
    }

    private int size(int depth) {
        return depth > DEEP ? 0 : random.nextInt(20) == 0 ? random.nextInt(300 >> (2 * depth)) : random.nextInt(5);
    }

    private Object pick(Object... values) {
        return values[random.nextInt(values.length)];
    }
}
