import type { Settings, SettingsChange } from "../client/index.ts";
import { choiceField } from "./choice-field.ts";
import { element, Field } from "./element.ts";
import { durationWords } from "./settings-words.ts";

const NAME_MAX_CHARS = 200;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;

const JOINS = [
  ["Who is invited or let in", "invite"],
  ["Whoever has the group's link", "open"],
] as const;
const SENDERS = [
  ["Everybody", "member"],
  ["Moderators and above", "moderator"],
  ["Admins and the owner", "admin"],
] as const;
const PAUSES = [
  ["Off", 0],
  ["10 seconds", 10],
  ["30 seconds", 30],
  ["A minute", MINUTE_S],
  ["5 minutes", 5 * MINUTE_S],
  ["An hour", HOUR_S],
] as const;
const HISTORIES = [
  ["Everything", "all"],
  ["What comes after they joined", "joined"],
] as const;
const EDIT_WINDOWS = [
  ["Always", 0],
  ["For 15 minutes", 15 * MINUTE_S],
  ["For an hour", HOUR_S],
  ["For a day", DAY_S],
] as const;

/** What the form asks, as one value. */
type Asked = Required<Omit<SettingsChange, "avatarFileId" | "locked">>;

/** Name and settings of a group, for those who may change them. */
export class SettingsForm {
  readonly view: HTMLElement;
  readonly #name = new Field("Name", { name: "groupName", maxLength: NAME_MAX_CHARS });
  readonly #join = choiceField("Who may join", JOINS, "invite");
  readonly #requests = element("input", { type: "checkbox", checked: true });
  readonly #requestsRow = element("label", { class: "check" }, this.#requests);
  readonly #send = choiceField("Who may write", SENDERS, "member");
  readonly #slowMode = choiceField<number>(
    "Slow mode: pause between messages",
    PAUSES,
    0,
    durationWords,
  );
  readonly #history = choiceField("New members read", HISTORIES, "all");
  readonly #edit = choiceField<number>("Messages can be edited", EDIT_WINDOWS, 0, durationWords);
  readonly #said = element("p", { class: "hint", role: "status" });
  /** How the group stood when the form last said so. */
  #known: Asked | undefined;

  /** `save` answers whether it is saved. */
  constructor(save: (change: SettingsChange) => Promise<boolean>) {
    this.#requestsRow.append("People with the group's link may ask to join");
    const form = element("form", {}, this.#name.view, this.#join.view, this.#requestsRow);
    form.append(this.#send.view, this.#slowMode.view, this.#history.view, this.#edit.view);
    form.append(element("button", { type: "submit" }, "Save settings"), this.#said);
    this.#join.view.addEventListener("change", () => this.#showRequests());
    form.addEventListener("input", () => (this.#said.textContent = ""));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      this.#said.textContent = "";
      if (await save(this.#change())) this.#said.textContent = "Saved.";
    });
    this.view = element("section", {}, element("h3", {}, "Settings"), form);
  }

  /** What somebody is changing here stays as they have it. */
  show(name: string, settings: Settings): void {
    const { join, requests, send, slowModeS, history, editWindowS } = settings;
    const next = { name, join, requests, send, slowModeS, history, editWindowS };
    const before = this.#known;
    const now = this.#asked();
    const isUntouched = (field: keyof Asked) =>
      before === undefined || now[field] === before[field];
    if (isUntouched("name")) this.#name.input.value = name;
    if (isUntouched("join")) this.#join.value = join;
    if (isUntouched("requests")) this.#requests.checked = requests;
    if (isUntouched("send")) this.#send.value = send;
    if (isUntouched("slowModeS")) this.#slowMode.value = slowModeS;
    if (isUntouched("history")) this.#history.value = history;
    if (isUntouched("editWindowS")) this.#edit.value = editWindowS;
    this.#known = next;
    this.#showRequests();
  }

  #asked(): Asked {
    return {
      name: this.#name.input.value.trim(),
      join: this.#join.value,
      requests: this.#requests.checked,
      send: this.#send.value,
      slowModeS: this.#slowMode.value,
      history: this.#history.value,
      editWindowS: this.#edit.value,
    };
  }

  #change(): SettingsChange {
    const known: Partial<Asked> = this.#known ?? {};
    const changed = Object.entries(this.#asked()).filter(
      ([field, value]) => known[field as keyof Asked] !== value, // its keys are those of `Asked`
    );
    return Object.fromEntries(changed);
  }

  /** Nobody has to ask where everybody can join. */
  #showRequests(): void {
    this.#requestsRow.hidden = this.#join.value === "open";
  }
}
