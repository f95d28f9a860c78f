package com.lab;

import java.util.Map;

public interface ContextService {
    /** The Bolt header, as the provider sees it. */
    String header(String key);

    Map<String, String> headers();

    /** SofaRequest.requestProps, flattened to strings. */
    Map<String, String> props();

    /** The request's baggage value; sets a response baggage of its own. */
    String baggage(String key);
}
