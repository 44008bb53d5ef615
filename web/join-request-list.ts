import type { JoinRequest } from "../client/index.ts";
import { button, element } from "./element.ts";
import { KeyedList } from "./keyed-list.ts";
import { shortTime } from "./times.ts";

/** Who waits to be let in, for those who may answer. */
export class JoinRequestList {
  readonly view: HTMLElement;
  readonly #list: KeyedList<JoinRequest>;

  /** `answer` shows its own failures. */
  constructor(answer: (request: JoinRequest, isLetIn: boolean) => Promise<void>) {
    this.#list = new KeyedList<JoinRequest>(
      "Requests to join",
      ({ userId }) => userId,
      (request) => {
        const { name, note, requestedAt } = request;
        const who = element("span", { class: "who", dir: "auto" }, name);
        const at = element("span", { class: "hint" }, shortTime(requestedAt));
        const text = element("div", { class: "row-text" }, who, at);
        if (note !== "") text.append(element("p", { dir: "auto" }, note));
        const letIn = button("Let in", () => void answer(request, true));
        letIn.ariaLabel = `Let ${name} in`;
        const refuse = button("Refuse", () => void answer(request, false), "quiet");
        refuse.ariaLabel = `Refuse ${name}`;
        return [text, letIn, refuse];
      },
    );
    this.view = element("section", { hidden: true }, element("h3", {}, "Requests to join"));
    this.view.append(this.#list.view);
  }

  show(requests: readonly JoinRequest[]): void {
    this.#list.show(requests);
    this.view.hidden = requests.length === 0;
  }
}
