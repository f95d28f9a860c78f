package com.lab;

/** A subclass that the Node.js contract does not list. */
public class Parrot extends Animal {
    public String phrase;

    @Override
    public String text() {
        return "Parrot " + name + " " + legs + " " + phrase;
    }
}
