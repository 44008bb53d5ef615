import { serviceNames, type Services } from "./index.ts";

/** One line per service: where it is, or why it is not there. */
export function servicesTable(services: Services): string {
  const rows = serviceNames().map((name) => {
    const service = services[name];
    if (service.state === "absent") return [name, "absent", "", service.reason];
    return [name, service.state, service.address, service.version];
  });
  const table = [["service", "state", "address", "version or reason"], ...rows];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .join("\n");
}
