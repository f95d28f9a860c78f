package com.lab;

/** Not Serializable: Java refuses to write it. */
public class Unsendable {
    public String text = "stays here";
}
