package com.lab;

import java.io.Serializable;
import java.util.Date;
import java.util.List;
import java.util.Map;

public class Person implements Serializable {
    public long id;
    public String name;
    public int age;
    public double height;
    public boolean active;
    public Date born;
    public Color color;
    public List<String> tags;
    public Map<String, Integer> scores;
    public Person manager;
}
