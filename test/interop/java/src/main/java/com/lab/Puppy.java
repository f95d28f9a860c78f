package com.lab;

public class Puppy extends Dog {
    public int weeks;

    @Override
    public String text() {
        return "Puppy " + name + " " + legs + " " + breed + " " + weeks;
    }
}
