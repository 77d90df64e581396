// Pages of many people, each with the reporter of the real page, over a player of numbers. Its arguments are the address of the
// commands and the file of the viewers: [{name, cookie, token}]. It says `said NAME` for each report that has left and `heard NAME`
// for each that was answered; at the end of its input the players stop, everything is reported, and it says what each page holds.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { Reporter } from "../../static/js/credits/reporter.js";

const [address, file] = process.argv.slice(2);
const LAG_MS = 1500; // between capture and picture
const SAMPLE_MS = 250;
const TOUCHED_EVERY = 8; // samples after which something is done to a player on average: it reports a second later

class Viewer {
  playedMs = 0;

  constructor({ name, cookie, token }) {
    this.name = name;
    this.headers = { "Cookie": cookie, "X-CSRFToken": token, "Content-Type": "application/json", "Accept": "application/json" };
    this.reporter = new Reporter((fields) => this.send(fields), () => performance.now());
  }

  async send(fields) {
    const body = JSON.stringify({ type: "command", name: "credits.watched", fields });
    console.log("said", this.name);
    const reply = await fetch(address, { method: "POST", headers: this.headers, body });
    const answer = await reply.json();
    if (answer.type !== "done") throw answer;
    console.log("heard", this.name);
    return answer.data;
  }

  look(playing) {
    const at = performance.now();
    const wall = performance.timeOrigin + at - LAG_MS;
    this.reporter.watched.sample({ at, playing, position: at / 1000, wall, speed: 1, facts: 0 });
    if (playing) {
      this.began ??= wall;
      this.playedMs = wall - this.began;
      this.reporter.plays();
      if (Math.random() * TOUCHED_EVERY < 1) this.reporter.soon();
    } else if (this.reporter.watched.waits) this.reporter.soon();
    this.reporter.beat();
  }
}

const viewers = JSON.parse(readFileSync(file, "utf8")).map((one) => new Viewer(one));
let plays = true;
createInterface({ input: process.stdin }).on("close", () => { plays = false; });
const pulse = setInterval(() => {
  for (const viewer of viewers) viewer.look(plays);
  if (plays || viewers.some(({ reporter }) => reporter.watched.waits)) return;
  clearInterval(pulse);
  console.log(JSON.stringify(viewers.map(({ name, playedMs, reporter }) => ({ name, playedMs, storedMs: reporter.storedMs }))));
  process.exit();
}, SAMPLE_MS);
