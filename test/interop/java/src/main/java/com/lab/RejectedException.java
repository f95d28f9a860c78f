package com.lab;

import java.util.Map;

/** Unchecked, with fields of every kind. */
public class RejectedException extends RuntimeException {
    public int code;
    public Map<String, String> details;
    public Person who;

    public RejectedException() {
    }

    public RejectedException(String message, int code, Map<String, String> details, Person who) {
        super(message);
        this.code = code;
        this.details = details;
        this.who = who;
    }
}
