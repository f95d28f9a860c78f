package com.lab;

import java.io.Serializable;

/** Field names that are special in JavaScript, and one that is not ASCII. */
public class Odd implements Serializable {
    public String __proto__;
    public String constructor;
    public String hasOwnProperty;
    public int $dollar;
    public String 名字;
}
