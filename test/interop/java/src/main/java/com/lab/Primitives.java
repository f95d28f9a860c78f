package com.lab;

import java.io.Serializable;

public class Primitives implements Serializable {
    public byte b;
    public short s;
    public int i;
    public long l;
    public float f;
    public double d;
    public boolean z;
    public char c;
}
