package com.lab;

import java.util.List;

public interface NoteService {
    void note(String text);

    void failingNote(String text);

    List<String> notes();

    int count();
}
