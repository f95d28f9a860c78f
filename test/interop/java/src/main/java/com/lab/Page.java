package com.lab;

import java.io.Serializable;
import java.util.List;

public class Page<T> implements Serializable {
    public int total;
    public List<T> items;
    public T first;
    public boolean last;
}
