/** What a socket holds unsent, in bytes, where the runtime says so: workerd 1.20261023.1 does not, and then it is 0. */
export function bufferedBytes(socket: WebSocket & { bufferedAmount?: number }): number {
  return socket.bufferedAmount ?? 0;
}
