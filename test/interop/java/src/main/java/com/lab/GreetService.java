package com.lab;

public interface GreetService {
    String greet(String name);
}
