import { writeFileSync } from "node:fs";
import { asyncApiDocument } from "./asyncapi.ts";

writeFileSync(new URL("asyncapi.json", import.meta.url), `${JSON.stringify(asyncApiDocument(), null, 2)}\n`);
