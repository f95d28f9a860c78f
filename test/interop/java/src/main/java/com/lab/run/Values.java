package com.lab.run;

import com.lab.Animal;
import com.lab.Boxes;
import com.lab.Cat;
import com.lab.Color;
import com.lab.Dog;
import com.lab.Grid;
import com.lab.Money;
import com.lab.Odd;
import com.lab.Page;
import com.lab.Pair;
import com.lab.Person;
import com.lab.Primitives;
import com.lab.Puppy;
import com.lab.Session;
import com.lab.Shape;
import com.lab.Size;
import com.lab.Times;
import com.lab.Zoo;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Time;
import java.sql.Timestamp;
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
import java.util.Arrays;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/** Java's own values of every type, by kind. The Node.js side holds the same table in its own words (values.ts). */
final class Values {
    private static final Map<String, Map<String, Supplier<Object>>> TABLE = new LinkedHashMap<>();

    private Values() {
    }

    static Object make(String type, String kind) {
        Map<String, Supplier<Object>> kinds = TABLE.get(type);
        if (kinds == null || !kinds.containsKey(kind)) {
            throw new IllegalArgumentException("no value " + type + "/" + kind);
        }
        return kinds.get(kind).get();
    }

    static Set<String> types() {
        return TABLE.keySet();
    }

    static Collection<String> kinds(String type) {
        return TABLE.get(type).keySet();
    }

    private static void put(String type, String kind, Supplier<Object> value) {
        TABLE.computeIfAbsent(type, k -> new LinkedHashMap<>()).put(kind, value);
    }

    /** Kinds a, b, c, .. of immutable values. */
    private static void all(String type, Object... values) {
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            put(type, String.valueOf((char) ('a' + i)), () -> value);
        }
    }

    private static void nullable(String type) {
        put(type, "null", () -> null);
    }

    static {
        all("Int", 0, 1, -1, 47, 48, -16, -17, 2047, 2048, -2049, 262143, 262144, -262145, Integer.MAX_VALUE,
            Integer.MIN_VALUE);
        all("Long", 0L, 1L, -1L, 15L, 16L, -9L, 2047L, -2049L, 262143L, -262145L, 2147483647L, 2147483648L, -2147483649L,
            9007199254740991L, 9007199254740993L, -9007199254740993L, Long.MAX_VALUE, Long.MIN_VALUE);
        all("Short", (short) 0, (short) -1, (short) 300, Short.MAX_VALUE, Short.MIN_VALUE);
        all("Byte", (byte) 0, (byte) -1, Byte.MAX_VALUE, Byte.MIN_VALUE);
        all("Float", 0f, 1.5f, -2.25f, 1.1f, Float.MAX_VALUE, Float.MIN_VALUE, Float.POSITIVE_INFINITY, Float.NaN);
        all("Double", 0.0, 1.0, -128.0, 32767.0, 0.1, 123.456, 12.25, 1.0E300, Double.MIN_VALUE,
            Double.NEGATIVE_INFINITY, Double.NaN, 9.007199254740992E15);
        all("Boolean", true, false);
        all("Char", 'A', '中', '\u0000', '\uffff');
        all("IntBox", 7, Integer.MIN_VALUE);
        all("LongBox", 7L, 9007199254740993L);
        all("ShortBox", (short) 7, (short) -300);
        all("ByteBox", (byte) 7, (byte) -7);
        all("FloatBox", 7.5f, -0.25f);
        all("DoubleBox", 7.5, 0.1);
        all("BooleanBox", true, false);
        all("CharBox", 'z', '文');
        all("String", "", "hello", "你好，世界", "😀 and 👩‍👩‍👧‍👦", "tab\tline\nnul\u0000end", text("border"), text("long"),
            "quote\"back\\slash", "\ufeffbom", text("border1"));
        put("Bytes", "a", () -> new byte[0]);
        put("Bytes", "b", () -> pattern(3));
        put("Bytes", "c", () -> pattern(70000));
        for (long ms : new long[] {0L, 1500000000123L, -1L, -62135596800000L, 253402300799999L, 1500000000000L}) {
            put("Date", String.valueOf((char) ('a' + (TABLE.get("Date") == null ? 0 : TABLE.get("Date").size()))),
                () -> new Date(ms));
        }
        all("BigDecimal", new BigDecimal("0"), new BigDecimal("12345678901234567890.1234567890"), new BigDecimal("-0.10"),
            new BigDecimal("1E+30"), new BigDecimal("1.00"));
        all("BigInteger", BigInteger.ZERO, new BigInteger("123456789012345678901234567890"), BigInteger.valueOf(-1),
            BigInteger.ONE.shiftLeft(200).negate(), BigInteger.valueOf(Long.MAX_VALUE));
        all("Uuid", UUID.fromString("123e4567-e89b-12d3-a456-426614174000"), new UUID(1, 2), new UUID(-1L, -1L));
        all("Locale", Locale.CHINA, Locale.ENGLISH, new Locale("pt", "BR"));
        all("Currency", Currency.getInstance("CNY"), Currency.getInstance("USD"));
        all("Class", Person.class, String.class, int.class, int[].class);
        all("Optional", Optional.of("present"), Optional.empty());
        all("Color", Color.RED, Color.GREEN, Color.BLUE);
        all("Size", Size.SMALL, Size.LARGE);
        all("Shape", Shape.ROUND, Shape.SQUARE);
        put("IntArray", "a", () -> new int[] {1, -1, Integer.MAX_VALUE});
        put("IntArray", "b", () -> new int[0]);
        put("LongArray", "a", () -> new long[] {1L, 9007199254740993L, Long.MIN_VALUE});
        put("ShortArray", "a", () -> new short[] {1, -300, Short.MAX_VALUE});
        put("FloatArray", "a", () -> new float[] {0.5f, 1.1f});
        put("DoubleArray", "a", () -> new double[] {0.5, 0.1, 1e300});
        put("BooleanArray", "a", () -> new boolean[] {true, false, true});
        put("CharArray", "a", () -> new char[] {'a', '中', 'z'});
        put("StringArray", "a", () -> new String[] {"a", null, "", "三"});
        put("StringArray", "b", () -> new String[0]);
        put("IntegerArray", "a", () -> new Integer[] {1, null, -7});
        put("DateArray", "a", () -> new Date[] {new Date(0), null, new Date(1500000000123L)});
        put("ObjectArray", "a", () -> new Object[] {1, "two", 3L, 4.5, true, null, person("bare")});
        put("PersonArray", "a", () -> new Person[] {person("full"), null, person("bare")});
        put("ColorArray", "a", () -> new Color[] {Color.BLUE, null, Color.RED, Color.RED});
        put("IntGrid", "a", () -> new int[][] {{1, 2}, {}, {3}});
        put("StringGrid", "a", () -> new String[][] {{"a"}, {"b", null}});
        put("BytesArray", "a", () -> new byte[][] {{1, 2}, {}, {-1}});
        put("IntList", "a", () -> list(1, -1, 300000, null));
        put("IntList", "b", ArrayList::new);
        put("LongList", "a", () -> list(1L, 9007199254740993L, -5L));
        put("StringList", "a", () -> list("x", "", null, "字"));
        put("StringList", "b", () -> {
            List<String> many = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                many.add("item " + i);
            }
            return many;
        });
        put("PersonList", "a", () -> list(person("full"), person("bare"), null));
        put("PersonList", "twice", () -> {
            Person again = person("bare");
            return list(person("full"), again, again);
        });
        put("ListList", "a", () -> list(list("a", "b"), new ArrayList<>(), list("c")));
        put("StringSet", "a", () -> set("red", "green", "blue"));
        put("StringSet", "b", LinkedHashSet::new);
        put("LongSet", "a", () -> set(1L, 9007199254740993L));
        put("ColorSet", "a", () -> set(Color.GREEN, Color.RED));
        put("StringMap", "a", () -> map("k", "v", "empty", "", "none", null, "键", "值"));
        put("StringMap", "b", HashMap::new);
        put("StringMap", "c", () -> map("__proto__", "p", "constructor", "c"));
        put("LongMap", "a", () -> map(1L, "one", 9007199254740993L, "big"));
        put("PersonMap", "a", () -> map("ann", person("full"), "nobody", null));
        put("ColorMap", "a", () -> map(Color.RED, 1, Color.BLUE, 3));
        put("ListMap", "a", () -> map("odd", list(1, 3), "none", new ArrayList<>()));
        for (String kind : new String[] {"full", "bare", "boss"}) {
            put("Person", kind, () -> person(kind));
        }
        put("Primitives", "a", () -> primitives());
        put("Primitives", "zero", Primitives::new);
        put("Boxes", "a", () -> boxes());
        put("Boxes", "nulls", Boxes::new);
        put("Times", "a", () -> times());
        put("Times", "nulls", Times::new);
        put("Grid", "a", () -> grid());
        put("Grid", "nulls", Grid::new);
        put("Money", "a", () -> money());
        put("Odd", "a", () -> odd());
        put("Odd", "nulls", Odd::new);
        put("Session", "a", () -> session());
        put("Dog", "a", () -> dog(new Dog(), "Rex", "Beagle"));
        put("Animal", "dog", () -> dog(new Dog(), "Rex", "Beagle"));
        put("Animal", "puppy", () -> puppy());
        put("Animal", "cat", () -> cat());
        put("Zoo", "a", () -> zoo());
        put("Pair", "same", () -> pair(true));
        put("Pair", "equal", () -> pair(false));
        put("PersonPage", "a", () -> page(list(person("full"), person("bare")), 17));
        put("PersonPage", "empty", () -> page(new ArrayList<>(), 0));
        all("LocalDate", LocalDate.of(2024, 2, 29), LocalDate.of(1969, 12, 31), LocalDate.of(1, 1, 1));
        all("LocalTime", LocalTime.of(1, 2, 3, 4), LocalTime.of(0, 0), LocalTime.of(23, 59, 59, 999999999));
        all("LocalDateTime", LocalDateTime.of(2024, 2, 29, 1, 2, 3, 4000000), LocalDateTime.of(1999, 12, 31, 23, 59));
        all("Instant", Instant.ofEpochSecond(1700000000L, 123456789), Instant.EPOCH, Instant.ofEpochSecond(-1, 1));
        all("Duration", Duration.ofMillis(3600500), Duration.ZERO, Duration.ofNanos(-1));
        all("Period", Period.of(1, 2, 3), Period.ZERO, Period.ofDays(-40));
        all("Year", Year.of(2024), Year.of(-1));
        all("YearMonth", YearMonth.of(2024, 2));
        all("MonthDay", MonthDay.of(2, 29));
        all("ZoneId", ZoneId.of("Asia/Shanghai"), ZoneId.of("UTC"));
        all("ZoneOffset", ZoneOffset.ofHours(8), ZoneOffset.UTC, ZoneOffset.ofHoursMinutes(-9, -30));
        all("OffsetTime", OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHours(8)));
        all("OffsetDateTime", OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 0, ZoneOffset.ofHours(8)));
        all("ZonedDateTime", ZonedDateTime.of(2024, 2, 29, 1, 2, 3, 0, ZoneId.of("Asia/Shanghai")));
        all("Object", 1, "two", 3L, 4.5, true);
        put("Object", "list", () -> list(1, "two", 3L));
        put("Object", "map", () -> map("k", 1));
        put("Object", "person", () -> person("full"));
        put("SqlDate", "a", () -> new java.sql.Date(1500000000000L));
        put("SqlTime", "a", () -> new Time(3723004L));
        put("SqlTimestamp", "a", () -> new Timestamp(1500000000123L));
        put("Collection", "a", () -> list("x", null));
        put("ArrayList", "a", () -> list(1, -2));
        put("LinkedList", "a", () -> new LinkedList<>(list("first", "second")));
        put("TreeSet", "a", () -> new TreeSet<>(list("b", "a")));
        put("TreeMap", "a", () -> new TreeMap<>(map("z", 1L, "a", 9007199254740993L)));
        for (String type : new String[] {"SqlDate", "ArrayList", "TreeMap", "IntBox", "LongBox", "ShortBox", "ByteBox", "FloatBox", "DoubleBox", "BooleanBox",
            "CharBox", "String", "Bytes", "Date", "BigDecimal", "BigInteger", "Uuid", "Locale", "Currency", "Class",
            "Color", "Size", "IntArray", "StringArray", "IntList", "PersonList", "StringSet", "StringMap", "Person",
            "Animal", "LocalDate", "Instant", "ZonedDateTime", "Object"}) {
            nullable(type);
        }
    }

    static String text(String kind) {
        switch (kind) {
            case "border": // the first chunk has 0x8000 UTF-16 units: the emoji's two halves lie on its border
                return "x".repeat(0x7fff) + "😀" + "end";
            case "border1":
                return "中".repeat(0x7fff) + "😀".repeat(0x4001);
            case "long":
                return "aé中😀".repeat(20000);
            case "mega": // more than 1 MiB on the wire
                return "中文 mega text 😀 ".repeat(60000);
            case "lone":
                return "a\ud83db";
            default:
                return "text of " + kind;
        }
    }

    static byte[] pattern(int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = (byte) (i * 31 + 7);
        }
        return out;
    }

    static Person person(String kind) {
        Person out = new Person();
        if (kind.equals("bare")) {
            out.name = "Bob";
            return out;
        }
        out.id = 9007199254740993L;
        out.name = "Ann 安";
        out.age = 41;
        out.height = 1.68;
        out.active = true;
        out.born = new Date(1500000000123L);
        out.color = Color.GREEN;
        out.tags = list("a", "b😀");
        out.scores = map("go", 9, "chess", -3);
        if (kind.equals("boss")) {
            out.manager = person("full");
            out.manager.name = "The Boss";
            out.manager.manager = person("bare");
        }
        return out;
    }

    static Primitives primitives() {
        Primitives out = new Primitives();
        out.b = -128;
        out.s = -32768;
        out.i = Integer.MIN_VALUE;
        out.l = Long.MAX_VALUE;
        out.f = 1.1f;
        out.d = 0.1;
        out.z = true;
        out.c = '中';
        return out;
    }

    static Boxes boxes() {
        Boxes out = new Boxes();
        out.b = -128;
        out.s = -32768;
        out.i = Integer.MIN_VALUE;
        out.l = Long.MAX_VALUE;
        out.f = 1.5f;
        out.d = 0.1;
        out.z = true;
        out.c = 'x';
        return out;
    }

    static Times times() {
        Times out = new Times();
        out.localDate = LocalDate.of(2024, 2, 29);
        out.localTime = LocalTime.of(1, 2, 3, 4);
        out.localDateTime = LocalDateTime.of(2024, 2, 29, 1, 2, 3, 4000000);
        out.instant = Instant.ofEpochSecond(1700000000L, 123456789);
        out.duration = Duration.ofMillis(3600500);
        out.period = Period.of(1, 2, 3);
        out.year = Year.of(2024);
        out.yearMonth = YearMonth.of(2024, 2);
        out.monthDay = MonthDay.of(2, 29);
        out.zoneOffset = ZoneOffset.ofHours(8);
        out.offsetTime = OffsetTime.of(1, 2, 3, 4, ZoneOffset.ofHours(8));
        out.offsetDateTime = OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 0, ZoneOffset.ofHours(8));
        out.zonedDateTime = ZonedDateTime.of(2024, 2, 29, 1, 2, 3, 0, ZoneId.of("Asia/Shanghai"));
        return out;
    }

    static Grid grid() {
        Grid out = new Grid();
        out.ints = new int[] {1, 2, 3};
        out.longs = new long[] {Long.MAX_VALUE};
        out.doubles = new double[] {0.1, 2};
        out.flags = new boolean[] {true, false};
        out.words = new String[] {"w", null};
        out.bytes = pattern(5);
        out.table = new int[][] {{1}, {2, 3}};
        out.people = new Person[] {person("bare"), person("bare")};
        out.colors = new Color[] {Color.RED, Color.RED};
        out.boxed = new Integer[] {5, null};
        return out;
    }

    static Money money() {
        Money out = new Money();
        out.amount = new BigDecimal("19.90");
        out.units = new BigInteger("18446744073709551616");
        out.currency = Currency.getInstance("CNY");
        out.locale = Locale.CHINA;
        out.receipt = UUID.fromString("123e4567-e89b-12d3-a456-426614174000");
        return out;
    }

    static Odd odd() {
        Odd out = new Odd();
        out.__proto__ = "not a prototype";
        out.constructor = "not a function";
        out.hasOwnProperty = "yes";
        out.$dollar = 5;
        out.名字 = "名";
        return out;
    }

    static Session session() {
        Session out = new Session();
        out.id = "s-1";
        out.open = true;
        return out;
    }

    static <D extends Dog> D dog(D out, String name, String breed) {
        out.name = name;
        out.legs = 4;
        out.breed = breed;
        return out;
    }

    static Puppy puppy() {
        Puppy out = dog(new Puppy(), "Bit", "Corgi");
        out.weeks = 7;
        return out;
    }

    static Cat cat() {
        Cat out = new Cat();
        out.name = "Tom";
        out.legs = 3;
        out.indoor = true;
        out.friend = dog(new Dog(), "Rex", "Beagle");
        return out;
    }

    static Zoo zoo() {
        Zoo out = new Zoo();
        Puppy puppy = puppy();
        out.star = puppy;
        out.animals = list((Animal) dog(new Dog(), "Rex", "Beagle"), cat(), puppy);
        out.byName = map("bit", puppy);
        return out;
    }

    static Pair pair(boolean same) {
        Pair out = new Pair();
        out.left = person("full");
        out.right = same ? out.left : person("full");
        return out;
    }

    static <T> Page<T> page(List<T> items, int total) {
        Page<T> out = new Page<>();
        out.total = total;
        out.items = items;
        out.first = items.isEmpty() ? null : items.get(0);
        out.last = items.isEmpty();
        return out;
    }

    @SafeVarargs
    static <T> List<T> list(T... items) {
        return new ArrayList<>(Arrays.asList(items));
    }

    @SafeVarargs
    static <T> Set<T> set(T... items) {
        return new LinkedHashSet<>(Arrays.asList(items));
    }

    @SuppressWarnings("unchecked")
    static <K, V> Map<K, V> map(Object... pairs) {
        Map<K, V> out = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            out.put((K) pairs[i], (V) pairs[i + 1]);
        }
        return out;
    }
}
