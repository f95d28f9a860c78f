package com.lab;

import java.io.Serializable;

public class Grid implements Serializable {
    public int[] ints;
    public long[] longs;
    public double[] doubles;
    public boolean[] flags;
    public String[] words;
    public byte[] bytes;
    public int[][] table;
    public Person[] people;
    public Color[] colors;
    public Integer[] boxed;
}
