package com.lab.run;

import com.lab.Animal;
import com.lab.Dog;
import com.lab.GraphService;
import com.lab.Mood;
import com.lab.Node;
import com.lab.Page;
import com.lab.Parrot;
import com.lab.Person;
import com.lab.Zoo;

import java.util.ArrayList;
import java.util.List;

final class Graphs implements GraphService {
    @Override
    public String animalText(Animal animal) {
        return animal.text();
    }

    @Override
    public List<Animal> roster() {
        return Values.list(Values.dog(new Dog(), "Rex", "Beagle"), Values.puppy(), Values.cat());
    }

    @Override
    public Zoo zoo() {
        return Values.zoo();
    }

    @Override
    public String zooText(Zoo zoo) {
        StringBuilder out = new StringBuilder("star " + zoo.star.text());
        for (Animal animal : zoo.animals) {
            out.append("; ").append(animal.text()).append(animal == zoo.star ? " (star)" : "");
        }
        zoo.byName.forEach((name, animal) -> out.append("; ").append(name).append(" is ").append(animal.text())
            .append(animal == zoo.star ? " (star)" : ""));
        return out.toString();
    }

    @Override
    public Node ring(int size) {
        Node start = new Node("n0");
        Node at = start;
        for (int i = 1; i < size; i++) {
            at.next = new Node("n" + i);
            at = at.next;
        }
        at.next = start;
        return start;
    }

    @Override
    public int ringSize(Node start) {
        int size = 1;
        for (Node at = start.next; at != start; at = at.next) {
            if (at == null || !at.name.equals("n" + size)) {
                throw new IllegalStateException("not a ring at " + size);
            }
            size++;
        }
        return size;
    }

    @Override
    public Node tree(int width, int depth) {
        Node root = new Node("d" + depth);
        for (int i = 0; depth > 0 && i < width; i++) {
            Node child = tree(width, depth - 1);
            child.parent = root;
            root.children.add(child);
        }
        return root;
    }

    @Override
    public int treeSize(Node root) {
        int size = 1;
        for (Node child : root.children) {
            if (child.parent != root) {
                throw new IllegalStateException("the parent of " + child.name + " is another object");
            }
            size += treeSize(child);
        }
        return size;
    }

    @Override
    public Node chain(int length) {
        Node head = null;
        for (int i = length - 1; i >= 0; i--) {
            Node node = new Node("c" + i);
            node.next = head;
            head = node;
        }
        return head;
    }

    @Override
    public int chainSize(Node start) {
        int size = 0;
        for (Node at = start; at != null; at = at.next) {
            size++;
        }
        return size;
    }

    @Override
    public Page<Person> people(int total) {
        return Values.page(Values.list(Values.person("full"), Values.person("bare")), total);
    }

    @Override
    public String peopleText(Page<Person> page) {
        StringBuilder out = new StringBuilder(page.total + " " + page.last + (page.first == page.items.get(0) ? " same" : " other"));
        for (Person person : page.items) {
            out.append("; ").append(People.text(person));
        }
        return out.toString();
    }

    @Override
    public Page<String> words(int total) {
        return Values.page(Values.list("one", "二"), total);
    }

    @Override
    public String wordsText(Page<String> page) {
        return page.total + " " + page.items + " " + page.first + " " + page.last;
    }

    @Override
    public Page<Page<Long>> nested() {
        List<Page<Long>> items = new ArrayList<>();
        items.add(Values.page(Values.list(1L, 9007199254740993L), 2));
        return Values.page(items, 1);
    }

    @Override
    public String nestedText(Page<Page<Long>> page) {
        long sum = 0;
        for (Page<Long> inner : page.items) {
            for (Long value : inner.items) {
                sum += value;
            }
        }
        return page.total + " pages, sum " + sum;
    }

    @Override
    public Animal unlisted() {
        Parrot out = new Parrot();
        out.name = "Polly";
        out.legs = 2;
        out.phrase = "hello";
        return out;
    }

    @Override
    public Mood mood(String kind) {
        return Mood.valueOf(kind);
    }

    @Override
    public String moodText(Mood mood) {
        return mood == null ? "none" : mood.getDeclaringClass().getName() + "." + mood.name() + " " + mood.ordinal();
    }
}
