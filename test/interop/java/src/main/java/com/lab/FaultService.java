package com.lab;

public interface FaultService {
    String checked(long id) throws NotFoundException;

    String unchecked(String who);

    String quota(long limit);

    String illegal(String message);

    String nullMessage();

    String caused();

    String unlisted();

    String error();

    /** Thrown with an object in it that no contract knows. */
    String laden();

    /** An answer that Java cannot write. */
    Object unwritable();

    /** A declared exception from a method that returns nothing. */
    void voidFault() throws NotFoundException;

    String fine(String text);
}
