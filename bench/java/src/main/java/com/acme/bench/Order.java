package com.acme.bench;

import java.io.Serializable;

/** The ten fields that every peer of the bench sends and gets back. */
public class Order implements Serializable {
    private static final long serialVersionUID = 1L;

    public long id;
    public long customerId;
    public String sku;
    public String title;
    public String city;
    public int quantity;
    public int status;
    public double price;
    public boolean paid;
    public double total;

    /** The same sum, added up in the same order, as in lib/payloads.mjs. */
    public double sum() {
        return (double) id + (double) customerId + edge(sku) + edge(title) + edge(city) + quantity + status + price
                + (paid ? 1 : 0);
    }

    private static int edge(String text) {
        return text.length() + text.charAt(0) + text.charAt(text.length() - 1);
    }
}
