package com.lab;

import java.io.Serializable;

public class Boxes implements Serializable {
    public Byte b;
    public Short s;
    public Integer i;
    public Long l;
    public Float f;
    public Double d;
    public Boolean z;
    public Character c;
}
