/** Where `npm run test:services` has started the real servers. */
export function kafkaBrokers(): string[] {
  return required("KAFKA_BROKERS").split(",");
}

export function mongoUri(): string {
  return required("MONGODB_URI");
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set: run this suite by npm run test:services`);
  }
  return value;
}
