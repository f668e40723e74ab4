import { writeFileSync } from "node:fs";
import { manPage } from "./man-page.ts";

writeFileSync(new URL("keyroom.1", import.meta.url), manPage());
