package com.lab;

import java.io.Serializable;

public abstract class Animal implements Serializable {
    public String name;
    public int legs;

    public abstract String text();
}
