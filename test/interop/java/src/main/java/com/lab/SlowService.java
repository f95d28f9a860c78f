package com.lab;

public interface SlowService {
    /** Answers text after so many milliseconds. */
    String after(int ms, String text);

    /** Answers n + 1 after a delay that makes later calls overtake earlier ones. */
    int overtake(int n);

    /** Blocks until open(gate) is called. */
    String gate(String gate);

    void open(String gate);

    /** How many calls wait at a gate now. */
    int waiting(String gate);
}
