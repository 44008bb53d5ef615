/** Something that is read again and again: of reads that overlap only the newest one is shown. */
export class LatestRead<Found> {
  readonly #read: () => Promise<Found>;
  readonly #show: (found: Found) => void;
  #reads = 0;

  constructor(read: () => Promise<Found>, show: (found: Found) => void) {
    this.#read = read;
    this.#show = show;
  }

  async run(): Promise<void> {
    const read = ++this.#reads;
    const found = await this.#read();
    if (read === this.#reads) this.#show(found);
  }
}
