package com.lab;

import java.io.Serializable;

/** The transient and the static field are not on the wire. */
public class Session implements Serializable {
    public static String origin = "java";
    public String id;
    public transient String secret;
    public boolean open;
}
