package com.lab;

/** An enum with state of its own: only the constant's name is on the wire. */
public enum Size {
    SMALL(1, "S"), LARGE(9, "L");

    public final int inches;
    public final String label;

    Size(int inches, String label) {
        this.inches = inches;
        this.label = label;
    }
}
