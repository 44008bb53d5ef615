export interface MongoOptions {
  uri: string;
  database: string;
}

/** How long to look for a server, and to wait for its answer, before the try has failed; ms. */
export const MONGO_TIMEOUTS = { serverSelectionTimeoutMS: 5_000, socketTimeoutMS: 30_000 };
