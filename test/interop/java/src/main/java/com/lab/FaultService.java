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

    String unsendable();

    /** A declared exception from a method that returns nothing. */
    void voidFault() throws NotFoundException;

    String fine(String text);
}
