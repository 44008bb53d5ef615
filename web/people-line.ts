import { element } from "./element.ts";
import type { Members } from "./members.ts";

/** Under the title of a conversation: in a group who is in it, and in any who of them is here now. */
export class PeopleLine {
  readonly view = element("p", { class: "hint people-line", dir: "auto" });
  readonly #isGroup: boolean;

  constructor(isGroup: boolean) {
    this.#isGroup = isGroup;
  }

  show(members: Members): void {
    const people = members.present();
    if (!this.#isGroup) {
      const isOnline = people.some((person) => !person.isMe && person.isOnline);
      this.view.replaceChildren(status(isOnline ? "Online" : "Offline", isOnline));
      return;
    }
    const names = people.flatMap(({ name, isMe, isOnline }, index) => {
      const said = status(name, isOnline && !isMe);
      if (isOnline && !isMe) said.append(element("span", { class: "unseen" }, " (online)"));
      return index === 0 ? [said] : [", ", said];
    });
    const others = members.count - people.length;
    this.view.replaceChildren(...names, others > 0 ? ` and ${others} others` : "");
  }
}

function status(text: string, isOnline: boolean): HTMLElement {
  return element("span", { class: isOnline ? "online" : "" }, text);
}
