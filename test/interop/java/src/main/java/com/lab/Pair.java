package com.lab;

import java.io.Serializable;

public class Pair implements Serializable {
    public Person left;
    public Person right;
}
