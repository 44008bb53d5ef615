import { ParleyClient } from "../client/index.ts";
import { App } from "./app.ts";

const root = document.querySelector<HTMLElement>("#app");
if (root === null) throw new Error("the page has no #app");
new App(root, new ParleyClient({ baseUrl: location.origin, storage: localStorage })).start();
