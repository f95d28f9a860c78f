package com.lab;

/** Checked, with fields. */
public class NotFoundException extends Exception {
    public long id;
    public String kind;

    public NotFoundException() {
    }

    public NotFoundException(String message, long id, String kind) {
        super(message);
        this.id = id;
        this.kind = kind;
    }
}
