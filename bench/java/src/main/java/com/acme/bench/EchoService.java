package com.acme.bench;

public interface EchoService {
    Order order(Order order);

    String text(String text);

    byte[] bytes(byte[] bytes);
}
