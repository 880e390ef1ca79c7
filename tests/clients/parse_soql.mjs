// Reads a JSON list of queries, writes a JSON list: the parser's tree of each, or null where it refuses.
import { readFileSync } from "node:fs";
import { parseQuery } from "@jetstreamapp/soql-parser-js";

const parsed = JSON.parse(readFileSync(0, "utf8")).map((soql) => {
  try {
    return parseQuery(soql);
  } catch {
    return null;
  }
});
process.stdout.write(JSON.stringify(parsed));
