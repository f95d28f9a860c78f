package com.lab;

public interface BaseService {
    String ping();
}
