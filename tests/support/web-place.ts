import type { Browser } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { startBrowser } from "./browser.ts";
import { ChatWindow } from "./chat-window.ts";
import { startEdge, type Edge } from "./edge.ts";

/** An edge with the web app, and a browser, for the tests around this call. */
export function webPlace(): WebPlace {
  const place = new WebPlace();
  beforeAll(() => place.start());
  afterAll(() => place.stop());
  return place;
}

class WebPlace {
  #edge: Edge | null = null;
  #browser: Browser | null = null;

  get edge(): Edge {
    if (this.#edge === null) throw new Error("it starts before the tests");
    return this.#edge;
  }

  async start(): Promise<void> {
    this.#edge = await startEdge();
    this.#browser = await startBrowser();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.#edge?.stop();
  }

  /** Somebody without an account, in a window that is closed after the test. */
  async visit(name: string, url = this.edge.url): Promise<ChatWindow> {
    if (this.#browser === null) throw new Error("it starts before the tests");
    const window = await ChatWindow.open(this.#browser, url, name);
    onTestFinished(() => window.context.close());
    return window;
  }

  /** Somebody who has registered. */
  async register(name: string): Promise<ChatWindow> {
    const window = await this.visit(name);
    await window.register();
    return window;
  }

  /** Two people who look at their direct conversation. */
  async talk(nameOfFirst = "Amina"): Promise<[ChatWindow, ChatWindow]> {
    const [first, jonas] = [await this.register(nameOfFirst), await this.register("Jonas")];
    await first.startTalk(jonas);
    await jonas.joinTalk(first);
    return [first, jonas];
  }
}
