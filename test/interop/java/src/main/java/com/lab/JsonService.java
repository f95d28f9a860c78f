package com.lab;

import java.util.List;
import java.util.Map;

/** For codec 12: Jackson finds the method by name alone, so there are no overloads and no void. */
public interface JsonService {
    String describe(Person person);

    Person find(long id);

    String join(String a, int b, List<String> c);

    Map<String, Integer> count(List<String> words);

    String none();

    String fail(String message) throws NotFoundException;

    List<Person> crowd(int size);
}
