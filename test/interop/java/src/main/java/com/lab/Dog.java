package com.lab;

public class Dog extends Animal {
    public String breed;

    @Override
    public String text() {
        return "Dog " + name + " " + legs + " " + breed;
    }
}
