/** The native protocol this build speaks; `hello.version` must equal it. Rule VER-1. */
export const PROTOCOL_VERSION = 1;

/** First WebSocket subprotocol a client offers; the second may be `bearer.<jwt>`. Rule AUTH-2. */
export const SUBPROTOCOL = "parley.v1";
