package com.lab;

/** The Node.js contract lists only the first two constants. */
public enum Mood {
    HAPPY, SAD, CURIOUS
}
