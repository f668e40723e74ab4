/** Draws the README's picture from a real session: `npm run pictures`, with port 3000 free. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../../client/sdk/index.ts";
import { screenSvg } from "../../docs/screen-svg.ts";
import { startServer } from "../../server/server.ts";
import { Tmux } from "../support/tmux.ts";

const COLUMNS = 84;
const PASSPHRASE = "open sesame";

const folder = mkdtempSync(join(tmpdir(), "keyroom-picture-"));
const server = await startServer({ managerPassphrase: PASSPHRASE });
const tmux = new Tmux(join(folder, "tmux"));
try {
  const bob = await connect(server.url, { user: "bob", password: "bob's own" });
  await bob.put("city", "Lisbon");
  await bob.put("greeting", "Olá, tudo bem?");
  const { port } = new URL(server.url);
  const client = [process.execPath, "--import", "tsx", "client/main.ts", "127.0.0.1", port, "--user", "ada"];
  const environment = ["env", `XDG_CONFIG_HOME=${folder}`, "FORCE_COLOR=1"];
  const screen = await tmux.open("ada", [...environment, ...client], { columns: COLUMNS, rows: 30 });

  await screen.shows("Password");
  await screen.type("a good one");
  await screen.press("Enter");
  await screen.shows("What next?");
  await screen.press("u", "Enter");
  await screen.shows("passphrase");
  await screen.type(PASSPHRASE);
  await screen.press("Enter");
  await screen.shows("another user's room");
  await screen.press("r", "Enter");
  await screen.shows("bob");
  await screen.type("bob");
  await screen.press("Enter");
  await screen.shows("bob's room");
  await screen.press("p", "Enter");
  await screen.shows("Put bob's key");
  await screen.type("city");
  await screen.press("Enter");
  await screen.shows("Value");
  await screen.type("Porto");
  await screen.press("Enter");
  await screen.shows("revision 3");
  await screen.press("l", "Enter");
  await screen.shows("tudo bem");
  await screen.shows("What next?");
  const picture = await screen.picture({ colours: true });
  const svg = await screenSvg(picture, COLUMNS, "The menu: ada becomes a manager and changes bob's city");
  writeFileSync(new URL("../../docs/menu.svg", import.meta.url), svg);
  bob.close();
} finally {
  await tmux.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
