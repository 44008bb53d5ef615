import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { freePort } from "../../support/free-port.ts";
import { runCommand } from "./command.ts";
import { makeDataFolder, removeDataFolder } from "./data-folder.ts";

/** A listener as an organisation's cluster has it: TLS under a certificate that no machine trusts by itself, and a login. */
export interface KafkaGuard {
  address: string;
  login: { username: string; password: string };
  /** The certificate that a client has to trust. */
  certificateFile: string;
  /** Further lines of the server's properties. */
  properties: string;
  /** Further arguments for formatting its storage, where logins by SCRAM are kept. */
  formatArgs: readonly string[];
  remove(): Promise<void>;
}

export async function makeKafkaGuard(): Promise<KafkaGuard> {
  const folder = await makeDataFolder("kafka-guard");
  const files = {
    key: path.join(folder, "key.pem"),
    certificate: path.join(folder, "certificate.pem"),
    keyStore: path.join(folder, "key-store.pem"),
  };
  const what = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const whose = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const out = ["-keyout", files.key, "-out", files.certificate];
  await runCommand("openssl", ["req", ...what, ...whose, ...out], {
    log: `kafka-guard-${process.pid}`,
  });
  const [key, certificate] = await Promise.all([
    readFile(files.key, "utf8"),
    readFile(files.certificate, "utf8"),
  ]);
  await writeFile(files.keyStore, key + certificate);

  const login = { username: "chat", password: randomBytes(12).toString("hex") };
  const { username, password } = login;
  return {
    address: `127.0.0.1:${await freePort()}`,
    login,
    certificateFile: files.certificate,
    properties: `ssl.keystore.type=PEM
ssl.keystore.location=${files.keyStore}
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=${LOGINS}.plain.PlainLoginModule required user_${username}="${password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${LOGINS}.scram.ScramLoginModule required;
`,
    formatArgs: ["--add-scram", `SCRAM-SHA-512=[name=${username},password=${password}]`],
    remove: () => removeDataFolder(folder),
  };
}

const LOGINS = "org.apache.kafka.common.security";
