package com.lab;

public class Cat extends Animal {
    public boolean indoor;
    public Animal friend;

    @Override
    public String text() {
        return "Cat " + name + " " + legs + " " + indoor + " likes " + (friend == null ? "nobody" : friend.text());
    }
}
