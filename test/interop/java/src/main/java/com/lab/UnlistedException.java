package com.lab;

/** Thrown, but named in no Node.js contract. */
public class UnlistedException extends RuntimeException {
    public String hint;

    public UnlistedException() {
    }

    public UnlistedException(String message, String hint) {
        super(message);
        this.hint = hint;
    }
}
