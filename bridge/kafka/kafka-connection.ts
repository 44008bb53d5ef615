/** How to reach a cluster. */
export interface KafkaConnection {
  brokers: string[];
  clientId: string;
  /** TLS, by the certificate authorities of the machine. */
  ssl?: true;
  sasl?: SaslLogin;
}

export interface SaslLogin {
  mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
  username: string;
  password: string;
}
