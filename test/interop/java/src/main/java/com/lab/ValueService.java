package com.lab;

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
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Two methods a type: makeX answers the value that its own side builds for that kind; checkX compares the argument with it
 * and answers "ok" or the difference. Neither side ever sends back what it was given.
 */
public interface ValueService {
    int makeInt(String kind);

    String checkInt(String kind, int value);

    long makeLong(String kind);

    String checkLong(String kind, long value);

    short makeShort(String kind);

    String checkShort(String kind, short value);

    byte makeByte(String kind);

    String checkByte(String kind, byte value);

    float makeFloat(String kind);

    String checkFloat(String kind, float value);

    double makeDouble(String kind);

    String checkDouble(String kind, double value);

    boolean makeBoolean(String kind);

    String checkBoolean(String kind, boolean value);

    char makeChar(String kind);

    String checkChar(String kind, char value);

    Integer makeIntBox(String kind);

    String checkIntBox(String kind, Integer value);

    Long makeLongBox(String kind);

    String checkLongBox(String kind, Long value);

    Short makeShortBox(String kind);

    String checkShortBox(String kind, Short value);

    Byte makeByteBox(String kind);

    String checkByteBox(String kind, Byte value);

    Float makeFloatBox(String kind);

    String checkFloatBox(String kind, Float value);

    Double makeDoubleBox(String kind);

    String checkDoubleBox(String kind, Double value);

    Boolean makeBooleanBox(String kind);

    String checkBooleanBox(String kind, Boolean value);

    Character makeCharBox(String kind);

    String checkCharBox(String kind, Character value);

    String makeString(String kind);

    String checkString(String kind, String value);

    byte[] makeBytes(String kind);

    String checkBytes(String kind, byte[] value);

    Date makeDate(String kind);

    String checkDate(String kind, Date value);

    BigDecimal makeBigDecimal(String kind);

    String checkBigDecimal(String kind, BigDecimal value);

    BigInteger makeBigInteger(String kind);

    String checkBigInteger(String kind, BigInteger value);

    UUID makeUuid(String kind);

    String checkUuid(String kind, UUID value);

    Locale makeLocale(String kind);

    String checkLocale(String kind, Locale value);

    Currency makeCurrency(String kind);

    String checkCurrency(String kind, Currency value);

    Class<?> makeClass(String kind);

    String checkClass(String kind, Class<?> value);

    Optional<String> makeOptional(String kind);

    String checkOptional(String kind, Optional<String> value);

    Color makeColor(String kind);

    String checkColor(String kind, Color value);

    Size makeSize(String kind);

    String checkSize(String kind, Size value);

    Shape makeShape(String kind);

    String checkShape(String kind, Shape value);

    int[] makeIntArray(String kind);

    String checkIntArray(String kind, int[] value);

    long[] makeLongArray(String kind);

    String checkLongArray(String kind, long[] value);

    short[] makeShortArray(String kind);

    String checkShortArray(String kind, short[] value);

    float[] makeFloatArray(String kind);

    String checkFloatArray(String kind, float[] value);

    double[] makeDoubleArray(String kind);

    String checkDoubleArray(String kind, double[] value);

    boolean[] makeBooleanArray(String kind);

    String checkBooleanArray(String kind, boolean[] value);

    char[] makeCharArray(String kind);

    String checkCharArray(String kind, char[] value);

    String[] makeStringArray(String kind);

    String checkStringArray(String kind, String[] value);

    Integer[] makeIntegerArray(String kind);

    String checkIntegerArray(String kind, Integer[] value);

    Date[] makeDateArray(String kind);

    String checkDateArray(String kind, Date[] value);

    Object[] makeObjectArray(String kind);

    String checkObjectArray(String kind, Object[] value);

    Person[] makePersonArray(String kind);

    String checkPersonArray(String kind, Person[] value);

    Color[] makeColorArray(String kind);

    String checkColorArray(String kind, Color[] value);

    int[][] makeIntGrid(String kind);

    String checkIntGrid(String kind, int[][] value);

    String[][] makeStringGrid(String kind);

    String checkStringGrid(String kind, String[][] value);

    byte[][] makeBytesArray(String kind);

    String checkBytesArray(String kind, byte[][] value);

    List<Integer> makeIntList(String kind);

    String checkIntList(String kind, List<Integer> value);

    List<Long> makeLongList(String kind);

    String checkLongList(String kind, List<Long> value);

    List<String> makeStringList(String kind);

    String checkStringList(String kind, List<String> value);

    List<Person> makePersonList(String kind);

    String checkPersonList(String kind, List<Person> value);

    List<List<String>> makeListList(String kind);

    String checkListList(String kind, List<List<String>> value);

    Set<String> makeStringSet(String kind);

    String checkStringSet(String kind, Set<String> value);

    Set<Long> makeLongSet(String kind);

    String checkLongSet(String kind, Set<Long> value);

    Set<Color> makeColorSet(String kind);

    String checkColorSet(String kind, Set<Color> value);

    Map<String, String> makeStringMap(String kind);

    String checkStringMap(String kind, Map<String, String> value);

    Map<Long, String> makeLongMap(String kind);

    String checkLongMap(String kind, Map<Long, String> value);

    Map<String, Person> makePersonMap(String kind);

    String checkPersonMap(String kind, Map<String, Person> value);

    Map<Color, Integer> makeColorMap(String kind);

    String checkColorMap(String kind, Map<Color, Integer> value);

    Map<String, List<Integer>> makeListMap(String kind);

    String checkListMap(String kind, Map<String, List<Integer>> value);

    Person makePerson(String kind);

    String checkPerson(String kind, Person value);

    Primitives makePrimitives(String kind);

    String checkPrimitives(String kind, Primitives value);

    Boxes makeBoxes(String kind);

    String checkBoxes(String kind, Boxes value);

    Times makeTimes(String kind);

    String checkTimes(String kind, Times value);

    Grid makeGrid(String kind);

    String checkGrid(String kind, Grid value);

    Money makeMoney(String kind);

    String checkMoney(String kind, Money value);

    Odd makeOdd(String kind);

    String checkOdd(String kind, Odd value);

    Session makeSession(String kind);

    String checkSession(String kind, Session value);

    Dog makeDog(String kind);

    String checkDog(String kind, Dog value);

    Animal makeAnimal(String kind);

    String checkAnimal(String kind, Animal value);

    Zoo makeZoo(String kind);

    String checkZoo(String kind, Zoo value);

    Pair makePair(String kind);

    String checkPair(String kind, Pair value);

    Page<Person> makePersonPage(String kind);

    String checkPersonPage(String kind, Page<Person> value);

    LocalDate makeLocalDate(String kind);

    String checkLocalDate(String kind, LocalDate value);

    LocalTime makeLocalTime(String kind);

    String checkLocalTime(String kind, LocalTime value);

    LocalDateTime makeLocalDateTime(String kind);

    String checkLocalDateTime(String kind, LocalDateTime value);

    Instant makeInstant(String kind);

    String checkInstant(String kind, Instant value);

    Duration makeDuration(String kind);

    String checkDuration(String kind, Duration value);

    Period makePeriod(String kind);

    String checkPeriod(String kind, Period value);

    Year makeYear(String kind);

    String checkYear(String kind, Year value);

    YearMonth makeYearMonth(String kind);

    String checkYearMonth(String kind, YearMonth value);

    MonthDay makeMonthDay(String kind);

    String checkMonthDay(String kind, MonthDay value);

    ZoneId makeZoneId(String kind);

    String checkZoneId(String kind, ZoneId value);

    ZoneOffset makeZoneOffset(String kind);

    String checkZoneOffset(String kind, ZoneOffset value);

    OffsetTime makeOffsetTime(String kind);

    String checkOffsetTime(String kind, OffsetTime value);

    OffsetDateTime makeOffsetDateTime(String kind);

    String checkOffsetDateTime(String kind, OffsetDateTime value);

    ZonedDateTime makeZonedDateTime(String kind);

    String checkZonedDateTime(String kind, ZonedDateTime value);

    Object makeObject(String kind);

    String checkObject(String kind, Object value);

    java.sql.Date makeSqlDate(String kind);

    String checkSqlDate(String kind, java.sql.Date value);

    Time makeSqlTime(String kind);

    String checkSqlTime(String kind, Time value);

    Timestamp makeSqlTimestamp(String kind);

    String checkSqlTimestamp(String kind, Timestamp value);

    Collection<String> makeCollection(String kind);

    String checkCollection(String kind, Collection<String> value);

    ArrayList<Integer> makeArrayList(String kind);

    String checkArrayList(String kind, ArrayList<Integer> value);

    LinkedList<String> makeLinkedList(String kind);

    String checkLinkedList(String kind, LinkedList<String> value);

    TreeSet<String> makeTreeSet(String kind);

    String checkTreeSet(String kind, TreeSet<String> value);

    TreeMap<String, Long> makeTreeMap(String kind);

    String checkTreeMap(String kind, TreeMap<String, Long> value);
}
