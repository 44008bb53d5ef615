import { randomUUID } from "node:crypto";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

/** One person at one browser window, who does everything through what the page shows. */
export class ChatWindow {
  static readonly password = "correct horse battery";
  readonly name: string;
  readonly matricule = `m-${randomUUID()}`;
  readonly page: Page;
  readonly context: BrowserContext;

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.context = context;
    this.page = page;
  }

  static async open(browser: Browser, url: string, name: string): Promise<ChatWindow> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(url);
    return new ChatWindow(name, context, page);
  }

  async register(): Promise<void> {
    await this.button("Create an account").click();
    await this.page.getByLabel("Matricule").fill(this.matricule);
    await this.page.getByLabel("Your name").fill(this.name);
    await this.page.getByLabel("Password").fill(ChatWindow.password);
    await this.button("Create account").click();
    await this.button("New conversation").waitFor();
  }

  async signIn(matricule: string, password: string): Promise<void> {
    await this.page.getByLabel("Matricule").fill(matricule);
    await this.page.getByLabel("Password").fill(password);
    await this.button("Sign in").click();
  }

  /** Looks somebody up and opens the conversation with them. */
  async startTalk(other: ChatWindow): Promise<void> {
    await this.button("New conversation").click();
    await this.page.getByLabel("Find people").fill(other.matricule);
    await this.page.getByRole("checkbox", { name: other.matricule }).check();
    await this.button("Start").click();
    await this.input.waitFor();
  }

  /** Turns to this window, where the list is read anew, and opens the conversation that somebody else has begun. */
  async joinTalk(other: ChatWindow): Promise<void> {
    await this.openTalk(other.name);
  }

  async startGroup(name: string, others: readonly ChatWindow[]): Promise<void> {
    await this.button("New conversation").click();
    for (const { matricule } of others) {
      await this.page.getByLabel("Find people").fill(matricule);
      await this.page.getByRole("checkbox", { name: matricule }).check();
    }
    if (others.length < 2) await this.page.getByLabel("Make it a group").check();
    await this.page.getByLabel("Name of the group").fill(name);
    await this.button("Start").click();
    await this.input.waitFor();
  }

  /** Opens the conversation that the list, read anew, shows under this name. */
  async openTalk(name: string): Promise<void> {
    await this.page.evaluate('dispatchEvent(new Event("focus"))');
    await this.list.getByRole("button", { name }).click();
    await this.input.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.input.fill(text);
    await this.input.press("Enter");
  }

  /** Resolves when a message with this text is on screen. */
  async reads(text: string): Promise<void> {
    await this.messages.getByText(text, { exact: true }).waitFor();
  }

  /** Resolves when all own messages are ticked as stored. */
  async allSent(): Promise<void> {
    await this.messages.getByRole("img", { name: "On its way" }).waitFor({ state: "detached" });
  }

  /** The messages on screen from top to bottom, each as its author and its text. */
  async transcript(): Promise<string[]> {
    const rows = await this.messages.all();
    return Promise.all(
      rows.map(async (row) => {
        const author = await row.locator("strong").textContent();
        return `${author}: ${await row.locator("p").textContent()}`;
      }),
    );
  }

  /** A message by its text. */
  message(text: string): Locator {
    return this.messages.filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** Resolves when the message bears this tick. */
  async isTicked(text: string, tick: string): Promise<void> {
    await this.message(text).getByRole("img", { name: tick, exact: true }).waitFor();
  }

  /** Chooses something from a message's menu, all by keyboard. */
  async choose(text: string, action: string): Promise<void> {
    await this.message(text).getByRole("button", { name: "Actions" }).focus();
    await this.page.keyboard.press("Enter");
    await this.page.getByRole("group", { name: "Message actions" }).waitFor();
    await this.button(action).focus();
    await this.page.keyboard.press("Enter");
  }

  /** Shows the panel of the open group. */
  async openGroup(): Promise<void> {
    await this.head.getByRole("button", { name: "Group" }).click();
    await this.panel.waitFor();
  }

  /** Chooses something for a member in the panel, all by keyboard. */
  async chooseFor(name: string, action: string): Promise<void> {
    const label = `Actions for ${name}`;
    await this.panel.getByRole("button", { name: label }).focus();
    await this.page.keyboard.press("Enter");
    await this.page.getByRole("group", { name: label }).waitFor();
    await this.button(action).focus();
    await this.page.keyboard.press("Enter");
  }

  /** Answers the question that is asked before something grave. */
  async confirm(action: string): Promise<void> {
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("button", { name: action, exact: true }).click();
    await dialog.waitFor({ state: "detached" });
  }

  /** A member's row in the panel. */
  member(name: string): Locator {
    return this.panel.getByRole("list", { name: "Members" }).getByRole("listitem").filter({
      hasText: name,
    });
  }

  /** The person works in another window, or comes back to this one. */
  async turn(direction: "away" | "back"): Promise<void> {
    await this.page.evaluate(`document.hasFocus = () => ${direction === "back"}`);
    if (direction === "back") await this.page.evaluate('dispatchEvent(new Event("focus"))');
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  get input(): Locator {
    return this.page.getByRole("textbox", { name: "Message", exact: true });
  }

  get list(): Locator {
    return this.page.getByRole("navigation", { name: "Conversations" });
  }

  /** Above the messages: what the conversation is called, and who is in it. */
  get head(): Locator {
    return this.page.locator(".conversation > header");
  }

  /** Beside the messages: what a group is, and what can be done about it. */
  get panel(): Locator {
    return this.page.getByRole("complementary", { name: "Group" });
  }

  /** In the place of the composer: why nothing can be written. */
  get gate(): Locator {
    return this.page.locator(".gate");
  }

  get messages(): Locator {
    return this.page.getByRole("region", { name: "Messages" }).locator("li.message");
  }
}
