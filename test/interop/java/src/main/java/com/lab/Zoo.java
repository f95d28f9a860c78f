package com.lab;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

public class Zoo implements Serializable {
    public Animal star;
    public List<Animal> animals;
    public Map<String, Animal> byName;
}
