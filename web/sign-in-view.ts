import type { ParleyClient } from "../client/index.ts";
import { button, element, Field } from "./element.ts";
import { inWords } from "./words.ts";

/** What the server takes, said before it has to refuse. Signing in says nothing of it: there only right or wrong counts. */
const NEW_ACCOUNT = {
  matricule: { pattern: "[A-Za-z0-9._\\-]{3,64}", hint: "3 to 64 letters, digits, or . _ -" },
  password: { minLength: 8, hint: "At least 8 characters" },
};
const PASSWORD_MAX_CHARS = 128;
const NAME_MAX_CHARS = 100;

/** Sign in, or make an account: one form, since both ask for nearly the same. */
export class SignInView {
  readonly view: HTMLElement;
  readonly #client: ParleyClient;
  readonly #done: () => void;
  readonly #title = element("h1");
  readonly #matricule = new Field("Matricule", {
    name: "matricule",
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: false,
  });
  readonly #name = new Field("Your name", {
    name: "name",
    autocomplete: "name",
    maxLength: NAME_MAX_CHARS,
  });
  readonly #password = new Field("Password", {
    name: "password",
    type: "password",
    maxLength: PASSWORD_MAX_CHARS,
  });
  readonly #problem = element("p", { class: "problem", role: "alert" });
  readonly #submit = element("button", { type: "submit" });
  readonly #other = button("", () => this.#show(!this.#isNew), "quiet");
  #isNew = false;

  /** `notice` says why somebody who was signed in is here again. */
  constructor(client: ParleyClient, notice: string, done: () => void) {
    this.#client = client;
    this.#done = done;
    const form = element("form", { class: "sign-in" }, this.#title);
    form.append(this.#matricule.view, this.#name.view, this.#password.view);
    form.append(this.#problem, this.#submit, this.#other);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send(); // shows its own failures
    });
    this.view = element("main", {}, form);
    this.#show(false);
    this.#problem.textContent = notice;
  }

  focus(): void {
    this.#matricule.input.focus();
  }

  #show(isNew: boolean): void {
    this.#isNew = isNew;
    this.#title.textContent = isNew ? "Join Parley" : "Parley";
    this.#submit.textContent = isNew ? "Create account" : "Sign in";
    this.#other.textContent = isNew ? "I have an account" : "Create an account";
    this.#name.view.hidden = !isNew;
    this.#name.input.required = isNew;
    this.#matricule.input.pattern = isNew ? NEW_ACCOUNT.matricule.pattern : ".*";
    this.#matricule.hint = isNew ? NEW_ACCOUNT.matricule.hint : "";
    this.#password.input.minLength = isNew ? NEW_ACCOUNT.password.minLength : 0;
    this.#password.input.autocomplete = isNew ? "new-password" : "current-password";
    this.#password.hint = isNew ? NEW_ACCOUNT.password.hint : "";
    this.#problem.textContent = "";
  }

  async #send(): Promise<void> {
    this.#submit.disabled = true;
    this.#problem.textContent = "";
    try {
      await this.#ask();
      this.#done();
    } catch (error) {
      this.#problem.textContent = inWords(error);
    } finally {
      this.#submit.disabled = false;
    }
  }

  async #ask(): Promise<void> {
    const matricule = this.#matricule.input.value.trim();
    const password = this.#password.input.value;
    if (this.#isNew) {
      await this.#client.register({ matricule, password, name: this.#name.input.value });
    } else {
      await this.#client.login({ login: matricule, password });
    }
  }
}
