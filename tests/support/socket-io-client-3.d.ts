/** The older client, installed under a name of its own; its types stay hidden behind its `exports`. */
declare module "socket.io-client-3" {
  export { io } from "socket.io-client";
}
