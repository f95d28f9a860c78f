package com.lab;

/** A subclass of an exception that the contract names. */
public class QuotaException extends RejectedException {
    public long limit;

    public QuotaException() {
    }

    public QuotaException(String message, int code, long limit) {
        super(message, code, null, null);
        this.limit = limit;
    }
}
