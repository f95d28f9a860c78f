package com.lab.run;

public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "provider":
                Provider.main();
                break;
            case "peer":
                Peer.main();
                break;
            case "registry":
                Registry.main();
                break;
            case "application":
                Application.main();
                break;
            default:
                throw new IllegalArgumentException("provider, peer, registry or application, not " + args[0]);
        }
    }
}
