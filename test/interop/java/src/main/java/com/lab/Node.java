package com.lab;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

public class Node implements Serializable {
    public String name;
    public Node next;
    public Node parent;
    public List<Node> children;

    public Node() {
    }

    public Node(String name) {
        this.name = name;
        this.children = new ArrayList<>();
    }
}
