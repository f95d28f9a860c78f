package com.lab;

public enum Color {
    RED, GREEN, BLUE
}
