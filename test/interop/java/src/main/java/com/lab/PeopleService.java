package com.lab;

import java.util.Date;
import java.util.List;
import java.util.Map;

public interface PeopleService extends BaseService {
    /** Every one of the ten fields, as Java (or Node.js) reads it. */
    String describe(Person person);

    Person find(long id) throws NotFoundException;

    /** The person, a year older, promoted under the boss. */
    Person promote(Person person, Person boss);

    List<Person> older(List<Person> people, int years);

    Map<Color, List<Person>> byColor(List<Person> people);

    void touch(String mark);

    String touched();

    String save(Person person);

    String save(Person person, boolean force);

    String save(List<Person> people);

    String save(String name);

    String which();

    String which(int value);

    String which(Integer value);

    String which(long value);

    String which(Long value);

    String which(String value);

    String which(int[] value);

    String which(List<String> value);

    String which(Object value);

    String join(String... words);

    String many(int a, long b, double c, boolean d, String e, Person f, List<String> g, Map<String, Integer> h, byte[] i,
                Date j);

    /** Do two arguments arrive as one object? */
    boolean same(Person a, Person b);

    boolean samePair(Pair pair);

    Pair twins();

    double widen(long a, double b);

    /** UTF-16 length and SHA-256 of the UTF-16BE bytes. */
    String digest(String text);

    String digestBytes(byte[] bytes);

    String text(String kind);

    byte[] bytes(int length);

    List<Person> crowd(int size);

    long idSum(List<Person> people);

    /** Declared here, and not in the Node.js contract. */
    String absent(String text);
}
