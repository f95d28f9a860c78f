package com.lab.run;

import com.lab.FaultService;
import com.lab.NotFoundException;
import com.lab.QuotaException;
import com.lab.RejectedException;
import com.lab.UnlistedException;

final class Faults implements FaultService {
    @Override
    public String checked(long id) throws NotFoundException {
        throw new NotFoundException("no thing " + id + " 找不到😀", id, "thing");
    }

    @Override
    public String unchecked(String who) {
        throw new RejectedException("rejected " + who, 42, Values.map("reason", "策略", "rule", "r-7"), Values.person("full"));
    }

    @Override
    public String quota(long limit) {
        throw new QuotaException("over " + limit, 7, limit);
    }

    @Override
    public String illegal(String message) {
        throw new IllegalStateException(message);
    }

    @Override
    public String nullMessage() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String caused() {
        throw new IllegalArgumentException("outer", new NotFoundException("inner", 5, "cause"));
    }

    @Override
    public String unlisted() {
        throw new UnlistedException("not in the contract", "look elsewhere");
    }

    @Override
    public String error() {
        throw new AssertionError("an Error, not an Exception");
    }

    @Override
    public String laden() {
        throw new LadenException("carries a cargo", new Cargo());
    }

    @Override
    public Object unwritable() {
        return new Bomb();
    }

    @Override
    public void voidFault() throws NotFoundException {
        throw new NotFoundException("void", 1, "void");
    }

    @Override
    public String fine(String text) {
        return "fine " + text;
    }

    static final class LadenException extends RuntimeException {
        final Cargo cargo;

        LadenException(String message, Cargo cargo) {
            super(message);
            this.cargo = cargo;
        }
    }

    static final class Cargo {
        final String text = "tea";
    }

    /** Fails while it is written. */
    static final class Bomb extends java.util.AbstractMap<String, String> {
        @Override
        public java.util.Set<Entry<String, String>> entrySet() {
            throw new IllegalStateException("the bomb cannot be written");
        }
    }
}
