import { type ConversationSession, ParleyClient, type ReaderEvent } from "../../client/index.ts";
import { CuttableSockets } from "../../tests/support/cuttable-sockets.ts";

/** A person of the demo with an account, one device, and connections that can be cut. */
export class Person {
  readonly name: string;
  readonly userId: string;
  readonly client: ParleyClient;
  readonly #sockets: CuttableSockets;

  private constructor(
    name: string,
    userId: string,
    client: ParleyClient,
    sockets: CuttableSockets,
  ) {
    this.name = name;
    this.userId = userId;
    this.client = client;
    this.#sockets = sockets;
  }

  static async register(baseUrl: string, name: string, matricule: string): Promise<Person> {
    const sockets = new CuttableSockets();
    const client = new ParleyClient({ baseUrl, webSocket: sockets.WebSocket });
    const password = crypto.randomUUID();
    const { userId } = await client.register({ matricule, password, name });
    return new Person(name, userId, client, sockets);
  }

  cut(): void {
    this.#sockets.cut();
  }
}

/** One person's view of one conversation: everything that was shown to them, in the order it came. */
export class Viewer {
  readonly person: Person;
  readonly session: ConversationSession;
  readonly seen: ReaderEvent[] = [];
  #arrived: () => void = () => undefined;

  constructor(person: Person, conversationId: string) {
    this.person = person;
    this.session = person.client.conversation(conversationId);
    this.session.on("events", (events) => {
      this.seen.push(...events);
      this.#arrived();
    });
    this.session.open();
  }

  /** Resolves when `count` events have been shown. */
  async hasSeen(count: number): Promise<void> {
    while (this.seen.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}
