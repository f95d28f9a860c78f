package com.lab.run;

import com.lab.Color;
import com.lab.NotFoundException;
import com.lab.Pair;
import com.lab.PeopleService;
import com.lab.Person;

import java.util.ArrayList;
import java.util.Date;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

final class People implements PeopleService {
    private volatile String mark = "";

    static String text(Person p) {
        return p.id + "|" + p.name + "|" + p.age + "|" + p.height + "|" + p.active + "|"
            + (p.born == null ? "-" : String.valueOf(p.born.getTime())) + "|" + (p.color == null ? "-" : p.color.name()) + "|"
            + (p.tags == null ? "-" : String.join(",", p.tags)) + "|" + (p.scores == null ? "-" : new TreeMap<>(p.scores)) + "|"
            + (p.manager == null ? "-" : p.manager.name);
    }

    static String digestOf(String text) {
        // Not getBytes(UTF_16BE), which replaces a lone surrogate.
        byte[] bytes = new byte[2 * text.length()];
        for (int i = 0; i < text.length(); i++) {
            bytes[2 * i] = (byte) (text.charAt(i) >> 8);
            bytes[2 * i + 1] = (byte) text.charAt(i);
        }
        return text.length() + ":" + Canonical.sha256(bytes);
    }

    @Override
    public String ping() {
        return "pong";
    }

    @Override
    public String describe(Person person) {
        return person == null ? "nobody" : text(person);
    }

    @Override
    public Person find(long id) throws NotFoundException {
        if (id == 404) {
            throw new NotFoundException("no person 404", id, "person");
        }
        if (id == 0) {
            return null;
        }
        Person out = Values.person("full");
        out.id = id;
        return out;
    }

    @Override
    public Person promote(Person person, Person boss) {
        Person out = new Person();
        out.id = person.id + 1;
        out.name = person.name.toUpperCase();
        out.age = person.age + 1;
        out.height = person.height * 2;
        out.active = !person.active;
        out.born = new Date(person.born.getTime() + 1);
        out.color = Color.values()[(person.color.ordinal() + 1) % 3];
        out.tags = new ArrayList<>(person.tags);
        out.tags.add("promoted");
        out.scores = new LinkedHashMap<>(person.scores);
        out.scores.put("rank", 1);
        out.manager = boss;
        return out;
    }

    @Override
    public List<Person> older(List<Person> people, int years) {
        List<Person> out = new ArrayList<>();
        for (Person person : people) {
            Person copy = new Person();
            copy.name = person.name;
            copy.age = person.age + years;
            out.add(copy);
        }
        return out;
    }

    @Override
    public Map<Color, List<Person>> byColor(List<Person> people) {
        Map<Color, List<Person>> out = new LinkedHashMap<>(new EnumMap<>(Color.class));
        for (Person person : people) {
            out.computeIfAbsent(person.color, k -> new ArrayList<>()).add(person);
        }
        return out;
    }

    @Override
    public void touch(String mark) {
        this.mark = mark;
    }

    @Override
    public String touched() {
        return mark;
    }

    @Override
    public String save(Person person) {
        return "person " + person.name;
    }

    @Override
    public String save(Person person, boolean force) {
        return "person " + person.name + (force ? " by force" : " gently");
    }

    @Override
    public String save(List<Person> people) {
        return "list of " + people.size();
    }

    @Override
    public String save(String name) {
        return "name " + name;
    }

    @Override
    public String which() {
        return "nothing";
    }

    @Override
    public String which(int value) {
        return "int " + value;
    }

    @Override
    public String which(Integer value) {
        return "Integer " + value;
    }

    @Override
    public String which(long value) {
        return "long " + value;
    }

    @Override
    public String which(Long value) {
        return "Long " + value;
    }

    @Override
    public String which(String value) {
        return "String " + value;
    }

    @Override
    public String which(int[] value) {
        return "int[] " + value.length;
    }

    @Override
    public String which(List<String> value) {
        return "List " + value.size();
    }

    @Override
    public String which(Object value) {
        return "Object " + (value == null ? "null" : value.getClass().getName() + " " + value);
    }

    @Override
    public String join(String... words) {
        return words.length + ":" + String.join("+", words);
    }

    @Override
    public String many(int a, long b, double c, boolean d, String e, Person f, List<String> g, Map<String, Integer> h,
                       byte[] i, Date j) {
        return a + " " + b + " " + c + " " + d + " " + e + " " + f.name + " " + g + " " + new TreeMap<>(h) + " "
            + Canonical.hex(i) + " " + j.getTime();
    }

    @Override
    public boolean same(Person a, Person b) {
        return a == b;
    }

    @Override
    public boolean samePair(Pair pair) {
        return pair.left == pair.right;
    }

    @Override
    public Pair twins() {
        return Values.pair(true);
    }

    @Override
    public double widen(long a, double b) {
        return a + b;
    }

    @Override
    public String digest(String text) {
        return digestOf(text);
    }

    @Override
    public String digestBytes(byte[] bytes) {
        return bytes.length + ":" + Canonical.sha256(bytes);
    }

    @Override
    public String text(String kind) {
        return Values.text(kind);
    }

    @Override
    public byte[] bytes(int length) {
        return Values.pattern(length);
    }

    @Override
    public List<Person> crowd(int size) {
        List<Person> out = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Person person = Values.person("full");
            person.id = i;
            person.manager = i == 0 ? null : out.get(0);
            out.add(person);
        }
        return out;
    }

    @Override
    public long idSum(List<Person> people) {
        long sum = 0;
        for (Person person : people) {
            sum += person.id;
        }
        return sum;
    }

    @Override
    public String absent(String text) {
        return "present in Java";
    }
}
