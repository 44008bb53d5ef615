import { ParleyClient } from "../client/index.ts";
import { App } from "./app.ts";
import { carryByXhr } from "./xhr-carrier.ts";

const root = document.querySelector<HTMLElement>("#app");
if (root === null) throw new Error("the page has no #app");
// Each window has a sign-in of its own, so that two people can sit in two windows of one browser; it survives a reload.
const client = new ParleyClient({
  baseUrl: location.origin,
  storage: sessionStorage,
  // the list's socket is open anyway: choosing another conversation is a frame on it
  sockets: "shared",
  carry: carryByXhr,
});
new App(root, client).start();
