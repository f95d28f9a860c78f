package com.lab;

import java.util.List;

public interface GraphService {
    String animalText(Animal animal);

    List<Animal> roster();

    Zoo zoo();

    String zooText(Zoo zoo);

    Node ring(int size);

    int ringSize(Node start);

    Node tree(int width, int depth);

    /** Nodes in the tree; an exception where a child's parent is not the very node that holds it. */
    int treeSize(Node root);

    Node chain(int length);

    int chainSize(Node start);

    Page<Person> people(int total);

    String peopleText(Page<Person> page);

    Page<String> words(int total);

    String wordsText(Page<String> page);

    Page<Page<Long>> nested();

    String nestedText(Page<Page<Long>> page);

    Animal unlisted();

    Mood mood(String kind);

    String moodText(Mood mood);
}
