import { button, element } from "./element.ts";
import { KeyedList } from "./keyed-list.ts";
import { memberActions, type MemberAction } from "./member-actions.ts";
import type { Members } from "./members.ts";
import { openMenu } from "./menu.ts";
import type { Roster, RosterMember } from "./roster.ts";
import { shortTime } from "./times.ts";

/** What can be asked for one member. */
export interface MemberListListener {
  act(member: RosterMember, action: MemberAction): void;
  block(member: RosterMember, isBlocked: boolean): void;
  isBlocked(userId: string): boolean;
}

interface Row extends RosterMember {
  isMe: boolean;
  isOnline: boolean;
  isBlocked: boolean;
}

/** Who is in the group, as what, and what can be done with each of them. */
export class MemberList {
  readonly view: HTMLElement;
  readonly #roster: Roster;
  readonly #members: Members;
  readonly #listener: MemberListListener;
  readonly #list: KeyedList<Row>;

  constructor(roster: Roster, members: Members, listener: MemberListListener) {
    this.#roster = roster;
    this.#members = members;
    this.#listener = listener;
    this.#list = new KeyedList<Row>(
      "Members",
      ({ userId }) => userId,
      (row) => this.#row(row),
    );
    this.view = this.#list.view;
  }

  show(): void {
    const rows = this.#roster.members().map((member) => ({
      ...member,
      mutedUntil: member.mutedUntil > Date.now() ? member.mutedUntil : 0,
      isMe: this.#members.isMe(member.userId),
      isOnline: this.#members.isOnline(member.userId),
      isBlocked: this.#listener.isBlocked(member.userId),
    }));
    this.#list.show(rows);
  }

  #row(row: Row): readonly Node[] {
    const { name, role, mutedUntil, isMe, isOnline, isBlocked } = row;
    const who = element("span", { class: isOnline ? "who online" : "who", dir: "auto" }, name);
    if (isOnline) who.append(element("span", { class: "unseen" }, " (online)"));
    const notes = [
      isMe ? "you" : "",
      role === "member" ? "" : role,
      mutedUntil > 0 ? `muted until ${shortTime(mutedUntil)}` : "",
      isBlocked ? "blocked" : "",
    ].filter((note) => note !== "");
    const badges = notes.map((note) => element("span", { class: "badge" }, note));
    const text = element("div", { class: "row-text" }, who, ...badges);
    return isMe ? [text] : [text, this.#opener(row)];
  }

  #opener(row: Row): HTMLElement {
    const opener = button("⋯", () => this.#open(opener, row), "quiet");
    opener.ariaLabel = `Actions for ${row.name}`;
    opener.ariaExpanded = "false";
    return opener;
  }

  /** What is allowed is asked now: the own role may be another one than when the row was made. */
  #open(opener: HTMLElement, row: Row): void {
    const host = this.view.parentElement ?? this.view;
    openMenu(opener, host, `Actions for ${row.name}`, (choice) => [
      ...memberActions(this.#roster.myRole, row, Date.now()).map((action) =>
        choice(action.label, () => this.#listener.act(row, action)),
      ),
      choice(row.isBlocked ? "Unblock" : "Block", () => this.#listener.block(row, !row.isBlocked)),
    ]);
  }
}
